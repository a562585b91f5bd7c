import { purchase } from '../ledger.ts'
import type { CreditsEvent, PaymentEvent, PurchaseEvent, RechargeEvent, Trigger } from '../trigger.ts'
import type { Draft } from './draft.ts'

/** Credits arrive, and messages that waited for them go on. */
export function decideCredits(draft: Draft<CreditsEvent & Trigger>): Draft {
  const { trigger, now } = draft
  draft.changes.push(
    {
      kind: 'post',
      postings: purchase(trigger.id, trigger.amountMicros, trigger.memo, now),
    },
    { kind: 'release', waitsFor: 'credits_added', at: now },
  )
  draft.notes.push(`credits_added by ${trigger.actor}`)
  return draft
}

/** Somebody buys credits. */
export function decidePurchase(draft: Draft<PurchaseEvent & Trigger>): Draft {
  return draft
}

/** Buys credits when the balance is below its floor. */
export function decideRecharge(draft: Draft<RechargeEvent & Trigger>): Draft {
  return draft
}

/** A payment moved. */
export function decidePayment(draft: Draft<PaymentEvent & Trigger>): Draft {
  return draft
}
