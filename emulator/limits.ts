import { GraphError } from './graphError.ts'
import { throughputOf } from './throughput.ts'
import type { LimitOptions, NumberOptions } from './options.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000
/**
 * A user may get one message in 6 s, and up to 45 ahead of that: a bucket of 45 tokens, one more every 6 s. After a burst of 45 the next is
 * taken 6 s after its first message, and the whole burst is repaid after 270 s.
 */
const PAIR_MS = 6_000
const PAIR_BURST_MAX = 45

/** A bound on how many in a moving span; keeps the instants of the span only. */
class Moving {
  private at: number[] = []
  private from = 0

  /** @returns false when `max` happened within the span before `now` already; then this one does not count */
  admit(now: number, spanMs: number, max: number): boolean {
    if (this.count(now, spanMs) >= max) return false
    this.at.push(now)
    return true
  }

  /** How many were admitted within the span before `now`. */
  count(now: number, spanMs: number): number {
    while (this.from < this.at.length && this.at[this.from]! <= now - spanMs) this.from++
    if (this.from > 1_024 && this.from * 2 > this.at.length) {
      this.at = this.at.slice(this.from)
      this.from = 0
    }
    return this.at.length - this.from
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
  /** When all that a pair got is repaid. */
  private readonly pairs = new Map<string, number>()
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
    return moving.admit(now, SECOND_MS, throughputOf(number))
  }

  /** @throws GraphError 131056 */
  checkPair(numberId: string, user: string, now: number): void {
    if (!this.options.pair) return
    const key = `${numberId} ${user}`
    const repaidAt = Math.max(now, this.pairs.get(key) ?? now)
    if (repaidAt - now > (PAIR_BURST_MAX - 1) * PAIR_MS) {
      throw new GraphError(
        131056,
        'Message failed to send because there were too many messages sent from this phone number to the same phone number in a ' +
          'short period of time.',
      )
    }
    this.pairs.set(key, repaidAt + PAIR_MS)
  }

  /** @throws GraphError 80008 */
  checkCreation(now: number): void {
    if (this.creations.admit(now, HOUR_MS, this.options.templateCreations)) return
    throw new GraphError(80008, 'Too many message templates were created in the last hour.')
  }

  /** @param active whether the account has a registered number. @throws GraphError 80007 */
  checkManagement(now: number, active: boolean): void {
    const max = this.managementMax(active)
    if (this.management.admit(now, HOUR_MS, max)) return
    throw new GraphError(80007, 'The WhatsApp Business account reached its limit of management calls in an hour.')
  }

  /** How much of the hour's management calls is used, in per cent: what `X-Business-Use-Case-Usage` tells. */
  managementUsed(now: number, active: boolean): number {
    return Math.min(100, Math.floor((this.management.count(now, HOUR_MS) / this.managementMax(active)) * 100))
  }

  private managementMax(active: boolean): number {
    return active ? this.options.managementCalls : Math.min(INACTIVE_CALLS, this.options.managementCalls)
  }
}

/** Source: Meta, WhatsApp Business Management API, "Rate limits": 200 calls an hour until a number is registered. */
const INACTIVE_CALLS = 200
