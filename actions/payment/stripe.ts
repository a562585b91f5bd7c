import assert from 'node:assert/strict'
import Stripe from 'stripe'
import type { PaymentAnswer, PaymentMemory, PaymentProvider, RefundAnswer } from '#engine/payment.ts'
import type { Purchase } from '#engine/state.ts'
import { answerOf, answerOfError } from './stripeAnswers.ts'

/** In the metadata of what we make at Stripe: which purchase it belongs to, and whether the payer was there. */
export const PURCHASE_KEY = 'denrei_purchase'
export const ALONE_KEY = 'denrei_automatic'

export interface StripeOptions {
  secretKey: () => string
  /** Default: Stripe's own. */
  baseUrl?: string
  memory: PaymentMemory
  /** Of one request. Default 20 s. */
  timeoutMs?: number
  /** Of one request, when the network or Stripe fails. Default 2. */
  retriesMax?: number
}

/**
 * Takes payments through Stripe. A payment is made in two steps, each safe to be done again: a PaymentIntent is created with the
 * purchase's id as idempotency key, and then confirmed with the payment method that was kept. An intent is charged once, whatever
 * is asked of it, and one that was made in vain costs nothing. The first purchase by a person keeps the payment method, for the
 * ones that are made with nobody there.
 *
 * Source: Stripe, "Payment Intents API", "Save payment details during payment", "Idempotent requests".
 */
export function createStripe(options: StripeOptions): PaymentProvider {
  const { memory } = options
  let made: { key: string; stripe: Stripe } | null = null

  function client(): Stripe {
    const key = options.secretKey()
    if (made?.key !== key) made = { key, stripe: new Stripe(key, configOf(options)) }
    return made.stripe
  }

  async function customerFor(purchase: Purchase): Promise<string> {
    const known = await memory.read()
    if (known !== null) return known
    const { id } = await client().customers.create(
      { description: 'Denrei', metadata: { denrei: 'credits' } },
      { idempotencyKey: `${purchase.id}:customer` },
    )
    await memory.write(id)
    return id
  }

  /** The newest one: whoever gives a new card wants it used. */
  async function keptMethod(customer: string): Promise<string | null> {
    const { data } = await client().customers.listPaymentMethods(customer, { limit: 1 })
    return data[0]?.id ?? null
  }

  async function intentFor(purchase: Purchase): Promise<Stripe.PaymentIntent> {
    if (purchase.reference !== null) return client().paymentIntents.retrieve(purchase.reference)
    const customer = await customerFor(purchase)
    const intent = await create(purchase, customer, purchase.id).catch(async (error: unknown) => {
      if (!isReplayedFailure(error)) throw error
      // Stripe repeats a failure of its own for as long as it knows the key. An intent that nobody confirms costs nothing, so
      // another may be made, unless the first one is there after all.
      return (await findIntent(purchase, customer)) ?? create(purchase, customer, `${purchase.id}:again`)
    })
    // An answer that is repeated tells how it fared then.
    const isOld = intent.lastResponse.headers['idempotent-replayed'] === 'true'
    return isOld ? client().paymentIntents.retrieve(intent.id) : intent
  }

  function create(purchase: Purchase, customer: string, idempotencyKey: string) {
    const { price, automatic } = purchase
    assert(price !== null, `purchase ${purchase.id} has no price to be charged`)
    return client().paymentIntents.create(
      {
        amount: price.amountMinor,
        currency: price.currency,
        customer,
        description: `Denrei: ${purchase.amountMicros / 1_000_000} credits`,
        metadata: { [PURCHASE_KEY]: purchase.id, [ALONE_KEY]: String(automatic) },
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        ...(automatic ? {} : { setup_future_usage: 'off_session' }),
      },
      { idempotencyKey },
    )
  }

  async function findIntent(purchase: Purchase, customer: string) {
    const { data } = await client().paymentIntents.list({ customer, limit: 100 })
    const found = data.find(({ metadata }) => metadata[PURCHASE_KEY] === purchase.id)
    return found === undefined ? null : client().paymentIntents.retrieve(found.id)
  }

  /** With the payment method that was kept; without one it stays as it is. */
  async function confirm(intent: Stripe.PaymentIntent, purchase: Purchase): Promise<Stripe.PaymentIntent> {
    const customer = typeof intent.customer === 'string' ? intent.customer : (intent.customer?.id ?? null)
    const method = customer === null ? null : await keptMethod(customer)
    if (method === null) return intent
    try {
      return await client().paymentIntents.confirm(
        intent.id,
        { payment_method: method, ...(purchase.automatic ? { off_session: true } : {}) },
        { idempotencyKey: `${purchase.id}:confirm:${method}` },
      )
    } catch (error) {
      // The intent says best how it fares: the card was declined, or somebody else was faster.
      if (error instanceof Stripe.errors.StripeCardError || isOvertaken(error)) {
        return client().paymentIntents.retrieve(intent.id)
      }
      throw error
    }
  }

  /** As it is after that: one that was paid meanwhile stays paid. */
  async function cancel(id: string): Promise<Stripe.PaymentIntent> {
    try {
      return await client().paymentIntents.cancel(id)
    } catch (error) {
      if (isOvertaken(error)) return client().paymentIntents.retrieve(id)
      throw error
    }
  }

  async function asking(reference: string | null, ask: () => Promise<PaymentAnswer>): Promise<PaymentAnswer> {
    try {
      return await ask()
    } catch (error) {
      return answerOfError(error, reference)
    }
  }

  return {
    name: 'stripe',
    charge: (purchase) =>
      asking(purchase.reference, async () => {
        let intent = await intentFor(purchase)
        const isUntried = intent.status === 'requires_payment_method' && !intent.last_payment_error
        if (isUntried || intent.status === 'requires_confirmation') intent = await confirm(intent, purchase)
        const answer = answerOf(intent, purchase.automatic)
        // Nobody is there to try another card: it must not be paid by chance later on.
        if (answer.kind === 'declined' && intent.status === 'requires_payment_method') {
          const after = await cancel(intent.id)
          return after.status === 'canceled' ? answer : answerOf(after, purchase.automatic)
        }
        return answer
      }),
    async canChargeAlone() {
      const customer = await memory.read()
      return customer !== null && (await keptMethod(customer)) !== null
    },
    cancel: (purchase) =>
      asking(purchase.reference, async () => {
        const { reference } = purchase
        if (reference === null) {
          return { kind: 'declined', reference, code: 'abandoned', detail: 'Never begun.', final: true }
        }
        return answerOf(await cancel(reference), purchase.automatic)
      }),
    async refund(purchase, amountMinor, key): Promise<RefundAnswer> {
      const { reference, price } = purchase
      assert(reference !== null && price !== null, `purchase ${purchase.id} was not paid through Stripe`)
      try {
        await client().refunds.create(
          { payment_intent: reference, amount: amountMinor, metadata: { [PURCHASE_KEY]: purchase.id } },
          { idempotencyKey: `${purchase.id}:refund:${key}` },
        )
        const intent = await client().paymentIntents.retrieve(reference, { expand: ['latest_charge'] })
        const charge = intent.latest_charge
        assert(charge !== null && typeof charge !== 'string', `payment ${reference} was refunded and has no charge`)
        return { kind: 'returned', returnedShare: charge.amount_refunded / charge.amount }
      } catch (error) {
        const answer = answerOfError(error, reference)
        if (answer.kind === 'lost') return answer
        assert(answer.kind === 'declined', 'an error is an answer of its own')
        return { kind: 'refused', code: answer.code, detail: answer.detail }
      }
    },
    async purchaseOf(paymentIntentId) {
      const { metadata, amount } = await client().paymentIntents.retrieve(paymentIntentId)
      const purchaseId = metadata[PURCHASE_KEY]
      return purchaseId === undefined ? null : { purchaseId, amountMinor: amount }
    },
  }
}

function configOf({ baseUrl, timeoutMs = 20_000, retriesMax = 2 }: StripeOptions): Stripe.StripeConfig {
  const common = { timeout: timeoutMs, maxNetworkRetries: retriesMax, telemetry: false, appInfo: { name: 'Denrei' } }
  if (baseUrl === undefined) return common
  const { hostname, port, protocol } = new URL(baseUrl)
  const isPlain = protocol === 'http:'
  return {
    ...common,
    host: hostname,
    port: port === '' ? (isPlain ? 80 : 443) : port,
    protocol: isPlain ? 'http' : 'https',
  }
}

/** It has moved on: paid, cancelled, confirmed by another. */
function isOvertaken(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === 'payment_intent_unexpected_state'
}

function isReplayedFailure(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeAPIError && error.headers?.['idempotent-replayed'] === 'true'
}
