import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cycles } from '#definitions/check/cycles.ts'
import { definitionSchemas } from '#definitions/definitions.ts'
import { reachableFrom, waysOf, type Way } from '#definitions/graph/ways.ts'
import { check, journey, leaf, stepping, template } from './problems/bases.ts'

type Loose = Record<string, unknown>

const END = { id: 'end', exit: 'completed' }
const hello = { id: 'hello', send: { template: 'hello' } }
const text = (id = 'text', more: Loose = {}) => ({ id, send: { text: 'こんにちは' }, ...more })
const wait = (id: string, span: unknown, more: Loose = {}) => ({ id, wait: span, ...more })
const reply = (id: string, more: Loose = {}) => ({
  id,
  waitFor: { on: 'message.received' },
  timeout: 'P1D',
  else: 'end',
  ...more,
})
const read = (id: string, more: Loose = {}) => ({
  id,
  waitFor: { on: 'message.status', status: ['read'] },
  timeout: 'PT1H',
  ...more,
})
const codes = (...files: unknown[]) => check(files).problems.map(({ code, pointer }) => `${code} ${pointer}`)

test('the journey that the design shows has no problems (S67)', () => {
  const templates = ['trial_hello', 'trial_reminder', 'trial_vip'].map((name) => template({ name }))
  const trial = {
    kind: 'journey',
    name: 'trial-nurture',
    module: 'Leads',
    entry: { trigger: { on: 'record.created' }, reentry: 'never' },
    goal: { when: { all: [leaf('Lead_Status', 'equal', 'Converted')] } },
    quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'hold' },
    steps: [
      { id: 'hello', send: { template: 'trial_hello', to: '$[Leads.Mobile]' } },
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P2D', then: 'thanks', else: 'remind' },
      { id: 'remind', send: { template: 'trial_reminder', to: '$[Leads.Mobile]' }, next: 'end' },
      { id: 'thanks', do: [{ type: 'updateRecord', set: { Lead_Status: 'Contacted' } }] },
      {
        id: 'size',
        branch: [{ when: { all: [leaf('No_of_Employees', 'greaterThan', 100)] }, goto: 'vip' }],
        else: 'end',
      },
      { id: 'vip', wait: 'P1D' },
      { id: 'ab', split: [{ weight: 50, goto: 'end' }, { weight: 50, goto: 'hello2' }] }, // prettier-ignore
      { id: 'hello2', send: { template: 'trial_vip', to: '$[Leads.Mobile]' } },
      { id: 'end', exit: 'completed' },
    ],
  }
  expect(codes(...templates, trial)).toEqual([])
})

describe('free text', () => {
  const when = (trigger: Loose, ...steps: Loose[]) => journey({ entry: { trigger }, steps })
  const received = { on: 'message.received' }

  test.each<[string, Loose]>([
    ['right after an answer', stepping(hello, reply('a'), text(), END)],
    ['as the first step, when a message let the record in', when(received, text())],
    ['less than a day after the answer', stepping(hello, reply('a'), wait('b', 'PT23H59M'), text(), END)],
    ['after an answer and a branch', stepping(hello, reply('a'), { id: 'b', branch: [{ when: leaf('Company', 'isEmpty', true), goto: 'text' }] }, text(), END)], // prettier-ignore
    ['after two answers', stepping(hello, reply('a'), text('x'), reply('b'), text('y'), END)],
    ['with a template to fall back to, at any time', stepping({ id: 'a', send: { text: 'x', template: 'hello' } })],
    ['when an answer stays out, in time', stepping(hello, reply('a'), text('x'), reply('b', { timeout: 'PT2H', else: 'y' }), text('y'), END)], // prettier-ignore
    ['while the status of another is waited for', stepping(hello, reply('a'), { ...hello, id: 'h' }, read('b'), text(), END)], // prettier-ignore
    ['in rounds that take less than a day together', stepping(hello, reply('a'), text('x'), reply('b', { timeout: 'PT5H', else: 'again' }), { id: 'again', goto: 'x', max: 4, next: 'end' }, END)], // prettier-ignore
    ['after an answer to the latest message, however long the one before was waited for', stepping(hello, wait('w', 'P9D'), { ...hello, id: 'h' }, reply('a'), text(), END)], // prettier-ignore
    ['after an answer, when nothing was sent before', stepping(wait('w', 'P9D'), reply('a'), text(), END)],
  ])('is no problem %s', (_, file) => {
    expect(codes(template(), file)).toEqual([])
  })

  test.each<[string, Loose, string]>([
    ['a whole day after the answer', stepping(hello, reply('a'), wait('b', 'PT24H'), text(), END), '3'],
    ['after a status only', stepping(hello, read('a'), text(), END), '2'],
    ['until a time of day', stepping(hello, reply('a'), wait('b', 'PT1H', { at: '10:00' }), text(), END), '3'],
    ['on one of two ways', stepping(hello, reply('a', { else: 'text' }), text(), END), '2'],
    ['after a date', stepping(hello, reply('a'), { id: 'b', waitUntil: { field: 'Created_Time', ifPast: 'exit' } }, text(), END), '3'], // prettier-ignore
    ['in rounds that take a day together', stepping(hello, reply('a'), text('x'), reply('b', { timeout: 'PT5H', else: 'again' }), { id: 'again', goto: 'x', max: 5, next: 'end' }, END), '2'], // prettier-ignore
  ])('is an error %s', (_, file, step) => {
    expect(codes(template(), file)).toEqual([`text_outside_window /steps/${step}/send/text`])
  })
})

test('a bounded goto with a wait between is no problem, and neither is a wait that ends by itself', () => {
  expect(codes(template(), stepping(hello, wait('w', 'PT1S'), { id: 'again', goto: 'hello', max: 100 }))).toEqual([])
  expect(codes(stepping({ id: 'a', waitFor: { on: 'record.updated' }, timeout: 'P1D' }))).toEqual([])
})

test('weights that are plainly no per cent are left alone', () => {
  const split = (...weights: number[]) =>
    stepping(
      { id: 'a', split: weights.map((weight, index) => ({ weight, goto: index === 0 ? 'end' : 'x' })) },
      { id: 'x', wait: 'P1D' },
      END,
    )
  for (const weights of [[1, 1], [2, 1], [33.3, 33.3, 33.4], [50, 50], [500, 500]]) expect(codes(split(...weights))).toEqual([]) // prettier-ignore
  expect(codes(split(30, 30, 30))).toEqual(['split_weights /steps/0/split'])
})

test('a reply is heard also without a phone field, when the journey has written', () => {
  const deals = journey({
    module: 'Deals',
    steps: [{ id: 'a', send: { template: 'hello', to: '$[Deals.Contact_Name.Mobile]' } }, reply('b'), END],
  })
  const file = template({ module: 'Deals', parameters: { name: { value: '$[商談.商談名]', example: '例' } } })
  expect(codes(file, deals)).toEqual([])
})

describe('whatever the steps', () => {
  const target = fc.integer({ min: 0, max: 7 }).map((index) => `s${index}`)
  const maybe = fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: target })
  const step = fc.oneof(
    fc.record({ do: fc.constant([{ type: 'addTags', tags: ['x'] }]), next: maybe }),
    fc.record({ wait: fc.constantFrom('P0D', 'PT1H', 'P1D'), next: maybe }),
    fc.record({ waitFor: fc.constant({ on: 'message.received' }), timeout: fc.constant('PT3H'), then: maybe, else: maybe }), // prettier-ignore
    fc.record({ branch: fc.array(fc.record({ when: fc.constant({ all: [] }), goto: target }), { minLength: 1, maxLength: 3 }), else: maybe }), // prettier-ignore
    fc.record({ split: fc.array(fc.record({ weight: fc.constant(1), goto: target }), { minLength: 2, maxLength: 3 }) }),
    fc.record({ goto: target, max: fc.integer({ min: 1, max: 3 }), next: maybe }),
    fc.record({ send: fc.constant({ text: 'x' }), next: maybe }),
    fc.constant({ exit: 'x' }),
  )
  const steps = fc
    .array(step, { minLength: 8, maxLength: 8 })
    .map((all) => all.map((one, index) => ({ id: `s${index}`, ...(JSON.parse(JSON.stringify(one)) as object) })))

  test('a journey that check lets pass comes to its end on every walk, within its bounds, and says which steps are never come to and which text may be refused', () => {
    const schema = definitionSchemas().journey
    let passed = 0
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat(1000)), (all, choices) => {
        const definition = schema.parse(journey({ steps: all }))
        const ways = waysOf(definition)
        const { problems } = check([definition])
        const unreachable = problems.filter(({ code }) => code === 'unreachable_step').map(({ pointer }) => pointer)
        const reached = reachableFrom([0], ways)
        expect(unreachable).toEqual(all.flatMap((_, index) => (reached.has(index) ? [] : [`/steps/${index}/id`])))
        if (problems.some(({ code }) => code === 'unbounded_loop')) {
          expect(cycles(ways.filter((way): way is typeof way & { to: number } => way.to !== null && way.via !== 'goto'), () => () => false)).not.toEqual([]) // prettier-ignore
          return
        }
        passed++
        const outside = new Set(problems.filter(({ code }) => code === 'text_outside_window').map((one) => one.pointer))
        const gone = new Map<number, number>()
        let [heard, sent] = [Infinity, -Infinity]
        let at: number | null = 0
        // Eight steps forward, and at most three rounds for each of eight gotos.
        for (let walked = 0; at !== null; walked++) {
          expect(walked).toBeLessThan(8 * (8 * 3 + 1) + 1)
          const here: (typeof definition.steps)[number] = definition.steps[at]!
          const spent = 'goto' in here && (gone.get(at) ?? 0) >= here.max
          const out: Way[] = ways.filter(
            ({ from, via }) => from === at && (!('goto' in here) || (via === 'goto') !== spent),
          )
          if (out.length === 0) break
          const way: Way = out[choices.next().value! % out.length]!
          if ('send' in here) {
            if (heard >= 24) expect(outside).toContain(`/steps/${at}/send/text`)
            sent = 0
          }
          const hours = 'wait' in here ? { P0D: 0, PT1H: 1, P1D: 24 }[here.wait as string]! : 'waitFor' in here ? 3 : 0
          heard += hours
          if (way.via === 'then') heard = Math.max(0, sent)
          sent += hours
          if (way.via === 'goto') gone.set(at, (gone.get(at) ?? 0) + 1)
          at = way.to
        }
      }),
      { numRuns: 300 },
    )
    expect(passed).toBeGreaterThan(30)
  })
})
