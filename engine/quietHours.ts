import { Temporal } from 'temporal-polyfill'
import type { Instant } from './clock.ts'

/**
 * When quiet hours that hold now are over; null when they do not hold.
 *
 * What the clock on the wall shows decides, also on days when it is changed: quiet are all instants at which it shows
 * a time from `from` up to, but not including, `to`. `from` after `to` goes over midnight; equal times are no hours.
 *
 * @param from `HH:MM` @param to `HH:MM` @param zone IANA name of a zone that exists
 */
export function quietUntil(now: Instant, from: string, to: string, zone: string): Instant | null {
  if (from === to) return null
  const here = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone)
  if (!isBetween(minutesOf(here), parse(from), parse(to))) return null
  const date = minutesOf(here) < parse(to) ? here.toPlainDate() : here.toPlainDate().add({ days: 1 })
  return endOn(date, to, zone, now)
}

/** Of the one or two instants at which the wall shows `to` that day, the first that is still to come. */
function endOn(date: Temporal.PlainDate, to: string, zone: string, now: Instant): Instant {
  const wall = date.toPlainDateTime(Temporal.PlainTime.from(to))
  const [earlier, later] = (['earlier', 'later'] as const).map((disambiguation) =>
    wall.toZonedDateTime(zone, { disambiguation }),
  ) as [Temporal.ZonedDateTime, Temporal.ZonedDateTime]
  if (earlier.toPlainDateTime().equals(wall)) {
    return earlier.epochMilliseconds > now ? earlier.epochMilliseconds : later.epochMilliseconds
  }
  // The clock leaps over `to` that day: it is past it from the leap on.
  const leap = earlier.getTimeZoneTransition('next')
  return (leap ?? later).epochMilliseconds
}

function minutesOf(at: Temporal.ZonedDateTime): number {
  return at.hour * 60 + at.minute
}

function parse(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function isBetween(minutes: number, from: number, to: number): boolean {
  return from < to ? from <= minutes && minutes < to : minutes >= from || minutes < to
}
