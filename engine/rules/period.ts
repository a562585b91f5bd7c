import { Temporal } from 'temporal-polyfill'
import type { Json } from '#definitions/json.ts'
import { dayAt, dayOf, readWhen } from './dates.ts'
import type { Moment } from './moment.ts'

/** Named stretches of days that `during` knows. Weeks begin on Monday and years in January unless the value says otherwise. */
export const periodNames = [
  'today',
  'yesterday',
  'tomorrow',
  'tillYesterday',
  'tillToday',
  'startingToday',
  'startingTomorrow',
  'lastWeek',
  'thisWeek',
  'nextWeek',
  'lastMonth',
  'thisMonth',
  'nextMonth',
  'lastQuarter',
  'thisQuarter',
  'nextQuarter',
  'lastYear',
  'thisYear',
  'nextYear',
] as const
export type PeriodName = (typeof periodNames)[number]

/** A period by name, or `{ "period": "thisYear", "startMonth": 4 }` for a fiscal year, `"weekStart": 7` for Sunday. */
export interface Period {
  period: PeriodName
  startMonth: number
  weekStart: number
}

/** Null when the value names no period. */
export function readPeriod(value: Json | undefined): Period | null {
  const written = typeof value === 'string' ? { period: value } : value
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return null
  const { period, startMonth = 1, weekStart = 1, ...unknown } = written
  if (!isPeriodName(period) || Object.keys(unknown).length > 0) return null
  if (!isWhole(startMonth, 12) || !isWhole(weekStart, 7)) return null
  return { period, startMonth, weekStart }
}

/** Whether a date falls into the period of the moment, by days of the zone. Null when it is no date or no period. */
export function isDuring(fact: Json | undefined, { value, now, zone }: Moment): boolean | null {
  if (now === null || zone === null) return null
  const when = readWhen(fact, zone)
  const period = readPeriod(value)
  if (when === null || period === null) return null
  const day = dayOf(when, zone)
  const [from, before] = daysOf(period, dayAt(now, zone))
  return (from === null || day >= from) && (before === null || day < before)
}

/** First day and first day after; null is open. */
export function daysOf({ period, startMonth, weekStart }: Period, today: string): [string | null, string | null] {
  const date = Temporal.PlainDate.from(today)
  const day = (shift: number) => date.add({ days: shift }).toString()
  const week = (shift: number) => {
    const first = date.subtract({ days: (date.dayOfWeek - weekStart + 7) % 7 }).add({ weeks: shift })
    return span(first, { weeks: 1 })
  }
  const months = (count: number, shift: number) => {
    const into = (((date.month - startMonth + 12) % 12) % count) - shift * count
    return span(date.with({ day: 1 }).subtract({ months: into }), { months: count })
  }
  switch (period) {
    case 'today':
      return [today, day(1)]
    case 'yesterday':
      return [day(-1), today]
    case 'tomorrow':
      return [day(1), day(2)]
    case 'tillYesterday':
      return [null, today]
    case 'tillToday':
      return [null, day(1)]
    case 'startingToday':
      return [today, null]
    case 'startingTomorrow':
      return [day(1), null]
    case 'lastWeek':
      return week(-1)
    case 'thisWeek':
      return week(0)
    case 'nextWeek':
      return week(1)
    case 'lastMonth':
      return months(1, -1)
    case 'thisMonth':
      return months(1, 0)
    case 'nextMonth':
      return months(1, 1)
    case 'lastQuarter':
      return months(3, -1)
    case 'thisQuarter':
      return months(3, 0)
    case 'nextQuarter':
      return months(3, 1)
    case 'lastYear':
      return months(12, -1)
    case 'thisYear':
      return months(12, 0)
    case 'nextYear':
      return months(12, 1)
  }
}

function span(first: Temporal.PlainDate, length: { weeks: number } | { months: number }): [string, string] {
  return [first.toString(), first.add(length).toString()]
}

function isPeriodName(name: Json | undefined): name is PeriodName {
  return (periodNames as readonly unknown[]).includes(name)
}

function isWhole(value: Json, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max
}
