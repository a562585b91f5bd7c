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
  why: 'free_entry_point' | 'service_window' | 'conversation_open' | 'regular'
}

/**
 * What one delivered message costs, in the order in which Meta decides it: a free entry point frees all; then what the
 * policy in force makes free; everything else costs its category's rate in its market.
 *
 * Of free text, 1,000 messages of a number in a calendar month stay free when service messages are charged. Only WhatsApp
 * counts them, so each is priced as if they were used up, and the status of each says whether it was free after all.
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
      return null
  }
}
