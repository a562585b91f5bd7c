import { z } from 'zod'
import type { Clock } from '#engine/clock.ts'
import { CHARGE_WORK } from '#engine/decide/credits.ts'
import type { PaymentProvider } from '#engine/payment.ts'
import { isUnderWay } from '#engine/recharge.ts'
import type { Purchase } from '#engine/state.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { Performer } from '../performer.ts'
import { paymentEvent } from './told.ts'

export interface ChargePurchaseDeps {
  providers: readonly PaymentProvider[]
  purchase: (id: string) => Promise<Purchase | null>
  clock: Clock
  newId: () => string
  /** Where the payment's new state goes; resolves when it is on disk. */
  accept: (events: WorldEvent[]) => Promise<unknown>
}

const payload = z.looseObject({ purchaseId: z.string().min(1) })

/** Has a purchase charged. Trying again is safe: the purchase's id is the idempotency key of its payment. */
export function createChargePurchase(deps: ChargePurchaseDeps): Performer {
  return {
    type: CHARGE_WORK,
    async perform(intent) {
      const parsed = payload.safeParse(intent.payload)
      if (!parsed.success) return { kind: 'failed', reason: 'payload_invalid', detail: z.prettifyError(parsed.error) }
      const purchase = await deps.purchase(parsed.data.purchaseId)
      if (purchase === null) {
        return { kind: 'failed', reason: 'purchase_missing', detail: `There is no purchase ${parsed.data.purchaseId}.` }
      }
      if (!isUnderWay(purchase)) return { kind: 'done', detail: purchase.state }
      const provider = deps.providers.find(({ name }) => name === purchase.provider)
      const answer = provider === undefined ? providerMissing(purchase) : await provider.charge(purchase)
      if (answer.kind === 'lost') return { kind: 'retry', reason: 'answer_lost', detail: answer.detail }
      if (answer.kind === 'declined' && !answer.final) {
        return { kind: 'retry', reason: 'payment_refused', detail: `${answer.code}: ${answer.detail}` }
      }
      // Not done before the inbox has it: the next try asks again.
      const event = paymentEvent(purchase, answer, `charge:${deps.newId()}`, deps.clock.now())
      if (event !== null) await deps.accept([event])
      return { kind: 'done', detail: answer.kind === 'declined' ? answer.code : answer.kind }
    },
  }
}

function providerMissing({ provider, reference }: Purchase) {
  const detail = `Payments by "${provider}" are not configured here.`
  return { kind: 'declined', reference, code: 'provider_missing', detail, final: true } as const
}
