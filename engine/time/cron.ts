import { validateDetailed } from 'node-cron'
import { nextDue } from './nextDue.ts'

/** A cron expression, taken apart. */
export interface Cron {
  /** Minutes of the hour, and hours of the day, in order. */
  minutes: number[]
  hours: number[]
  months: ReadonlySet<number>
  /** @param month 1 to 12 @param weekday 0 is Sunday */
  fitsDay(year: number, month: number, day: number, weekday: number): boolean
  /** The field of hours begins with `*`: it is about each hour that goes by, and not about a time of day. */
  eachHour: boolean
}

/** Why a schedule would not work: `detail` is for people, in English, from the reader of the expression. */
export type CronProblem = { kind: 'invalid'; detail: string } | { kind: 'never' }

/** A cron expression that cannot be read. `check` finds it first. */
export class CronInvalid extends RangeError {}

/**
 * Reads five fields: minute, hour, day of the month, month, weekday, with names, ranges, steps, and `L`, `L-3`, `15W`, `LW`
 * for days of the month, `5L` and `1#2` for weekdays.
 *
 * Days: when both fields restrict, a day fits that fits either of them. A field that begins with `*` or is `?` does not
 * restrict; then a day fits that fits both. Source: crontab(5) of Vixie cron, and POSIX, "crontab".
 *
 * @throws CronInvalid
 */
export function readCron(expression: string): Cron {
  const seen = read.get(expression)
  if (seen !== undefined) return seen
  const cron = parse(expression)
  if (read.size >= READ_MAX) read.clear()
  read.set(expression, cron)
  return cron
}
const read = new Map<string, Cron>()
const READ_MAX = 1_000

/** Null when it works: it can be read, and comes due some day. @param zone IANA name */
export function cronProblem(expression: string, zone: string): CronProblem | null {
  try {
    return nextDue(readCron(expression), zone, SOME_DAY) === null ? { kind: 'never' } : null
  } catch (error) {
    if (error instanceof CronInvalid) return { kind: 'invalid', detail: error.message }
    throw error
  }
}
/** Whether it ever comes due does not depend on when one asks. */
const SOME_DAY = Date.UTC(2026, 0, 1)

function parse(expression: string): Cron {
  const fields = expression.trim().split(/\s+/)
  if (fields.length !== 5) throw new CronInvalid(`expected 5 fields but got ${fields.length}`)
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string]
  // Asked apart: 31 February is refused together, but may be meant when the weekday counts too.
  const { minute: minutes, hour: hours, dayOfMonth } = fieldsOf(`${minute} ${hour} ${day} * *`)
  const { month: months, dayOfWeek } = fieldsOf(`* * * ${month} ${weekday}`)
  const daysFit = dayOfMonth.map(dayFits)
  const weekdaysFit = dayOfWeek.map(weekdayFits)
  const either = restricts(day) && restricts(weekday)
  return {
    minutes: [...minutes].sort((a, b) => a - b),
    hours: [...hours].sort((a, b) => a - b),
    months: new Set(months),
    eachHour: hour.startsWith('*'),
    fitsDay(year, ofMonth, at, on) {
      const last = lastDay(year, ofMonth)
      const fits = (one: Fits) => one(at, on, last)
      return either ? daysFit.some(fits) || weekdaysFit.some(fits) : daysFit.some(fits) && weekdaysFit.some(fits)
    },
  }
}

function fieldsOf(expression: string) {
  const { fields, errors } = validateDetailed(expression)
  if (fields === undefined) throw new CronInvalid(errors.map(({ message }) => message).join('; '))
  return fields
}

function restricts(field: string): boolean {
  return !field.startsWith('*') && field !== '?'
}

type Fits = (day: number, weekday: number, last: number) => boolean

function dayFits(token: number | string): Fits {
  if (typeof token === 'number') return (day) => day === token
  const before = /^L(?:-(\d+))?$/.exec(token)
  if (before !== null) return (day, _, last) => day === last - Number(before[1] ?? 0)
  const near = /^(L|\d+)W$/.exec(token)
  if (near === null) throw new CronInvalid(`${token} is no day of the month`)
  return (day, weekday, last) => {
    const target = near[1] === 'L' ? last : Number(near[1])
    if (target < 1 || target > last) return false
    return day === nearestWorkday(target, (((weekday + target - day) % 7) + 7) % 7, last)
  }
}

/** Monday to Friday nearest to a day, in the same month. @param weekday of the day */
function nearestWorkday(day: number, weekday: number, last: number): number {
  if (weekday === 6) return day === 1 ? 3 : day - 1
  if (weekday === 0) return day === last ? day - 2 : day + 1
  return day
}

function weekdayFits(token: number | string): Fits {
  if (typeof token === 'number') return (_, weekday) => weekday === token
  const match = /^([0-7])(?:(L)|#([1-5]))$/.exec(token)
  if (match === null) throw new CronInvalid(`${token} is no weekday`)
  const wanted = Number(match[1]) % 7
  const nth = Number(match[3])
  return match[2] === 'L'
    ? (day, weekday, last) => weekday === wanted && day + 7 > last
    : (day, weekday) => weekday === wanted && Math.ceil(day / 7) === nth
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
