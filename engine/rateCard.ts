import { inForce } from './calendar.ts'
import type { Instant } from './clock.ts'
import { MARKETS, type Market } from './data/markets.ts'
import { RATE_CARDS } from './data/rateCards.ts'
import type { Category } from './message.ts'

/** By market: micro-credits for marketing, for utility, and for authentication where it differs from utility. */
export type Rates = Readonly<
  Record<Market, readonly [marketing: number, utility: number] | readonly [number, number, authentication: number]>
>

/** A price list and the first day it holds, a calendar date in the account's time zone. */
export interface RateCard {
  readonly from: string
  readonly currency: 'USD'
  readonly rates: Rates
}

/** The card that holds at an instant. @param zone of the WhatsApp account, in whose calendar prices change */
export function cardAt(at: Instant, zone: string, cards: readonly RateCard[] = RATE_CARDS): RateCard {
  return inForce(cards, at, zone)
}

/**
 * Micro-credits for one charged message. A market that is not known is priced as `Other`. A service message (free text) costs
 * what utility costs.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing" and its update for service and utility messages (2026).
 */
export function rateOf(card: RateCard, market: string | null, category: Category): number {
  const [marketing, utility, authentication = utility] = card.rates[isMarket(market) ? market : 'Other']
  return { MARKETING: marketing, UTILITY: utility, AUTHENTICATION: authentication, SERVICE: utility }[category]
}

const names: ReadonlySet<string> = new Set(MARKETS.map(({ market }) => market))
function isMarket(name: string | null): name is Market {
  return name !== null && names.has(name)
}

/** What is wrong with a list of cards, in words; empty when nothing is. */
export function cardProblems(cards: readonly RateCard[]): string[] {
  const problems: string[] = []
  if (cards.length === 0) problems.push('There is no rate card.')
  cards.forEach(({ from, rates }, index) => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(from)) problems.push(`"${from}" is not a date.`)
    const previous = cards[index - 1]
    if (previous && previous.from >= from) problems.push(`The card of ${from} stands after that of ${previous.from}.`)
    for (const name of names) if (!(name in rates)) problems.push(`The card of ${from} lacks ${name}.`)
    for (const [name, prices] of Object.entries(rates)) {
      if (!names.has(name)) problems.push(`The card of ${from} names ${name}, which is no market.`)
      if (!prices.every((price) => Number.isSafeInteger(price) && price >= 0))
        problems.push(`The card of ${from} has a price for ${name} that is not a whole number of micro-credits.`)
    }
  })
  return problems
}
