import { z } from 'zod'
import type { Instant } from '#engine/clock.ts'
import type { NoticeCode } from '#engine/notice.ts'
import type { Json } from '#definitions/json.ts'
import type { Duty } from '../upkeep.ts'
import type { CreditDutyParts } from './parts.ts'
import { runway } from './runway.ts'

const EVERY_MS = 5 * 60_000
const KEY = 'upkeep/creditAlerts'
const told = z.object({ low: z.boolean().default(false), short: z.boolean().default(false) })

/** Tells once that few credits are left, or that they do not last; again only after there were enough. */
export function creditAlerts({ store, newId, accept }: Pick<CreditDutyParts, 'store' | 'newId' | 'accept'>): Duty {
  return {
    name: 'credit-alerts',
    everyMs: EVERY_MS,
    async run(now) {
      const { alertBelowMicros, alertBelowDays } = (await store.settings()).credits
      if (alertBelowMicros === null && alertBelowDays === null) return
      const before = told.parse((await store.document(KEY)) ?? {})
      const { availableMicros, spentPerDayMicros, days } = await runway(store, now)
      const after = {
        low: alertBelowMicros !== null && availableMicros < alertBelowMicros,
        short: alertBelowDays !== null && days !== null && days < alertBelowDays,
      }
      const details = { availableMicros, spentPerDayMicros, days: days === null ? null : Math.round(days * 10) / 10 }
      // Told before it is noted: word that is told twice is better than word that is lost.
      if (after.low && !before.low) await tell('balance_low', { ...details, alertBelowMicros }, now)
      if (after.short && !before.short) await tell('runway_short', { ...details, alertBelowDays }, now)
      if (after.low !== before.low || after.short !== before.short) await store.saveDocument(KEY, after, now)
    },
  }

  async function tell(code: NoticeCode, details: Record<string, Json>, now: Instant): Promise<void> {
    const sourceId = `alert:${newId()}`
    await accept([{ kind: 'notice', source: 'denrei', sourceId, occurredAt: now, code, severity: 'warning', details }])
  }
}
