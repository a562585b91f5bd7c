import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import type { InstanceTrace } from '../decision.ts'
import { entryAfter, entryKey, versionedKey, type Entry, type Instance, type InstanceStep } from '../instance.ts'
import { recordKey } from '../state.ts'
import type { Draft } from './draft.ts'

/* The moves of an instance, for blueprints and journeys alike. Each writes the instance, its history and what becomes of its timers. */

/** An instance as this decision has left it so far. */
export function instanceOf(draft: Draft, id: string): Instance | null {
  return draft.touched.get(id) ?? draft.known.instances.get(id) ?? null
}

/** The running instances of a record, oldest first, as this decision has left them so far. */
export function runningOf(draft: Draft, module: string, recordId: string, kind: Instance['kind']): Instance[] {
  const stored = draft.known.instancesByRecord.get(recordKey(module, recordId)) ?? []
  // Every record event asks several times, and most records are in nothing.
  if (stored.length === 0 && draft.touched.size === 0) return []
  const ids = new Set(stored)
  for (const one of draft.touched.values()) if (one.module === module && one.recordId === recordId) ids.add(one.id)
  return [...ids].flatMap((id) => {
    const one = instanceOf(draft, id)
    return one !== null && one.kind === kind && one.status === 'running' ? [one] : []
  })
}

/** How often, and when last, this record has entered under this key; undefined when never. */
export function entryOf(
  draft: Draft,
  one: Pick<Instance, 'definition' | 'module' | 'recordId' | 'key'>,
): Entry | undefined {
  const key = entryKey(one)
  return draft.touchedEntries.get(key) ?? draft.known.entries.get(key)
}

type Entering = Pick<Instance, 'kind' | 'definition' | 'version' | 'module' | 'recordId' | 'key' | 'position' | 'body'>

/** @param by a person, a source, or the definition with its version */
export function enter(draft: Draft, entering: Entering, by: string, data: Json | null = null): Instance {
  const { now, trigger } = draft
  const instance: Instance = {
    ...entering,
    id: draft.nextId(),
    status: 'running',
    visit: 1,
    reason: null,
    enteredAt: now,
    movedAt: now,
    endedAt: null,
    addresses: [],
    causedBy: [...(trigger.causedBy ?? []), { triggerId: trigger.id, definition: versionedKey(entering) }],
    revision: 0,
  }
  return put(draft, instance, {
    at: now,
    kind: 'entered',
    from: null,
    to: instance.position,
    via: draft.trigger.kind,
    by,
    tookMs: 0,
    data,
  })
}

/** What may change with a step of an instance. */
export interface Moving {
  via: string
  by: string
  data?: Json | null
  body?: Json
  addresses?: string[]
}

/** Moves on, also to the same position again. What it waited for by time is cancelled. */
export function move(draft: Draft, before: Instance, position: string, moving: Moving): Instance {
  cancelTimers(draft, before, 'moved')
  const after = { ...changed(before, moving), position, visit: before.visit + 1, movedAt: draft.now }
  return put(draft, after, stepOf(draft, before, 'moved', position, moving))
}

/** Stays where it is and writes down what happened. Its timers run on. */
export function note(draft: Draft, before: Instance, moving: Moving): Instance {
  return put(draft, changed(before, moving), { ...stepOf(draft, before, 'noted', before.position, moving), tookMs: 0 })
}

/** Changes what it remembers, without a word in its history. */
export function remember(draft: Draft, before: Instance, change: Pick<Moving, 'body' | 'addresses'>): Instance {
  return put(draft, changed(before, change))
}

/** @param position where it stands in the new version */
export function migrate(draft: Draft, before: Instance, version: number, position: string, moving: Moving): Instance {
  cancelTimers(draft, before, 'migrated')
  const moved = position !== before.position
  const after: Instance = {
    ...changed(before, moving),
    version,
    position,
    visit: before.visit + 1,
    movedAt: moved ? draft.now : before.movedAt,
    causedBy: before.causedBy.map((cause, index) =>
      index === before.causedBy.length - 1
        ? { ...cause, definition: versionedKey({ definition: before.definition, version }) }
        : cause,
    ),
  }
  return put(draft, after, stepOf(draft, before, 'migrated', position, moving))
}

/** @param reason `completed`, `goal`, the name of an exit, `record_deleted`, ... */
export function end(draft: Draft, before: Instance, reason: string, moving: Omit<Moving, 'via'>): Instance {
  cancelTimers(draft, before, reason)
  const after: Instance = { ...changed(before, moving), status: 'ended', reason, endedAt: draft.now }
  return put(draft, after, stepOf(draft, before, 'ended', null, { ...moving, via: reason }))
}

/** Wakes the instance at `dueAt`, unless it has moved on by then. @param name see `InstanceTimer` @returns the timer's id */
export function park(draft: Draft, instance: Instance, name: string, dueAt: Instant): string {
  const id = draft.nextId()
  draft.changes.push({
    kind: 'timer',
    at: draft.now,
    timer: {
      kind: 'instance',
      id,
      dueAt,
      definition: versionedKey(instance),
      module: instance.module,
      recordId: instance.recordId,
      causedBy: instance.causedBy,
      instanceId: instance.id,
      position: instance.position,
      visit: instance.visit,
      name,
    },
  })
  return id
}

/** Cancels what it waits for by time: nothing waits of an earlier visit. @param name only that one */
export function cancelTimers(draft: Draft, instance: Instance, reason: string, name?: string): void {
  if (!mayWait(draft, instance)) return
  const { id, module, recordId, visit } = instance
  const which = { instanceId: id, module, recordId, visit, ...(name !== undefined && { name }) }
  draft.changes.push({ kind: 'cancelTimers', which, reason, at: draft.now })
}

/** Of a visit that began with this decision only what this decision has parked can wait. */
function mayWait({ known, changes }: Draft, { id, visit }: Instance): boolean {
  if (known.instances.get(id)?.visit === visit) return true
  return changes.some(
    (change) =>
      change.kind === 'timer' &&
      change.timer.kind === 'instance' &&
      change.timer.instanceId === id &&
      change.timer.visit === visit,
  )
}

/** Writes down in the trace what was done, or why nothing was. */
export function trace(
  draft: Draft,
  told: Partial<InstanceTrace> & Pick<InstanceTrace, 'definition' | 'outcome'>,
): void {
  draft.instances.push({ instanceId: null, reason: null, from: null, to: null, leaves: [], produced: [], ...told })
}

function changed(before: Instance, { body, addresses }: Pick<Moving, 'body' | 'addresses'>): Instance {
  return { ...before, ...(body !== undefined && { body }), ...(addresses !== undefined && { addresses }) }
}

function stepOf(
  draft: Draft,
  before: Instance,
  kind: InstanceStep['kind'],
  to: string | null,
  { via, by, data = null }: Moving,
): InstanceStep {
  const tookMs = Math.max(0, draft.now - before.movedAt)
  return { at: draft.now, kind, from: before.position, to, via, by, tookMs, data }
}

function put(draft: Draft, instance: Instance, ...steps: InstanceStep[]): Instance {
  const next = { ...instance, revision: instance.revision + 1 }
  draft.changes.push({ kind: 'putInstance', instance: next, steps })
  draft.touched.set(next.id, next)
  draft.touchedEntries.set(entryKey(next), entryAfter(entryOf(draft, next), next, steps))
  return next
}
