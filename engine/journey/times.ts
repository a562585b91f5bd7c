import { Temporal } from 'temporal-polyfill'
import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import { readWhen } from '../rules/dates.ts'

/** When a date has no time of day of its own and the step names none. */
const MORNING = '09:00'

/**
 * The first instant from `at` on (or `at` itself) at which the wall shows this time of day. A time that the clocks leap over
 * is taken at the leap's other side; of a time that comes twice, the first that is still to come.
 *
 * @param time `HH:MM` @param zone IANA name
 */
export function atTimeOfDay(at: Instant, time: string, zone: string): Instant {
  const here = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  for (const days of [0, 1]) {
    const wall = here.toPlainDate().add({ days }).toPlainDateTime(Temporal.PlainTime.from(time))
    for (const disambiguation of ['earlier', 'later'] as const) {
      const there = wall.toZonedDateTime(zone, { disambiguation })
      // Of a leapt-over time `earlier` is before the leap, when the wall does not show it yet.
      const shown = there.toPlainDateTime().equals(wall) || disambiguation === 'later'
      if (shown && there.epochMilliseconds >= at) return there.epochMilliseconds
    }
  }
  throw new RangeError(`${time} does not come in ${zone}`)
}

/**
 * What a `waitUntil` waits for: the date of a field, moved by the offset on the calendar of the zone, then at the time of day.
 * A date without a time of day is 09:00; a date and time keeps its own unless the step names one.
 *
 * @returns null when the field is blank, or holds no date
 */
export function plannedAt(
  value: Json | undefined,
  { offset = 'PT0S', at }: { offset?: string | undefined; at?: string | undefined },
  zone: string,
): Instant | null {
  const when = readWhen(value, zone)
  if (when === null) return null
  const plain =
    'day' in when
      ? Temporal.PlainDate.from(when.day).toZonedDateTime({ timeZone: zone, plainTime: at ?? MORNING })
      : Temporal.Instant.fromEpochMilliseconds(when.at).toZonedDateTimeISO(zone)
  const moved = plain.add(Temporal.Duration.from(offset))
  return (at === undefined ? moved : moved.withPlainTime(Temporal.PlainTime.from(at))).epochMilliseconds
}
