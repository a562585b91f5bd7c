import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPace, type Pace } from '#actions/pace.ts'

const T0 = Date.UTC(2026, 10, 22)
const aRate = fc.integer({ min: 20, max: 1000 })
const SECOND = 1000

/** The most instants in any span of `spanMs`. @param times in order */
function busiest(times: readonly number[], spanMs = SECOND): number {
  let most = 0
  let from = 0
  for (const [to, at] of times.entries()) {
    while ((times[from] ?? 0) <= at - spanMs) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

/** A queue that never runs dry, let go whenever the process is awake. @param stalls when it sleeps, and for how long */
function flood(pace: Pace, forMs: number, stalls: readonly { at: number; ms: number }[] = []): number[] {
  const left: number[] = []
  const asleep = (now: number) => stalls.find(({ at, ms }) => now >= T0 + at && now < T0 + at + ms)
  for (let now = T0; now < T0 + forMs; now++) {
    if (asleep(now)) continue
    while (pace.nextAt(now) <= now) {
      pace.leave(now).written(now)
      left.push(now)
    }
  }
  return left
}

describe('evenly', () => {
  test('with a queue it keeps at least 0.98 of the ceiling and never above it', () => {
    fc.assert(
      fc.property(aRate, (rate) => {
        const left = flood(createPace(rate), 10_000)
        expect(left.length).toBeGreaterThanOrEqual(0.98 * rate * 10)
        expect(busiest(left)).toBeLessThanOrEqual(rate)
      }),
      { numRuns: 30 },
    )
  })

  test('what a stalled process falls behind it catches up with, and no second is over for it', () => {
    // Twice in a second at most: what a process that stands still for longer falls behind is lost, or it would flood.
    const someStalls = fc
      .array(fc.record({ after: fc.integer({ min: 0, max: 400 }), ms: fc.integer({ min: 0, max: 60 }) }), {
        maxLength: 18,
      })
      .map((all) => all.map(({ after, ms }, slot) => ({ at: slot * 500 + after, ms })).filter(({ ms }) => ms > 0))
    fc.assert(
      fc.property(aRate, someStalls, (rate, stalls) => {
        const left = flood(createPace(rate), 10_000, stalls)
        expect(busiest(left)).toBeLessThanOrEqual(rate)
        // The last stall may not be made up for yet.
        expect(left.length).toBeGreaterThanOrEqual(0.98 * rate * 10 - 0.02 * rate)
      }),
      { numRuns: 60 },
    )
  })

  test('messages that crowd together on their way by up to 13 ms are never too many in a second', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 13 }), { minLength: 200, maxLength: 200 })
    fc.assert(
      fc.property(aRate, delays, (rate, jitter) => {
        const left = flood(createPace(rate), 3000)
        const arrived = left.map((at, i) => at + 40 + (jitter[i % jitter.length] ?? 0)).sort((a, b) => a - b)
        expect(busiest(arrived)).toBeLessThanOrEqual(rate)
      }),
      { numRuns: 60 },
    )
  })

  test('messages that waited for a socket count from the moment they got one', () => {
    fc.assert(
      fc.property(aRate, fc.integer({ min: 0, max: 400 }), (rate, connectMs) => {
        const pace = createPace(rate)
        const written: number[] = []
        const waiting: { written: (at: number) => void }[] = []
        for (let now = T0; now < T0 + 4000; now++) {
          while (pace.nextAt(now) <= now) {
            const departure = pace.leave(now)
            if (now >= T0 + connectMs) {
              departure.written(now)
              written.push(now)
            } else waiting.push(departure)
          }
          if (now === T0 + connectMs) {
            for (const departure of waiting.splice(0)) {
              departure.written(now)
              written.push(now)
            }
          }
        }
        expect(busiest(written.sort((a, b) => a - b))).toBeLessThanOrEqual(rate)
      }),
      { numRuns: 40 },
    )
  })

  test('after a rest it does not begin with a burst', () => {
    const pace = createPace(80)
    flood(pace, 2000)
    pace.rest()
    const now = T0 + 60_000
    expect(pace.places(now, now)).toBeLessThanOrEqual(2)
    expect(pace.places(now, now + 1000)).toBe(80)
  })

  test('places ahead are those that nextAt then gives', () => {
    fc.assert(
      fc.property(aRate, fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 100 }), (rate, busyMs, ahead) => {
        const pace = createPace(rate)
        flood(pace, busyMs)
        const from = T0 + busyMs
        const promised = pace.places(from, from + ahead)
        let got = 0
        for (let now = from; now <= from + ahead; now++) {
          while (got < promised && pace.nextAt(now) <= now) {
            pace.leave(now).written(now)
            got++
          }
        }
        expect(got).toBe(promised)
      }),
      { numRuns: 60 },
    )
  })

  test('a message that never left takes no place', () => {
    const pace = createPace(20)
    for (let i = 0; i < 20; i++) pace.leave(T0).cancelled()
    expect(pace.room(T0)).toBe(20)
  })
})

describe('in bursts, for a clock that stands still', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 300 })), {
    maxLength: 60,
  })

  test('no second holds more than the ceiling, however they come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), steps, (rate, tries) => {
        const pace = createPace(rate)
        const left: number[] = []
        let now = T0
        for (const [stepMs, wanted] of tries) {
          now += stepMs
          for (let n = Math.min(wanted, pace.room(now)); n > 0; n--) {
            pace.leave(now).written(now)
            left.push(now)
          }
        }
        expect(busiest(left)).toBeLessThanOrEqual(rate)
      }),
    )
  })

  test('a message waits no longer than it must: at its place there is room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), steps, (rate, tries) => {
        const pace = createPace(rate)
        let now = T0
        for (const [stepMs, wanted] of tries) {
          now += stepMs
          for (let n = Math.min(wanted, pace.room(now)); n > 0; n--) pace.leave(now).written(now)
          const next = pace.placeAt(now, 0)
          expect(next).toBeGreaterThanOrEqual(now)
          expect(next - now).toBeLessThanOrEqual(1014)
          expect(pace.room(next)).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('a queue put off to its places keeps the rate too', () => {
    const pace = createPace(10)
    for (let i = 0; i < 10; i++) pace.leave(T0).written(T0)
    const places = Array.from({ length: 35 }, (_, ahead) => pace.placeAt(T0, ahead))
    expect(places[0]).toBe(T0 + 1014)
    expect(busiest(places)).toBe(10)
    expect(places.at(-1)).toBe(T0 + 4 * 1014)
  })
})

describe('what it did not send itself', () => {
  test('messages that come in leave room for as many fewer', () => {
    const pace = createPace(80)
    const times: number[] = []
    let heard = 0
    for (let now = T0; now < T0 + 10_000; now++) {
      if ((now - T0) % 50 === 0) {
        pace.heard(1, now)
        times.push(now)
        heard++
      }
      while (pace.nextAt(now) <= now) {
        pace.leave(now).written(now)
        times.push(now)
      }
    }
    expect(busiest(times)).toBeLessThanOrEqual(80)
    expect(times.length).toBeGreaterThanOrEqual(0.97 * 800)
    expect(heard).toBe(200)
  })

  test('a crowd that writes at once stops it for a second at most', () => {
    const pace = createPace(80)
    pace.heard(500, T0)
    expect(pace.nextAt(T0)).toBeLessThanOrEqual(T0 + 1014)
    expect(pace.nextAt(T0)).toBeGreaterThan(T0 + 900)
  })

  test('after a restart it goes on at full pace, as if the process before had kept it too', () => {
    fc.assert(
      fc.property(aRate, fc.integer({ min: 1, max: 2000 }), (rate, diedAfterMs) => {
        const before = flood(createPace(rate), diedAfterMs)
        const next = createPace(rate)
        next.presume(T0 + diedAfterMs, 'evenly')
        const after: number[] = []
        for (let now = T0 + diedAfterMs; now < T0 + diedAfterMs + 5000; now++) {
          while (next.nextAt(now) <= now) {
            next.leave(now).written(now)
            after.push(now)
          }
        }
        expect(busiest([...before, ...after])).toBeLessThanOrEqual(rate)
        // It began a message and 20 ms late, and messages are whole.
        expect(after.length).toBeGreaterThanOrEqual(Math.floor(0.98 * (rate * 4.98 - 1)) - 1)
      }),
      { numRuns: 40 },
    )
  })

  test('when nobody knows how it was sent, nothing goes for a second, and then all at full pace', () => {
    const pace = createPace(80)
    pace.presume(T0, 'burst')
    expect(pace.nextAt(T0)).toBe(T0 + 1014)
    const left = flood(pace, 11_014)
    expect(left.length).toBeGreaterThanOrEqual(0.98 * 80 * 10)
    expect(busiest([...Array<number>(80).fill(T0 - 1), ...left])).toBeLessThanOrEqual(80)
  })
})

describe('told too fast', () => {
  test('it stops, goes on at three quarters of its rate, and grows back within a minute', () => {
    const pace = createPace(80)
    const until = T0 + 5000
    // A wave of refusals for messages already under way counts once.
    for (let i = 0; i < 40; i++) pace.slowDown(until, T0)
    expect(pace.room(until - 1)).toBe(0)
    expect(pace.nextAt(T0)).toBe(until)
    expect(pace.placeAt(T0, 0)).toBe(until)
    expect(pace.room(until)).toBe(60)
    expect(pace.room(until + 7_500)).toBe(70)
    expect(pace.room(until + 15_000)).toBe(80)
  })

  test('refusals one after the other never stop it for good', () => {
    const pace = createPace(80)
    let now = T0
    for (let i = 0; i < 50; i++) {
      pace.slowDown(now + 1000, now)
      now += 1000
    }
    expect(pace.room(now)).toBeGreaterThanOrEqual(1)
  })
})

test('a clock that is set back by an hour does not stop it for an hour', () => {
  const pace = createPace(80)
  flood(pace, 2000)
  const back = T0 - 3_600_000
  expect(pace.nextAt(back)).toBeLessThanOrEqual(back + 1)
  expect(pace.room(back)).toBe(80)
})
