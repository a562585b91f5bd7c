import type { Accounts } from '#actions/whatsapp/accounts.ts'
import type { Clock } from '#engine/clock.ts'
import type { PaymentProvider } from '#engine/payment.ts'
import type { AcceptOutcome, Store } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'

/** What the money part of the engine works with. */
export interface CreditParts {
  store: Store
  clock: Clock
  newId: () => string
  accounts: Accounts
  /** Besides `manual`, which needs none. */
  payments: readonly PaymentProvider[]
  accept: (events: WorldEvent[]) => Promise<AcceptOutcome[]>
  whenDecided: (triggerId: string, timeoutMs: number) => Promise<boolean>
}

/** What duties about money need; they wait for nothing. */
export type CreditDutyParts = Omit<CreditParts, 'accept' | 'whenDecided'> & {
  accept: (events: WorldEvent[]) => Promise<unknown>
}
