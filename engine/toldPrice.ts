import type { Settings } from '#definitions/settings.ts'
import type { Instant } from './clock.ts'
import type { Category } from './message.ts'
import { cardAt, rateOf, type RateCard } from './rateCard.ts'
import type { StatusEvent } from './trigger.ts'

/** `authentication-international` has rates of its own, which no public card lists in full: the common one is used. */
const CATEGORIES: Readonly<Record<string, Category>> = {
  utility: 'UTILITY',
  marketing: 'MARKETING',
  marketing_lite: 'MARKETING',
  authentication: 'AUTHENTICATION',
  service: 'SERVICE',
  'authentication-international': 'AUTHENTICATION',
  authentication_international: 'AUTHENTICATION',
}

/**
 * The price a status tells: WhatsApp names no amount, but whether the message is charged and as what.
 *
 * @param at when the message was delivered: the card and the policy of that day hold
 * @param settings.timezone of the WhatsApp account, in whose calendar prices change
 * @param settings.cards imported ones
 * @returns micro-credits; null when the status says nothing of pricing, or names a category without a rate
 * Source: Meta, Cloud API, "Status messages webhook", object `pricing`; `billable` counts only where `type` is missing.
 */
export function toldPrice(
  { pricing }: Pick<StatusEvent, 'pricing'>,
  market: string | null,
  at: Instant,
  settings: Pick<Settings, 'markupMicros' | 'timezone'> & { cards?: readonly RateCard[] },
): number | null {
  if (!pricing) return null
  if (pricing.type?.startsWith('free_') ?? pricing.billable === false) return 0
  // Governments and the like pay nothing, and are told so beside the regular type.
  if (pricing.subtype?.endsWith('_exempt')) return 0
  const category = CATEGORIES[pricing.category?.toLowerCase() ?? '']
  if (!category) return null
  // Charged is charged: what a window, a conversation or the free messages of a month spare is WhatsApp's to know, and it
  // has said no.
  return rateOf(cardAt(at, settings.timezone, settings.cards), market, category) + settings.markupMicros
}
