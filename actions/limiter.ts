import type { Instant } from '#engine/clock.ts'
import { createPace, type Departure, type Pace } from './pace.ts'
import { createPairLimit, PAIR_MEMORY_MS } from './pairLimit.ts'

/** Source: Meta, Cloud API, "Throughput": 80 messages a second until WhatsApp raises it. */
const RATE_DEFAULT = 80

/**
 * Waits for WhatsApp's speed limits instead of running into them: so many messages a second for each of our numbers, in and out
 * together, and so many for each pair of number and recipient. Marketing of a number may have a share of its speed only. It lives in
 * memory; the time is handed in.
 *
 * What comes in is counted when we hear of it, a moment after WhatsApp counted it. So a crowd that writes all at once while a number sends
 * at full speed may still cost a few refusals for speed (130429), which are tried again.
 */
export interface SendLimiter {
  /** Learns a number's throughput in messages a second, and the share of it that marketing may have. */
  setRate(number: string, perSecond: number, marketingShare?: number): void
  /** Messages a second, as of now. */
  rate(number: string, now: Instant): number
  /** Evenly: how many messages of this number may leave until `until`. */
  places(number: string, now: Instant, until: Instant): number
  /** Evenly: when one more may leave, `now` when it may at once; or the one with so many before it. */
  nextAt(number: string, now: Instant, ahead?: number): Instant
  /** In bursts: how many may leave now, all at once. For a clock that stands still. */
  room(number: string, now: Instant): number
  /** In bursts: when the `ahead + 1`th message from now may leave, if the limit stays as it is: for putting a queue off. */
  placeAt(number: string, now: Instant, ahead: number): Instant
  /** What marketing may have of it. */
  marketing(number: string): MarketingLimit
  /** A message leaves now. */
  leave(number: string, now: Instant, isMarketing: boolean): Departure
  /** Nothing of this number waits any more: what comes next is not late. */
  rest(number: string): void
  /** Messages came in on this number. */
  heard(number: string, count: number, now: Instant): void
  /** @returns null and takes a place when a message to this recipient may go now; else the instant it may */
  takePair(number: string, recipient: string, now: Instant): Instant | null
  /** WhatsApp said too fast: nothing of this number before `until`, and three quarters as fast from then on. */
  slowDownNumber(number: string, until: Instant, now: Instant): void
  slowDownPair(number: string, recipient: string, until: Instant): void
  /**
   * From when on messages to a recipient may still count that another process sent; null when none do. Whoever knows tells them by
   * `recallPair`, before a place is taken.
   */
  writtenSince(now: Instant): Instant | null
  /** Before us the recipient was last written to at `at`. What we did ourselves is known better. */
  recallPair(number: string, recipient: string, at: Instant): void
  /**
   * Nobody knows what was sent before `at`: another process did it. Every number begins as if it had sent all it may, evenly; or,
   * when that process died while it sent, all at once at the very end.
   */
  presume(at: Instant, how: 'evenly' | 'burst'): void
}

export interface MarketingLimit {
  /** Of the number's speed; 1 is no limit of its own, 0 nothing at all. */
  share: number
  /** How many may leave until `until`; without end when it has no limit of its own. */
  places(now: Instant, until: Instant): number
  nextAt(now: Instant): Instant
  /** How many may leave now, all at once; without end when it has no limit of its own. */
  room(now: Instant): number
  /** When the `ahead + 1`th of them may leave. */
  placeAt(now: Instant, ahead: number): Instant
  /** From one to the next. */
  intervalMs(now: Instant): number
}

interface NumberLimit {
  all: Pace
  marketing: Pace
  marketingShare: number
  /** Its rate is known. */
  isLearned: boolean
}

/** @param options.pairsMax pairs remembered; the ones not written to for longest are forgotten first */
export function createLimiter(options: { pairsMax?: number } = {}): SendLimiter {
  const numbers = new Map<string, NumberLimit>()
  const pairs = createPairLimit(options.pairsMax ?? 100_000)
  let presumed: { at: Instant; how: 'evenly' | 'burst' } | null = null

  function limitOf(number: string): NumberLimit {
    let limit = numbers.get(number)
    if (limit === undefined) {
      limit = {
        all: createPace(RATE_DEFAULT),
        marketing: createPace(RATE_DEFAULT),
        marketingShare: 1,
        isLearned: false,
      }
      numbers.set(number, limit)
    }
    return limit
  }

  return {
    setRate(number, perSecond, marketingShare = 1) {
      const limit = limitOf(number)
      limit.all.setRate(perSecond)
      limit.marketing.setRate(perSecond * marketingShare)
      limit.marketingShare = marketingShare
      if (!limit.isLearned && presumed !== null) limit.all.presume(presumed.at, presumed.how)
      limit.isLearned = true
    },
    rate: (number, now) => limitOf(number).all.rate(now),
    places: (number, now, until) => limitOf(number).all.places(now, until),
    nextAt: (number, now, ahead) => limitOf(number).all.nextAt(now, ahead),
    room: (number, now) => limitOf(number).all.room(now),
    placeAt: (number, now, ahead) => limitOf(number).all.placeAt(now, ahead),
    marketing(number) {
      const { marketing, marketingShare: share } = limitOf(number)
      return {
        share,
        places: (now, until) => (share >= 1 ? Infinity : share <= 0 ? 0 : marketing.places(now, until)),
        room: (now) => (share >= 1 ? Infinity : share <= 0 ? 0 : marketing.room(now)),
        nextAt: (now) => (share >= 1 ? now : marketing.nextAt(now)),
        intervalMs: (now) => 1000 / marketing.rate(now),
        placeAt: (now, ahead) => (share >= 1 ? now : marketing.placeAt(now, ahead)),
      }
    },
    leave(number, now, isMarketing) {
      const { all, marketing } = limitOf(number)
      const departures = isMarketing ? [all.leave(now), marketing.leave(now)] : [all.leave(now)]
      return {
        written: (at) => departures.forEach((one) => one.written(at)),
        cancelled: () => departures.forEach((one) => one.cancelled()),
      }
    },
    rest(number) {
      const { all, marketing } = limitOf(number)
      all.rest()
      marketing.rest()
    },
    heard: (number, count, now) => limitOf(number).all.heard(count, now),
    takePair: (number, recipient, now) => pairs.take(`${number} ${recipient}`, now),
    writtenSince: (now) =>
      presumed === null || now >= presumed.at + PAIR_MEMORY_MS ? null : presumed.at - PAIR_MEMORY_MS,
    recallPair(number, recipient, at) {
      if (presumed !== null && at <= presumed.at) pairs.recall(`${number} ${recipient}`, at)
    },
    slowDownNumber: (number, until, now) => limitOf(number).all.slowDown(until, now),
    slowDownPair: (number, recipient, until) => pairs.close(`${number} ${recipient}`, until),
    presume(at, how) {
      presumed = { at, how }
      for (const { all, isLearned } of numbers.values()) if (isLearned) all.presume(at, how)
    },
  }
}
