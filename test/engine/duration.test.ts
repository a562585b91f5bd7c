import { expect, test } from 'vitest'
import { duration } from '#definitions/primitives.ts'
import { addDuration } from '#engine/duration.ts'

test('the longest duration that may be written can be counted from any day, both ways', () => {
  const longest = 'P999Y9999M9999W99999DT999999H99999999M999999999S'
  expect(duration.safeParse(longest).success).toBe(true)
  expect(duration.safeParse('P9999Y').success).toBe(false)
  const now = Date.UTC(2026, 10, 22)
  expect(addDuration(now, longest, 'Asia/Tokyo')).toBeGreaterThan(now)
  expect(addDuration(now, `-${longest}`, 'Asia/Tokyo')).toBeLessThan(now)
})
