import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseWay } from '#engine/journey/split.ts'
import { atTimeOfDay, plannedAt } from '#engine/journey/times.ts'
import { journeyReport } from '#engine/journey/report.ts'
import { table } from '../../table.ts'
import { aJourney, DAY_MS, equal } from './journeyBench.ts'

describe('a split', () => {
  test('always takes the same way for one instance, and one of its own', () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 1000, noNaN: true }), { minLength: 2, maxLength: 20 })
    fc.assert(
      fc.property(fc.string(), fc.string(), weights, (instance, step, some) => {
        const way = chooseWay(instance, step, some)
        expect(way).toBe(chooseWay(instance, step, some))
        expect(some[way]).toBeDefined()
      }),
    )
  })

  test.each([[[50, 50]], [[1, 1, 1]], [[90, 10]], [[0.1, 0.2, 0.7]], [[1, 999]]])(
    'shares instances in proportion to %j',
    (weights) => {
      const total = weights.reduce((sum, one) => sum + one, 0)
      const count = 20_000
      const seen = weights.map(() => 0)
      for (let index = 0; index < count; index++) {
        // As ids are: times that differ in their last digits, and an ordinal.
        seen[chooseWay(`019a${index.toString(16).padStart(28, '0')}-0`, 'ab', weights)]!++
      }
      for (const [way, weight] of weights.entries()) {
        const share = weight / total
        const deviation = Math.sqrt((share * (1 - share)) / count)
        expect(Math.abs(seen[way]! / count - share)).toBeLessThan(4 * deviation)
      }
    },
  )

  test('two splits of one journey do not go together', () => {
    let both = 0
    const count = 10_000
    for (let index = 0; index < count; index++) {
      if (chooseWay(`i-${index}`, 'first', [1, 1]) === 0 && chooseWay(`i-${index}`, 'second', [1, 1]) === 0) both++
    }
    expect(Math.abs(both / count - 0.25)).toBeLessThan(0.02)
  })
})

describe('a time of day', () => {
  const cases = table(`
    after                 time   zone           | at
    2026-11-22T10:00Z     21:00  Asia/Tokyo     | 2026-11-22T12:00Z
    2026-11-22T12:00Z     21:00  Asia/Tokyo     | 2026-11-22T12:00Z  // this very moment
    2026-11-22T12:01Z     21:00  Asia/Tokyo     | 2026-11-23T12:00Z
    2026-11-22T15:30Z     00:00  Asia/Tokyo     | 2026-11-23T15:00Z
    2026-10-24T22:00Z     09:00  Europe/Berlin  | 2026-10-25T08:00Z  // summer time ends that night
    2027-03-27T23:30Z     02:30  Europe/Berlin  | 2027-03-28T01:00Z  // leapt over: the moment of the leap
    2026-10-25T00:00Z     02:30  Europe/Berlin  | 2026-10-25T00:30Z  // comes twice: the first
    2026-10-25T00:45Z     02:30  Europe/Berlin  | 2026-10-26T01:30Z
  `)
  test.each(cases)('after $after, $time in $zone is $at', ({ after, time, zone, at }) => {
    expect(new Date(atTimeOfDay(Date.parse(after), time, zone)).toISOString().replace(':00.000Z', 'Z')).toBe(at)
  })

  test('is never before, and never more than a day and an hour after', () => {
    const zones = fc.constantFrom(
      'Asia/Tokyo',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    )
    const times = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
    const from = Date.parse('2020-01-01')
    fc.assert(
      fc.property(fc.integer({ min: from, max: Date.parse('2035-01-01') }), times, zones, (after, time, zone) => {
        const at = atTimeOfDay(after, time, zone)
        expect(at).toBeGreaterThanOrEqual(after)
        expect(at - after).toBeLessThanOrEqual(DAY_MS + 3_600_000)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a date to wait for', () => {
  const cases = table(`
    value                      offset  at     daily | planned
    2026-12-24                 -       -      yes   | 2026-12-24T00:00Z   // 09:00 in Tokyo
    2026-12-24                 -P3D    -      yes   | 2026-12-21T00:00Z
    2026-12-24                 -P3D    18:30  yes   | 2026-12-21T09:30Z
    2026-03-31                 -P1M    -      yes   | 2026-02-28T00:00Z
    2026-12-24                 PT2H    10:00  yes   | 2026-12-24T03:00Z
    2026-12-24T15:30:00+09:00  -       -      no    | 2026-12-24T06:30Z
    2026-12-24T15:30:00+09:00  -PT30M  -      no    | 2026-12-24T06:00Z
    2026-12-24T15:30:00+09:00  -P1D    10:00  no    | 2026-12-23T01:00Z
    1999-12-24                 -       -      yes   | 1999-12-24T00:00Z   // however long ago
    "あした"                   -       -      yes   | never
    ""                         -       -      yes   | never
  `)
  test.each(cases)('$value, $offset, $at: $planned', ({ value, offset, at, daily, planned }) => {
    const wanted = {
      field: 'Closing_Date',
      ...(offset !== '-' && { offset }),
      ...(at !== '-' && { at }),
    }
    const due = plannedAt(value, wanted, daily === 'yes', 'Asia/Tokyo')
    expect(due === null ? 'never' : new Date(due).toISOString().replace(':00.000Z', 'Z')).toBe(planned)
  })
})

test('the report tells entries, conversions, drop-outs and times, also of steps that are no more', () => {
  const journey = aJourney(
    [
      { id: 'hello', name: 'あいさつ', send: { template: 'hello' } },
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P1D' },
      { id: 'end', exit: 'done' },
    ],
    { goal: { when: equal('Lead_Status', 'Won') } },
  )
  const report = journeyReport(
    {
      entered: 10,
      standing: [
        { version: 1, position: 'reply', count: 1 },
        { version: 2, position: 'reply', count: 1 },
      ],
      ended: [
        { reason: 'lost', count: 1 },
        { reason: 'done', count: 3 },
        { reason: 'goal', count: 4 },
      ],
      passes: [
        { from: null, to: 'hello', via: 'record', count: 10, totalMs: 0 },
        { from: 'hello', to: 'reply', via: 'next', count: 9, totalMs: 0 },
        { from: 'hello', to: 'old', via: 'next', count: 1, totalMs: 0 },
        { from: 'old', to: null, via: 'lost', count: 1, totalMs: 50 },
        { from: 'reply', to: 'end', via: 'then', count: 2, totalMs: 2_000 },
        { from: 'reply', to: 'end', via: 'timeout', count: 1, totalMs: 4_000 },
        { from: 'reply', to: null, via: 'goal', count: 4, totalMs: 1_000 },
        { from: 'end', to: null, via: 'done', count: 3, totalMs: 0 },
      ],
    },
    journey,
  )
  expect(report).toMatchObject({
    entered: 10,
    running: 2,
    ended: 8,
    goal: { reached: 4, rate: 0.4 },
    endedBy: [{ reason: 'goal' }, { reason: 'done' }, { reason: 'lost' }],
    steps: [
      { id: 'hello', name: 'あいさつ', kind: 'send', standing: 0, reached: 10, droppedOut: 0, averageMs: 0 },
      { id: 'reply', name: null, kind: 'waitFor', standing: 2, reached: 9, droppedOut: 0, averageMs: 1000 },
      { id: 'end', kind: 'exit', reached: 3, droppedOut: 0 },
    ],
    former: [{ id: 'old', kind: null, reached: 1, droppedOut: 1, averageMs: 50 }],
  })
  expect(report.steps[1]?.ways).toEqual([
    { to: null, via: 'goal', count: 4, averageMs: 250 },
    { to: 'end', via: 'then', count: 2, averageMs: 1000 },
    { to: 'end', via: 'timeout', count: 1, averageMs: 4000 },
  ])
})
