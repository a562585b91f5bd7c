import { Temporal } from 'temporal-polyfill'
import type { Instant } from './clock.ts'

/**
 * The instant a duration after (or, when negative, before) another, on the calendar of a zone: `P1D` is the same wall
 * clock time on the next day, also when the clocks change in between; `P1M` after 31 January is the last of February.
 *
 * @param iso ISO 8601, such as `P2D`, `PT30M`, `-P3D`
 * @param zone IANA name
 * @throws RangeError on a zone or a duration that does not exist
 */
export function addDuration(at: Instant, iso: string, zone: string): Instant {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).add(Temporal.Duration.from(iso))
    .epochMilliseconds
}
