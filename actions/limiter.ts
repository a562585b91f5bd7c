import type { Instant } from '#engine/clock.ts'

/** Source: Meta, Cloud API, "Throughput": 80 messages a second until WhatsApp raises it. */
const RATE_DEFAULT = 80
/** A second, and a little more, because calls do not reach WhatsApp as evenly as they leave. */
const WINDOW_MS = 1050
/** After a refusal for speed the rate is halved, and grows back to full over this time. */
const RECOVERY_MS = 60_000
const SLOWEST = 0.05
/** Source: Meta, Cloud API, "Pair rate limits": 1 message in 6 s to one user, bursts of up to 45, repaid afterwards. */
const PAIR_MS = 6000
const PAIR_BURST = 45

/**
 * Waits for WhatsApp's speed limits instead of running into them: so many messages a second for each of our numbers, and
 * so many for each pair of number and recipient. It lives in memory; the time is handed in.
 */
export interface SendLimiter {
  /** Learns a number's throughput in messages a second. */
  setRate(number: string, perSecond: number): void
  /** How many messages of this number may go now. */
  available(number: string, now: Instant): number
  /** Counts messages as sent now. */
  take(number: string, count: number, now: Instant): void
  /** When one more may go: `now` when it may at once. */
  nextAt(number: string, now: Instant): Instant
  /** When the `ahead + 1`th message from now may go, if the limit stays as it is: for putting a queue off. */
  placeAt(number: string, ahead: number, now: Instant): Instant
  /** @returns null and takes a place when a message to this recipient may go now; else the instant it may */
  takePair(number: string, recipient: string, now: Instant): Instant | null
  /** WhatsApp said too fast: nothing of this number before `until`, and half as fast from then on. */
  slowDownNumber(number: string, until: Instant, now: Instant): void
  slowDownPair(number: string, recipient: string, until: Instant): void
}

interface NumberLimit {
  perSecond: number
  /** What was sent in the moving window, oldest first. */
  sent: { at: Instant; count: number }[]
  used: number
  closedUntil: Instant
  slowedAt: Instant
  slowedTo: number
}

/** @param options.pairsMax pairs remembered; the ones not written to for longest are forgotten first */
export function createLimiter(options: { pairsMax?: number } = {}): SendLimiter {
  const numbers = new Map<string, NumberLimit>()
  const pairs = createPairLimit(options.pairsMax ?? 100_000)

  function limitOf(number: string): NumberLimit {
    let limit = numbers.get(number)
    if (limit === undefined) {
      limit = { perSecond: RATE_DEFAULT, sent: [], used: 0, closedUntil: -Infinity, slowedAt: -Infinity, slowedTo: 1 }
      numbers.set(number, limit)
    }
    return limit
  }

  function available(limit: NumberLimit, now: Instant): number {
    if (now < limit.closedUntil) return 0
    forget(limit, now)
    return Math.max(0, rateOf(limit, now) - limit.used)
  }

  function nextAt(limit: NumberLimit, now: Instant): Instant {
    if (available(limit, now) > 0) return now
    const [oldest] = limit.sent
    // Slowed below what it sent a moment ago, a number may need more than the oldest to leave the window: asked again then.
    return Math.max(limit.closedUntil, oldest === undefined ? now : oldest.at + WINDOW_MS)
  }

  return {
    setRate(number, perSecond) {
      if (perSecond > 0) limitOf(number).perSecond = perSecond
    },
    available: (number, now) => available(limitOf(number), now),
    take(number, count, now) {
      if (count <= 0) return
      const limit = limitOf(number)
      limit.used += count
      const last = limit.sent.at(-1)
      if (last?.at === now) last.count += count
      else limit.sent.push({ at: now, count })
    },
    nextAt: (number, now) => nextAt(limitOf(number), now),
    placeAt(number, ahead, now) {
      const limit = limitOf(number)
      return nextAt(limit, now) + Math.floor(ahead / rateOf(limit, now)) * WINDOW_MS
    },
    takePair: (number, recipient, now) => pairs.take(`${number} ${recipient}`, now),
    slowDownNumber(number, until, now) {
      const limit = limitOf(number)
      // Messages already under way are refused too; together they are one reason to slow down.
      if (now >= limit.closedUntil) {
        limit.slowedTo = Math.max(SLOWEST, share(limit, now) / 2)
        limit.slowedAt = until
      }
      limit.closedUntil = Math.max(limit.closedUntil, until)
    },
    slowDownPair: (number, recipient, until) => pairs.close(`${number} ${recipient}`, until),
  }
}

function forget(limit: NumberLimit, now: Instant): void {
  let gone = 0
  for (const { at, count } of limit.sent) {
    if (at + WINDOW_MS > now) break
    limit.used -= count
    gone++
  }
  if (gone > 0) limit.sent.splice(0, gone)
}

/** The share of the full rate that is allowed now: less for a while after WhatsApp said too fast. */
function share({ slowedTo, slowedAt }: NumberLimit, now: Instant): number {
  return Math.min(1, slowedTo + Math.max(0, (now - slowedAt) / RECOVERY_MS))
}

function rateOf(limit: NumberLimit, now: Instant): number {
  return Math.max(1, Math.floor(limit.perSecond * share(limit, now)))
}

/**
 * One number a pair: the instant at which all it sent is repaid (a virtual schedule, or GCRA). A pair that has repaid
 * everything is like one never seen, so forgetting it changes nothing.
 */
function createPairLimit(pairsMax: number) {
  const repaidAt = new Map<string, Instant>()
  const AHEAD_MS = (PAIR_BURST - 1) * PAIR_MS

  function put(pair: string, at: Instant): void {
    // Deleted first, so that the map's order is the order of last use.
    repaidAt.delete(pair)
    repaidAt.set(pair, at)
    if (repaidAt.size > pairsMax) {
      const [oldest] = repaidAt.keys()
      if (oldest !== undefined) repaidAt.delete(oldest)
    }
  }
  /** A few at a time, so that a quiet day empties the map without ever stopping the work. */
  function forgetRepaid(now: Instant): void {
    let looked = 0
    for (const [pair, at] of repaidAt) {
      if (at <= now) repaidAt.delete(pair)
      if (++looked === 4) return
    }
  }
  return {
    take(pair: string, now: Instant): Instant | null {
      forgetRepaid(now)
      const from = Math.max(now, repaidAt.get(pair) ?? now)
      if (from - now > AHEAD_MS) return from - AHEAD_MS
      put(pair, from + PAIR_MS)
      return null
    },
    close(pair: string, until: Instant): void {
      put(pair, Math.max(repaidAt.get(pair) ?? 0, until + AHEAD_MS))
    },
  }
}
