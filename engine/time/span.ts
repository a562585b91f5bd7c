import type { Span } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import type { Draft } from '../decide/draft.ts'
import { recordZone } from '../decide/recordSource.ts'
import { addDuration } from '../duration.ts'
import { addBusinessTime, defaultCalendar, type Calendars } from './businessTime.ts'

/**
 * The instant a span after another.
 *
 * @param zone of the record, for durations
 * @param calendar used by working time that names none; null: Monday to Friday, 09:00 to 18:00 in `zone`. So it is when a
 *   calendar is named that does not exist
 * @throws CalendarClosed when the calendar has not so much working time
 */
export function addSpan(at: Instant, span: Span, zone: string, calendars: Calendars, calendar: string | null): Instant {
  if (typeof span === 'string') return addDuration(at, span, zone)
  return addBusinessTime(at, span, calendars.get(span.calendar ?? calendar ?? '') ?? defaultCalendar(zone))
}

/** A span from now on, for a record. Tells by a note, `calendar_missing`, that the calendar it names does not exist. */
export function spanFromNow(draft: Draft, span: Span, module: string, values: Values): Instant {
  const { now, known, definitions, notes } = draft
  const named = typeof span === 'string' ? null : (span.calendar ?? known.settings.calendar)
  if (named !== null && !definitions.calendars.has(named) && !notes.includes('calendar_missing')) {
    notes.push('calendar_missing')
  }
  return addSpan(now, span, recordZone(draft, module, values), definitions.calendars, known.settings.calendar)
}
