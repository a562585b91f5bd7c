import type { Json, Values } from '#definitions/json.ts'
import type { Draft } from '../decide/draft.ts'
import type { Occasion } from '../decide/occasion.ts'
import { recordZone, zoneField } from '../decide/recordSource.ts'
import { recordKey } from '../state.ts'
import { dueDates } from './dueDates.ts'
import type { Dated } from './timed.ts'

/** From so far ahead on, what becomes due is no longer the doing of what planned it. */
const FRESH_MS = 86_400_000

/** Plans the dates that a created or changed record carries, in place of those planned before. */
export function planDates(draft: Draft, occasion: Occasion): void {
  const created = occasion.on === 'record.created'
  if (!created && occasion.on !== 'record.updated') return
  const { module, recordId, values, changed } = occasion
  for (const dated of draft.definitions.timed.dates(module)) {
    const { field, timezone } = dated.trigger
    const zone = timezone === undefined ? zoneField(draft.definitions, module) : undefined
    if (!created && !changed.includes(field) && (zone === undefined || !changed.includes(zone))) continue
    if (isKnown(draft, module, recordId)) {
      draft.changes.push({
        kind: 'cancelTimers',
        which: { module, recordId, kind: 'date', definition: dated.key },
        reason: 'date_changed',
        at: draft.now,
      })
    }
    planDatesOf(draft, dated, recordId, values)
  }
}

/**
 * Plans what is next of one record. Planning the same date again does nothing when it waits already, or has fired.
 *
 * A date that is set by an automation for the next day or later comes as a fresh event; one that is nearer carries the causes of
 * what set it, so that a rule which moves its own date does not go round faster than once a day.
 */
export function planDatesOf(draft: Draft, dated: Dated, recordId: string, values: Values): void {
  const { module, trigger } = dated
  const value = values[trigger.field]
  const zone = trigger.timezone ?? recordZone(draft, module, values)
  const daily = draft.definitions.modules.get(module)?.fields[trigger.field]?.type === 'date'
  for (const { dueAt, date } of dueDates(trigger, value, daily, zone, draft.now)) {
    draft.changes.push({
      kind: 'timer',
      at: draft.now,
      timer: {
        kind: 'date',
        id: `${dateTimerId(dated, recordId)}${date}`,
        dueAt,
        definition: dated.id,
        module,
        recordId,
        causedBy: dueAt - draft.now < FRESH_MS ? (draft.trigger.causedBy ?? []) : [],
        anchor: anchorOf(value),
      },
    })
  }
}

/**
 * How the ids of a record's date timers begin: they are made of what is asked for, and not of the version or the zone. So
 * each date fires once, also when the definition is edited or the contact moves on the same day.
 */
export function dateTimerId({ key, module, trigger }: Dated, recordId: string): string {
  return `date/${key}/${module}/${trigger.field}/${trigger.offset ?? ''}/${recordId}/`
}

export function anchorOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

function isKnown({ known }: Draft, module: string, recordId: string): boolean {
  const record = known.records.get(recordKey(module, recordId)) ?? null
  return record !== null && !record.deleted
}
