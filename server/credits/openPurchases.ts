import { paymentEvent } from '#actions/payment/told.ts'
import type { Instant } from '#engine/clock.ts'
import type { PaymentAnswer } from '#engine/payment.ts'
import { isUnderWay } from '#engine/recharge.ts'
import type { Purchase } from '#engine/state.ts'
import type { Duty } from '../upkeep.ts'
import type { CreditDutyParts } from './parts.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** How long a webhook may take before we ask ourselves. */
const PATIENCE_MS = 2 * MINUTE_MS
/** The older a purchase, the more seldom it is asked about: at a quarter of its age again. */
const AGE_SHARE = 4
/** A payer who has done nothing for so long does not come back, and an automatic purchase must not stand in the way of the next. */
const ABANDONED_MS = 24 * HOUR_MS
/** Stripe forgets an idempotency key after a day: what was never begun by then is begun no more. */
const NEVER_BEGUN_MS = 23 * HOUR_MS
const PAGE = 100

/** Asks how payments fare of which no webhook came, and gives up those that nobody completes. */
export function openPurchases({ store, newId, payments, accept }: CreditDutyParts): Duty {
  const askAt = new Map<string, Instant>()

  return {
    name: 'open-purchases',
    everyMs: MINUTE_MS,
    async run(now) {
      const open = await underWay()
      for (const id of askAt.keys()) if (!open.some((one) => one.id === id)) askAt.delete(id)
      for (const purchase of open) {
        const dueAt = askAt.get(purchase.id) ?? purchase.updatedAt + PATIENCE_MS
        if (now < dueAt) continue
        askAt.set(purchase.id, now + Math.max(PATIENCE_MS, (now - purchase.createdAt) / AGE_SHARE))
        const answer = await ask(purchase, now)
        const event = answer === null ? null : paymentEvent(purchase, answer, `asked:${newId()}`, now)
        if (event !== null) await accept([event])
      }
    },
  }

  async function underWay(): Promise<Purchase[]> {
    const states = ['started', 'pending', 'needs_action'] as const
    const pages = await Promise.all(states.map((state) => store.purchases({ state }, { limit: PAGE })))
    return pages.flatMap(({ items }) => items).filter(isUnderWay)
  }

  async function ask(purchase: Purchase, now: Instant): Promise<PaymentAnswer | null> {
    const provider = payments.find(({ name }) => name === purchase.provider)
    if (provider === undefined) return null
    const age = now - purchase.createdAt
    const isAbandoned =
      purchase.reference === null ? age > NEVER_BEGUN_MS : purchase.state === 'needs_action' && age > ABANDONED_MS
    return isAbandoned ? provider.cancel(purchase) : provider.charge(purchase)
  }
}
