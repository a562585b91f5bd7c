import { GraphError } from './graphError.ts'
import type { LimitOptions, NumberOptions, Tier } from './options.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A user may get one message in 6 s, or up to 45 within 6 s that are paid for by waiting 6 s for each. */
const PAIR_MS = 6_000
const PAIR_BURST_MAX = 45

const REACH: Record<Tier, number> = {
  TIER_250: 250,
  TIER_2K: 2_000,
  TIER_10K: 10_000,
  TIER_100K: 100_000,
  TIER_UNLIMITED: Infinity,
}

/** A bound on how many in a moving span; keeps the instants of the span only. */
class Moving {
  private at: number[] = []
  private from = 0

  /** @returns false when `max` happened within the span before `now` already; then this one does not count */
  admit(now: number, spanMs: number, max: number): boolean {
    while (this.from < this.at.length && this.at[this.from]! <= now - spanMs) this.from++
    if (this.from > 1_024 && this.from * 2 > this.at.length) {
      this.at = this.at.slice(this.from)
      this.from = 0
    }
    if (this.at.length - this.from >= max) return false
    this.at.push(now)
    return true
  }
}

/**
 * The limits that a real account runs into. Each check counts what it admits.
 *
 * Source: Meta, Cloud API, "Throughput", "Pair rate limits", "Messaging limits", "Rate limits".
 */
export class Limits {
  private readonly options: LimitOptions
  private readonly throughput = new Map<string, Moving>()
  private readonly pairs = new Map<string, { startAt: number; sent: number }>()
  /** The users reached outside a window, in order of their latest message. */
  private readonly reached = new Map<string, number>()
  private readonly creations = new Moving()
  private readonly management = new Moving()

  constructor(options: LimitOptions) {
    this.options = options
  }

  /** @throws GraphError 130429 */
  checkThroughput(number: NumberOptions, now: number): void {
    if (this.admitThroughput(number, now)) return
    throw new GraphError(
      130429,
      'Message failed to send because there were too many messages sent from this phone number.',
    )
  }

  /** Inbound messages count too, but are never refused. */
  admitThroughput(number: NumberOptions, now: number): boolean {
    let moving = this.throughput.get(number.id)
    if (moving === undefined) this.throughput.set(number.id, (moving = new Moving()))
    return moving.admit(now, SECOND_MS, number.throughput ?? 80)
  }

  /** @throws GraphError 131056 */
  checkPair(numberId: string, user: string, now: number): void {
    if (!this.options.pair) return
    const key = `${numberId} ${user}`
    const pair = this.pairs.get(key)
    if (pair === undefined || (now >= pair.startAt + PAIR_MS && now >= pair.startAt + pair.sent * PAIR_MS)) {
      this.pairs.set(key, { startAt: now, sent: 1 })
      return
    }
    if (now >= pair.startAt + PAIR_MS || pair.sent >= PAIR_BURST_MAX) {
      throw new GraphError(
        131056,
        'Message failed to send because there were too many messages sent from this phone number to the same phone number in a ' +
          'short period of time.',
      )
    }
    pair.sent++
  }

  /** Only messages outside a customer service window use it up. @throws GraphError 131048 */
  checkReach(numbers: NumberOptions[], user: string, now: number): void {
    for (const [known, at] of this.reached) {
      if (at > now - DAY_MS) break
      this.reached.delete(known)
    }
    const max = Math.max(...numbers.map((number) => REACH[number.tier ?? 'TIER_UNLIMITED']))
    if (!this.reached.has(user) && this.reached.size >= max) {
      throw new GraphError(131048, `The business portfolio reached its messaging limit of ${max} users in 24 hours.`)
    }
    if (max === Infinity) return
    this.reached.delete(user)
    this.reached.set(user, now)
  }

  /** @throws GraphError 80008 */
  checkCreation(now: number): void {
    if (this.creations.admit(now, HOUR_MS, this.options.templateCreations)) return
    throw new GraphError(80008, 'Too many message templates were created in the last hour.')
  }

  /** @throws GraphError 80007 */
  checkManagement(now: number): void {
    if (this.management.admit(now, HOUR_MS, this.options.managementCalls)) return
    throw new GraphError(80007, 'The WhatsApp Business account reached its limit of management calls in an hour.')
  }
}
