import type { Json } from '#definitions/json.ts'
import { purchase as buy } from '../ledger.ts'
import type { NoticeCode, Severity } from '../notice.ts'
import { RECHARGE_COUNTERS } from '../recharge.ts'
import type { Purchase } from '../state.ts'
import type { Draft } from './draft.ts'

/** Books the credits, pays what is owed, lets go what waited for them. For purchases that were not booked before. */
export function succeed(draft: Draft, purchase: Purchase): void {
  const { now, known } = draft
  draft.changes.push(
    { kind: 'putPurchase', purchase: { ...purchase, state: 'succeeded', error: null, updatedAt: now } },
    {
      kind: 'post',
      postings: buy(purchase.id, purchase.amountMicros, purchase.memo, now, known.owedMicros),
    },
    { kind: 'release', waitsFor: 'credits_added', at: now },
  )
  // A card that works for one purchase works for the next.
  if ((known.counters.get(RECHARGE_COUNTERS.failures) ?? 0) > 0) count(draft, RECHARGE_COUNTERS.failures, 0)
  draft.notes.push(`credits_added by ${purchase.actor}`)
  tell(draft, 'purchase_succeeded', 'info', {
    purchaseId: purchase.id,
    amountMicros: purchase.amountMicros,
    automatic: purchase.automatic,
    actor: purchase.actor,
  })
}

/** One more in a row. The first of them is told; it would be the same word every day from then on. */
export function noteFailure(
  draft: Draft,
  details: { purchaseId: string | null; code: string; detail: string },
  isTold = false,
): void {
  const failures = (draft.known.counters.get(RECHARGE_COUNTERS.failures) ?? 0) + 1
  count(draft, RECHARGE_COUNTERS.failures, failures)
  count(draft, RECHARGE_COUNTERS.failedAt, draft.now)
  if (failures === 1 && !isTold) tell(draft, 'recharge_failed', 'critical', details)
}

export function count(draft: Draft, counter: string, value: number): void {
  draft.changes.push({ kind: 'count', counter, value })
}

/** To the admins. */
export function tell(draft: Draft, code: NoticeCode, severity: Severity, details: Record<string, Json>): void {
  draft.changes.push({
    kind: 'notify',
    to: { role: 'admin' },
    message: '',
    notice: { code, severity, details },
    module: '',
    recordId: '',
    at: draft.now,
  })
}
