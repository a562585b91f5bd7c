import type { Duty } from '../upkeep.ts'
import { creditAlerts } from './alerts.ts'
import { cardAge } from './cardAge.ts'
import { monthlyReconciliation } from './monthlyReconciliation.ts'
import { openPurchases } from './openPurchases.ts'
import type { CreditDutyParts } from './parts.ts'
import { rechargeCheck } from './rechargeCheck.ts'

/** What has to be done about money now and then. */
export function creditDuties(parts: CreditDutyParts): Duty[] {
  return [rechargeCheck(parts), openPurchases(parts), creditAlerts(parts), cardAge(parts), monthlyReconciliation(parts)]
}
