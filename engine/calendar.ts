import { Temporal } from 'temporal-polyfill'
import type { Instant } from './clock.ts'

const starts = new Map<string, Instant>()

/** When a calendar date (`2026-10-01`) begins in a zone. Dates of price lists are few, so each is worked out once. */
export function startOfDate(date: string, zone: string): Instant {
  const key = `${date}/${zone}`
  let at = starts.get(key)
  if (at === undefined) {
    at = Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds
    starts.set(key, at)
  }
  return at
}

/**
 * The row in force: the last one that has begun. Before the first one begins, the first: an old price is a better
 * answer than none.
 *
 * @param rows in order of `from`, a calendar date; at least one
 */
export function inForce<T extends { readonly from: string }>(rows: readonly T[], at: Instant, zone: string): T {
  const row = rows.findLast(({ from }) => startOfDate(from, zone) <= at) ?? rows[0]
  if (!row) throw new TypeError('a dated table needs at least one row')
  return row
}

const zones = new Map<string, boolean>()
const ZONES_MAX = 2_000

/** Whether a text from a record names a time zone that exists. */
export function isZone(name: string): boolean {
  let known = zones.get(name)
  if (known === undefined) {
    known = zoneExists(name)
    if (zones.size >= ZONES_MAX) zones.clear()
    zones.set(name, known)
  }
  return known
}

function zoneExists(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
