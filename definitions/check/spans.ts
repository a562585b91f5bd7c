import type { Span } from '../definitions.ts'
import type { Place, Report } from '../report.ts'
import { suggest } from '../suggest.ts'
import type { Scope } from './scope.ts'

/** Whether a span is no time at all: `P0D`, or no business days. */
export function isZero(span: Span): boolean {
  return typeof span === 'string' ? !/[1-9]/.test(span) : span.count === 0
}

/** How many ms a span takes at the most, when that is surely less than a day; else Infinity. Of working time nobody can tell. */
export function lengthWithinDay(span: Span): number {
  if (isZero(span)) return 0
  const match = typeof span === 'string' ? /^P[0YMWD]*T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(span) : null
  if (match === null) return Infinity
  const [hours, minutes, seconds] = match.slice(1).map((count) => Number(count ?? 0)) as [number, number, number]
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000
  return ms < DAY_MS ? ms : Infinity
}

export const DAY_MS = 86_400_000

/** Whether one duration ends before another, in whatever month and zone. Of working time nobody can tell but next to its like. */
export function isSurelyShorter(one: Span, other: Span): boolean {
  if (typeof one === 'string' && typeof other === 'string') return hoursOf(one)[1] < hoursOf(other)[0]
  if (typeof one === 'string' || typeof other === 'string') return false
  return one.unit === other.unit && one.calendar === other.calendar && one.count < other.count
}

/** Hours at the least and at the most: years, months and, when clocks are changed, days differ in length. */
function hoursOf(duration: string): [least: number, most: number] {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration)
  const [years, months, weeks, days, hours, minutes, seconds] = Array.from({ length: 7 }, (_, index) =>
    Number(match?.[index + 1] ?? 0),
  ) as [number, number, number, number, number, number, number]
  const exact = hours + minutes / 60 + seconds / 3600
  const least = years * 365 + months * 28 + weeks * 7 + days
  const most = years * 366 + months * 31 + weeks * 7 + days
  return [least * 24 - (least > 0 ? 1 : 0) + exact, most * 24 + (most > 0 ? 1 : 0) + exact]
}

/** Checks that the calendar of a working time is there. */
export function checkSpan(scope: Scope, report: Report, place: Place, span: Span) {
  if (typeof span === 'string' || span.calendar === undefined) return
  const name = span.calendar
  if (scope.calendars.has(name) || scope.broken.has(`calendar/${name}`)) return
  report([...place, 'calendar'], 'unknown_calendar', { name, suggestions: suggest(name, scope.calendars) })
}

/** What takes no time where time is the point of it. */
export function checkLength(scope: Scope, report: Report, place: Place, span: Span, what: 'sla' | 'timeout' | 'later') {
  checkSpan(scope, report, place, span)
  if (isZero(span)) report(place, 'zero_span', { what }, what === 'later' ? 'warning' : 'error')
}
