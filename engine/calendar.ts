import { Temporal } from 'temporal-polyfill'
import type { Instant } from './clock.ts'

const starts = new Map<string, Instant>()
const ZONES_MAX = 2_000

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

/** A day as it is in one zone: from its beginning to that of the next. */
interface Day {
  date: string
  startAt: Instant
  endAt: Instant
}

const days = new Map<string, Day>()

/**
 * The calendar date (`2026-10-01`) of an instant in a zone. Those asked for one after the other are mostly of one day, so a date is
 * worked out once a day and zone.
 */
export function dateOf(at: Instant, zone: string): string {
  const known = days.get(zone)
  if (known !== undefined && at >= known.startAt && at < known.endAt) return known.date
  const day = dayOf(at, zone)
  if (days.size >= ZONES_MAX) days.clear()
  days.set(zone, day)
  return day.date
}

/** The calendar month (`2026-10`) of an instant in a zone. */
export function monthOf(at: Instant, zone: string): string {
  return dateOf(at, zone).slice(0, 7)
}

function dayOf(at: Instant, zone: string): Day {
  const date = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate()
  const startOf = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).epochMilliseconds
  return { date: date.toString(), startAt: startOf(date), endAt: startOf(date.add({ days: 1 })) }
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
