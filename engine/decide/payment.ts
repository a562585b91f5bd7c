import { giveBack, takeBack } from '../ledger.ts'
import { isUnderWay } from '../recharge.ts'
import type { Purchase } from '../state.ts'
import type { PaymentEvent, Trigger } from '../trigger.ts'
import { noteFailure, succeed, tell } from './booking.ts'
import type { Draft } from './draft.ts'

/** States in which the credits of a purchase were booked, whatever went back since. */
const BOOKED: ReadonlySet<Purchase['state']> = new Set(['succeeded', 'refunded', 'disputed'])

/**
 * A payment moved, as its provider says: by a webhook, or because it was asked. Words come twice, late and out of order, so each
 * only leads on from where a later one would not have been: what was paid stays paid, whatever an older word says, and it is booked
 * once, however often it is told.
 */
export function decidePayment(draft: Draft<PaymentEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const found = known.purchases.get(trigger.purchaseId)
  if (found === undefined || found.provider !== trigger.provider) {
    draft.notes.push('payment_unknown')
    draft.changes.push({ kind: 'keep', field: `payment.${trigger.provider}`, value: kept(trigger), at: draft.now })
    return draft
  }
  const purchase = { ...found, reference: found.reference ?? trigger.reference, updatedAt: draft.now }
  switch (trigger.state) {
    case 'pending':
    case 'needs_action':
      return wait(draft, found, { ...purchase, state: trigger.state, error: trigger.error ?? null })
    case 'succeeded':
      if (BOOKED.has(found.state)) return ignore(draft)
      succeed(draft, purchase)
      return draft
    case 'failed':
    case 'cancelled':
      return end(draft, found, { ...purchase, state: trigger.state, error: trigger.error ?? found.error })
    case 'returned':
      return goBack(draft, purchase)
    case 'dispute_opened':
      return dispute(draft, purchase)
    case 'dispute_won':
      return winDispute(draft, purchase)
    default:
      throw new TypeError(`Unknown payment: ${trigger.state satisfies never as string}`)
  }
}

/** Not decided yet. A purchase that has ended stays ended. */
function wait(draft: Draft, before: Purchase, purchase: Purchase): Draft {
  if (!isUnderWay(before)) return ignore(draft)
  const isSame =
    before.state === purchase.state &&
    before.reference === purchase.reference &&
    before.error?.code === purchase.error?.code
  if (isSame) return ignore(draft)
  draft.changes.push({ kind: 'putPurchase', purchase })
  draft.notes.push(`purchase_${purchase.state}`)
  if (purchase.automatic && purchase.state === 'needs_action' && before.state !== 'needs_action') {
    const { code, detail } = purchase.error ?? { code: 'authentication_required', detail: '' }
    tell(draft, 'recharge_failed', 'critical', { purchaseId: purchase.id, code, detail })
  }
  return draft
}

function end(draft: Draft, before: Purchase, purchase: Purchase): Draft {
  if (!isUnderWay(before)) return ignore(draft)
  draft.changes.push({ kind: 'putPurchase', purchase })
  draft.notes.push(`purchase_${purchase.state}`)
  const { code, detail } = purchase.error ?? { code: purchase.state, detail: '' }
  const details = { purchaseId: purchase.id, code, detail }
  if (purchase.automatic) noteFailure(draft, details, before.state === 'needs_action')
  else tell(draft, 'purchase_failed', 'warning', { ...details, amountMicros: purchase.amountMicros })
  return draft
}

/** Money went back to the payer: so far `returnedShare` of it. */
function goBack(draft: Draft<PaymentEvent & Trigger>, purchase: Purchase): Draft {
  const share = Math.min(1, Math.max(0, draft.trigger.returnedShare ?? 1))
  const refunded = purchase.returnedMicros - purchase.disputedMicros
  const wanted = Math.round(purchase.amountMicros * share) - refunded
  // What a dispute took cannot be given back as well.
  const backMicros = Math.min(wanted, purchase.amountMicros - purchase.returnedMicros)
  if (backMicros <= 0) return ignore(draft)
  const returnedMicros = purchase.returnedMicros + backMicros
  const isWhole = returnedMicros === purchase.amountMicros
  const state = purchase.disputedMicros > 0 ? 'disputed' : isWhole ? 'refunded' : 'succeeded'
  takeAway(draft, { ...purchase, state, returnedMicros }, purchase, backMicros, 'refund')
  tell(draft, 'purchase_returned', 'warning', {
    purchaseId: purchase.id,
    backMicros,
    returnedMicros,
    amountMicros: purchase.amountMicros,
  })
  return draft
}

function dispute(draft: Draft<PaymentEvent & Trigger>, purchase: Purchase): Draft {
  const { trigger } = draft
  if (purchase.disputedMicros > 0 || (purchase.disputeWonAt !== null && trigger.occurredAt <= purchase.disputeWonAt)) {
    return ignore(draft)
  }
  const left = purchase.amountMicros - purchase.returnedMicros
  const share = Math.min(1, Math.max(0, trigger.returnedShare ?? 1))
  const disputedMicros = Math.min(left, Math.round(purchase.amountMicros * share))
  if (disputedMicros <= 0) return ignore(draft)
  const returnedMicros = purchase.returnedMicros + disputedMicros
  const after: Purchase = { ...purchase, state: 'disputed', returnedMicros, disputedMicros }
  takeAway(draft, after, purchase, disputedMicros, 'dispute')
  tell(draft, 'purchase_disputed', 'critical', {
    purchaseId: purchase.id,
    disputedMicros,
    amountMicros: purchase.amountMicros,
  })
  return draft
}

function winDispute(draft: Draft<PaymentEvent & Trigger>, purchase: Purchase): Draft {
  const { trigger, now, known } = draft
  const { disputedMicros } = purchase
  const returnedMicros = purchase.returnedMicros - disputedMicros
  const disputeWonAt = Math.max(trigger.occurredAt, purchase.disputeWonAt ?? 0)
  if (disputedMicros === 0) {
    // Word of its beginning is still to come, or will never be.
    draft.changes.push({ kind: 'putPurchase', purchase: { ...purchase, disputeWonAt } })
    return ignore(draft)
  }
  const state = returnedMicros === purchase.amountMicros ? 'refunded' : 'succeeded'
  draft.changes.push(
    { kind: 'putPurchase', purchase: { ...purchase, state, returnedMicros, disputedMicros: 0, disputeWonAt } },
    {
      kind: 'post',
      postings: giveBack(purchase.id, trigger.id, disputedMicros, known.owedMicros, 'dispute won', now),
    },
    { kind: 'release', waitsFor: 'credits_added', at: now },
  )
  draft.notes.push('dispute_won')
  return draft
}

/** @param before when it was not booked yet, word of the payment itself has been overtaken: then it is booked first */
function takeAway(
  draft: Draft<PaymentEvent & Trigger>,
  after: Purchase,
  before: Purchase,
  backMicros: number,
  memo: string,
): void {
  const { trigger, known, now } = draft
  let { availableMicros } = known
  if (!BOOKED.has(before.state)) {
    succeed(draft, before)
    availableMicros += before.amountMicros - Math.min(before.amountMicros, Math.max(0, known.owedMicros))
  }
  draft.changes.push(
    { kind: 'putPurchase', purchase: after },
    { kind: 'post', postings: takeBack(after.id, trigger.id, backMicros, availableMicros, memo, now) },
  )
  draft.notes.push(`purchase_${memo}`)
}

function ignore(draft: Draft): Draft {
  draft.notes.push('late_payment')
  return draft
}

function kept({ purchaseId, reference, state }: PaymentEvent) {
  return { purchaseId, reference, state }
}
