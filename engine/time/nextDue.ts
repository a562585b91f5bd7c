import type { Instant } from '../clock.ts'
import type { Cron } from './cron.ts'
import { stretchAt, type Stretch } from './stretches.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The longest that anything recurs in: 29 February on one weekday, over a year such as 2100 that has none. */
const YEARS_MAX = 40

/**
 * The first minute after `after` at which a schedule is due; null when it never is, such as on 31 February.
 *
 * When clocks are changed, a schedule with fixed hours (`30 2 * * *`) fires once a day all the same: at the moment of the
 * leap when its time is leapt over, and the first time only when its time comes twice. One whose hours begin with `*`
 * (`0 * * * *`) fires whenever the wall shows its time, so as often as hours really go by.
 *
 * @param zone IANA name
 */
export function nextDue(cron: Cron, zone: string, after: Instant): Instant | null {
  const horizon = after + YEARS_MAX * 366 * DAY_MS
  let before: Stretch | null = null
  // From before any change of the clocks by which a time now could come for the second time.
  for (
    let stretch = stretchAt(zone, after - 2 * DAY_MS);
    stretch.from < horizon;
    stretch = stretchAt(zone, stretch.to)
  ) {
    const { from, to, offsetMs } = stretch
    const begins = from + offsetMs
    /** What the wall has shown already, or would show next if the clocks were not changed. */
    const shown: number = before === null || cron.eachHour ? begins : before.to + before.offsetMs
    if (from > after && firstBetween(cron, shown, begins) !== null) return from
    const wall = firstBetween(cron, Math.max(after + 1 + offsetMs, begins, shown), Math.min(to, horizon) + offsetMs)
    if (wall !== null) return wall - offsetMs
    before = stretch
  }
  return null
}

/** The first time from `from` up to, but not including, `to` that fits; as the wall shows it, read as UTC. */
function firstBetween(cron: Cron, from: number, to: number): number | null {
  let wall = Math.ceil(from / MINUTE_MS) * MINUTE_MS
  while (wall < to) {
    const date = new Date(wall)
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
    if (!cron.months.has(month)) {
      wall = Date.UTC(year, month, 1)
      continue
    }
    const midnight = wall - (wall % DAY_MS) - (wall % DAY_MS < 0 ? DAY_MS : 0)
    if (cron.fitsDay(year, month, day, date.getUTCDay())) {
      const found = firstOfDay(cron, midnight, wall)
      if (found !== null) return found < to ? found : null
    }
    wall = midnight + DAY_MS
  }
  return null
}

function firstOfDay({ hours, minutes }: Cron, midnight: number, from: number): number | null {
  for (const hour of hours) {
    const begins = midnight + hour * HOUR_MS
    if (begins + HOUR_MS <= from) continue
    const minute = minutes.find((one) => begins + one * MINUTE_MS >= from)
    if (minute !== undefined) return begins + minute * MINUTE_MS
  }
  return null
}
