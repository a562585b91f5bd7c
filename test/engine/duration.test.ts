import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { duration } from '#definitions/primitives.ts'
import { addDuration } from '#engine/duration.ts'
import { table } from '../table.ts'

test('the longest duration that may be written can be counted from any day, both ways', () => {
  const longest = 'P999Y9999M9999W99999DT999999H99999999M999999999S'
  expect(duration.safeParse(longest).success).toBe(true)
  expect(duration.safeParse('P9999Y').success).toBe(false)
  const now = Date.UTC(2026, 10, 22)
  expect(addDuration(now, longest, 'Asia/Tokyo')).toBeGreaterThan(now)
  expect(addDuration(now, `-${longest}`, 'Asia/Tokyo')).toBeLessThan(now)
})

const cases = table(`
  from                    duration  zone                 | due
  2026-01-31T09:00+09:00  P1M       Asia/Tokyo           | 2026-02-28T09:00+09:00
  2028-01-31T09:00+09:00  P1M       Asia/Tokyo           | 2028-02-29T09:00+09:00
  2028-02-29T09:00+09:00  P1Y       Asia/Tokyo           | 2029-02-28T09:00+09:00
  2026-03-31T09:00+09:00  -P1M      Asia/Tokyo           | 2026-02-28T09:00+09:00
  2026-03-07T09:00-05:00  P1D       America/New_York     | 2026-03-08T09:00-04:00  // the same time of day
  2026-03-07T09:00-05:00  PT24H     America/New_York     | 2026-03-08T10:00-04:00  // hours that go by
  2026-03-07T02:30-05:00  P1D       America/New_York     | 2026-03-08T03:30-04:00  // leapt over: as much later as the clocks leap
  2026-10-31T01:30-04:00  P1D       America/New_York     | 2026-11-01T01:30-04:00  // twice: the first
  2026-11-01T01:30-04:00  PT1H      America/New_York     | 2026-11-01T01:30-05:00
  2026-11-01T01:30-05:00  P1D       America/New_York     | 2026-11-02T01:30-05:00
  2026-10-03T02:15+10:30  P1D       Australia/Lord_Howe  | 2026-10-04T02:45+11:00
  2026-04-04T01:45+11:00  P1D       Australia/Lord_Howe  | 2026-04-05T01:45+11:00
  2026-03-28T01:30+00:00  P1D       Europe/London        | 2026-03-29T02:30+01:00
`)
test.each(cases)('$from and $duration in $zone: $due', ({ from, duration: length, zone, due }) => {
  expect(new Date(addDuration(Date.parse(from), length, zone)).toISOString()).toBe(new Date(due).toISOString())
})

test('it is what the calendar says, near a change of the clocks and far from one', () => {
  const zones = ['Asia/Tokyo', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC']
  const lengths = ['P1D', 'P2D', 'P1W', 'PT30M', 'PT24H', 'P3DT5H', '-P1D', '-PT6H', 'P200D', 'P1M', 'P1Y2M']
  const instants = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) })
  fc.assert(
    fc.property(instants, fc.constantFrom(...lengths), fc.constantFrom(...zones), (at, iso, zone) => {
      const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
      expect(addDuration(at, iso, zone)).toBe(there.add(iso).epochMilliseconds)
    }),
    { numRuns: 2000 },
  )
})
