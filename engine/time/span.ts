import type { Span } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import type { Draft } from '../decide/draft.ts'
import { recordZone } from '../decide/recordSource.ts'
import { addDuration } from '../duration.ts'
import type { Calendars } from './businessTime.ts'

/**
 * The instant a span after another.
 *
 * @param zone of the record, for durations
 * @param calendar used by working time that names none; null: Monday to Friday, 09:00 to 18:00 in `zone`
 */
export function addSpan(
  at: Instant,
  span: Span,
  zone: string,
  _calendars: Calendars,
  _calendar: string | null,
): Instant {
  if (typeof span === 'string') return addDuration(at, span, zone)
  throw new TypeError('not implemented')
}

/** A span from now on, for a record. */
export function spanFromNow(draft: Draft, span: Span, module: string, values: Values): Instant {
  const { now, known, definitions } = draft
  return addSpan(now, span, recordZone(draft, module, values), definitions.calendars, known.settings.calendar)
}
