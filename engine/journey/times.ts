import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import { dueDates } from '../time/dueDates.ts'
import { instantAt, wallAt } from '../time/stretches.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/**
 * The first instant from `at` on (or `at` itself) at which the wall shows this time of day. A time that the clocks leap over
 * is the moment of the leap; of one that comes twice it is the first.
 *
 * @param time `HH:MM` @param zone IANA name
 */
export function atTimeOfDay(at: Instant, time: string, zone: string): Instant {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const wall = wallAt(zone, at)
  const shown = Math.floor(wall / DAY_MS) * DAY_MS + (hours * 60 + minutes) * MINUTE_MS
  const today = instantAt(zone, shown)
  return today >= at ? today : instantAt(zone, shown + DAY_MS)
}

/**
 * What a `waitUntil` waits for, by the same rules as a `date` trigger: see `dueDates`.
 *
 * @param daily the field holds days: a time in its value is not looked at
 * @returns null when the field is blank, or holds no date
 */
export function plannedAt(
  value: Json | undefined,
  { field, offset, at }: { field: string; offset?: string | undefined; at?: string | undefined },
  daily: boolean,
  zone: string,
): Instant | null {
  const trigger = { on: 'date' as const, field, ...(offset && { offset }), ...(at && { at }) }
  // However long ago it was.
  return dueDates(trigger, value, daily, zone, -Infinity)[0]?.dueAt ?? null
}
