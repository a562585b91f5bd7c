import Stripe from 'stripe'
import type { PaymentAnswer } from '#engine/payment.ts'

/** The payer has to prove who they are, and is not there. Source: Stripe, "Decline codes". */
const AUTHENTICATION_REQUIRED = 'authentication_required'

/**
 * How a payment fares, read off its PaymentIntent.
 *
 * @param isAlone whether nobody is there: then a declined card is the end, while a person may try another one
 * Source: Stripe, "How PaymentIntents work", statuses.
 */
export function answerOf(intent: Stripe.PaymentIntent, isAlone: boolean): PaymentAnswer {
  const reference = intent.id
  switch (intent.status) {
    case 'succeeded':
      return { kind: 'succeeded', reference }
    case 'processing':
    case 'requires_capture':
      return { kind: 'pending', reference }
    case 'canceled': {
      const code = intent.cancellation_reason ?? 'canceled'
      return { kind: 'declined', reference, code, detail: 'The payment was cancelled.', final: true }
    }
    case 'requires_action':
    case 'requires_confirmation':
      return { kind: 'needs_action', reference, clientSecret: intent.client_secret }
    case 'requires_payment_method': {
      const error = errorOf(intent)
      if (isAlone && error?.code !== AUTHENTICATION_REQUIRED) {
        const { code, detail } = error ?? { code: 'payment_method_missing', detail: 'No payment method was kept.' }
        return { kind: 'declined', reference, code, detail, final: true }
      }
      const asked = { kind: 'needs_action', reference, clientSecret: intent.client_secret } as const
      return error === null ? asked : { ...asked, error }
    }
    default:
      // Stripe adds statuses: nobody was charged for sure only when it says so.
      return { kind: 'pending', reference }
  }
}

/** `decline_code` says more than `code`, which is `card_declined` for all of them. */
export function errorOf({
  last_payment_error: error,
}: Pick<Stripe.PaymentIntent, 'last_payment_error'>): { code: string; detail: string } | null {
  if (!error) return null
  const code =
    error.code === AUTHENTICATION_REQUIRED ? error.code : (error.decline_code ?? error.code ?? 'payment_declined')
  return { code, detail: error.message ?? '' }
}

/** What an error of the library means for a payment. Errors that are none of Stripe's are ours, and thrown. */
export function answerOfError(error: unknown, reference: string | null): PaymentAnswer {
  if (!(error instanceof Stripe.errors.StripeError)) throw error
  const detail = error.message
  if (error instanceof Stripe.errors.StripeConnectionError || error instanceof Stripe.errors.StripeAPIError) {
    return { kind: 'lost', detail }
  }
  const code = error.code ?? error.type
  // A key that is wrong today is mended tomorrow; a card or a request that is refused stays refused.
  const mayMend =
    error instanceof Stripe.errors.StripeRateLimitError ||
    error instanceof Stripe.errors.StripeAuthenticationError ||
    error instanceof Stripe.errors.StripePermissionError ||
    error.statusCode === 409
  return { kind: 'declined', reference, code, detail: withoutKeys(detail), final: !mayMend }
}

/** Stripe repeats a part of the key in its message about a wrong one. */
function withoutKeys(text: string): string {
  return text.replaceAll(/\b(?:[rs]k|whsec)_\S+/g, '…')
}
