import { TEST_CARDS, type CardBehaviour } from './cards.ts'
import { invalid, missing, StripeFault } from './fault.ts'
import type { Charge, Customer, Dispute, Intent, KnownMethod, Method, Refund } from './objects.ts'

/** What a new payment is to be. */
export interface Wanted {
  amount: number
  currency: string
  customer: string | null
  metadata: Record<string, string>
  description: string | null
  setupFutureUsage: string | null
  allowRedirects: string
}

/** Source: Stripe, "Minimum and maximum charge amounts", for the currencies that we sell credits in. */
const AMOUNT_MIN: Readonly<Record<string, number>> = { usd: 50, eur: 50, gbp: 30, jpy: 50, inr: 50, brl: 50 }
const AMOUNT_MAX = 99_999_999

/** One merchant's payments. Everything happens at once and in order; each change of a payment is told as an event. */
export class StripeAccount {
  readonly customers = new Map<string, Customer>()
  readonly methods = new Map<string, KnownMethod>()
  readonly intents = new Map<string, Intent>()
  readonly charges = new Map<string, Charge>()
  readonly refunds = new Map<string, Refund>()
  readonly disputes = new Map<string, Dispute>()
  private readonly now: () => number
  private readonly newId: (prefix: string) => string
  private readonly tell: (type: string, object: object) => void

  constructor(now: () => number, newId: (prefix: string) => string, tell: (type: string, object: object) => void) {
    this.now = now
    this.newId = newId
    this.tell = tell
  }

  private created(): number {
    return Math.floor(this.now() / 1000)
  }

  createCustomer(description: string | null, email: string | null, metadata: Record<string, string>): Customer {
    const customer: Customer = {
      id: this.newId('cus'),
      object: 'customer',
      created: this.created(),
      livemode: false,
      description,
      email,
      metadata,
    }
    this.customers.set(customer.id, customer)
    this.tell('customer.created', customer)
    return customer
  }

  customer(id: string): Customer {
    const found = this.customers.get(id)
    if (found === undefined) throw missing('customer', id)
    return found
  }

  /** Newest first. */
  methodsOf(customerId: string): Method[] {
    this.customer(customerId)
    return [...this.methods.values()]
      .filter(({ customer }) => customer === customerId)
      .reverse()
      .map(shown)
  }

  /** A test card by its name makes a payment method of its own. */
  method(idOrCard: string): KnownMethod {
    const known = this.methods.get(idOrCard)
    if (known !== undefined) return known
    const card = TEST_CARDS[idOrCard]
    if (card === undefined) throw missing('PaymentMethod', idOrCard)
    const made: KnownMethod = {
      id: this.newId('pm'),
      object: 'payment_method',
      type: 'card',
      created: this.created(),
      livemode: false,
      customer: null,
      card: { brand: card.brand, last4: card.last4, exp_month: 12, exp_year: 2034, country: 'US' },
      metadata: {},
      behaviour: card.behaviour,
    }
    this.methods.set(made.id, made)
    return made
  }

  /** From now on: a bank changes its mind. */
  change(methodId: string, behaviour: CardBehaviour): void {
    this.method(methodId).behaviour = behaviour
  }

  createIntent(wanted: Wanted): Intent {
    const { amount, currency } = wanted
    const min = AMOUNT_MIN[currency]
    if (min === undefined) throw invalid(`Invalid currency: ${currency}.`, 'currency')
    if (amount < min) {
      throw invalid(`Amount must be at least ${min} ${currency}`, 'amount', 'amount_too_small')
    }
    if (amount > AMOUNT_MAX) {
      throw invalid(`Amount must be no more than ${AMOUNT_MAX} ${currency}`, 'amount', 'amount_too_large')
    }
    if (wanted.customer !== null) this.customer(wanted.customer)
    const id = this.newId('pi')
    const intent: Intent = {
      id,
      object: 'payment_intent',
      amount,
      amount_received: 0,
      currency,
      status: 'requires_payment_method',
      client_secret: `${id}_secret_${this.newId('s').slice(2)}`,
      customer: wanted.customer,
      payment_method: null,
      latest_charge: null,
      last_payment_error: null,
      next_action: null,
      cancellation_reason: null,
      canceled_at: null,
      setup_future_usage: wanted.setupFutureUsage,
      automatic_payment_methods: { enabled: true, allow_redirects: wanted.allowRedirects },
      description: wanted.description,
      capture_method: 'automatic_async',
      confirmation_method: 'automatic',
      created: this.created(),
      livemode: false,
      metadata: wanted.metadata,
    }
    this.intents.set(id, intent)
    this.tell('payment_intent.created', intent)
    return intent
  }

  intent(id: string): Intent {
    const found = this.intents.get(id)
    if (found === undefined) throw missing('payment_intent', id)
    return found
  }

  /** @throws StripeFault 402 when the card says no */
  confirm(id: string, methodName: string | null, isOffSession: boolean): Intent {
    const intent = this.intent(id)
    if (intent.status !== 'requires_payment_method') throw unexpected(intent, 'confirm')
    const name = methodName ?? intent.payment_method
    if (name === null) {
      throw invalid(
        'You cannot confirm this PaymentIntent because it is missing a payment method.',
        'payment_method',
        'payment_intent_unexpected_state',
      )
    }
    const method = this.method(name)
    if (method.customer !== null && method.customer !== intent.customer) {
      throw invalid('The payment method you provided is attached to a customer other than this one.', 'payment_method')
    }
    if (isOffSession && method.customer === null) {
      throw invalid('A payment method has to be attached to a customer to be used off session.', 'payment_method')
    }
    intent.payment_method = method.id
    const { behaviour } = method
    switch (behaviour.kind) {
      case 'declines':
        throw this.decline(intent, method, {
          code: 'card_declined',
          decline_code: behaviour.declineCode,
          message: 'Your card was declined.',
        })
      case 'asks':
        if (isOffSession) {
          throw this.decline(intent, method, {
            code: 'authentication_required',
            decline_code: 'authentication_required',
            message: 'Your card was declined. This transaction requires authentication.',
          })
        }
        intent.status = 'requires_action'
        intent.next_action = { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } }
        this.tell('payment_intent.requires_action', intent)
        return intent
      case 'pays_later':
        intent.status = 'processing'
        this.tell('payment_intent.processing', intent)
        return intent
      case 'pays':
      case 'disputes':
        this.pay(intent, method)
        if (behaviour.kind === 'disputes') this.dispute(intent.id)
        return intent
    }
  }

  /** The payer proved who they are, or could not. */
  authenticate(id: string, isProved: boolean): Intent {
    const intent = this.intent(id)
    if (intent.status !== 'requires_action') throw unexpected(intent, 'authenticate')
    const method = this.method(intent.payment_method ?? '')
    if (isProved) this.pay(intent, method)
    else {
      this.decline(intent, method, {
        code: 'payment_intent_authentication_failure',
        message: 'We are unable to authenticate your payment method.',
      })
    }
    return intent
  }

  /** What was processing is paid. */
  settle(id: string): Intent {
    const intent = this.intent(id)
    if (intent.status !== 'processing') throw unexpected(intent, 'settle')
    this.pay(intent, this.method(intent.payment_method ?? ''))
    return intent
  }

  cancel(id: string, reason: string | null): Intent {
    const intent = this.intent(id)
    if (intent.status !== 'requires_payment_method' && intent.status !== 'requires_action') {
      throw unexpected(intent, 'cancel')
    }
    intent.status = 'canceled'
    intent.canceled_at = this.created()
    intent.cancellation_reason = reason
    intent.next_action = null
    this.tell('payment_intent.canceled', intent)
    return intent
  }

  refund(intentId: string, amount: number | null, metadata: Record<string, string>): Refund {
    const charge = this.chargeOf(intentId)
    const left = charge.amount - charge.amount_refunded
    if (charge.disputed) {
      throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, 'charge', 'charge_disputed')
    }
    if (left === 0) {
      throw invalid(`Charge ${charge.id} has already been refunded.`, 'charge', 'charge_already_refunded')
    }
    if ((amount ?? left) > left) {
      throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, 'amount')
    }
    const refund: Refund = {
      id: this.newId('re'),
      object: 'refund',
      amount: amount ?? left,
      currency: charge.currency,
      charge: charge.id,
      payment_intent: intentId,
      status: 'succeeded',
      reason: null,
      created: this.created(),
      metadata,
    }
    this.refunds.set(refund.id, refund)
    charge.amount_refunded += refund.amount
    charge.refunded = charge.amount_refunded === charge.amount
    this.tell('refund.created', refund)
    this.tell('charge.refunded', charge)
    return refund
  }

  /** The payer's bank takes the money back until it is decided. */
  dispute(intentId: string): Dispute {
    const charge = this.chargeOf(intentId)
    const dispute: Dispute = {
      id: this.newId('du'),
      object: 'dispute',
      amount: charge.amount - charge.amount_refunded,
      currency: charge.currency,
      charge: charge.id,
      payment_intent: intentId,
      reason: 'fraudulent',
      status: 'needs_response',
      created: this.created(),
      livemode: false,
      metadata: {},
    }
    charge.disputed = true
    this.disputes.set(dispute.id, dispute)
    this.tell('charge.dispute.created', dispute)
    return dispute
  }

  closeDispute(id: string, status: 'won' | 'lost'): Dispute {
    const dispute = this.disputes.get(id)
    if (dispute === undefined) throw missing('dispute', id)
    dispute.status = status
    this.tell('charge.dispute.closed', dispute)
    return dispute
  }

  charge(id: string): Charge {
    const found = this.charges.get(id)
    if (found === undefined) throw missing('charge', id)
    return found
  }

  private chargeOf(intentId: string): Charge {
    const { latest_charge: id } = this.intent(intentId)
    const charge = id === null ? undefined : this.charges.get(id)
    if (charge?.status !== 'succeeded') {
      throw invalid('This PaymentIntent does not have a successful charge to refund.', 'payment_intent')
    }
    return charge
  }

  private pay(intent: Intent, method: KnownMethod): void {
    const charge = this.chargeFor(intent, method, 'succeeded')
    Object.assign(intent, {
      status: 'succeeded',
      amount_received: intent.amount,
      latest_charge: charge.id,
      last_payment_error: null,
      next_action: null,
    })
    if (intent.customer !== null && intent.setup_future_usage !== null) method.customer = intent.customer
    this.tell('charge.succeeded', charge)
    this.tell('payment_intent.succeeded', intent)
  }

  private decline(intent: Intent, method: KnownMethod, error: Record<string, string>): StripeFault {
    const charge = this.chargeFor(intent, method, 'failed')
    const told = { type: 'card_error', charge: charge.id, doc_url: 'https://stripe.com/docs/error-codes', ...error }
    Object.assign(intent, {
      status: 'requires_payment_method',
      latest_charge: charge.id,
      last_payment_error: { ...told, payment_method: shown(method) },
      payment_method: null,
      next_action: null,
    })
    this.tell('charge.failed', charge)
    this.tell('payment_intent.payment_failed', intent)
    const { message = '', ...rest } = told as Record<string, string>
    return new StripeFault(402, 'card_error', message, { ...rest, payment_intent: { ...intent } })
  }

  private chargeFor(intent: Intent, method: KnownMethod, status: Charge['status']): Charge {
    const charge: Charge = {
      id: this.newId('ch'),
      object: 'charge',
      amount: intent.amount,
      amount_captured: status === 'succeeded' ? intent.amount : 0,
      amount_refunded: 0,
      currency: intent.currency,
      captured: status === 'succeeded',
      paid: status === 'succeeded',
      refunded: false,
      disputed: false,
      status,
      payment_intent: intent.id,
      payment_method: method.id,
      customer: intent.customer,
      created: this.created(),
      livemode: false,
      metadata: { ...intent.metadata },
    }
    this.charges.set(charge.id, charge)
    return charge
  }
}

/** As Stripe shows it: without how it is going to behave. */
function shown({ behaviour: _behaviour, ...method }: KnownMethod): Method {
  return method
}

function unexpected(intent: Intent, doing: string): StripeFault {
  return new StripeFault(
    400,
    'invalid_request_error',
    `This PaymentIntent's status is ${intent.status}: you cannot ${doing} it.`,
    { code: 'payment_intent_unexpected_state', payment_intent: { ...intent } },
  )
}
