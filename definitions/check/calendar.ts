import type { Calendar } from '../definitions.ts'
import type { Place, Report } from '../report.ts'

type Interval = NonNullable<Calendar['week']['monday']>[number]

/** Checks that a calendar is open some time in each week, and that its hours and days make sense. */
export function checkCalendar(report: Report, { week, holidays = [], specialDays = [] }: Calendar) {
  for (const [day, hours = []] of Object.entries(week)) checkHours(report, ['week', day], hours)
  if (!Object.values(week).some((hours = []) => hours.length > 0)) report(['week'], 'calendar_never_open', {})
  specialDays.forEach(({ hours }, index) => checkHours(report, ['specialDays', index, 'hours'], hours))
  checkDates(report, 'holidays', holidays)
  checkDates(report, 'specialDays', specialDays)
}

/** Times of day compare as text. */
function checkHours(report: Report, place: Place, hours: readonly Interval[]) {
  for (const [index, { from, to }] of hours.entries()) {
    const before = hours[index - 1]?.to
    if (from >= to) report([...place, index], 'calendar_interval_empty', { from, to })
    else if (before !== undefined && from < before) {
      report([...place, index], 'calendar_intervals_overlap', { from, to, before })
    }
  }
}

/** A holiday told twice is one holiday; two sorts of hours for one day leave open which of them counts. */
function checkDates(report: Report, what: 'holidays' | 'specialDays', days: readonly { date: string }[]) {
  const seen = new Set<string>()
  for (const [index, { date }] of days.entries()) {
    if (seen.has(date)) {
      report([what, index, 'date'], 'calendar_day_twice', { date }, what === 'holidays' ? 'warning' : 'error')
    }
    seen.add(date)
  }
}
