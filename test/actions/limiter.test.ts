import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLimiter, type SendLimiter } from '#actions/limiter.ts'
import { Limits } from '#emulator/limits.ts'
import { LIMIT_DEFAULTS } from '#emulator/options.ts'

const T0 = Date.UTC(2026, 10, 22)

function send(limiter: SendLimiter, number: string, count: number, now: number, isMarketing = false): void {
  for (let i = 0; i < count; i++) limiter.leave(number, now, isMarketing).written(now)
}

test('one number at its limit leaves another free', () => {
  const limiter = createLimiter()
  send(limiter, '1055', 80, T0)
  expect(limiter.room('1055', T0)).toBe(0)
  expect(limiter.room('2077', T0)).toBe(80)
})

test('a number that was told too fast slows down alone', () => {
  const limiter = createLimiter()
  limiter.slowDownNumber('1055', T0 + 5000, T0)
  expect(limiter.room('1055', T0)).toBe(0)
  expect(limiter.room('2077', T0)).toBe(80)
})

describe('marketing', () => {
  test('has no limit of its own while the share is whole', () => {
    const limiter = createLimiter()
    limiter.setRate('1055', 80)
    expect(limiter.marketing('1055').places(T0, T0 + 1000)).toBe(Infinity)
    expect(limiter.marketing('1055').room(T0)).toBe(Infinity)
  })

  test('of a number that may give it a tenth goes at a tenth of its speed, and the rest as ever', () => {
    const limiter = createLimiter()
    limiter.setRate('1055', 80, 0.1)
    send(limiter, '1055', 8, T0, true)
    expect(limiter.marketing('1055').room(T0)).toBe(0)
    expect(limiter.marketing('1055').placeAt(T0, 0)).toBe(T0 + 1014)
    expect(limiter.room('1055', T0)).toBe(72)
    send(limiter, '1055', 72, T0)
    expect(limiter.room('1055', T0)).toBe(0)
  })

  test('takes places of its number too', () => {
    const limiter = createLimiter()
    limiter.setRate('1055', 80, 0.5)
    send(limiter, '1055', 40, T0, true)
    expect(limiter.room('1055', T0)).toBe(40)
  })

  test('with a share of nothing gets nothing', () => {
    const limiter = createLimiter()
    limiter.setRate('1055', 80, 0)
    expect(limiter.marketing('1055').places(T0, T0 + 10_000)).toBe(0)
    expect(limiter.marketing('1055').room(T0)).toBe(0)
  })
})

describe('after a restart', () => {
  test('what the process before may have sent counts at the number as soon as its speed is known', () => {
    const limiter = createLimiter()
    limiter.presume(T0, 'burst')
    limiter.setRate('1055', 1000)
    expect(limiter.room('1055', T0)).toBe(0)
    expect(limiter.room('1055', T0 + 1014)).toBe(1000)
    limiter.setRate('1055', 1000)
    expect(limiter.room('1055', T0 + 1014)).toBe(1000)
  })
})

describe('a pair', () => {
  test('takes 45 at once, then one in 6 seconds', () => {
    const limiter = createLimiter()
    for (let i = 0; i < 45; i++) expect(limiter.takePair('1055', '+818012345678', T0)).toBeNull()
    expect(limiter.takePair('1055', '+818012345678', T0)).toBe(T0 + 6250)
    expect(limiter.takePair('1055', '+818012345678', T0 + 6249)).toBe(T0 + 6250)
    expect(limiter.takePair('1055', '+818012345678', T0 + 6250)).toBeNull()
    expect(limiter.takePair('1055', '+818012345678', T0 + 6250)).toBe(T0 + 12_250)
    expect(limiter.takePair('1055', '+819099999999', T0)).toBeNull()
    expect(limiter.takePair('2077', '+818012345678', T0)).toBeNull()
  })

  test('has its whole burst again when all is repaid, after 6 seconds for each', () => {
    const limiter = createLimiter()
    for (let i = 0; i < 45; i++) limiter.takePair('1055', 'x', T0)
    const repaidAt = T0 + 45 * 6000 + 250
    for (let i = 0; i < 45; i++) expect(limiter.takePair('1055', 'x', repaidAt)).toBeNull()
    expect(limiter.takePair('1055', 'x', repaidAt)).toBe(repaidAt + 6250)
  })

  test('begins empty when another process wrote to it last, and what we know ourselves counts more', () => {
    const limiter = createLimiter()
    expect(limiter.writtenSince(T0)).toBeNull()
    limiter.presume(T0, 'evenly')
    expect(limiter.writtenSince(T0 + 1)).toBe(T0 - 270_000)
    limiter.recallPair('1055', 'x', T0 - 1000)
    expect(limiter.takePair('1055', 'x', T0)).toBe(T0 + 5250)
    expect(limiter.takePair('1055', 'x', T0 + 5250)).toBeNull()
    // Told once more with the next message: our own is known by now.
    limiter.recallPair('1055', 'x', T0 + 5250)
    limiter.recallPair('1055', 'x', T0 - 1000)
    expect(limiter.takePair('1055', 'x', T0 + 5250)).toBe(T0 + 11_250)
    // After the start it was written to by us alone.
    limiter.recallPair('1055', 'y', T0 + 1)
    expect(limiter.takePair('1055', 'y', T0 + 2)).toBeNull()
    expect(limiter.writtenSince(T0 + 270_000)).toBeNull()
  })

  test('is never refused by WhatsApp for what the limiter lets go, though it arrives up to a quarter of a second later', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 250 })), {
      maxLength: 300,
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), steps, (shrink, tries) => {
        const limiter = createLimiter()
        const limits = new Limits(LIMIT_DEFAULTS)
        const arrivals: number[] = []
        let now = T0
        for (const [stepMs, lateMs] of tries) {
          now += Math.floor(stepMs / shrink)
          if (limiter.takePair('1055', 'x', now) === null) arrivals.push(now + lateMs)
        }
        for (const at of arrivals.sort((a, b) => a - b)) limits.checkPair('1055', 'x', at)
      }),
      { numRuns: 60 },
    )
  })

  test('gets what WhatsApp gives it, a quarter of a second later at most', () => {
    const limiter = createLimiter()
    const limits = new Limits(LIMIT_DEFAULTS)
    let now = T0
    for (let i = 0; i < 200; i++) {
      const until = limiter.takePair('1055', 'x', now)
      if (until === null) limits.checkPair('1055', 'x', now)
      else {
        expect(() => limits.checkPair('1055', 'x', until - 251)).toThrow('131056')
        now = until
      }
    }
  })

  test('that was told too fast waits alone', () => {
    const limiter = createLimiter()
    limiter.slowDownPair('1055', 'a', T0 + 16_000)
    expect(limiter.takePair('1055', 'a', T0)).toBe(T0 + 16_000)
    expect(limiter.takePair('1055', 'a', T0 + 16_000)).toBeNull()
    expect(limiter.takePair('1055', 'a', T0 + 16_000)).toBe(T0 + 22_000)
    expect(limiter.takePair('1055', 'b', T0)).toBeNull()
  })
})

test('pairs are remembered up to the bound; those written to last are kept', () => {
  const limiter = createLimiter({ pairsMax: 10 })
  for (let i = 0; i < 45; i++) limiter.takePair('1055', 'kept', T0)
  for (let i = 0; i < 9; i++) limiter.takePair('1055', `other-${i}`, T0)
  expect(limiter.takePair('1055', 'kept', T0)).toBe(T0 + 6250)
  for (let i = 9; i < 30; i++) limiter.takePair('1055', `other-${i}`, T0)
  expect(limiter.takePair('1055', 'kept', T0)).toBeNull()
})
