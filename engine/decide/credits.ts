import assert from 'node:assert/strict'
import { purchase as buy } from '../ledger.ts'
import { judgeRecharge, priceOfCredits, RECHARGE_COUNTERS } from '../recharge.ts'
import type { Purchase } from '../state.ts'
import type { CreditsEvent, PurchaseEvent, RechargeEvent, Trigger } from '../trigger.ts'
import { count, noteFailure, succeed, tell } from './booking.ts'
import type { Draft } from './draft.ts'

/** Which performer charges for a purchase. Its payload is `{ purchaseId }`. */
export const CHARGE_WORK = 'chargePurchase'

/** Credits arrive, and messages that waited for them go on. What is owed is paid first. */
export function decideCredits(draft: Draft<CreditsEvent & Trigger>): Draft {
  const { trigger, now, known } = draft
  draft.changes.push(
    { kind: 'post', postings: buy(trigger.id, trigger.amountMicros, trigger.memo, now, known.owedMicros) },
    { kind: 'release', waitsFor: 'credits_added', at: now },
  )
  draft.notes.push(`credits_added by ${trigger.actor}`)
  return draft
}

/** Somebody buys credits. What is booked by hand is there at once; everything else is for its provider to charge. */
export function decidePurchase(draft: Draft<PurchaseEvent & Trigger>): Draft {
  const { trigger } = draft
  start(draft, { ...trigger.purchase, automatic: false })
  return draft
}

/** Buys credits when the balance is below its floor, as the settings say. */
export function decideRecharge(draft: Draft<RechargeEvent & Trigger>): Draft {
  const { known, now } = draft
  const verdict = judgeRecharge(known, now)
  switch (verdict.kind) {
    case 'no':
      draft.notes.push(`recharge_${verdict.why}`)
      return draft
    case 'capped':
      draft.notes.push('recharge_capped')
      if (verdict.isTold) return draft
      count(draft, RECHARGE_COUNTERS.cappedDay, verdict.day)
      tell(draft, 'recharge_capped', 'warning', {
        boughtTodayMicros: verdict.boughtTodayMicros,
        capMicros: known.settings.credits.autoRecharge?.dailyCapMicros ?? null,
        availableMicros: known.availableMicros,
      })
      return draft
    case 'impossible':
      draft.notes.push(`recharge_${verdict.why}`)
      noteFailure(draft, { purchaseId: null, code: verdict.why, detail: '' })
      return draft
    case 'buy': {
      const price = priceOfCredits(verdict.amountMicros, known.settings.credits)
      if (price === null) {
        draft.notes.push('recharge_without_price')
        noteFailure(draft, { purchaseId: null, code: 'price_invalid', detail: '' })
        return draft
      }
      start(draft, {
        provider: known.settings.credits.provider,
        amountMicros: verdict.amountMicros,
        price,
        memo: 'auto-recharge',
        actor: 'denrei',
        automatic: true,
      })
      return draft
    }
    default:
      throw new TypeError(`Unknown verdict: ${(verdict satisfies never as { kind: string }).kind}`)
  }
}

function start(
  draft: Draft,
  wanted: Pick<Purchase, 'provider' | 'amountMicros' | 'price' | 'memo' | 'actor' | 'automatic'>,
): void {
  const { trigger, now } = draft
  assert(
    Number.isSafeInteger(wanted.amountMicros) && wanted.amountMicros > 0,
    'credits are bought in whole micro-credits',
  )
  const purchase: Purchase = {
    id: trigger.id,
    provider: wanted.provider,
    state: 'started',
    automatic: wanted.automatic,
    amountMicros: wanted.amountMicros,
    price: wanted.price,
    reference: null,
    returnedMicros: 0,
    disputedMicros: 0,
    disputeWonAt: null,
    error: null,
    memo: wanted.memo,
    actor: wanted.actor,
    createdAt: now,
    updatedAt: now,
  }
  draft.notes.push(`purchase_started by ${purchase.actor}`)
  if (purchase.provider === 'manual') {
    succeed(draft, purchase)
    return
  }
  draft.changes.push(
    { kind: 'putPurchase', purchase },
    {
      kind: 'enqueue',
      intent: {
        kind: 'work',
        id: draft.nextId(),
        triggerId: trigger.id,
        definition: 'credits',
        pointer: '',
        module: '',
        recordId: '',
        type: CHARGE_WORK,
        payload: { purchaseId: purchase.id },
        causedBy: [],
      },
      contactId: null,
      verdict: null,
      guards: [],
      at: now,
    },
  )
}
