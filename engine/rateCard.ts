import { inForce } from './calendar.ts'
import type { Instant } from './clock.ts'
import { MARKETS, type Market } from './data/markets.ts'
import { RATE_CARDS } from './data/rateCards.ts'
import type { Category } from './message.ts'

/** By market: micro-credits for marketing, for utility, and for authentication where it differs from utility. */
export type Rates = Readonly<
  Record<Market, readonly [marketing: number, utility: number] | readonly [number, number, authentication: number]>
>

/**
 * A price list and the first day it holds, a calendar date in the account's time zone. Prices are integers: a millionth of a unit
 * of the currency.
 */
export interface RateCard {
  readonly from: string
  /** ISO 4217. */
  readonly currency: string
  readonly rates: Rates
  /** Free text, where it does not cost what utility costs. By market. */
  readonly service?: Readonly<Record<string, number>>
  /** Authentication from abroad, where it has a price. Kept and shown; no message is priced by it, because WhatsApp says who pays it. */
  readonly authenticationInternational?: Readonly<Record<string, number>>
  /** Lower prices from a number of messages in a month on. Kept and shown; WhatsApp alone counts, so no message is priced by them. */
  readonly tiers?: readonly VolumeTier[]
}

/** Messages from the `from`th to the `until`th of a month (null: without end) cost this. */
export interface VolumeTier {
  readonly market: string
  readonly category: 'UTILITY' | 'AUTHENTICATION'
  readonly from: number
  readonly until: number | null
  readonly rateMicros: number
}

/** The currency in which messages are priced: a credit is one US dollar. */
export const CREDIT_CURRENCY = 'USD'

const merged = new WeakMap<readonly RateCard[], Map<string, readonly RateCard[]>>()

/**
 * The cards of a currency, oldest first: the shipped ones, and the imported ones in the place of a shipped one of the same day.
 *
 * @param imported the same array for the same cards: what is made of it is kept
 */
export function cardsIn(currency: string, imported: readonly RateCard[] = []): readonly RateCard[] {
  let known = merged.get(imported)
  if (known === undefined) merged.set(imported, (known = new Map<string, readonly RateCard[]>()))
  let cards = known.get(currency)
  if (cards === undefined) {
    const byDay = new Map(
      [...RATE_CARDS, ...imported].filter((card) => card.currency === currency).map((card) => [card.from, card]),
    )
    cards = [...byDay.values()].sort((a, b) => (a.from < b.from ? -1 : 1))
    known.set(currency, cards)
  }
  return cards
}

const NONE_IMPORTED: readonly RateCard[] = []

/**
 * The card that holds at an instant and by which messages are priced. That is always one in US dollars: a credit is a dollar's
 * worth of messages, whatever the currency in which credits are sold or in which WhatsApp writes its bill. A card in another
 * currency is for comparing that bill with ours; see `server/credits/reconcile.ts`.
 *
 * @param zone of the WhatsApp account, in whose calendar prices change
 * @param imported cards besides the shipped ones
 */
export function cardAt(at: Instant, zone: string, imported: readonly RateCard[] = NONE_IMPORTED): RateCard {
  return inForce(cardsIn(CREDIT_CURRENCY, imported), at, zone)
}

/**
 * The price of one charged message, in millionths of the card's currency. A market that the card does not name is priced as
 * `Other`. A service message (free text) costs what utility costs, unless the card says otherwise.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing" and its update for service and utility messages (2026).
 */
export function rateOf(card: RateCard, market: string | null, category: Category): number {
  const named = isMarket(market) ? market : 'Other'
  const [marketing, utility, authentication = utility] = card.rates[named]
  const service = card.service?.[named] ?? utility
  return { MARKETING: marketing, UTILITY: utility, AUTHENTICATION: authentication, SERVICE: service }[category]
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
