import { expect, test } from 'vitest'
import { knownCodes, reasonOf, ruleOf, type ErrorClass } from '#actions/whatsappErrors.ts'
import { table } from '#test/table.ts'

/** Source: Meta, Cloud API, "Error codes", with the HTTP status each comes with. */
const cases = table(`
  code     http  class                attempts
  0        401   fix_account          Infinity
  1        400   retry_later          2         // unknown: once more, then it is the message
  2        503   retry_later          5
  3        500   fix_account          Infinity
  4        400   slow_down_number     30
  10       403   fix_account          Infinity
  33       400   fix_number           Infinity
  100      400   fix_message          1
  190      401   fix_account          Infinity
  200      403   fix_account          Infinity
  250      403   fix_account          Infinity
  299      403   fix_account          Infinity
  368      403   fix_account          Infinity
  80007    400   slow_down_number     30
  80008    400   slow_down_number     30
  130429   400   slow_down_number     30
  130472   400   contact_unreachable  1
  130497   403   contact_unreachable  1
  131000   500   retry_later          3
  131005   403   fix_account          Infinity
  131008   400   fix_message          1
  131009   400   fix_message          1
  131016   500   retry_later          5
  131021   400   contact_unreachable  1
  131026   400   contact_unreachable  1
  131030   400   contact_unreachable  1
  131031   403   fix_account          Infinity
  131037   400   fix_number           Infinity
  131042   400   fix_account          Infinity
  131045   500   fix_number           Infinity
  131047   400   window_closed        1
  131048   400   fix_number           Infinity
  131049   400   later                3
  131050   400   opted_out            1
  131051   400   fix_message          1
  131052   400   fix_message          1
  131053   400   fix_message          1
  131055   400   fix_message          1
  131056   400   slow_down_pair       10
  131057   500   retry_later          6
  131060   400   fix_message          1
  131062   400   fix_message          1
  131063   400   fix_message          1
  131064   400   fix_account          Infinity
  132000   400   fix_message          1
  132001   404   fix_template         1
  132005   400   fix_message          1
  132007   400   fix_message          1
  132008   400   fix_message          1
  132012   400   fix_message          1
  132015   400   fix_template         1
  132016   400   fix_template         1
  132018   400   fix_message          1
  132068   400   fix_template         1
  132069   400   retry_later          3
  133000   400   fix_number           Infinity
  133001   400   fix_number           Infinity
  133002   400   fix_number           Infinity
  133003   400   fix_number           Infinity
  133004   503   retry_later          5
  133005   400   fix_number           Infinity
  133006   400   fix_number           Infinity
  133007   400   fix_number           Infinity
  133008   400   fix_number           Infinity
  133009   400   fix_number           Infinity
  133010   400   fix_number           Infinity
  133015   400   retry_later          6
  133016   400   fix_number           Infinity
  134011   400   fix_account          Infinity
  134100   400   fix_message          1
  134101   400   retry_later          4
  134102   500   fix_message          1
  135000   400   retry_later          2
  137000   400   contact_unreachable  1
  139000   400   fix_account          Infinity
  139100   400   fix_message          1
  139101   400   fix_message          1
  139102   400   retry_later          5
  139103   400   retry_later          5
  2388019  400   fix_template         1
  2388039  400   fix_template         1
  2388040  400   fix_template         1
  2388047  400   fix_template         1
  2388072  400   fix_template         1
  2388073  400   fix_template         1
  2388293  400   fix_template         1
  2388299  400   fix_template         1
  2494100  400   retry_later          6
  2593107  400   fix_number           Infinity
  2593108  400   fix_number           Infinity
  2593109  400   fix_number           Infinity
`)
test.each(cases)('$code is of class $class, $attempts calls in all', (row) => {
  const rule = ruleOf({ code: Number(row.code), httpStatus: Number(row.http), transient: false })
  expect(rule.class).toBe(row.class as ErrorClass)
  expect(rule.attemptsMax).toBe(Number(row.attempts))
})

test('the table above misses no code that the product knows', () => {
  const tested = new Set(cases.map(({ code }) => Number(code)))
  expect(knownCodes.filter((code) => !tested.has(code))).toEqual([])
})

test.each(knownCodes)('%i: a retry never comes at once, and its pause has a top', (code) => {
  const rule = ruleOf({ code, httpStatus: 400, transient: false })
  if (rule.attemptsMax === 1) return
  expect(rule.baseMs).toBeGreaterThanOrEqual(1000)
  expect(rule.maxMs).toBeGreaterThanOrEqual(rule.baseMs)
  expect(rule.factor).toBeGreaterThanOrEqual(1.25)
})

test('131049 waits a day at least', () => {
  expect(ruleOf({ code: 131049, httpStatus: 400, transient: false }).baseMs).toBeGreaterThanOrEqual(86_400_000)
})

const unknown = table(`
  code    http  transient | class
  987654  500   no        | retry_later
  987654  503   no        | retry_later
  987654  400   yes       | retry_later       // WhatsApp says itself that it passes
  987654  400   no        | fix_message
  987654  404   no        | fix_message
  987654  401   no        | fix_account
  987654  403   no        | fix_account
  987654  429   no        | slow_down_number
  138001  400   no        | fix_message       // calling
  200005  400   no        | fix_message       // template insights
  none    302   no        | fix_account       // a wrong base URL: every message would meet it
  none    401   no        | fix_account
  none    404   no        | fix_message
  none    429   yes       | slow_down_number
  none    503   yes       | retry_later
  none    0     no        | fix_message       // could not be written down
`)
test.each(unknown)('code $code with HTTP $http, transient $transient: $class', (row) => {
  const code = row.code === 'none' ? null : Number(row.code)
  expect(ruleOf({ code, httpStatus: Number(row.http), transient: row.transient === 'yes' }).class).toBe(row.class)
})

test.each([
  [{ code: 131026, httpStatus: 400 }, 'whatsapp_131026'],
  [{ code: null, httpStatus: 404 }, 'whatsapp_http_404'],
  [{ code: null, httpStatus: 0 }, 'unsendable'],
])('%o is recorded as %s', (refused, reason) => {
  expect(reasonOf(refused)).toBe(reason)
})
