import { Temporal } from 'temporal-polyfill'
import type { Instant } from '#engine/clock.ts'
import type { Store } from '#engine/store.ts'

/** Whole days before today over which the pace is taken. */
const DAYS = 7

export interface Runway {
  availableMicros: number
  /** A day, over the last seven whole days. */
  spentPerDayMicros: number
  /** For how many days the available credits last at that pace; null when nothing was spent. */
  days: number | null
}

/** How long the credits last. */
export async function runway(store: Store, now: Instant): Promise<Runway> {
  const { timezone } = await store.settings()
  const today = dateAt(now, timezone)
  const rows = await store.statement({
    from: today.subtract({ days: DAYS }).toString(),
    until: today.subtract({ days: 1 }).toString(),
    by: ['day'],
  })
  const { available } = await store.balance()
  const spent = rows.reduce((sum, { spentMicros }) => sum + spentMicros, 0)
  const spentPerDayMicros = Math.round(spent / DAYS)
  const days = spentPerDayMicros === 0 ? null : available / spentPerDayMicros
  return { availableMicros: available, spentPerDayMicros, days }
}

/** The calendar date in a zone. */
function dateAt(at: Instant, zone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate()
}
