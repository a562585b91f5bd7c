import { isDeepStrictEqual } from 'node:util'
import type { Json, Values } from '#definitions/json.ts'
import { recordKey, type RecordState } from '../state.ts'
import type { RecordEvent, Trigger } from '../trigger.ts'
import { recordAddresses } from '../recordAddresses.ts'
import type { Draft } from './draft.ts'
import { runRules } from './rules.ts'

/**
 * A record event changes our copy of the record and meets the rules.
 *
 * - `saved` is a creation when we do not know the record, else an update.
 * - A late event (older than what we know) fills gaps and overwrites nothing; its rules still run, because it happened.
 * - An update of a record we never saw counts every field it carries as changed: the source says so.
 */
export function decideRecord(draft: Draft<RecordEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const before = known.records.get(recordKey(trigger.module, trigger.recordId)) ?? null
  const existed = before !== null && !before.deleted
  const op = trigger.op === 'saved' ? (existed ? 'updated' : 'created') : trigger.op

  if (op === 'deleted') return decideDeletion(draft, before)

  const late = existed && trigger.occurredAt < before.updatedAt
  if (late) draft.notes.push('late_event')
  const old: Values = existed ? { ...before.values, ...trigger.previous } : { ...trigger.previous }
  const values = mergedValues(trigger, existed ? before.values : {}, late)
  const changed = changedFields(op, old, values, existed || trigger.previous !== undefined, trigger)

  draft.changes.push({
    kind: 'putRecord',
    module: trigger.module,
    id: trigger.recordId,
    values,
    deleted: false,
    at: late ? before.updatedAt : trigger.occurredAt,
    addresses: recordAddresses(draft.definitions.modules.get(trigger.module), values, known.settings.defaultCountry),
  })
  runRules(draft, {
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
      at: trigger.occurredAt,
      addresses: [],
    },
    { kind: 'cancelTimers', module: trigger.module, recordId: trigger.recordId, reason: 'record_deleted', at: now },
  )
  runRules(draft, {
    on: 'record.deleted',
    module: trigger.module,
    recordId: trigger.recordId,
    values,
    previous: values,
    changed: [],
  })
  return draft
}

function mergedValues(trigger: RecordEvent, current: Values, late: boolean): Values {
  if (late) return { ...trigger.values, ...current }
  const values: Values = trigger.mode === 'replace' ? { ...trigger.values } : { ...current, ...trigger.values }
  for (const { field, add = [], remove = [] } of trigger.lists ?? []) {
    const had = Array.isArray(values[field]) ? values[field] : []
    const kept = had.filter((member) => !remove.some((gone) => sameJson(gone, member)))
    values[field] = [...kept, ...add.filter((member) => !kept.some((there) => sameJson(there, member)))]
  }
  return values
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

function sameJson(a: Json, b: Json): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && isDeepStrictEqual(a, b))
}
