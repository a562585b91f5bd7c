import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { instantAt, stretchAt, wallAt } from '#engine/time/stretches.ts'

const ZONES = [
  'Asia/Tokyo',
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/St_Johns',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'UTC',
  '+05:30',
]
const aZone = fc.constantFrom(...ZONES)
const anInstant = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2045, 0, 1) })
const here = (zone: string, at: number) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)

test('the wall is that of the zone, in whatever order one asks', () => {
  fc.assert(
    fc.property(aZone, anInstant, (zone, at) => {
      const stretch = stretchAt(zone, at)
      expect(stretch.from).toBeLessThanOrEqual(at)
      expect(stretch.to).toBeGreaterThan(at)
      expect(new Date(wallAt(zone, at)).toISOString().slice(0, -1)).toBe(
        here(zone, at).toPlainDateTime().toString({ smallestUnit: 'millisecond' }),
      )
    }),
    { numRuns: 1000 },
  )
})

test('an instant is found again by its wall, or the first one of the two that show it', () => {
  fc.assert(
    fc.property(aZone, anInstant, (zone, at) => {
      const first = here(zone, at).toPlainDateTime().toZonedDateTime(zone, { disambiguation: 'earlier' })
      expect(instantAt(zone, wallAt(zone, at))).toBe(first.epochMilliseconds)
    }),
    { numRuns: 1000 },
  )
})

test('a time that the clocks leap over is the moment of the leap', () => {
  const leap = Date.parse('2026-03-29T01:00Z')
  for (const minute of [0, 1, 30, 59]) {
    expect(instantAt('Europe/London', Date.UTC(2026, 2, 29, 1, minute))).toBe(leap)
  }
  expect(instantAt('Europe/London', Date.UTC(2026, 2, 29, 2, 0))).toBe(leap)
})

test('a zone that does not exist is refused', () => {
  expect(() => stretchAt('Asia/Nowhere', 0)).toThrow(RangeError)
})
