import { Temporal } from 'temporal-polyfill'
import type { Instant } from '../clock.ts'

/** A stretch of time in which the clocks of a zone are not changed. */
export interface Stretch {
  /** When it began, or some instant after that: how far back nobody asked. */
  from: Instant
  /** When the clocks are changed, or some instant before that: how far ahead nobody looked. */
  to: Instant
  /** What the wall shows is the instant plus this, read as if it were UTC. */
  offsetMs: number
}

const DAY_MS = 86_400_000
/** `getTimeZoneTransition` looks three years ahead. What it does not find may still come later. */
const LOOK_AHEAD_MS = 2 * 365 * DAY_MS

const known = new Map<string, Stretch[]>()
const ZONES_MAX = 1_000
/** Of one zone: two hundred years with two changes each. */
const STRETCHES_MAX = 400

/**
 * The stretch around an instant; the one after it is that of `to`. Two neighbours may have the same offset.
 *
 * @param zone IANA name
 * @throws RangeError on a zone that does not exist
 */
export function stretchAt(zone: string, at: Instant): Stretch {
  let stretches = known.get(zone)
  const found = stretches?.find((one) => one.from <= at && at < one.to)
  if (found !== undefined) return found
  const here = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  const change = here.getTimeZoneTransition('next')?.epochMilliseconds
  const made = {
    from: at,
    to: Math.min(change ?? Infinity, at + LOOK_AHEAD_MS),
    offsetMs: here.offsetNanoseconds / 1_000_000,
  }
  if (stretches === undefined || stretches.length >= STRETCHES_MAX) {
    if (known.size >= ZONES_MAX) known.clear()
    known.set(zone, (stretches = []))
  }
  // Known from a little later on: the same stretch.
  const same = stretches.find((one) => one.from > at && one.from <= made.to && one.offsetMs === made.offsetMs)
  if (same === undefined) {
    stretches.push(made)
    return made
  }
  same.from = at
  return same
}

/** What the wall shows in a zone, as milliseconds that read as UTC. */
export function wallAt(zone: string, at: Instant): number {
  return at + stretchAt(zone, at).offsetMs
}

/**
 * When the wall of a zone shows a time: the first time, when the clocks are set back over it and it comes twice; the very
 * moment of the leap, when the clocks leap over it.
 *
 * @param wall milliseconds that read as UTC
 */
export function instantAt(zone: string, wall: number): Instant {
  // No zone is a day ahead, so this is before the time that is looked for, and before any change near it.
  let stretch = stretchAt(zone, wall - 2 * DAY_MS)
  while (wall - stretch.offsetMs >= stretch.to) stretch = stretchAt(zone, stretch.to)
  return Math.max(wall - stretch.offsetMs, stretch.from)
}
