/** Dates of Meta's pricing regimes, UTC. Source: Meta, WhatsApp Business Platform, "Pricing". */
const PER_MESSAGE_FROM = Date.UTC(2025, 6, 1)
const SERVICE_CHARGED_FROM = Date.UTC(2026, 9, 1)

export interface PriceQuestion {
  /** When it was sent. */
  at: number
  /** Category of the template, lower case; null for a free-form message. */
  category: string | null
  windowOpen: boolean
  /** Within a free entry point (the user came by an ad). */
  freeEntry: boolean
  /** Free service messages that the number still has this month. */
  freeServiceLeft: number
}

export interface Pricing {
  billable: boolean
  pricing_model: 'CBP' | 'PMP'
  type?: 'regular' | 'free_customer_service' | 'free_entry_point'
  category: string
}

/**
 * The `pricing` object of a status, by the regime in force: per conversation until 2025-06-30, per message from 2025-07-01,
 * and from 2026-10-01 free-form messages and utility templates in an open window are charged too.
 */
export function pricingOf({ at, category, windowOpen, freeEntry, freeServiceLeft }: PriceQuestion): Pricing {
  const kind = category ?? 'service'
  if (at < PER_MESSAGE_FROM) {
    if (freeEntry) return { billable: false, pricing_model: 'CBP', category: 'referral_conversion' }
    return { billable: kind !== 'service', pricing_model: 'CBP', category: kind }
  }
  const say = (type: NonNullable<Pricing['type']>, of = kind): Pricing => ({
    billable: type === 'regular',
    pricing_model: 'PMP',
    type,
    category: of,
  })
  if (freeEntry) return say('free_entry_point', 'referral_conversion')
  const chargesService = at >= SERVICE_CHARGED_FROM
  if (kind === 'service') return say(chargesService && freeServiceLeft <= 0 ? 'regular' : 'free_customer_service')
  if (kind === 'utility' && windowOpen && !chargesService) return say('free_customer_service')
  return say('regular')
}
