import type { Instant } from '#engine/clock.ts'

/**
 * Source: Meta, Cloud API, "Pair rate limits": one message in 6 s to one user. Up to 45 may go at once, borrowed from the future:
 * a bucket of 45, filled with one more every 6 s.
 */
const PAIR_MS = 6000
const PAIR_BURST = 45
/** After so long without a message every bucket is full. */
export const PAIR_MEMORY_MS = PAIR_BURST * PAIR_MS
/** What fills the bucket counts a little later for us, because a message may arrive sooner after the one before than it left. */
const SLACK_MS = 250

/** So many messages to one recipient. A pair whose bucket is full is like one never seen. */
export interface PairLimit {
  /** @returns null and takes a place when a message may go now; else the instant it may */
  take(pair: string, now: Instant): Instant | null
  /**
   * Somebody else wrote to the recipient, last at `at`, and nobody knows how often: the bucket is taken to have been empty then. What
   * is known of a pair already stays.
   */
  recall(pair: string, at: Instant): void
  /** WhatsApp said too fast: nothing before `until`, and then one after the other. */
  close(pair: string, until: Instant): void
}

interface Bucket {
  /** When it was last full. */
  fullAt: Instant
  /** Taken since. */
  taken: number
  closedUntil: Instant
}

/** @param pairsMax pairs remembered; the ones not written to for longest are forgotten first */
export function createPairLimit(pairsMax: number): PairLimit {
  const buckets = new Map<string, Bucket>()

  /** When it is full again, if nothing is taken. */
  const fullAgainAt = ({ fullAt, taken }: Bucket) => fullAt + taken * PAIR_MS + SLACK_MS
  const isForgotten = (bucket: Bucket, now: Instant) => now >= fullAgainAt(bucket) && now >= bucket.closedUntil

  function nextAt({ fullAt, taken, closedUntil }: Bucket): Instant {
    return taken < PAIR_BURST
      ? closedUntil
      : Math.max(closedUntil, fullAt + (taken - PAIR_BURST + 1) * PAIR_MS + SLACK_MS)
  }

  function put(pair: string, bucket: Bucket): void {
    // Deleted first, so that the map's order is the order of last use.
    buckets.delete(pair)
    buckets.set(pair, bucket)
    if (buckets.size > pairsMax) {
      const [oldest] = buckets.keys()
      if (oldest !== undefined) buckets.delete(oldest)
    }
  }

  /** A few at a time, so that a quiet day empties the map without ever stopping the work. */
  function forgetFull(now: Instant): void {
    let looked = 0
    for (const [pair, bucket] of buckets) {
      if (isForgotten(bucket, now)) buckets.delete(pair)
      if (++looked === 4) return
    }
  }

  return {
    take(pair, now) {
      forgetFull(now)
      const known = buckets.get(pair)
      const bucket =
        known === undefined || isForgotten(known, now) ? { fullAt: now, taken: 0, closedUntil: -Infinity } : known
      const at = nextAt(bucket)
      if (now < at) return at
      put(pair, { ...bucket, taken: bucket.taken + 1 })
      return null
    },
    recall(pair, at) {
      if (!buckets.has(pair)) put(pair, { fullAt: at, taken: PAIR_BURST, closedUntil: -Infinity })
    },
    close(pair, until) {
      const closedUntil = Math.max(buckets.get(pair)?.closedUntil ?? until, until)
      // As empty as can be at that instant, but for the one that tries again.
      put(pair, { fullAt: closedUntil - SLACK_MS - PAIR_MS, taken: PAIR_BURST, closedUntil })
    },
  }
}
