import { Temporal } from 'temporal-polyfill'
import type { Instant } from './clock.ts'
import { stretchAt } from './time/stretches.ts'

/**
 * The instant a duration after (or, when negative, before) another, on the calendar of a zone: `P1D` is the same wall
 * clock time on the next day, also when the clocks change in between; `P1M` after 31 January is the last of February.
 *
 * @param iso ISO 8601, such as `P2D`, `PT30M`, `-P3D`
 * @param zone IANA name
 * @throws RangeError on a zone or a duration that does not exist
 */
export function addDuration(at: Instant, iso: string, zone: string): Instant {
  const length = lengthOf(iso)
  if (length.fixedMs !== null) {
    // While no clock is changed a day has 24 hours, and counting them costs a hundredth of asking the calendar.
    const { from, to } = stretchAt(zone, at)
    const due = at + length.fixedMs
    if (from <= due && due < to) return due
  }
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).add(length.duration).epochMilliseconds
}

interface Length {
  duration: Temporal.Duration
  /** When it has no months and years, whose lengths differ: its milliseconds, days counted as 24 hours. */
  fixedMs: number | null
}

const lengths = new Map<string, Length>()
const LENGTHS_MAX = 1_000

function lengthOf(iso: string): Length {
  let length = lengths.get(iso)
  if (length === undefined) {
    const duration = Temporal.Duration.from(iso)
    const isFixed = duration.years === 0 && duration.months === 0
    length = { duration, fixedMs: isFixed ? fixedMs(duration) : null }
    if (lengths.size >= LENGTHS_MAX) lengths.clear()
    lengths.set(iso, length)
  }
  return length
}

function fixedMs({ weeks, days, hours, minutes, seconds, milliseconds }: Temporal.Duration): number {
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
}
