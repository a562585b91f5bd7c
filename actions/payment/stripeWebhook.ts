import Stripe from 'stripe'
import { z } from 'zod'
import type { Instant } from '#engine/clock.ts'
import { InvalidInput, NotAuthentic } from '#engine/errors.ts'
import type { PaymentProvider } from '#engine/payment.ts'
import type { AccountEvent, PaymentEvent, WorldEvent } from '#engine/trigger.ts'
import { ALONE_KEY, PURCHASE_KEY } from './stripe.ts'
import { errorOf } from './stripeAnswers.ts'

/** How old a webhook may be: what is caught today cannot be played back tomorrow. Source: Stripe, "Verify webhook signatures". */
const TOLERANCE_S = 300
/** Only checks signatures: it calls nobody. */
const { webhooks } = new Stripe('sk_none')

const event = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  created: z.int(),
  data: z.looseObject({ object: z.looseObject({}) }),
})
export type StripeEvent = z.infer<typeof event>

/**
 * Checks that Stripe sent these bytes, and reads them.
 *
 * @param secrets of the endpoint; several while one is being replaced
 * @throws NotAuthentic, InvalidInput
 */
export function readStripeEvent(
  bytes: Buffer,
  header: string | undefined,
  secrets: readonly string[],
  now: Instant,
): StripeEvent {
  if (secrets.length === 0) {
    throw new NotAuthentic('No secret of a Stripe webhook is configured. Set STRIPE_WEBHOOK_SECRET.')
  }
  if (header === undefined) {
    throw new NotAuthentic('The webhook carries no Stripe-Signature header.', { header: 'stripe-signature' })
  }
  const read = secrets.map((secret) => verified(bytes, header, secret, now)).find((one) => one !== null)
  if (read === undefined) {
    throw new NotAuthentic(
      'The signature does not match the body, or is older than five minutes. Configure the secret of the Stripe endpoint that sends this, and set the clock.',
      { header: 'stripe-signature' },
    )
  }
  const parsed = event.safeParse(read)
  if (!parsed.success) throw new InvalidInput('The body is signed well, but it is no event of Stripe.')
  return parsed.data
}

function verified(bytes: Buffer, header: string, secret: string, now: Instant): unknown {
  try {
    return webhooks.constructEvent(bytes, header, secret, TOLERANCE_S, undefined, now)
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return null
    if (error instanceof SyntaxError) throw new InvalidInput('The body is signed well, but it is not JSON.')
    throw error
  }
}

const id = z.string().min(1)
const metadata = z.record(z.string(), z.string()).nullish()
const lastError = z
  .looseObject({
    code: z.string().optional(),
    decline_code: z.string().optional(),
    message: z.string().optional(),
  })
  .nullish()
const intentShape = z.looseObject({ id, metadata, last_payment_error: lastError })
const chargeShape = z.looseObject({
  payment_intent: id,
  metadata,
  amount: z.int().positive(),
  amount_refunded: z.int().nonnegative(),
})
const disputeShape = z.looseObject({ payment_intent: id, amount: z.int().nonnegative(), status: z.string() })

/** An inquiry takes nothing yet. Source: Stripe, "Dispute object", status. */
const isInquiry = (status: string) => status.startsWith('warning_')

/**
 * What one event of Stripe tells about purchases. Its id is the idempotency key. What is not about a purchase of ours, or of a kind
 * that we do not read, is kept by its name: never dropped, and without the payer's data.
 *
 * @throws what the library throws when a dispute has to be looked up and Stripe does not answer: it sends the event again
 * Source: Stripe, "Types of events".
 */
export async function eventsOf(told: StripeEvent, lookup: PaymentProvider['purchaseOf']): Promise<WorldEvent[]> {
  const payment = await paymentOf(told, lookup)
  if (payment === null) return [keptEvent(told)]
  const { purchaseId, ...rest } = payment
  return [{ ...common(told), kind: 'payment', provider: 'stripe', purchaseId, ...rest }]
}

type Payment = Pick<PaymentEvent, 'purchaseId' | 'reference' | 'state' | 'returnedShare' | 'error'>

async function paymentOf(told: StripeEvent, lookup: PaymentProvider['purchaseOf']): Promise<Payment | null> {
  const { object } = told.data
  switch (told.type) {
    case 'payment_intent.succeeded':
      return ofIntent(object, 'succeeded')
    case 'payment_intent.processing':
      return ofIntent(object, 'pending')
    case 'payment_intent.requires_action':
      return ofIntent(object, 'needs_action')
    case 'payment_intent.canceled':
      return ofIntent(object, 'cancelled')
    case 'payment_intent.payment_failed':
      return ofIntent(object, 'failed')
    case 'charge.refunded':
      return ofRefund(object, lookup)
    case 'charge.dispute.created':
    case 'charge.dispute.closed':
    case 'charge.dispute.updated':
      return ofDispute(object, told.type, lookup)
    default:
      return null
  }
}

function ofIntent(object: unknown, state: PaymentEvent['state']): Payment | null {
  const parsed = intentShape.safeParse(object)
  const purchaseId = parsed.data?.metadata?.[PURCHASE_KEY]
  if (!parsed.success || purchaseId === undefined) return null
  const error = errorOf({ last_payment_error: (parsed.data.last_payment_error ?? null) as never })
  const told = { purchaseId, reference: parsed.data.id, ...(error === null ? {} : { error }) }
  if (state !== 'failed') return { ...told, state }
  // A person may try another card; with nobody there it is over, unless the payer only has to prove who they are.
  const isAlone = parsed.data.metadata?.[ALONE_KEY] === 'true'
  return { ...told, state: isAlone && error?.code !== 'authentication_required' ? 'failed' : 'needs_action' }
}

async function ofRefund(object: unknown, lookup: PaymentProvider['purchaseOf']): Promise<Payment | null> {
  const parsed = chargeShape.safeParse(object)
  if (!parsed.success) return null
  const { payment_intent: reference, amount, amount_refunded: refunded, metadata: own } = parsed.data
  const purchaseId = own?.[PURCHASE_KEY] ?? (await lookup(reference))?.purchaseId
  if (purchaseId === undefined) return null
  return { purchaseId, reference, state: 'returned', returnedShare: refunded / amount }
}

async function ofDispute(
  object: unknown,
  type: string,
  lookup: PaymentProvider['purchaseOf'],
): Promise<Payment | null> {
  const parsed = disputeShape.safeParse(object)
  if (!parsed.success || isInquiry(parsed.data.status)) return null
  const { payment_intent: reference, amount, status } = parsed.data
  const isWon = type === 'charge.dispute.closed' && status === 'won'
  // That it is lost changes nothing: it was taken back when it began.
  const found = await lookup(reference)
  if (found === null) return null
  const { purchaseId, amountMinor } = found
  if (isWon) return { purchaseId, reference, state: 'dispute_won' }
  return { purchaseId, reference, state: 'dispute_opened', returnedShare: Math.min(1, amount / amountMinor) }
}

const common = ({ id: eventId, created }: StripeEvent) => ({
  source: 'stripe',
  sourceId: eventId,
  occurredAt: created * 1000,
})

function keptEvent(told: StripeEvent): AccountEvent {
  const objectId = told.data.object['id']
  return {
    ...common(told),
    kind: 'account',
    accountId: '',
    field: `stripe.${told.type}`,
    value: { event: told.id, object: typeof objectId === 'string' ? objectId : null },
  }
}
