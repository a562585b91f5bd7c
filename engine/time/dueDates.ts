import { Temporal } from 'temporal-polyfill'
import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import { dayOf, readWhen } from '../rules/dates.ts'
import { instantAt, wallAt } from './stretches.ts'
import type { Dated } from './timed.ts'

/** A time that passed so little ago is still kept: the event that told the date took a while to come. */
export const GRACE_MS = 600_000

/** Of a date, when no other time of day is asked for. */
const MORNING = '09:00'

const DAY_MS = 86_400_000
const MONTH_MS = (365.2425 * DAY_MS) / 12

export interface DueDate {
  dueAt: Instant
  /** Which date it is for: `2026-05-01/0`, the number counting its months or years. The same in whatever zone it is due. */
  date: string
}

/**
 * When a date of a record is due: what became due within the grace, and the next one after now. Empty when the value is
 * blank or no date, or when all of it is past.
 *
 * - A date is due at `at` (default 09:00) in the zone; a date and time at that very instant, or on its day at `at`.
 * - `offset` counts years, months, weeks and days on the calendar of the zone, hours and minutes by the clock.
 * - `monthly` and `yearly` begin with the date itself. The 31st is the last day of a shorter month, 29 February the 28th
 *   of other years, each counted from the date as it is written.
 * - A time that the clocks leap over is the moment of the leap; of one that comes twice it is the first.
 *
 * @param daily the field holds days: a time in its value is not looked at
 * @param zone IANA name
 */
export function dueDates(
  trigger: Dated['trigger'],
  value: Json | undefined,
  daily: boolean,
  zone: string,
  now: Instant,
): DueDate[] {
  const when = readWhen(value, zone)
  if (when === null) return []
  const exact = 'at' in when && !daily && trigger.at === undefined ? when.at : null
  const day = dayOf(when, zone)
  const wall = exact === null ? Date.parse(`${day}T${trigger.at ?? MORNING}Z`) : wallAt(zone, exact)
  const base = exact === null ? day : new Date(exact).toISOString()
  const offset = offsetOf(trigger.offset)
  const due = (turn: number, months: number): DueDate => {
    const date = `${base}/${turn}`
    // A time that comes twice is the one that the record names.
    if (exact !== null && turn === 0 && offset.months === 0 && offset.days === 0) {
      return { dueAt: exact + offset.timeMs, date }
    }
    const shown = addMonths(addMonths(wall, turn * months), offset.months) + offset.days * DAY_MS
    return { dueAt: instantAt(zone, shown) + offset.timeMs, date }
  }
  const from = now - GRACE_MS
  const every = trigger.every ?? 'once'
  if (every === 'once') return [due(0, 0)].filter(({ dueAt }) => dueAt >= from)
  const months = every === 'monthly' ? 1 : 12
  const dates: DueDate[] = []
  // A little too early rather than too late: months are not of one length.
  let turn = Math.max(0, Math.floor((from - due(0, months).dueAt) / (months * MONTH_MS)) - 1)
  for (;;) {
    const one = due(turn++, months)
    if (one.dueAt >= from) dates.push(one)
    if (one.dueAt > now) return dates
  }
}

/** On the calendar, to the last day of a month that is too short. @param wall milliseconds that read as UTC */
function addMonths(wall: number, months: number): number {
  if (months === 0) return wall
  const date = new Date(wall)
  const day = date.getUTCDate()
  date.setUTCMonth(date.getUTCMonth() + months)
  // It ran over into the month after: back to the last day of the one before.
  if (date.getUTCDate() !== day) date.setUTCDate(0)
  return date.getTime()
}

interface Offset {
  months: number
  days: number
  timeMs: number
}
const NO_OFFSET: Offset = { months: 0, days: 0, timeMs: 0 }

/** Years and months, weeks and days, hours and less; all with the sign of the offset. */
function offsetOf(iso: string | undefined): Offset {
  if (iso === undefined) return NO_OFFSET
  const { years, months, weeks, days, hours, minutes, seconds } = Temporal.Duration.from(iso)
  return {
    months: years * 12 + months,
    days: weeks * 7 + days,
    timeMs: ((hours * 60 + minutes) * 60 + seconds) * 1000,
  }
}
