const HOUR_MS = 3_600_000
const WINDOW_MS = 24 * HOUR_MS
const FREE_ENTRY_MS = 72 * HOUR_MS

interface Pair {
  lastInboundAt: number
  /** When the user came by an ad and still waits for the first answer; null otherwise. */
  byAdAt: number | null
  freeEntryUntil: number
}

/**
 * Customer service windows and free entry points, by (business number, user).
 *
 * Source: Meta, Cloud API, "Customer service windows" (24 hours from the user's last message), "Pricing" (free entry
 * points: 72 hours from an answer given within 24).
 */
export class Windows {
  private readonly pairs = new Map<string, Pair>()

  /** A user's message. @param byAd whether it carries a `referral` */
  opened(numberId: string, user: string, at: number, byAd: boolean): void {
    const pair = this.pairs.get(`${numberId} ${user}`)
    if (pair === undefined)
      this.pairs.set(`${numberId} ${user}`, { lastInboundAt: at, byAdAt: byAd ? at : null, freeEntryUntil: 0 })
    else {
      pair.lastInboundAt = Math.max(pair.lastInboundAt, at)
      if (byAd) pair.byAdAt = at
    }
  }

  isOpen(numberId: string, user: string, now: number): boolean {
    const pair = this.pairs.get(`${numberId} ${user}`)
    return pair !== undefined && now < pair.lastInboundAt + WINDOW_MS
  }

  /** A message of ours goes out: the first answer to a user who came by an ad opens the free entry point. @returns until when it is open, or null */
  answered(numberId: string, user: string, now: number): number | null {
    const pair = this.pairs.get(`${numberId} ${user}`)
    if (pair === undefined) return null
    if (pair.byAdAt !== null && now < pair.byAdAt + WINDOW_MS) {
      pair.byAdAt = null
      pair.freeEntryUntil = now + FREE_ENTRY_MS
    }
    return now < pair.freeEntryUntil ? pair.freeEntryUntil : null
  }
}
