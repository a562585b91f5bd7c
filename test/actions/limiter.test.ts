import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLimiter } from '#actions/limiter.ts'

const T0 = Date.UTC(2026, 10, 22)
const aRate = fc.integer({ min: 1, max: 1000 })
/** Steps in milliseconds between tries, and how many are wanted at each. */
const tries = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 300 })), { maxLength: 60 })

/** The most that fell into any window of `windowMs`. */
function busiest(sent: { at: number; count: number }[], windowMs: number): number {
  let most = 0
  for (const { at: from } of sent) {
    const inside = sent.filter(({ at }) => at >= from && at < from + windowMs)
    most = Math.max(
      most,
      inside.reduce((sum, { count }) => sum + count, 0),
    )
  }
  return most
}

test('no second holds more messages of a number than its throughput, however they come', () => {
  fc.assert(
    fc.property(aRate, tries, (rate, steps) => {
      const limiter = createLimiter()
      limiter.setRate('1055', rate)
      const sent: { at: number; count: number }[] = []
      let now = T0
      for (const [stepMs, wanted] of steps) {
        now += stepMs
        const count = Math.min(wanted, limiter.available('1055', now))
        limiter.take('1055', count, now)
        sent.push({ at: now, count })
      }
      expect(busiest(sent, 1000)).toBeLessThanOrEqual(rate)
    }),
  )
})

test('a message waits no longer than it must: at nextAt at least one may go', () => {
  fc.assert(
    fc.property(aRate, tries, (rate, steps) => {
      const limiter = createLimiter()
      limiter.setRate('1055', rate)
      let now = T0
      for (const [stepMs, wanted] of steps) {
        now += stepMs
        limiter.take('1055', Math.min(wanted, limiter.available('1055', now)), now)
        const next = limiter.nextAt('1055', now)
        expect(next).toBeGreaterThanOrEqual(now)
        expect(next - now).toBeLessThanOrEqual(1050)
        expect(limiter.available('1055', next)).toBeGreaterThan(0)
      }
    }),
  )
})

test('a queue put off to its places keeps the rate too', () => {
  const limiter = createLimiter()
  limiter.setRate('1055', 10)
  limiter.take('1055', 10, T0)
  const places = Array.from({ length: 35 }, (_, ahead) => ({ at: limiter.placeAt('1055', ahead, T0), count: 1 }))
  expect(places[0]?.at).toBe(T0 + 1050)
  expect(busiest(places, 1000)).toBe(10)
  expect(places.at(-1)?.at).toBe(T0 + 4 * 1050)
})

test('one number at its limit leaves another free', () => {
  const limiter = createLimiter()
  limiter.take('1055', 80, T0)
  expect(limiter.available('1055', T0)).toBe(0)
  expect(limiter.available('2077', T0)).toBe(80)
})

test('a number that was told too fast stops, goes on at half its rate, and grows back in a minute', () => {
  const limiter = createLimiter()
  const until = T0 + 5000
  // A wave of refusals for messages already under way counts once.
  for (let i = 0; i < 40; i++) limiter.slowDownNumber('1055', until, T0)
  expect(limiter.available('1055', until - 1)).toBe(0)
  expect(limiter.nextAt('1055', T0)).toBe(until)
  expect(limiter.available('1055', until)).toBe(40)
  expect(limiter.available('1055', until + 15_000)).toBe(60)
  expect(limiter.available('1055', until + 30_000)).toBe(80)
  expect(limiter.available('2077', T0)).toBe(80)
})

test('refusals one after the other never stop a number for good', () => {
  const limiter = createLimiter()
  let now = T0
  for (let i = 0; i < 50; i++) {
    limiter.slowDownNumber('1055', now + 1000, now)
    now += 1000
  }
  expect(limiter.available('1055', now)).toBeGreaterThanOrEqual(1)
})

test('a pair takes a burst of 45, then one in 6 seconds', () => {
  const limiter = createLimiter()
  for (let i = 0; i < 45; i++) expect(limiter.takePair('1055', '+818012345678', T0)).toBeNull()
  expect(limiter.takePair('1055', '+818012345678', T0)).toBe(T0 + 6000)
  expect(limiter.takePair('1055', '+818012345678', T0 + 5999)).toBe(T0 + 6000)
  expect(limiter.takePair('1055', '+818012345678', T0 + 6000)).toBeNull()
  expect(limiter.takePair('1055', '+818012345678', T0 + 6000)).toBe(T0 + 12_000)
  expect(limiter.takePair('1055', '+819099999999', T0)).toBeNull()
  expect(limiter.takePair('2077', '+818012345678', T0)).toBeNull()
})

test('in any time w a pair gets at most 45 and one more for each 6 seconds', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (steps) => {
      const limiter = createLimiter()
      const sent: number[] = []
      let now = T0
      for (const stepMs of steps) {
        now += stepMs
        if (limiter.takePair('1055', 'x', now) === null) sent.push(now)
      }
      for (const [i, from] of sent.entries()) {
        for (const [j, to] of sent.entries()) {
          if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(45 + (to - from) / 6000)
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('a pair that was told too fast waits alone', () => {
  const limiter = createLimiter()
  limiter.slowDownPair('1055', 'a', T0 + 16_000)
  expect(limiter.takePair('1055', 'a', T0)).toBe(T0 + 16_000)
  expect(limiter.takePair('1055', 'a', T0 + 16_000)).toBeNull()
  expect(limiter.takePair('1055', 'b', T0)).toBeNull()
})

test('pairs are remembered up to the bound; those written to last are kept', () => {
  const limiter = createLimiter({ pairsMax: 10 })
  for (let i = 0; i < 45; i++) limiter.takePair('1055', 'kept', T0)
  for (let i = 0; i < 9; i++) limiter.takePair('1055', `other-${i}`, T0)
  expect(limiter.takePair('1055', 'kept', T0)).toBe(T0 + 6000)
  for (let i = 9; i < 30; i++) limiter.takePair('1055', `other-${i}`, T0)
  expect(limiter.takePair('1055', 'kept', T0)).toBeNull()
})
