import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import type { Json } from '#definitions/json.ts'
import { dueDates, GRACE_MS } from '#engine/time/dueDates.ts'
import type { Dated } from '#engine/time/timed.ts'
import { table } from '../../table.ts'

const DAY_MS = 86_400_000
const shown = (instant: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(zone)
    .toString({ smallestUnit: 'minute', timeZoneName: 'never' })

/** `monthly -P3D at 10:00` */
function triggerOf(rule: string): Dated['trigger'] {
  const [every = 'once', offset = 'none', , at] = rule.split(' ')
  return {
    on: 'date',
    field: 'Date',
    every: every as 'once',
    ...(offset !== 'none' && { offset }),
    ...(at !== undefined && { at }),
  }
}

const cases = table(`
  rule                     value                        zone                 now                 | due
  once                     2026-12-01                   Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-01T09:00+09:00
  "once none at 18:30"     2026-12-01                   Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-01T18:30+09:00
  "once -P3D"              2026-12-01                   Asia/Tokyo           2026-11-22T01:00Z   | 2026-11-28T09:00+09:00
  "once P1M"               2027-01-31                   Asia/Tokyo           2026-11-22T01:00Z   | 2027-02-28T09:00+09:00
  "once -PT2H"             2026-12-01                   Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-01T07:00+09:00
  "once -P1DT2H"           2026-12-01                   Asia/Tokyo           2026-11-22T01:00Z   | 2026-11-30T07:00+09:00
  once                     2026-12-01T15:30:00+09:00    Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-01T15:30+09:00  // a date and time: the very instant
  once                     2026-12-01T15:30:00+09:00    America/New_York     2026-11-22T01:00Z   | 2026-12-01T01:30-05:00  // the same instant elsewhere
  once                     2026-12-01T15:30             America/New_York     2026-11-22T01:00Z   | 2026-12-01T15:30-05:00  // without an offset: of the zone
  "once -PT1H"             2026-12-01T15:30:00+09:00    Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-01T14:30+09:00
  "once -P1D"              2026-12-01T15:30:00+09:00    Asia/Tokyo           2026-11-22T01:00Z   | 2026-11-30T15:30+09:00
  "once none at 08:00"     2026-12-01T01:30:00+09:00    America/New_York     2026-11-22T01:00Z   | 2026-11-30T08:00-05:00  // its day in the zone
  "once -P1D at 08:00"     2026-12-01T15:30:00+09:00    Asia/Tokyo           2026-11-22T01:00Z   | 2026-11-30T08:00+09:00
  once                     2026-11-22                   Asia/Tokyo           2026-11-22T00:10Z   | 2026-11-22T09:00+09:00  // ten minutes of grace
  once                     2026-11-22                   Asia/Tokyo           2026-11-22T00:11Z   | never
  once                     1990-11-22                   Asia/Tokyo           2026-11-22T01:00Z   | never
  yearly                   1990-12-24                   Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-24T09:00+09:00
  yearly                   1990-11-22                   Asia/Tokyo           2026-11-22T01:00Z   | 2027-11-22T09:00+09:00
  yearly                   1990-11-22                   Asia/Tokyo           2026-11-22T00:05Z   | "2026-11-22T09:00+09:00 2027-11-22T09:00+09:00"
  "yearly -P7D"            1990-11-25                   Asia/Tokyo           2026-11-22T01:00Z   | 2027-11-18T09:00+09:00
  yearly                   2030-05-01                   Asia/Tokyo           2026-11-22T01:00Z   | 2030-05-01T09:00+09:00  // never before the date itself
  yearly                   2000-02-29                   Asia/Tokyo           2026-11-22T01:00Z   | 2027-02-28T09:00+09:00
  yearly                   2000-02-29                   Asia/Tokyo           2027-11-22T01:00Z   | 2028-02-29T09:00+09:00
  yearly                   2000-02-29                   Asia/Tokyo           2099-11-22T01:00Z   | 2100-02-28T09:00+09:00
  "yearly -P1D"            2000-02-29                   Asia/Tokyo           2026-11-22T01:00Z   | 2027-02-27T09:00+09:00
  monthly                  2026-01-31                   Asia/Tokyo           2026-02-01T00:00Z   | 2026-02-28T09:00+09:00
  monthly                  2026-01-31                   Asia/Tokyo           2026-03-01T00:00Z   | 2026-03-31T09:00+09:00  // and the 31st again
  monthly                  2026-01-31                   Asia/Tokyo           2028-02-01T00:00Z   | 2028-02-29T09:00+09:00
  monthly                  2026-01-30                   Asia/Tokyo           2026-04-01T00:00Z   | 2026-04-30T09:00+09:00
  "monthly P1D"            2026-01-31                   Asia/Tokyo           2026-02-02T00:00Z   | 2026-03-01T09:00+09:00  // the day after the last
  monthly                  2026-12-15                   Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-15T09:00+09:00
  monthly                  2026-01-05T15:30:00+09:00    Asia/Tokyo           2026-11-22T01:00Z   | 2026-12-05T15:30+09:00
  monthly                  2026-01-31T15:30:00Z         America/New_York     2026-06-22T01:00Z   | 2026-06-30T10:30-04:00  // half past ten in winter and summer
  "once none at 02:30"     2026-03-08                   America/New_York     2026-03-01T00:00Z   | 2026-03-08T03:00-04:00  // leapt over
  "once none at 01:30"     2026-11-01                   America/New_York     2026-10-22T01:00Z   | 2026-11-01T01:30-04:00  // twice: the first
  once                     2026-11-01T01:30:00-05:00    America/New_York     2026-10-22T01:00Z   | 2026-11-01T01:30-05:00  // the one that is named
  "once none at 01:30"     2026-03-29                   Europe/London        2026-03-01T00:00Z   | 2026-03-29T02:00+01:00
  "once none at 01:30"     2026-10-25                   Europe/London        2026-10-22T01:00Z   | 2026-10-25T01:30+01:00
  "once none at 02:15"     2026-10-04                   Australia/Lord_Howe  2026-10-01T00:00Z   | 2026-10-04T02:30+11:00
  "once none at 01:45"     2026-04-05                   Australia/Lord_Howe  2026-04-01T00:00Z   | 2026-04-05T01:45+11:00
  "once -P1D"              2026-03-09T02:30             America/New_York     2026-03-01T00:00Z   | 2026-03-08T03:00-04:00
  "once -PT24H"            2026-03-09T02:30             America/New_York     2026-03-01T00:00Z   | 2026-03-08T01:30-05:00  // hours are hours
`)
test.each(cases)('$rule of $value in $zone, now $now: $due', ({ rule, value, zone, now, due }) => {
  const found = dueDates(triggerOf(rule), value, false, zone, Date.parse(now))
  expect(found.map(({ dueAt }) => shown(dueAt, zone))).toEqual(due === 'never' ? [] : due.split(' '))
})

test('a field that holds days takes the day of a value with a time, and nine in the morning', () => {
  const [due] = dueDates(triggerOf('once'), '2026-12-01T00:00:00+09:00', true, 'Asia/Tokyo', Date.UTC(2026, 10, 22))
  expect(shown(due!.dueAt, 'Asia/Tokyo')).toBe('2026-12-01T09:00+09:00')
})

test.each<[string, Json | undefined]>([
  ['nothing', undefined],
  ['null', null],
  ['an empty text', ''],
  ['words', '来週の月曜'],
  ['a day that does not exist', '2026-02-30'],
  ['a month that does not exist', '2026-13-01'],
  ['another notation', '12/01/2026'],
  ['a list', ['2026-12-01']],
  ['an object', { date: '2026-12-01' }],
  ['a yes', true],
  ['a number of another age', 8.64e15],
  ['a year of five digits', '12026-12-01'],
])('a field with %s is never due', (_, value) => {
  for (const rule of ['once', 'monthly', 'yearly -P3D', 'once none at 10:00']) {
    expect(dueDates(triggerOf(rule), value, false, 'Asia/Tokyo', Date.UTC(2026, 10, 22))).toEqual([])
  }
})

test('the longest offsets of the farthest dates are counted', () => {
  const longest = 'P999Y9999M9999W99999DT999999H'
  for (const [value, offset] of [
    ['9999-12-30', longest],
    ['0001-01-01', `-${longest}`],
  ] as const) {
    for (const every of ['once', 'monthly', 'yearly'] as const) {
      const trigger = { on: 'date' as const, field: 'Date', offset, every }
      const found = dueDates(trigger, value, false, 'America/New_York', Date.UTC(2026, 10, 22))
      expect(found.every(({ dueAt }) => Number.isInteger(dueAt))).toBe(true)
    }
  }
})

const aDay = fc
  .integer({ min: -20_000, max: 20_000 })
  .map((days) => new Date(Date.UTC(2026, 0, 1) + days * DAY_MS).toISOString().slice(0, 10))
const aValue = fc.oneof(
  aDay,
  fc.tuple(aDay, fc.integer({ min: 0, max: 1439 })).map(([day, minute]) => {
    const time = new Date(minute * 60_000).toISOString().slice(11, 16)
    return `${day}T${time}:00+09:00`
  }),
)
const aRule = fc
  .tuple(
    fc.constantFrom('once', 'monthly', 'yearly'),
    fc.constantFrom('none', 'P1D', '-P3D', '-P2M', 'P1Y', 'PT36H', '-PT90M'),
    fc.constantFrom('', ' at 00:00', ' at 02:30', ' at 23:59'),
  )
  .map(([every, offset, at]) => `${every} ${offset}${at}`)
const aZone = fc.constantFrom('Asia/Tokyo', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Africa/Cairo')
const aNow = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2029, 0, 1) })

test('due dates are those within the grace and one after now, each with a name of its own', () => {
  fc.assert(
    fc.property(aRule, aValue, aZone, aNow, (rule, value, zone, now) => {
      const found = dueDates(triggerOf(rule), value, false, zone, now)
      const times = found.map(({ dueAt }) => dueAt)
      expect(times.every((dueAt) => dueAt >= now - GRACE_MS)).toBe(true)
      if (rule.startsWith('once')) expect(times.length).toBeLessThanOrEqual(1)
      else expect(times.filter((dueAt) => dueAt > now)).toHaveLength(1)
      expect(new Set(found.map(({ date }) => date)).size).toBe(found.length)
      expect(times).toEqual([...times].sort((a, b) => a - b))
    }),
  )
})

test('months, weeks and days are counted as Temporal counts them', () => {
  const aDuration = fc
    .record({
      years: fc.integer({ min: 0, max: 30 }),
      months: fc.integer({ min: 0, max: 40 }),
      weeks: fc.integer({ min: 0, max: 60 }),
      days: fc.integer({ min: 0, max: 400 }),
    })
    .chain((length) => fc.constantFrom(1, -1).map((sign) => ({ length, sign })))
  fc.assert(
    fc.property(aDay, aDuration, (day, { length, sign }) => {
      const duration = Temporal.Duration.from(length)
      const offset = (sign < 0 && !duration.blank ? duration.negated() : duration).toString()
      const [found] = dueDates({ on: 'date', field: 'Date', offset }, day, true, 'UTC', -Infinity)
      const wanted = Temporal.PlainDate.from(day).add(offset).toPlainDateTime('09:00')
      expect(found!.dueAt).toBe(wanted.toZonedDateTime('UTC').epochMilliseconds)
    }),
    { numRuns: 500 },
  )
})

test('asked again when one is due, the next one is later, and none lies between', () => {
  fc.assert(
    fc.property(
      aRule.filter((rule) => !rule.startsWith('once')),
      aValue,
      aZone,
      aNow,
      (rule, value, zone, now) => {
        const dueAfter = (at: number) => dueDates(triggerOf(rule), value, false, zone, at).at(-1)!
        const first = dueAfter(now)
        // Asked at any moment before it, it is the same.
        const between = now + Math.floor((first.dueAt - now) / 2)
        expect(dueAfter(Math.min(between, first.dueAt - 1))).toEqual(first)
        const second = dueAfter(first.dueAt)
        expect(second.dueAt).toBeGreaterThan(first.dueAt)
        expect(second.date).not.toBe(first.date)
      },
    ),
  )
})
