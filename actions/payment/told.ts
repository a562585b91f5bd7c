import type { Instant } from '#engine/clock.ts'
import type { PaymentAnswer } from '#engine/payment.ts'
import type { Purchase } from '#engine/state.ts'
import type { PaymentEvent } from '#engine/trigger.ts'

/**
 * What a provider's answer tells about a purchase; null when it tells nothing new: no answer, not now, or still as it was.
 *
 * @param sourceId unique to this answer
 */
export function paymentEvent(
  { id, provider, state, reference: known }: Pick<Purchase, 'id' | 'provider' | 'state' | 'reference'>,
  answer: PaymentAnswer,
  sourceId: string,
  occurredAt: Instant,
): PaymentEvent | null {
  const base = { kind: 'payment', source: 'denrei', sourceId, occurredAt, purchaseId: id, provider } as const
  switch (answer.kind) {
    case 'lost':
      return null
    case 'succeeded':
      return { ...base, reference: answer.reference, state: 'succeeded' }
    case 'pending':
    case 'needs_action': {
      if (state === answer.kind && known === answer.reference) return null
      const error = answer.kind === 'needs_action' ? answer.error : undefined
      return { ...base, reference: answer.reference, state: answer.kind, ...(error === undefined ? {} : { error }) }
    }
    case 'declined': {
      const { reference, code, detail } = answer
      if (!answer.final) return null
      const isCancelled = code === 'abandoned' || code === 'requested_by_customer' || code === 'canceled'
      return { ...base, reference, state: isCancelled ? 'cancelled' : 'failed', error: { code, detail } }
    }
    default:
      throw new TypeError(`Unknown answer: ${(answer satisfies never as PaymentAnswer).kind}`)
  }
}
