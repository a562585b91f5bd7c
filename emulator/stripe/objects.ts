import type { CardBehaviour } from './cards.ts'

/** Instants in what Stripe answers are whole seconds. */
export interface Customer {
  id: string
  object: 'customer'
  created: number
  livemode: false
  description: string | null
  email: string | null
  metadata: Record<string, string>
}

export interface Method {
  id: string
  object: 'payment_method'
  type: 'card'
  created: number
  livemode: false
  customer: string | null
  card: { brand: string; last4: string; exp_month: number; exp_year: number; country: string }
  metadata: Record<string, string>
}

export interface Intent {
  id: string
  object: 'payment_intent'
  amount: number
  amount_received: number
  currency: string
  status: 'requires_payment_method' | 'requires_action' | 'processing' | 'succeeded' | 'canceled'
  client_secret: string
  customer: string | null
  payment_method: string | null
  latest_charge: string | null
  last_payment_error: Record<string, unknown> | null
  next_action: Record<string, unknown> | null
  cancellation_reason: string | null
  canceled_at: number | null
  setup_future_usage: string | null
  automatic_payment_methods: { enabled: boolean; allow_redirects: string } | null
  description: string | null
  capture_method: 'automatic_async'
  confirmation_method: 'automatic'
  created: number
  livemode: false
  metadata: Record<string, string>
}

export interface Charge {
  id: string
  object: 'charge'
  amount: number
  amount_captured: number
  amount_refunded: number
  currency: string
  captured: boolean
  paid: boolean
  refunded: boolean
  disputed: boolean
  status: 'succeeded' | 'failed'
  payment_intent: string
  payment_method: string
  customer: string | null
  created: number
  livemode: false
  metadata: Record<string, string>
}

export interface Refund {
  id: string
  object: 'refund'
  amount: number
  currency: string
  charge: string
  payment_intent: string
  status: 'succeeded'
  reason: string | null
  created: number
  metadata: Record<string, string>
}

export interface Dispute {
  id: string
  object: 'dispute'
  amount: number
  currency: string
  charge: string
  payment_intent: string
  reason: string
  status: 'needs_response' | 'won' | 'lost'
  created: number
  livemode: false
  metadata: Record<string, string>
}

export interface StripeEvent {
  id: string
  object: 'event'
  api_version: string
  created: number
  livemode: false
  pending_webhooks: number
  request: { id: string | null; idempotency_key: string | null }
  type: string
  data: { object: object }
}

export interface KnownMethod extends Method {
  behaviour: CardBehaviour
}
