import fc from 'fast-check'
import { createTask } from 'node-cron'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { CronInvalid, cronProblem, readCron } from '#engine/time/cron.ts'
import { nextDue } from '#engine/time/nextDue.ts'
import { table } from '../../table.ts'

const MINUTE_MS = 60_000
const at = (text: string) => Date.parse(text)
const shown = (instant: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(zone)
    .toString({ smallestUnit: 'minute', timeZoneName: 'never' })

function dueTimes(cron: string, zone: string, after: number, count: number): string[] {
  const times: string[] = []
  let last = after
  for (let i = 0; i < count; i++) {
    const due = nextDue(readCron(cron), zone, last)
    if (due === null) break
    times.push(shown(due, zone))
    last = due
  }
  return times
}

const days = table(`
  cron                 zone        after              | next
  "0 9 * * 1-5"        Asia/Tokyo  2026-11-20T00:00Z  | "2026-11-23 2026-11-24"  // Friday 09:00 is past: after means after
  "0 9 * * mon"        Asia/Tokyo  2026-11-22T01:00Z  | "2026-11-23 2026-11-30"
  "0 9 31 * *"         Asia/Tokyo  2026-11-22T01:00Z  | "2026-12-31 2027-01-31 2027-03-31"
  "0 9 L * *"          Asia/Tokyo  2026-11-22T01:00Z  | "2026-11-30 2026-12-31 2027-01-31 2027-02-28"
  "0 9 L-2 2 *"        Asia/Tokyo  2026-11-22T01:00Z  | "2027-02-26 2028-02-27"
  "0 9 LW * *"         Asia/Tokyo  2026-11-22T01:00Z  | "2026-11-30 2026-12-31 2027-01-29"
  "0 9 15W * *"        Asia/Tokyo  2026-11-22T01:00Z  | "2026-12-15 2027-01-15 2027-02-15"
  "0 9 1W 8 *"         Asia/Tokyo  2026-01-01T00:00Z  | "2026-08-03 2027-08-02"  // never into the month before
  "0 9 * * 5L"         Asia/Tokyo  2026-11-22T01:00Z  | "2026-11-27 2026-12-25"
  "0 9 * * 1#2"        Asia/Tokyo  2026-11-22T01:00Z  | "2026-12-14 2027-01-11"
  "0 9 29 2 *"         Asia/Tokyo  2026-11-22T01:00Z  | "2028-02-29 2032-02-29"
  "0 9 29 2 *"         Asia/Tokyo  2097-01-01T00:00Z  | "2104-02-29"             // 2100 has none
  "0 9 29 2 */7"       Asia/Tokyo  2026-11-22T01:00Z  | "2032-02-29 2060-02-29"  // and a Sunday: both must fit
  "0 9 1 * 1"          Asia/Tokyo  2026-11-22T01:00Z  | "2026-11-23 2026-11-30 2026-12-01 2026-12-07"  // either fits
  "0 9 */10 * 1"       Asia/Tokyo  2026-11-22T01:00Z  | "2026-12-21 2027-01-11"  // begins with a star: both fit
  "0 9 ? * 1"          Asia/Tokyo  2026-11-22T01:00Z  | "2026-11-23 2026-11-30"
  "0 9 31 2 1"         Asia/Tokyo  2026-11-22T01:00Z  | "2027-02-01 2027-02-08"  // no such day, but such Mondays
  "0 9 * jan,12 sun"   Asia/Tokyo  2026-11-22T01:00Z  | "2026-12-06 2026-12-13"
`)
test.each(days)('$cron comes due on $next (after $after)', ({ cron, zone, after, next }) => {
  const wanted = next.split(' ').map((day) => `${day}T09:00+09:00`)
  expect(dueTimes(cron, zone, at(after), wanted.length)).toEqual(wanted)
})

const jumps = table(`
  cron               zone                 after                      | next
  "30 2 * * *"       America/New_York     2026-03-07T12:00-05:00     | "2026-03-08T03:00-04:00 2026-03-09T02:30-04:00"  // leapt over: at the leap
  "*/20 2 * * *"     America/New_York     2026-03-07T12:00-05:00     | "2026-03-08T03:00-04:00 2026-03-09T02:00-04:00"  // three times leapt over: once
  "0 2,3 * * *"      America/New_York     2026-03-07T12:00-05:00     | "2026-03-08T03:00-04:00 2026-03-09T02:00-04:00"  // the leap is 03:00 itself
  "0 * * * *"        America/New_York     2026-03-08T01:00-05:00     | "2026-03-08T03:00-04:00 2026-03-08T04:00-04:00"
  "30 * * * *"       America/New_York     2026-03-08T01:00-05:00     | "2026-03-08T01:30-05:00 2026-03-08T03:30-04:00"
  "30 1 * * *"       America/New_York     2026-10-31T12:00-04:00     | "2026-11-01T01:30-04:00 2026-11-02T01:30-05:00"  // comes twice: the first
  "30 1 * * *"       America/New_York     2026-11-01T01:30-04:00     | "2026-11-02T01:30-05:00 2026-11-03T01:30-05:00"
  "30 1 * * *"       America/New_York     2026-11-01T01:10-05:00     | "2026-11-02T01:30-05:00 2026-11-03T01:30-05:00"  // asked within the second hour
  "30 * * * *"       America/New_York     2026-11-01T01:00-04:00     | "2026-11-01T01:30-04:00 2026-11-01T01:30-05:00 2026-11-01T02:30-05:00"
  "0 0-3 * * *"      America/New_York     2026-11-01T00:00-04:00     | "2026-11-01T01:00-04:00 2026-11-01T02:00-05:00 2026-11-01T03:00-05:00"
  "30 1 * * *"       Europe/London        2026-03-28T12:00Z          | "2026-03-29T02:00+01:00 2026-03-30T01:30+01:00"
  "30 1 * * *"       Europe/London        2026-10-24T12:00+01:00     | "2026-10-25T01:30+01:00 2026-10-26T01:30+00:00"
  "15 2 * * *"       Australia/Lord_Howe  2026-10-03T12:00+10:30     | "2026-10-04T02:30+11:00 2026-10-05T02:15+11:00"  // a leap of half an hour
  "0 * * * *"        Australia/Lord_Howe  2026-10-04T01:00+10:30     | "2026-10-04T03:00+11:00 2026-10-04T04:00+11:00"
  "45 1 * * *"       Australia/Lord_Howe  2026-04-04T12:00+11:00     | "2026-04-05T01:45+11:00 2026-04-06T01:45+10:30"
  "45 * * * *"       Australia/Lord_Howe  2026-04-05T01:00+11:00     | "2026-04-05T01:45+11:00 2026-04-05T01:45+10:30 2026-04-05T02:45+10:30"
  "0 0 * * *"        Africa/Cairo         2026-04-23T12:00+02:00     | "2026-04-24T01:00+03:00 2026-04-25T00:00+03:00"  // the day begins at one
  "0 12 30 12 *"     Pacific/Apia         2011-12-29T12:00-10:00     | "2011-12-31T00:00+14:00 2012-12-30T12:00+14:00"  // a day leapt over
  "0 9 * * *"        Asia/Tokyo           2026-03-29T12:00+09:00     | "2026-03-30T09:00+09:00 2026-03-31T09:00+09:00"
`)
test.each(jumps)('$cron in $zone after $after: $next', ({ cron, zone, after, next }) => {
  expect(dueTimes(cron, zone, at(after), next.split(' ').length)).toEqual(next.split(' '))
})

test('a schedule is due after the instant it is asked from, on a whole minute', () => {
  const noon = at('2026-11-22T12:00Z')
  expect(nextDue(readCron('* * * * *'), 'UTC', noon)).toBe(noon + MINUTE_MS)
  expect(nextDue(readCron('* * * * *'), 'UTC', noon - 1)).toBe(noon)
  expect(nextDue(readCron('* * * * *'), 'UTC', noon + 1)).toBe(noon + MINUTE_MS)
})

const problems = table(`
  cron              | problem
  "0 9 * * 1-5"     | none
  "0 9 29 2 *"      | none
  "0 9 31 2 *"      | never
  "0 9 30 2 ?"      | never
  "0 9 31 4,6 *"    | never
  "0 9 30W 2 *"     | never
  "0 9 31 2 1"      | none
  "0 9 29 2 1#5"    | none
  "0 9 * * * *"     | "expected 5 fields but got 6"
  "0 9 * *"         | "expected 5 fields but got 4"
  "@daily"          | "expected 5 fields but got 1"
  ""                | "expected 5 fields but got 1"
  "60 9 * * *"      | "60 is a invalid expression for minute"
  "0 24 * * *"      | "24 is a invalid expression for hour"
  "0 9 0 * *"       | "0 is a invalid expression for day of month"
  "0 9 * 13 *"      | "13 is a invalid expression for month"
  "0 9 * * 8"       | "8 is a invalid expression for week day"
  "0 9 * * 月"      | "pattern includes illegal characters"
  "9時 * * * *"     | "pattern includes illegal characters"
  "*/0 9 * * *"     | "*/0 is a invalid expression for minute"
`)
test.each(problems)('the problem of $cron: $problem', ({ cron, problem }) => {
  const found = cronProblem(cron, 'Asia/Tokyo')
  if (problem === 'none') expect(found).toBeNull()
  else if (problem === 'never') expect(found).toEqual({ kind: 'never' })
  else {
    expect(found).toEqual({ kind: 'invalid', detail: problem })
    expect(() => readCron(cron)).toThrow(CronInvalid)
  }
})

test('whether a schedule never fires is known at once', () => {
  const began = performance.now()
  for (let i = 0; i < 20; i++) nextDue(readCron('0 9 31 2 *'), 'America/New_York', at('2026-01-01') + i)
  expect((performance.now() - began) / 20).toBeLessThan(50)
})

const ZONES = [
  'Asia/Tokyo',
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/St_Johns',
  'Asia/Kathmandu',
  'UTC',
]
const field = (min: number, max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    fc.integer({ min, max }).map(String),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: Math.ceil(max / 2) }).map((step) => `*/${step}`),
  )
const aDay = fc.oneof(field(1, 28), fc.constantFrom('L', 'L-1', '15W', 'LW', '1W', '31'))
const aWeekday = fc.oneof(field(0, 6), fc.constantFrom('5L', '1#2', 'mon-fri', '7'))
const aCron = fc.tuple(field(0, 59), field(0, 23), aDay, field(1, 12), aWeekday).map((fields) => fields.join(' '))
/** Whole minutes of four years, many of them near a change of the clocks. */
const anInstant = fc
  .oneof(
    fc.integer({ min: at('2024-01-01') / MINUTE_MS, max: at('2028-01-01') / MINUTE_MS }),
    fc
      .tuple(
        fc.constantFrom(
          '2026-03-08T07:00Z',
          '2026-11-01T06:00Z',
          '2026-03-29T01:00Z',
          '2026-10-25T01:00Z',
          '2026-10-03T15:30Z',
          '2026-04-04T15:00Z',
          '2026-04-23T22:00Z',
          '2026-10-29T21:00Z',
        ),
        fc.integer({ min: -300, max: 300 }),
      )
      .map(([change, minutes]) => at(change) / MINUTE_MS + minutes),
  )
  .map((minutes) => minutes * MINUTE_MS)

/** As node-cron itself sees it, which wants both days to fit; so only one of them is restricted here. */
function fits(cron: string, zone: string): (instant: number) => boolean {
  const task = createTask(cron, () => undefined, { timezone: zone })
  return (instant) => task.match(new Date(instant))
}

test('hours with a star: due is the first minute that the wall fits, and none is passed over', () => {
  const hourly = aCron.map((cron) => cron.replace(/^(\S+) \S+/, '$1 *')).filter((cron) => !bothDays(cron))
  fc.assert(
    fc.property(hourly, fc.constantFrom(...ZONES), anInstant, (cron, zone, after) => {
      fc.pre(cronProblem(cron, zone) === null)
      const due = nextDue(readCron(cron), zone, after)!
      const fit = fits(cron, zone)
      expect(due).toBeGreaterThan(after)
      expect(fit(due)).toBe(true)
      for (let minute = after + MINUTE_MS; minute < Math.min(due, after + 1500 * MINUTE_MS); minute += MINUTE_MS) {
        expect(fit(minute), shown(minute, zone)).toBe(false)
      }
    }),
    { numRuns: 60 },
  )
})

test('fixed hours: due is a minute that fits, or the leap over one, and none is passed over but the second of a pair', () => {
  const fixed = aCron.filter((cron) => !cron.split(' ')[1]!.startsWith('*') && !bothDays(cron))
  fc.assert(
    fc.property(fixed, fc.constantFrom(...ZONES), anInstant, (cron, zone, after) => {
      fc.pre(cronProblem(cron, zone) === null)
      const due = nextDue(readCron(cron), zone, after)!
      const fit = fits(cron, zone)
      expect(due).toBeGreaterThan(after)
      if (!fit(due)) expect(offset(due, zone)).toBeGreaterThan(offset(due - MINUTE_MS, zone))
      for (let minute = after + MINUTE_MS; minute < Math.min(due, after + 1500 * MINUTE_MS); minute += MINUTE_MS) {
        if (fit(minute)) expect(isSecond(minute, zone), shown(minute, zone)).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})

test('both days restricted: due is the earlier of the two schedules that have one of them each', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('1', '13', 'L', '15W', '10-12'),
      fc.constantFrom('1', 'fri', '5L', '1#2', '2-4'),
      field(1, 12),
      anInstant,
      (day, weekday, month, after) => {
        const due = (cron: string) => nextDue(readCron(cron), 'Asia/Tokyo', after)!
        const either = due(`0 9 ${day} ${month} ${weekday}`)
        expect(either).toBe(Math.min(due(`0 9 ${day} ${month} *`), due(`0 9 * ${month} ${weekday}`)))
      },
    ),
  )
})

function bothDays(cron: string): boolean {
  const [, , day, , weekday] = cron.split(' ')
  return !day!.startsWith('*') && !weekday!.startsWith('*')
}
function offset(instant: number, zone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).offsetNanoseconds
}
/** The wall showed the same before. */
function isSecond(instant: number, zone: string): boolean {
  const here = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone)
  const first = here.toPlainDateTime().toZonedDateTime(zone, { disambiguation: 'earlier' })
  return first.epochMilliseconds < instant
}
