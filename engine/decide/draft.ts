import type { Instant } from '../clock.ts'
import type { Answer, Change, Decision, InstanceTrace, RuleTrace } from '../decision.ts'
import type { DefinitionSet } from '../definitionSet.ts'
import type { WorkingSet } from '../facts.ts'
import type { Entry, Instance } from '../instance.ts'
import type { Trigger } from '../trigger.ts'

/** A decision in the making. Everything a decider reads is here, and everything it wants goes in here. */
export interface Draft<T extends Trigger = Trigger> {
  trigger: T
  now: Instant
  known: WorkingSet
  definitions: DefinitionSet
  changes: Change[]
  rules: RuleTrace[]
  notes: string[]
  instances: InstanceTrace[]
  /** To a command. */
  answer: Answer | null
  /** Instances and entries as this decision has left them so far, by id and by `entryKey`; see instances.ts. */
  touched: Map<string, Instance>
  touchedEntries: Map<string, Entry>
  /** `<trigger id>-<ordinal>`: the same at every run, so deciding twice makes the same things once. */
  nextId(): string
}

export function startDraft<T extends Trigger>(
  trigger: T,
  known: WorkingSet,
  definitions: DefinitionSet,
  now: Instant,
): Draft<T> {
  let ordinal = 0
  return {
    trigger,
    now,
    known,
    definitions,
    changes: [],
    rules: [],
    notes: [],
    instances: [],
    answer: null,
    touched: new Map(),
    touchedEntries: new Map(),
    nextId: () => `${trigger.id}-${ordinal++}`,
  }
}

export function finish(draft: Draft): Decision {
  const { trigger, now, changes, rules, notes, instances, answer } = draft
  const told = { ...(instances.length > 0 && { instances }), ...(answer !== null && { answer }) }
  return { triggerId: trigger.id, changes, trace: { triggerId: trigger.id, at: now, rules, notes, ...told } }
}
