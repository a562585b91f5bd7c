import { Temporal } from 'temporal-polyfill'
import type { Instant } from '#engine/clock.ts'
import type { Duty } from '../upkeep.ts'
import type { CreditDutyParts } from './parts.ts'
import { reconcile } from './reconcile.ts'

const HOUR_MS = 3_600_000
/** WhatsApp's figures of a month are complete a little after its end. */
const FROM_DAY = 3

/** Compares each month that is over with WhatsApp's figures, once, for each account. */
export function monthlyReconciliation(parts: CreditDutyParts): Duty {
  const { store, accounts } = parts
  return {
    name: 'reconciliation',
    everyMs: HOUR_MS,
    async run(now) {
      const known = new Map((await store.accounts()).map((one) => [one.id, one]))
      const { timezone } = await store.settings()
      for (const accountId of accounts.ids()) {
        const month = monthOver(now, known.get(accountId)?.zone ?? timezone)
        if (month === null || (await store.document(`reconciliation/${accountId}/${month}`)) !== null) continue
        if (!(await wasSpentIn(month))) continue
        await reconcile(parts, accountId, month)
      }
    },
  }

  /** Nothing is asked about a month in which we were not there. */
  async function wasSpentIn(month: string): Promise<boolean> {
    const first = Temporal.PlainDate.from(`${month}-01`)
    const until = first.add({ months: 1 }).subtract({ days: 1 }).toString()
    return (await store.statement({ from: first.toString(), until, by: ['category'] })).length > 0
  }
}

/** The last month, once it is complete. */
function monthOver(now: Instant, zone: string): string | null {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate()
  return today.day < FROM_DAY ? null : today.subtract({ months: 1 }).toPlainYearMonth().toString()
}
