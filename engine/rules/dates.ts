import { Temporal } from 'temporal-polyfill'
import type { Json } from '#definitions/json.ts'
import type { Moment } from './moment.ts'

/** A date field has a day, a date-time field an instant. Days are `YYYY-MM-DD`, so their text sorts as they do. */
export type When = { day: string } | { at: number }

/**
 * Reads a date (`2026-05-01`), a date-time with offset (`2026-05-01T10:00:00+09:00`), a date-time without one (wall
 * clock of the zone), or epoch ms. Null for anything else, also for days that do not exist and for years of five digits.
 */
export function readWhen(value: Json | undefined, zone: string): When | null {
  if (typeof value === 'number') return isInstant(value) ? { at: Math.floor(value) } : null
  if (typeof value !== 'string') return null
  const match = written.exec(value.trim())
  if (match === null) return null
  const [, day = '', time, offset] = match
  if (!exists(day)) return null
  if (time === undefined) return { day }
  const at = Date.parse(`${day}T${time}${offset === undefined ? 'Z' : offset.replace(/^(.\d\d)(\d\d)$/, '$1:$2')}`)
  if (!isInstant(at)) return null
  // Without an offset the wall clock of the zone counts; a time that the clocks skip is moved on, as Temporal does.
  if (offset === undefined) {
    return { at: Temporal.PlainDateTime.from(`${day}T${time}`).toZonedDateTime(zone).epochMilliseconds }
  }
  return { at }
}

/** The day something falls on in a zone. */
export function dayOf(when: When, zone: string): string {
  return 'day' in when ? when.day : dayAt(when.at, zone)
}

/** The calendar day of an instant in a zone. */
export function dayAt(at: number, zone: string): string {
  if (last.at === at && last.zone === zone) return last.day
  const day = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate().toString()
  last = { at, zone, day }
  return day
}
// Rules of one event ask for "today" again and again.
let last = { at: NaN, zone: '', day: '' }

/** Days from one to the other, negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}

/**
 * The order of two dates in the moment's zone: by day when either is only a day, else by instant.
 * @returns NaN when one of them is no date
 */
export function orderInTime(a: Json | undefined, b: Json | undefined, zone: string | null): number {
  if (zone === null) return NaN
  const left = readWhen(a, zone)
  const right = readWhen(b, zone)
  if (left === null || right === null) return NaN
  if ('at' in left && 'at' in right) return left.at - right.at
  const [one, other] = [dayOf(left, zone), dayOf(right, zone)]
  return one < other ? -1 : one > other ? 1 : 0
}

/** Whether two dates fall on one day in the zone; null when one of them is no date. */
export function isSameDay(a: Json | undefined, b: Json | undefined, zone: string | null): boolean | null {
  if (zone === null) return null
  const left = readWhen(a, zone)
  const right = readWhen(b, zone)
  return left === null || right === null ? null : dayOf(left, zone) === dayOf(right, zone)
}

/**
 * Whether a date lies in the stretch of time after (`1`) or before (`-1`) now. Whole days count from today, today
 * included: `7` or `"P7D"` ahead is today and the six days after it, back is today and the six before. A duration
 * with hours or minutes counts from the very moment, and only a date-time can lie in it.
 */
export function isWithin(fact: Json | undefined, moment: Moment, direction: 1 | -1): boolean {
  const { value, now, zone } = moment
  if (now === null || zone === null) return false
  const length = lengthOf(value)
  const when = readWhen(fact, zone)
  if (length === null || when === null) return false
  const step = direction === 1 ? length : length.negated()
  if (length.hours > 0 || length.minutes > 0 || length.seconds > 0) {
    if (!('at' in when)) return false
    const limit = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).add(step).epochMilliseconds
    return direction === 1 ? when.at >= now && when.at < limit : when.at <= now && when.at > limit
  }
  const today = dayAt(now, zone)
  const limit = Temporal.PlainDate.from(today).add(step).toString()
  const day = dayOf(when, zone)
  return direction === 1 ? day >= today && day < limit : day <= today && day > limit
}

/** Whole days from the date to today: 0 today, 3 for three days ago, negative ahead. Null when it is no date. */
export function ageInDays(fact: Json | undefined, { now, zone }: Moment): number | null {
  if (now === null || zone === null) return null
  const when = readWhen(fact, zone)
  return when === null ? null : daysBetween(dayOf(when, zone), dayAt(now, zone))
}

/** A number of days, or an ISO 8601 duration, of at most a thousand years. Null for what is neither, or not above zero. */
export function lengthOf(value: Json | undefined): Temporal.Duration | null {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value > 0 && value <= 365_000 ? Temporal.Duration.from({ days: value }) : null
  }
  if (typeof value !== 'string' || !duration.test(value)) return null
  const length = Temporal.Duration.from(value)
  const years = length.years + length.months / 12 + length.weeks / 52 + length.days / 365
  return length.sign > 0 && years <= 1_000 ? length : null
}

const FIRST_AT = Date.parse('0001-01-01')
const LAST_AT = Date.parse('9999-12-30')

/** Whether a number of milliseconds lies in the years that dates are written in, in every zone. */
export function isInstant(at: number): boolean {
  return at >= FIRST_AT && at <= LAST_AT
}

const written =
  /^(\d{4}-\d{2}-\d{2})(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/
const duration =
  /^P(?!$)(?:\d{1,6}Y)?(?:\d{1,6}M)?(?:\d{1,6}W)?(?:\d{1,6}D)?(?:T(?!$)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}S)?)?$/

function exists(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}
