import { expect, test } from 'vitest'
import { settlementOf, type SendContext } from '#actions/settlementOf.ts'
import { knownCodes } from '#actions/whatsappErrors.ts'
import type { Claimed } from '#engine/claim.ts'
import { table } from '#test/table.ts'
import { aSendIntent } from './intents.ts'

const NOW = Date.parse('2026-11-22T12:00:00+09:00')
const claimed = { message: { intent: aSendIntent(), attempts: 1 }, fence: 7 } as unknown as Claimed
const context = (tries: number, accountId: string | null = '2001'): SendContext => ({
  now: NOW,
  random: () => 0,
  unknownWaitMs: 600_000,
  triesOf: () => tries,
  accountId,
})
const refused = (code: number | null, httpStatus = 400, more = {}) => ({
  kind: 'refused' as const,
  code,
  subcode: null,
  details: '理由',
  transient: false,
  httpStatus,
  ...more,
})

/** One of each class, at the first and at the last try. */
const cases = table(`
  code     tries | kind    reason                lane        waits_for          due_s   events
  131026   1     | failed  whatsapp_131026       fine        -                  -       -
  100      1     | failed  whatsapp_100          fine        -                  -       -
  131000   1     | retry   whatsapp_131000       fine        -                  2       -
  131000   2     | retry   whatsapp_131000       fine        -                  8       -
  131000   3     | failed  whatsapp_131000       fine        -                  -       -
  130429   1     | retry   whatsapp_130429       slow_number  -                 2       -
  130429   30    | failed  whatsapp_130429       slow_number  -                 -       -
  80007    1     | retry   whatsapp_80007        slow_number  -                 60      -
  131056   1     | retry   whatsapp_131056       slow_pair   -                  4       -
  131056   3     | retry   whatsapp_131056       slow_pair   -                  64      -
  131049   1     | retry   whatsapp_131049       fine        -                  86400   account
  131049   3     | failed  whatsapp_131049       fine        -                  -       -
  131050   1     | failed  whatsapp_131050       fine        -                  -       consent
  132015   1     | held    template_paused       fine        template_approved  -       template
  132016   1     | failed  whatsapp_132016       fine        -                  -       template
  132000   1     | failed  whatsapp_132000       fine        -                  -       account
  132001   1     | failed  whatsapp_132001       fine        -                  -       account
  132012   1     | failed  whatsapp_132012       fine        -                  -       -
  190      1     | held    integration_inactive  pause       integration_active  60      account
  131031   1     | held    integration_inactive  pause       integration_active  60      account
  131042   1     | held    payment_missing       fine        integration_active  60      account
  131064   1     | held    account_restricted    fine        integration_active  60      account
  131048   1     | held    account_restricted    pause       number_ready       300     account
  131048   2     | held    account_restricted    pause       number_ready       600     account
  133010   1     | held    number_not_ready      pause       number_ready       300     account
  131057   1     | retry   whatsapp_131057       pause       -                  120     account
  131057   6     | failed  whatsapp_131057       pause       -                  -       account
`)
test.each(cases)('$code at try $tries: $kind $reason', (row) => {
  const end = settlementOf(claimed, refused(Number(row.code)), context(Number(row.tries)))
  expect(end.settlement).toMatchObject({ id: aSendIntent().id, fence: 7, at: NOW, kind: row.kind, reason: row.reason })
  expect(end.lane.kind).toBe(row.lane)
  const { waitsFor, dueAt, until } = end.settlement as { waitsFor?: string; dueAt?: number; until?: number }
  expect(waitsFor ?? '-').toBe(row.waits_for)
  const due = dueAt ?? until
  expect(due === undefined ? '-' : String((due - NOW) / 1000)).toBe(row.due_s)
  expect(end.events.map(({ kind }) => kind).join() || '-').toBe(row.events)
})

test('every code ends in a settlement that carries the fence and the words of WhatsApp', () => {
  for (const code of knownCodes) {
    const { settlement } = settlementOf(claimed, refused(code), context(1))
    expect(settlement).toMatchObject({ fence: 7, detail: expect.stringContaining('理由') as string })
  }
})

test("WhatsApp's own Retry-After counts when it is later than ours", () => {
  const later = settlementOf(claimed, refused(null, 503, { retryAfterMs: 120_000, transient: true }), context(1))
  expect(later.settlement).toMatchObject({ kind: 'retry', dueAt: NOW + 120_000 })
  const sooner = settlementOf(claimed, refused(131016, 503, { retryAfterMs: 1000 }), context(1))
  expect(sooner.settlement).toMatchObject({ kind: 'retry', dueAt: NOW + 2000 })
})

const troubles = table(`
  code     http | of       trouble                  stops    ends_min  again_min
  0        401  | account  token_invalid            all      -         15
  190      401  | account  token_invalid            all      -         15
  3        500  | account  permission_missing       all      -         15
  10       403  | account  permission_missing       all      -         15
  200      403  | account  permission_missing       all      -         15
  299      403  | account  permission_missing       all      -         15
  131005   403  | account  permission_missing       all      -         15
  131042   400  | account  payment_problem          paid     -         60
  131031   403  | account  account_locked           all      -         60
  368      403  | account  policy_blocked           all      -         60
  131064   400  | account  templates_misclassified  utility  -         360
  131048   400  | number   spam_limited             all      240       -
  33       400  | number   number_unregistered      all      -         15
  131037   400  | number   number_unregistered      all      -         15
  131045   500  | number   number_unregistered      all      -         15
  133010   400  | number   number_unregistered      all      -         15
  131057   500  | number   maintenance              all      5         -
  2494100  400  | number   maintenance              all      5         -
  133005   400  | number   number_restricted        all      -         15   // listed as no trouble of its own, and told all the same
  none     401  | account  permission_missing       all      -         15   // without a code
`)
test.each(troubles)('$code tells that the $of has the trouble $trouble, which stops $stops', (row) => {
  const code = row.code === 'none' ? null : Number(row.code)
  const { events } = settlementOf(claimed, refused(code, Number(row.http)), context(1))
  const minutes = (text: string) => (text === '-' ? null : NOW + Number(text) * 60_000)
  const reason = code === null ? `whatsapp_http_${row.http}` : `whatsapp_${code}`
  expect(events).toEqual([
    {
      kind: 'account',
      source: 'whatsapp',
      sourceId: `send-refused:${aSendIntent().numberId}:${reason}:${NOW}:理由`,
      occurredAt: NOW,
      accountId: '2001',
      field: 'send_refused',
      value: { numberId: aSendIntent().numberId, reason },
      says: [
        {
          about: 'trouble',
          ...(row.of === 'number' && { numberId: aSendIntent().numberId }),
          trouble: {
            code: row.trouble,
            stops: row.stops,
            until: minutes(row.ends_min),
            detail: `${reason}: 理由`,
            ...(row.again_min !== '-' && { triedAgainAt: minutes(row.again_min) }),
          },
        },
      ],
    },
  ])
})

test('the same trouble in the same minute is the same event, so the inbox keeps it once', () => {
  const eventAt = (now: number, words = '理由') => {
    const other = { message: { intent: aSendIntent({ id: `m${now}` }), attempts: 1 }, fence: 1 } as unknown as Claimed
    return settlementOf(other, refused(190, 401, { details: words }), { ...context(5), now }).events[0]
  }
  expect(eventAt(NOW + 59_999)).toEqual(eventAt(NOW))
  expect(eventAt(NOW + 60_000)?.sourceId).not.toBe(eventAt(NOW)?.sourceId)
  expect(eventAt(NOW, '別の理由')?.sourceId).not.toBe(eventAt(NOW)?.sourceId)
  expect(eventAt(NOW, '長'.repeat(5000))?.sourceId.length).toBeLessThanOrEqual(512)
})

test('marketing that is withheld from a person is told of the person, a template known otherwise of the template', () => {
  expect(settlementOf(claimed, refused(131049), context(1, null)).events).toMatchObject([
    { kind: 'account', says: [{ about: 'person', who: { phone: aSendIntent().to.phone }, error: 131049 }] },
  ])
  const intent = aSendIntent({ template: { name: 'welcome_lead', language: 'ja', as: 'welcome_lead_v2' } })
  const renamed = { message: { intent, attempts: 1 }, fence: 7 } as unknown as Claimed
  expect(settlementOf(renamed, refused(132001, 404), context(1)).events).toMatchObject([
    { field: 'template_stale', says: [{ about: 'template', name: 'welcome_lead_v2', language: 'ja' }] },
  ])
})

test('without a known account nothing is told of it, and the message is held all the same', () => {
  const end = settlementOf(claimed, refused(190), context(1, null))
  expect(end).toMatchObject({ settlement: { kind: 'held' }, events: [] })
})

const withText = { text: { body: 'はい、承りました。' } }
const fallbacks = table(`
  form      template  code    | kind    form_after
  text      yes       131047  | retry   fallback
  text      no        131047  | failed  -          // nothing to fall back to
  template  yes       131047  | failed  -
  fallback  yes       131047  | failed  -          // not to and fro
  text      yes       131026  | failed  -          // another refusal is final
  text      yes       130429  | retry   -          // and another retry leaves the form to the next claim
`)
test.each(fallbacks)('a message sent as $form, with a template: $template, refused with $code: $kind', (row) => {
  const intent = aSendIntent({ ...withText, ...(row.template === 'no' && { template: null, parameters: null }) })
  const sent = { message: { intent, attempts: 1, form: row.form }, fence: 7 } as unknown as Claimed
  const { settlement, events } = settlementOf(sent, refused(Number(row.code)), context(1))
  expect(settlement).toMatchObject({ kind: row.kind, fence: 7, reason: `whatsapp_${row.code}`, detail: '理由' })
  expect('form' in settlement ? settlement.form : '-').toBe(row.form_after)
  if (row.form_after === 'fallback') expect(settlement).toMatchObject({ dueAt: NOW })
  expect(events).toEqual([])
})

test('a paused template parks a message that has fallen back to it', () => {
  const sent = {
    message: { intent: aSendIntent(withText), attempts: 2, form: 'fallback' },
    fence: 7,
  } as unknown as Claimed
  const { settlement, events } = settlementOf(sent, refused(132015), context(1))
  expect(settlement).toMatchObject({ kind: 'held', reason: 'template_paused' })
  expect(events).toMatchObject([{ kind: 'template', name: 'welcome_lead', language: 'ja', status: 'PAUSED' }])
})
