import type { Calendar, Span } from '#definitions/definitions.ts'
import type { Instant } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { StoredDefinition } from '../store.ts'
import { instantAt, stretchAt, wallAt } from './stretches.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** A hundred years: a calendar that has not enough open hours by then has none. */
const DAYS_MAX = 36_525

/** Working time of a calendar, by days since 1970. */
export interface CompiledCalendar {
  name: string
  /** IANA name. */
  zone: string
  /** When it is open on a day: `from` and `to` in minutes of the day, in order, apart from one another. */
  hoursOn(day: number): readonly OpenHours[]
}
export interface OpenHours {
  from: number
  to: number
}

/** By name. */
export type Calendars = ReadonlyMap<string, CompiledCalendar>

export type BusinessSpan = Exclude<Span, string>

/** A calendar is closed for ever, or too often for the working time that is asked of it. `check` says the first beforehand. */
export class CalendarClosed extends AppError {
  readonly code = 'ERR_CALENDAR_CLOSED'
  readonly retryable = false
}

export function compileCalendars(stored: readonly StoredDefinition[]): Calendars {
  const calendars = new Map<string, CompiledCalendar>()
  for (const { definition } of stored) {
    if (definition.kind === 'calendar') calendars.set(definition.name, compileCalendar(definition))
  }
  return calendars
}

/** Special days outrank holidays, holidays the week. */
export function compileCalendar({
  name,
  timezone,
  week,
  holidays = [],
  specialDays = [],
}: Pick<Calendar, 'name' | 'timezone' | 'week' | 'holidays' | 'specialDays'>): CompiledCalendar {
  const ofWeek = WEEKDAYS.map((weekday) => openHours(week[weekday]))
  const special = new Map<number, readonly OpenHours[]>()
  for (const { date } of holidays) special.set(dayOfDate(date), [])
  for (const { date, hours } of specialDays) special.set(dayOfDate(date), openHours(hours))
  // 1 January 1970 was a Thursday.
  return { name, zone: timezone, hoursOn: (day) => special.get(day) ?? ofWeek[(((day + 3) % 7) + 7) % 7] ?? [] }
}

/** Monday to Friday, 09:00 to 18:00, where none is named. */
export function defaultCalendar(zone: string): CompiledCalendar {
  let calendar = defaults.get(zone)
  if (calendar === undefined) {
    const hours = [{ from: '09:00', to: '18:00' }]
    const week = { monday: hours, tuesday: hours, wednesday: hours, thursday: hours, friday: hours }
    calendar = compileCalendar({ name: 'default', timezone: zone, week })
    if (defaults.size >= DEFAULTS_MAX) defaults.clear()
    defaults.set(zone, calendar)
  }
  return calendar
}
const defaults = new Map<string, CompiledCalendar>()
const DEFAULTS_MAX = 1_000

/**
 * When it is open next: `at` itself while it is. The wall of the calendar's zone decides, also on days when its clocks
 * are changed.
 *
 * @throws CalendarClosed
 */
export function nextOpenAt(at: Instant, calendar: CompiledCalendar): Instant {
  for (const [from, to] of openFrom(at, calendar)) if (to > at) return Math.max(from, at)
  throw closed(calendar)
}

/**
 * The instant so much working time later. It always lies within open hours: nothing is due when nobody is there.
 *
 * - Whatever the unit, time that begins while it is closed begins when it opens next.
 * - `business_hours` and `business_minutes` count the time that really goes by while it is open. When the last of them ends with
 *   the opening hours, the result is the next opening.
 * - `business_days` counts days that have open hours, to the same time of day. When it is closed at that time on the last
 *   of them (a shorter day, a lunch hour), the result is the next opening.
 *
 * @throws CalendarClosed
 */
export function addBusinessTime(at: Instant, { unit, count }: BusinessSpan, calendar: CompiledCalendar): Instant {
  const begins = nextOpenAt(at, calendar)
  switch (unit) {
    case 'business_minutes':
      return addOpenTime(begins, count * MINUTE_MS, calendar)
    case 'business_hours':
      return addOpenTime(begins, count * 60 * MINUTE_MS, calendar)
    case 'business_days':
      return addOpenDays(begins, count, calendar)
  }
}

function addOpenTime(at: Instant, ms: number, calendar: CompiledCalendar): Instant {
  let left = ms
  for (const [from, to] of openFrom(at, calendar)) {
    const begins = Math.max(from, at)
    if (to <= begins) continue
    if (left < to - begins) return begins + left
    left -= to - begins
  }
  throw closed(calendar)
}

function addOpenDays(at: Instant, count: number, calendar: CompiledCalendar): Instant {
  if (count === 0) return at
  const wall = wallAt(calendar.zone, at)
  const first = Math.floor(wall / DAY_MS)
  let left = count
  for (let day = first + 1; day < first + DAYS_MAX; day++) {
    if (calendar.hoursOn(day).length === 0 || --left > 0) continue
    return nextOpenAt(instantAt(calendar.zone, wall + (day - first) * DAY_MS), calendar)
  }
  throw closed(calendar)
}

/** The open times around and after an instant, in order. */
function* openFrom(at: Instant, calendar: CompiledCalendar): Generator<[Instant, Instant]> {
  const today = Math.floor(wallAt(calendar.zone, at) / DAY_MS)
  for (let day = today; day < today + DAYS_MAX; day++) {
    const hours = calendar.hoursOn(day)
    if (hours.length > 0) yield* openOn(day, hours, calendar.zone)
  }
}

/** All instants at which the wall shows an open time of the day. */
function* openOn(day: number, hours: readonly OpenHours[], zone: string): Generator<[Instant, Instant]> {
  const midnight = day * DAY_MS
  // A day begins at most a day before, and ends at most a day after, it does so in UTC.
  let at = midnight - DAY_MS
  while (at <= midnight + 2 * DAY_MS) {
    const stretch = stretchAt(zone, at)
    for (const { from, to } of hours) {
      const begins = Math.max(midnight + from * MINUTE_MS - stretch.offsetMs, at)
      const ends = Math.min(midnight + to * MINUTE_MS - stretch.offsetMs, stretch.to)
      if (begins < ends) yield [begins, ends]
    }
    at = stretch.to
  }
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** In order, and those that touch or overlap made one. */
function openHours(written: readonly { from: string; to: string }[] = []): readonly OpenHours[] {
  const hours: OpenHours[] = []
  const read = written.map(({ from, to }) => ({ from: minuteOf(from), to: minuteOf(to) }))
  for (const one of read.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = hours.at(-1)
    if (last !== undefined && one.from <= last.to) last.to = Math.max(last.to, one.to)
    else hours.push(one)
  }
  return hours
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function dayOfDate(date: string): number {
  return Date.parse(date) / DAY_MS
}

function closed({ name }: CompiledCalendar): CalendarClosed {
  return new CalendarClosed(
    `Calendar "${name}" has not enough open hours in a hundred years. Give it open hours, or ask for less working time.`,
    { calendar: name },
  )
}
