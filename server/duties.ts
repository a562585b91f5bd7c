import type { Accounts } from '#actions/whatsapp/accounts.ts'
import type { Clock } from '#engine/clock.ts'
import type { PaymentProvider } from '#engine/payment.ts'
import type { Store } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { watchHealth, watchTokens } from './accounts/watch.ts'
import { creditDuties } from './credits/duties.ts'
import { askHistory } from './heard.ts'
import { pollTemplates } from './templates/poll.ts'
import type { Duty } from './upkeep.ts'

/** What duties work with. What they find they tell as events, so that one thing decides what follows. */
export interface DutyParts {
  store: Store
  clock: Clock
  newId: () => string
  accounts: Accounts
  payments: readonly PaymentProvider[]
  accept: (events: WorldEvent[]) => Promise<unknown>
}

/** All that comes round while the engine runs, in the order in which it is done. */
export function dutiesOf(parts: DutyParts): Duty[] {
  return [pollTemplates(parts), watchHealth(parts), watchTokens(parts), ...creditDuties(parts), askHistory(parts)]
}
