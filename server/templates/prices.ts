import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { Clock } from '#engine/clock.ts'
import { marketOf } from '#engine/market.ts'
import { cardAt, rateOf, type RateCard } from '#engine/rateCard.ts'
import type { Store } from '#engine/store.ts'
import type { TemplateView } from './desk.ts'

export interface TemplatePrice {
  market: string
  category: string
  /** Of one charged message, markup included. */
  priceMicros: number
  /** First day of the rate card in force. */
  card: string
}

/**
 * What a message by this template costs where we have a number, and in the country of the settings. Other markets stand in the rate card;
 * what one message to one person costs, free or not, is what a preview says.
 */
export async function pricesOf(
  { store, clock }: { store: Store; clock: Clock },
  view: TemplateView,
): Promise<TemplatePrice[]> {
  const category = view.states[0]?.category ?? categoryOf(view)
  if (category === null) return []
  const settings = await store.settings()
  const now = clock.now()
  const zone = (await store.accounts())[0]?.zone ?? settings.timezone
  const cards = (await store.documents('rateCard/')).map(({ value }) => value as unknown as RateCard)
  const card = cardAt(now, zone, cards)
  const countries = new Set([
    settings.defaultCountry,
    ...(await store.numbers()).map(({ displayNumber }) => parsePhoneNumberFromString(displayNumber)?.country ?? null),
  ])
  const markets = new Set([...countries].flatMap((country) => marketOf({ country }, now, zone) ?? []))
  return [...markets].map((market) => ({
    market,
    category,
    priceMicros: rateOf(card, market, category) + settings.markupMicros,
    card: card.from,
  }))
}

function categoryOf({ definition }: TemplateView) {
  return definition?.definition.kind === 'template' ? definition.definition.category : null
}
