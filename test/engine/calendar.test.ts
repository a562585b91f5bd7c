import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { dateOf, monthOf } from '#engine/calendar.ts'
import { table } from '../table.ts'

const cases = table(`
  at                         zone                 | date
  2026-11-22T23:59:59+09:00  Asia/Tokyo           | 2026-11-22
  2026-11-23T00:00:00+09:00  Asia/Tokyo           | 2026-11-23
  2026-11-23T00:00:00+09:00  America/Los_Angeles  | 2026-11-22
  2026-03-08T09:59:59Z       America/Los_Angeles  | 2026-03-08
  2026-03-09T06:59:59Z       America/Los_Angeles  | 2026-03-08  // a day of 23 hours
  2026-03-09T07:00:00Z       America/Los_Angeles  | 2026-03-09
  2026-02-28T18:14:59Z       Asia/Kathmandu       | 2026-02-28  // 5:45 ahead
  2026-02-28T18:15:00Z       Asia/Kathmandu       | 2026-03-01
`)
test.each(cases)('$at is $date in $zone', ({ at, zone, date }) => {
  expect(dateOf(Date.parse(at), zone)).toBe(date)
  expect(monthOf(Date.parse(at), zone)).toBe(date.slice(0, 7))
})

test('whatever was asked before, a date is what the calendar says', () => {
  const zone = fc.constantFrom('Asia/Tokyo', 'America/Sao_Paulo', 'Europe/London', 'Pacific/Apia')
  const asked = fc.record({ at: fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2027, 0) }), zone })
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 20 }), (all) => {
      for (const { at, zone: name } of all) {
        const truth = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name).toPlainDate().toString()
        expect(dateOf(at, name)).toBe(truth)
      }
    }),
  )
})
