import { GraphError } from './graphError.ts'
import type { BusinessOptions, NumberOptions, Tier } from './options.ts'

const DAY_MS = 86_400_000

const UNLIMITED = 'TIER_UNLIMITED'
/** How many users: `TIER_250`, `TIER_2K`. */
const usersOf = (tier: Tier): number => {
  const [, count, thousand] = /^TIER_(\d+)(K)?$/.exec(tier) ?? []
  return count === undefined ? Infinity : Number(count) * (thousand === undefined ? 1 : 1_000)
}
/** As webhooks write it: -1 is without limit. */
export const reachOf = (tier: Tier): number => (tier === UNLIMITED ? -1 : usersOf(tier))

/**
 * The business portfolio: what all its accounts share. Its messaging limit counts the users that any of its numbers reached outside a
 * window within 24 hours, each once.
 *
 * Source: Meta, Cloud API, "Messaging limits" (per portfolio since 2025-10-08).
 */
export class Portfolio {
  readonly id: string
  readonly name: string
  verified: boolean
  /** Set by a control door; otherwise the best tier of its numbers. */
  tier: Tier | null = null
  /** The numbers of all accounts. */
  readonly numbers: NumberOptions[] = []
  /** The users reached outside a window, in order of their latest message. */
  private readonly reached = new Map<string, number>()

  constructor({ id = '506914307656634', name = '伝令商会', verified = true }: BusinessOptions = {}) {
    this.id = id
    this.name = name
    this.verified = verified
  }

  get limit(): Tier {
    if (this.tier !== null) return this.tier
    const tiers = this.numbers.map((number) => number.tier ?? 'TIER_UNLIMITED')
    return tiers.reduce((best, tier) => (usersOf(tier) > usersOf(best) ? tier : best), tiers[0] ?? 'TIER_UNLIMITED')
  }

  /** Only messages outside a customer service window use it up. @throws GraphError 131048 */
  checkReach(user: string, now: number): void {
    for (const [known, at] of this.reached) {
      if (at > now - DAY_MS) break
      this.reached.delete(known)
    }
    const max = usersOf(this.limit)
    if (!this.reached.has(user) && this.reached.size >= max) {
      throw new GraphError(131048, `The business portfolio reached its messaging limit of ${max} users in 24 hours.`)
    }
    // Without a limit nothing is counted, unless a door may set one later: a bench sends to millions.
    if (max === Infinity) return
    this.reached.delete(user)
    this.reached.set(user, now)
  }
}
