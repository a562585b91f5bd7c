import type { Json } from '#definitions/json.ts'
import type { Instant } from './clock.ts'
import type { Cause } from './trigger.ts'

/** One record's place in a blueprint or a journey. It stays on the version it entered until it is migrated. */
export interface Instance {
  /** `<trigger id>-<ordinal>`: deciding twice makes it once. */
  id: string
  kind: 'blueprint' | 'journey'
  /** `journey/trial-nurture`, without its version. */
  definition: string
  version: number
  module: string
  recordId: string
  /** Of a journey that a record may be in several times at once; '' otherwise. */
  key: string
  status: 'running' | 'ended'
  /** The state of a blueprint or the step of a journey: where it stands, or stood last. */
  position: string
  /** Grows with each entry into a position, also of the same one again: a timer of an earlier visit is stale. */
  visit: number
  /** Why it ended: `completed`, `goal`, the name of an exit, `record_deleted`, ...; null while it runs. */
  reason: string | null
  enteredAt: Instant
  /** Since when it stands at `position`. */
  movedAt: Instant
  endedAt: Instant | null
  /** What its kind remembers: a persisted snapshot and drafts; the latest message of each step, counts of gotos. */
  body: Json
  /** Whom it wrote to, as `addressKeys` spells them: their messages are heard by it. */
  addresses: string[]
  /** What made it enter, and itself last. Every step has these causes, so a journey of a year is no chain of a year. */
  causedBy: Cause[]
  /** Grows by one with each write; 0 is not stored yet. */
  revision: number
}

/** One line of an instance's history, in order. */
export interface InstanceStep {
  at: Instant
  kind: 'entered' | 'moved' | 'noted' | 'ended' | 'migrated'
  /** Null when it enters. */
  from: string | null
  /** Null when it leaves. */
  to: string | null
  /**
   * How: the name of a transition, `field` (the record said so), `next`, `then`, `else`, `timeout`, `branch/1`, `split/0`,
   * `goto`, `escalated`, `partial_save`, the reason of an end, ...
   */
  via: string
  /** A person, a source, or the definition itself. */
  by: string
  /** How long it had stood at `from`, ms; 0 when it enters. */
  tookMs: number
  /** Filled in fields, a note, a ticked list; null when there are none. */
  data: Json | null
}

/** What is remembered for re-entry when the instances themselves are gone. */
export interface Entry {
  count: number
  lastEnteredAt: Instant
  /** Null while none has ended. */
  lastEndedAt: Instant | null
}

/** The key of {@link Entry} in maps. */
export function entryKey(one: Pick<Instance, 'definition' | 'module' | 'recordId' | 'key'>): string {
  return [one.definition, one.module, one.recordId, one.key].join('\u0000')
}

/** `journey/trial-nurture@3` */
export function versionedKey({ definition, version }: Pick<Instance, 'definition' | 'version'>): string {
  return `${definition}@${version}`
}

/** How an entry stands after an instance was put with these steps. The store and the working set both keep it so. */
export function entryAfter(before: Entry | undefined, instance: Instance, steps: InstanceStep[]): Entry {
  const entered = steps.some(({ kind }) => kind === 'entered')
  return {
    count: (before?.count ?? 0) + (entered ? 1 : 0),
    lastEnteredAt: entered ? instance.enteredAt : (before?.lastEnteredAt ?? instance.enteredAt),
    lastEndedAt: instance.endedAt ?? before?.lastEndedAt ?? null,
  }
}

/** A list of records on their way into a journey. */
export interface Broadcast {
  id: string
  /** `journey/spring-offer` */
  definition: string
  name: string
  state: 'scheduled' | 'running' | 'paused' | 'done' | 'cancelled'
  startAt: Instant
  /** At most `count` records in each `perMs`; null: as fast as they are decided. */
  rate: { count: number; perMs: number } | null
  /** The records, by id, kept beside it; or every record of the module that matches. */
  source: { kind: 'list'; total: number } | { kind: 'condition'; when: Json }
  /** How far it is: the number of records taken of a list, or the last record id of a condition. */
  cursor: string
  /** The timer that brings the next page; one that fires under another id is of an earlier life. Left out while none waits. */
  timerId?: string
  /** When its next page may go, by its start and its rate; of one that is paused, too. Left out by older versions. */
  nextAt?: Instant
  entered: number
  /** Who did not enter, by reason: `already_entered`, `record_missing`, `no_match`, ... */
  refused: Record<string, number>
  createdBy: string
  createdAt: Instant
  endedAt: Instant | null
}
