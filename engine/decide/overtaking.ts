import type { Values } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import type { FieldChange, RecordState } from '../state.ts'
import type { RecordEvent } from '../trigger.ts'

/** Events of a CRM overtake one another by seconds, after an outage by minutes. An older one than this is taken as it comes. */
const OVERTAKE_MS = 3_600_000
/** Changes remembered of a record; a busier one forgets the older of them. */
const RECENT_MAX = 16

/**
 * Changes of the house itself, by a rule or through our API, are never late: they are decided in the order in which they were
 * asked for, while a CRM's clock may run ahead of ours.
 */
export function isOurs(source: string): boolean {
  return source === 'api' || source.startsWith('denrei')
}

/** When a change counts as made: never in the future, and for our own never before what is known. */
export function changedAt(event: RecordEvent, before: RecordState | null, now: Instant): Instant {
  const at = Math.min(event.occurredAt, now)
  return isOurs(event.source) ? Math.max(at, before?.updatedAt ?? at) : at
}

/** The fields that something newer than `at` has written already; of a record written whole, those that it has. */
export function fieldsNewerThan(before: RecordState | null, at: Instant): ReadonlySet<string> {
  const newer = new Set<string>()
  for (const change of before?.recent ?? []) {
    if (change.at <= at) continue
    for (const field of change.fields === '*' ? Object.keys(before?.values ?? {}) : change.fields) newer.add(field)
  }
  return newer
}

/** What is remembered after a change, newest first. */
export function remember(before: RecordState | null, change: FieldChange, now: Instant): FieldChange[] {
  const others = before?.deleted === false ? before.recent : []
  return [change, ...others]
    .filter(({ at, fields }) => at > now - OVERTAKE_MS && fields.length > 0)
    .sort((a, b) => b.at - a.at)
    .slice(0, RECENT_MAX)
}

/** Lays an event over what is known, sparing the fields that are newer. */
export function lay(event: Pick<RecordEvent, 'values' | 'mode'>, known: Values, newer: ReadonlySet<string>): Values {
  const base = event.mode === 'replace' ? {} : known
  const values: Values = { ...base, ...event.values }
  for (const field of newer) {
    const value = known[field]
    if (value === undefined) delete values[field]
    else values[field] = value
  }
  return values
}
