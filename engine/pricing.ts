import { inForce } from './calendar.ts'
import type { Instant } from './clock.ts'
import { POLICIES, type PricingPolicy } from './data/policies.ts'
import type { Category } from './message.ts'
import { rateOf, type RateCard } from './rateCard.ts'

/** What a price depends on. */
export interface PriceQuestion {
  category: Category
  /** As `marketOf` says it; null is priced as `Other`. */
  market: string | null
  at: Instant
  /** The customer service window of this (number, contact) pair is open. */
  inWindow: boolean
  /** The contact came through an advertisement, and its free entry point is open. */
  freeEntryPoint: boolean
  /** Under the `conversation` policy: a conversation of this category with this contact is running. */
  conversationOpen?: boolean
  /** Free text of this number in this month, this message not counted; left out: as if all free ones were used up. */
  serviceThisMonth?: number
  card: RateCard
  /** Added to Meta's price of a charged message; what Meta does not charge stays free. */
  markupMicros: number
  /** Of the WhatsApp account, in whose calendar policies change. */
  zone?: string
}

export interface Price {
  /** Integer micro-credits. */
  priceMicros: number
  policy: PricingPolicy
  why: 'free_entry_point' | 'service_window' | 'conversation_open' | 'free_messages' | 'regular'
}

/** Source: Meta, WhatsApp Business Platform, "Pricing" (2026): a business number's free service messages in a calendar month. */
const SERVICE_FREE = 1000

/** How long a conversation of one category with one contact runs, from its first charged message. Source: as above (to 2025-06). */
export const CONVERSATION_MS = 24 * 60 * 60_000

/**
 * What one delivered message costs, in the order in which Meta decides it: a free entry point frees all; then what the
 * policy in force makes free; everything else costs its category's rate in its market.
 *
 * Of free text, {@link SERVICE_FREE} messages of a number in a calendar month stay free when service messages are charged. That is
 * our count, a forecast: WhatsApp's own is told by the status of each message.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing".
 */
export function priceOf(question: PriceQuestion): Price {
  const { category, market, card, markupMicros } = question
  const { policy } = inForce(POLICIES, question.at, question.zone ?? 'UTC')
  const free = whyFree(question, policy)
  if (free) return { priceMicros: 0, policy, why: free }
  return { priceMicros: rateOf(card, market, category) + markupMicros, policy, why: 'regular' }
}

function whyFree(question: PriceQuestion, policy: PricingPolicy): Exclude<Price['why'], 'regular'> | null {
  if (question.freeEntryPoint) return 'free_entry_point'
  switch (policy) {
    case 'conversation':
      if (question.category === 'SERVICE') return 'service_window'
      return question.conversationOpen ? 'conversation_open' : null
    case 'per-message':
      // Free text goes out in no other place than an open window.
      if (question.category === 'SERVICE') return 'service_window'
      return question.category === 'UTILITY' && question.inWindow ? 'service_window' : null
    case 'per-message with service charge':
      return question.category === 'SERVICE' && (question.serviceThisMonth ?? SERVICE_FREE) < SERVICE_FREE
        ? 'free_messages'
        : null
  }
}
