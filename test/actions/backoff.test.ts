import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '#actions/backoff.ts'

const aShape = fc.record({
  baseMs: fc.integer({ min: 1, max: 60_000 }),
  maxMs: fc.integer({ min: 1, max: 86_400_000 }),
  factor: fc.constantFrom(1.25, 2, 4),
})
const anAttempt = fc.integer({ min: 1, max: 60 })
const aRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('no retry comes earlier than its least pause, nor later than the top', () => {
  fc.assert(
    fc.property(aShape, anAttempt, aRandom, (shape, attempt, random) => {
      const pause = backoffMs(attempt, shape, () => random)
      expect(Number.isInteger(pause)).toBe(true)
      expect(pause).toBeGreaterThanOrEqual(Math.min(shape.maxMs, shape.baseMs * shape.factor ** (attempt - 1)))
      expect(pause).toBeLessThanOrEqual(shape.maxMs)
    }),
  )
})

test('no retry waits less than the one before, whatever the jitter', () => {
  fc.assert(
    fc.property(aShape, anAttempt, aRandom, aRandom, (shape, attempt, first, second) => {
      const before = backoffMs(attempt, shape, () => first)
      expect(backoffMs(attempt + 1, shape, () => second)).toBeGreaterThanOrEqual(Math.min(before, shape.maxMs))
    }),
  )
})

test.each([
  [1, 0, 2000],
  [2, 0, 4000],
  [3, 0, 8000],
  [3, 0.999, 9998],
  [40, 0.5, 60_000],
])('attempt %i with jitter %f waits %i ms', (attempt, random, expected) => {
  expect(backoffMs(attempt, { baseMs: 2000, maxMs: 60_000 }, () => random)).toBe(expected)
})

test('the same random gives the same pause', () => {
  expect(backoffMs(2, { baseMs: 5, maxMs: 100 }, () => 0.3)).toBe(backoffMs(2, { baseMs: 5, maxMs: 100 }, () => 0.3))
})

test('attempts count from 1', () => {
  expect(() => backoffMs(0, { baseMs: 1, maxMs: 1 }, () => 0)).toThrow('attempts count from 1')
})
