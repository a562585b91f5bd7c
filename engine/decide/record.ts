import type { Values } from '#definitions/json.ts'
import { recordKey, type RecordState } from '../state.ts'
import { withoutOldNews } from '../blueprint/echo.ts'
import type { RecordEvent, Trigger } from '../trigger.ts'
import { recordAddresses } from '../recordAddresses.ts'
import type { Draft } from './draft.ts'
import { sameJson, withLists } from './lists.ts'
import { changedAt, fieldsNewerThan, isOurs, lay, remember } from './overtaking.ts'
import { versionedKey } from '../instance.ts'
import { end, runningOf, trace } from './instances.ts'
import { meet } from './occasion.ts'

/**
 * A record event changes our copy of the record and meets the rules.
 *
 * - `saved` is a creation when we do not know the record, else an update.
 * - A late event overwrites no field that something newer has written; its rules still run, because it happened. After a
 *   deletion it does nothing.
 * - An update of a record we never saw counts every field it carries as changed: the source says so.
 */
export function decideRecord(draft: Draft<RecordEvent & Trigger>): Draft {
  const { known, now } = draft
  const trigger = withoutOldNews(draft)
  const before = known.records.get(recordKey(trigger.module, trigger.recordId)) ?? null
  const existed = before !== null && !before.deleted
  const op = trigger.op === 'saved' ? (existed ? 'updated' : 'created') : trigger.op

  if (op === 'deleted') return decideDeletion(draft, before)

  const at = changedAt(trigger, before, now)
  const isFollowUp = isOurs(trigger.source) && trigger.op === 'updated'
  if (before?.deleted === true && (at < before.updatedAt || isFollowUp)) {
    // Overtaken by the deletion, as what a rule does to a record may be; it must not bring the record back.
    draft.notes.push('late_event')
    return draft
  }
  const newer = existed ? fieldsNewerThan(before, at) : new Set<string>()
  if (newer.size > 0) draft.notes.push('late_event')
  const old: Values = existed ? { ...before.values, ...trigger.previous } : { ...trigger.previous }
  const values = withLists(trigger, lay(trigger, existed ? before.values : {}, newer))
  const changed = changedFields(op, old, values, existed || trigger.previous !== undefined, trigger)
  const written = !existed || trigger.mode === 'replace' ? '*' : changed

  draft.changes.push({
    kind: 'putRecord',
    module: trigger.module,
    id: trigger.recordId,
    values,
    deleted: false,
    at: Math.max(at, existed ? before.updatedAt : at),
    addresses: recordAddresses(draft.definitions.modules.get(trigger.module), values, known.settings.defaultCountry),
    recent: remember(before, { at, fields: op === 'updated' && !existed ? changed : written }, now),
  })
  meet(draft, {
    on: op === 'created' ? 'record.created' : 'record.updated',
    module: trigger.module,
    recordId: trigger.recordId,
    values,
    previous: op === 'created' ? {} : old,
    changed,
  })
  return draft
}

function decideDeletion(draft: Draft<RecordEvent & Trigger>, before: RecordState | null): Draft {
  const { trigger, now } = draft
  const values = { ...before?.values, ...trigger.values }
  draft.changes.push(
    {
      kind: 'putRecord',
      module: trigger.module,
      id: trigger.recordId,
      values,
      deleted: true,
      at: changedAt(trigger, before, now),
      addresses: [],
      recent: [],
    },
    {
      kind: 'cancelTimers',
      which: { module: trigger.module, recordId: trigger.recordId },
      reason: 'record_deleted',
      at: now,
    },
  )
  meet(draft, {
    on: 'record.deleted',
    module: trigger.module,
    recordId: trigger.recordId,
    values,
    previous: values,
    changed: [],
  })
  for (const kind of ['blueprint', 'journey'] as const) {
    for (const one of runningOf(draft, trigger.module, trigger.recordId, kind)) {
      end(draft, one, 'record_deleted', { by: versionedKey(one) })
      trace(draft, {
        definition: versionedKey(one),
        instanceId: one.id,
        outcome: 'ended',
        reason: 'record_deleted',
        from: one.position,
      })
    }
  }
  return draft
}

function changedFields(
  op: 'created' | 'updated',
  old: Values,
  values: Values,
  oldIsKnown: boolean,
  trigger: RecordEvent,
) {
  if (op === 'updated' && !oldIsKnown) return Object.keys(trigger.values)
  const fields = new Set([...Object.keys(old), ...Object.keys(values)])
  return [...fields].filter((field) => !sameJson(old[field] ?? null, values[field] ?? null))
}
