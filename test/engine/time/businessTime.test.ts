import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import type { Calendar } from '#definitions/definitions.ts'
import {
  addBusinessTime,
  CalendarClosed,
  compileCalendar,
  defaultCalendar,
  nextOpenAt,
  type BusinessSpan,
  type CompiledCalendar,
} from '#engine/time/businessTime.ts'
import { table } from '../../table.ts'

const at = (wall: string, zone: string) => Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds
const shown = (instant: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDateTime().toString().slice(0, 16)

function spanOf(text: string): BusinessSpan {
  const [, count, unit] = /^(\d+) (days|hours|minutes)$/.exec(text)!
  return { unit: `business_${unit as 'days' | 'hours' | 'minutes'}`, count: Number(count) }
}

const office = [
  { from: '09:00', to: '12:00' },
  { from: '13:00', to: '18:00' },
]
/** An office in Tokyo: lunch from 12 to 13, holidays at the turn of the year, one of them worked in the morning. */
const tokyo = compileCalendar({
  name: 'honsha',
  timezone: 'Asia/Tokyo',
  week: { monday: office, tuesday: office, wednesday: office, thursday: office, friday: office },
  holidays: [{ date: '2026-11-23', name: { ja: '勤労感謝の日' } }, { date: '2026-12-31' }, { date: '2027-01-01' }],
  specialDays: [
    { date: '2026-11-28', hours: [{ from: '10:00', to: '15:00' }], name: { ja: '土曜営業' } },
    { date: '2026-12-31', hours: [{ from: '09:00', to: '12:00' }] },
  ],
})

const inTokyo = table(`
  from              span         | due
  2026-11-19T12:00  "1 days"     | 2026-11-20T13:00  // closed at noon: when it opens next, and so on the next day
  2026-11-19T10:30  "1 days"     | 2026-11-20T10:30
  2026-11-20T10:30  "1 days"     | 2026-11-24T10:30  // over a weekend and a holiday
  2026-11-20T10:30  "2 days"     | 2026-11-25T10:30
  2026-11-20T20:00  "1 days"     | 2026-11-25T09:00  // in the evening: begins on Tuesday at nine
  2026-11-22T10:00  "1 days"     | 2026-11-25T09:00  // a Sunday
  2026-11-27T10:30  "1 days"     | 2026-11-28T10:30  // a Saturday that is open
  2026-11-27T09:30  "1 days"     | 2026-11-28T10:00  // which opens at ten
  2026-11-27T16:00  "1 days"     | 2026-11-30T09:00  // and closes at three
  2026-12-30T10:30  "1 days"     | 2026-12-31T10:30  // the special day outranks the holiday
  2026-12-31T10:30  "1 days"     | 2027-01-04T10:30
  2026-11-20T10:30  "0 days"     | 2026-11-20T10:30
  2026-11-20T12:30  "0 days"     | 2026-11-20T13:00
  2026-11-20T10:00  "1 hours"    | 2026-11-20T11:00
  2026-11-20T11:30  "1 hours"    | 2026-11-20T13:30  // not the lunch hour
  2026-11-20T11:00  "1 hours"    | 2026-11-20T13:00  // ends with the morning
  2026-11-20T17:30  "1 hours"    | 2026-11-24T09:30
  2026-11-20T17:30  "30 minutes" | 2026-11-24T09:00
  2026-11-20T17:30  "29 minutes" | 2026-11-20T17:59
  2026-11-20T10:30  "16 hours"   | 2026-11-25T10:30  // two days of eight hours
  2026-11-21T03:00  "45 minutes" | 2026-11-24T09:45
  2026-11-27T17:00  "3 hours"    | 2026-11-28T12:00
`)
test.each(inTokyo)('Tokyo office, $from and $span: $due', ({ from, span, due }) => {
  expect(shown(addBusinessTime(at(from, 'Asia/Tokyo'), spanOf(span), tokyo), 'Asia/Tokyo')).toBe(due)
})

test('two business days from Friday noon are Tuesday noon, where no calendar is named', () => {
  const friday = at('2026-11-20T12:00', 'Asia/Tokyo')
  const tuesday = at('2026-11-24T12:00', 'Asia/Tokyo')
  expect(addBusinessTime(friday, spanOf('2 days'), defaultCalendar('Asia/Tokyo'))).toBe(tuesday)
})

const night = compileCalendar({
  name: 'night-desk',
  timezone: 'America/New_York',
  week: Object.fromEntries(
    ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [
      day,
      [
        { from: '00:00', to: '06:00' },
        { from: '22:00', to: '24:00' },
      ],
    ]),
  ),
})
const overNight = table(`
  from                       span         | due
  2026-11-20T23:00-05:00     "2 hours"    | 2026-11-21T01:00-05:00  // 24:00 meets 00:00
  2026-11-20T06:00-05:00     "1 hours"    | 2026-11-20T23:00-05:00
  2026-03-08T01:00-05:00     "2 hours"    | 2026-03-08T04:00-04:00  // the clock leaps from two to three: two hours go by
  2026-03-08T00:00-05:00     "5 hours"    | 2026-03-08T22:00-04:00  // that night has five
  2026-11-01T00:00-04:00     "2 hours"    | 2026-11-01T01:00-05:00  // one comes twice
  2026-11-01T00:00-04:00     "7 hours"    | 2026-11-01T22:00-05:00  // that night has seven
  2026-03-07T02:30-05:00     "1 days"     | 2026-03-08T03:00-04:00  // half past two is leapt over
  2026-10-31T01:30-04:00     "1 days"     | 2026-11-01T01:30-04:00  // the first of the two
  2026-11-01T01:30-05:00     "1 days"     | 2026-11-02T01:30-05:00
`)
test.each(overNight)('a night desk in New York, $from and $span: $due', ({ from, span, due }) => {
  const found = addBusinessTime(Date.parse(from), spanOf(span), night)
  expect(found - Date.parse(due)).toBe(0)
})

test('hours that touch or overlap, or are out of order, are one', () => {
  const messy = compileCalendar({
    name: 'messy',
    timezone: 'Asia/Tokyo',
    week: {
      friday: [
        { from: '13:00', to: '15:00' },
        { from: '09:00', to: '11:00' },
        { from: '10:00', to: '13:00' },
        { from: '18:00', to: '17:00' },
      ],
    },
  })
  const nine = at('2026-11-20T09:00', 'Asia/Tokyo')
  expect(addBusinessTime(nine, { unit: 'business_minutes', count: 359 }, messy)).toBe(nine + 359 * 60_000)
  expect(shown(addBusinessTime(nine, { unit: 'business_hours', count: 6 }, messy), 'Asia/Tokyo')).toBe(
    '2026-11-27T09:00',
  )
})

const asks: [string, BusinessSpan][] = [
  ['an hour', { unit: 'business_hours', count: 1 }],
  ['no hour', { unit: 'business_hours', count: 0 }],
  ['a day', { unit: 'business_days', count: 1 }],
  ['ten thousand days', { unit: 'business_days', count: 10_000 }],
]
test.each(asks)('%s of a calendar that is never open is refused by name and soon', (_, span) => {
  const closed = compileCalendar({ name: 'closed', timezone: 'Asia/Tokyo', week: { monday: [] } })
  const began = performance.now()
  expect(() => addBusinessTime(Date.UTC(2026, 10, 22), span, closed)).toThrow(CalendarClosed)
  expect(performance.now() - began).toBeLessThan(1000)
})

test('a calendar of a few special days is refused once they are over', () => {
  const once = compileCalendar({
    name: 'fair',
    timezone: 'Asia/Tokyo',
    week: {},
    specialDays: [{ date: '2026-12-01', hours: [{ from: '10:00', to: '16:00' }] }],
  })
  const now = at('2026-11-22T10:00', 'Asia/Tokyo')
  expect(shown(addBusinessTime(now, { unit: 'business_hours', count: 5 }, once), 'Asia/Tokyo')).toBe('2026-12-01T15:00')
  expect(() => addBusinessTime(now, { unit: 'business_hours', count: 7 }, once)).toThrow(CalendarClosed)
})

test('the most working time that may be written is counted soon', () => {
  const began = performance.now()
  const days = addBusinessTime(Date.UTC(2026, 0, 1), { unit: 'business_days', count: 10_000 }, tokyo)
  expect(shown(days, 'Asia/Tokyo').slice(0, 4)).toBe('2064')
  addBusinessTime(Date.UTC(2026, 0, 1), { unit: 'business_hours', count: 10_000 }, night)
  expect(performance.now() - began).toBeLessThan(1000)
})

// ---- laws

const HOUR_MS = 3_600_000
const aTime = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15)
const anInterval = fc
  .tuple(aTime, aTime)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => ({ from: timeOf(Math.min(a, b)), to: timeOf(Math.max(a, b)) }))
const hours = fc.array(anInterval, { maxLength: 3 })
const aZone = fc.constantFrom('Asia/Tokyo', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Africa/Cairo')
const aDate = fc
  .integer({ min: 0, max: 400 })
  .map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10))
const aCalendar = fc
  .record({
    name: fc.constant('any'),
    timezone: aZone,
    week: fc.record({ monday: hours, tuesday: hours, wednesday: hours, saturday: hours, sunday: hours }),
    holidays: fc.array(fc.record({ date: aDate }), { maxLength: 20 }),
    specialDays: fc.array(fc.record({ date: aDate, hours }), { maxLength: 20 }),
  })
  .filter(({ week }) => Object.values(week).some((day) => day.length > 0))
const aSpan = fc.record({
  unit: fc.constantFrom('business_days', 'business_hours', 'business_minutes'),
  count: fc.integer({ min: 0, max: 60 }),
}) as fc.Arbitrary<BusinessSpan>
const anInstant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })

function timeOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
/** Read from the definition by the letter, without the engine. */
function isOpen({ timezone, week, holidays, specialDays }: Omit<Calendar, 'kind'>, instant: number): boolean {
  const here = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timezone)
  const date = here.toPlainDate().toString()
  const time = here.toPlainTime().toString().slice(0, 5)
  const names = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
  const open =
    specialDays?.findLast((day) => day.date === date)?.hours ??
    (holidays?.some((day) => day.date === date) ? [] : (week[names[here.dayOfWeek - 1]!] ?? []))
  return open.some(({ from, to }) => from <= time && time < to)
}

test('working time ends within open hours, never before it begins', () => {
  fc.assert(
    fc.property(aCalendar, anInstant, aSpan, (written, from, span) => {
      const due = addBusinessTime(from, span, compileCalendar(written))
      expect(due).toBeGreaterThanOrEqual(from)
      expect(isOpen(written, due)).toBe(true)
    }),
  )
})

test('the next opening is the first open minute', () => {
  fc.assert(
    fc.property(aCalendar, anInstant, (written, from) => {
      const due = nextOpenAt(from, compileCalendar(written))
      const ms = (end: number) => Math.min(end, from + 72 * HOUR_MS)
      for (let instant = from; instant < ms(due); instant += 5 * 60_000) expect(isOpen(written, instant)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test('working time is counted as open minutes one by one', () => {
  fc.assert(
    fc.property(aCalendar, anInstant, fc.integer({ min: 0, max: 8 }), (written, from, count) => {
      const quarter = Math.ceil(from / 900_000) * 900_000
      let left = count * 4
      let instant = quarter
      while (left > 0 || !isOpen(written, instant)) {
        if (isOpen(written, instant)) left--
        instant += 900_000
      }
      expect(addBusinessTime(quarter, { unit: 'business_hours', count }, compileCalendar(written))).toBe(instant)
    }),
    { numRuns: 50 },
  )
})

test('who begins later is never done earlier, and more is never sooner', () => {
  fc.assert(
    fc.property(aCalendar, anInstant, fc.integer({ min: 0, max: 60 * HOUR_MS }), aSpan, (written, from, more, span) => {
      const calendar: CompiledCalendar = compileCalendar(written)
      // Days count by the wall, which goes back for an hour once a year.
      fc.pre(span.unit !== 'business_days' || shown(from, calendar.zone) <= shown(from + more, calendar.zone))
      const due = addBusinessTime(from, span, calendar)
      expect(addBusinessTime(from + more, span, calendar)).toBeGreaterThanOrEqual(due)
      expect(addBusinessTime(from, { ...span, count: span.count + 1 }, calendar)).toBeGreaterThanOrEqual(due)
    }),
  )
})
