import type { Values } from '#definitions/json.ts'
import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import { entryOf, runningOf, trace } from '../decide/instances.ts'
import type { Occasion } from '../decide/occasion.ts'
import { CAUSES_MAX } from '../decide/rules.ts'
import type { InstanceTrace, LeafTrace } from '../decision.ts'
import { versionedKey, type Instance } from '../instance.ts'
import { isBlank } from '../rules/blank.ts'
import { recordKey, type RecordState } from '../state.ts'
import type { Cause } from '../trigger.ts'
import type { CompiledBlueprint, CompiledTransition } from './compile.ts'
import { standingOf, type Standing } from './look.ts'
import { BLUEPRINT_SOURCE, enterAt, follow, leave, take } from './travel.ts'

/** Automatic transitions by condition in one decision. More are a circle that `check` could not see. */
export const AUTO_MAX = 10

/**
 * A record was created or changed.
 *
 * 1. The running instance follows its field when something else wrote it: to a state, out of the process when that state is final
 *    (`completed`) or the value is none (`left_by_field`, also when it is emptied). What the world did is never refused.
 * 2. A record that matches `exit` leaves.
 * 3. Automatic transitions by condition, in the order of the definition, until none matches.
 * 4. A record in no blueprint enters the first open one whose `entry` it matches and of whose states its field has one that is not
 *    final; a blank field counts as the initial state. Who has left a blueprint enters it again only when the field is written or
 *    `entry` comes to match, never in the decision by which it left: an unchanged record does not go round.
 *
 * While the blueprint is switched off only 1 happens.
 */
export function blueprintsMeet(draft: Draft, occasion: Occasion): void {
  if (occasion.on !== 'record.created' && occasion.on !== 'record.updated') return
  const { module, recordId } = occasion
  const [running] = runningOf(draft, module, recordId, 'blueprint')
  const open = draft.definitions.blueprints.open(module)
  if (running === undefined && open.length === 0) return

  const news = newsOf(draft, occasion)
  if (running !== undefined && !isolated(draft, running, () => meetRunning(draft, news, running))) return
  if (runningOf(draft, module, recordId, 'blueprint').length > 0) return
  for (const blueprint of open) {
    const entered = isolated(draft, { ...blueprint, id: null, definition: blueprint.key }, () =>
      tryToEnter(draft, news, blueprint, running?.definition === blueprint.key),
    )
    if (entered) return
  }
}

/** An occasion, and what the record was before it. */
interface News {
  occasion: Occasion
  before: RecordState | null
  causes: Cause[]
  by: string
}

function newsOf(draft: Draft, occasion: Occasion): News {
  const { trigger, known } = draft
  const record = known.records.get(recordKey(occasion.module, occasion.recordId)) ?? null
  return {
    occasion,
    before: record === null || record.deleted ? null : record,
    causes: trigger.causedBy ?? [],
    by: (trigger.kind === 'record' ? trigger.actor : undefined) ?? trigger.source,
  }
}

/** One blueprint that fails harms only itself: what it had begun is taken back. @returns false when it failed */
function isolated(
  draft: Draft,
  one: Pick<Instance, 'definition' | 'version'> & { id: string | null },
  run: () => boolean | void,
): boolean {
  const [changes, traces] = [draft.changes.length, draft.instances.length]
  const [touched, entries] = [new Map(draft.touched), new Map(draft.touchedEntries)]
  try {
    return run() ?? true
  } catch (error) {
    draft.changes.length = changes
    draft.instances.length = traces
    Object.assign(draft, { touched, touchedEntries: entries })
    trace(draft, {
      definition: versionedKey(one),
      instanceId: one.id,
      outcome: 'failed',
      detail: error instanceof Error ? error.message : String(error),
    })
    return false
  }
}

function meetRunning(draft: Draft, news: News, instance: Instance): void {
  const { blueprints } = draft.definitions
  const blueprint = blueprints.get(versionedKey(instance))
  if (blueprint === undefined) {
    return told(draft, instance, { outcome: 'failed', reason: 'unknown_version', from: instance.position })
  }
  const { occasion, by } = news
  let standing = standingOf(blueprint, instance, occasion.values)
  if (isWritten(draft, news, blueprint)) {
    const state = stateIn(occasion.values, blueprint)
    if (state === null) return void leave(draft, standing, 'left_by_field', by)
    if (state !== instance.position) standing = follow(draft, standing, state, by)
    if (standing.instance.status === 'ended') return
  }
  if (!blueprints.isActive(blueprint.key)) return

  const leaves: LeafTrace[] = []
  if (blueprint.exit?.(factsOf(draft, atState(occasion, standing)), leaves) === true) {
    return void leave(draft, standing, 'exit', blueprint.id, leaves)
  }
  moveByConditions(draft, news, standing, leaves)
}

/** @param leaves what was looked at already */
function moveByConditions(draft: Draft, news: News, start: Standing, leaves: LeafTrace[] = []): void {
  const { blueprint } = start
  let standing = start
  let looked = leaves
  for (let moves = 0; ; moves++) {
    const next = dueByCondition(draft, news.occasion, standing, looked)
    const { instance } = standing
    if (next === undefined) {
      if (looked.length > 0) told(draft, instance, { outcome: 'ignored', reason: 'no_match', leaves: looked })
      return
    }
    if (moves === AUTO_MAX) return told(draft, instance, { outcome: 'failed', reason: 'auto_loop', leaves: looked })
    if (news.causes.length >= CAUSES_MAX) {
      return told(draft, instance, { outcome: 'refused', reason: 'depth_exceeded', leaves: looked })
    }
    const causes = [...news.causes, { triggerId: draft.trigger.id, definition: blueprint.id }]
    standing = take(draft, standing, { transition: next, part: null }, { by: blueprint.id, causes, leaves: looked })
    if (standing.instance.status === 'ended') return
    looked = []
  }
}

function dueByCondition(
  draft: Draft,
  occasion: Occasion,
  { blueprint, instance, values }: Standing,
  leaves: LeafTrace[],
): CompiledTransition | undefined {
  const facts = factsOf(draft, { ...occasion, values })
  return blueprint.states
    .get(instance.position)
    ?.leaving.find(
      ({ auto, before }) =>
        auto !== null && 'when' in auto && auto.when(facts, leaves) && (before === null || before(facts, leaves)),
    )
}

/** @returns whether the record is in it now */
function tryToEnter(draft: Draft, news: News, blueprint: CompiledBlueprint, hasJustLeft: boolean): boolean {
  const { occasion, before, causes, by } = news
  const leaves: LeafTrace[] = []
  const refused = (reason: string): false => {
    trace(draft, { definition: blueprint.id, outcome: 'refused', reason, leaves })
    return false
  }
  const value = occasion.values[blueprint.blueprint.field]
  const state = isBlank(value) ? blueprint.initial : stateIn(occasion.values, blueprint)
  if (state === null) return refused('not_a_state')
  if (blueprint.states.get(state)?.final === true) return refused('final_state')
  const facts = factsOf(draft, occasion)
  if (blueprint.entry?.(facts, leaves) === false) return refused('no_match')
  if (blueprint.exit?.(facts, leaves) === true) return refused('exit')
  if (hasJustLeft || (wasIn(draft, occasion, blueprint) && before !== null && !isNewToIt(draft, news, blueprint))) {
    return refused('already_left')
  }
  if (causes.length >= CAUSES_MAX) return refused('depth_exceeded')

  const own = [...causes, { triggerId: draft.trigger.id, definition: blueprint.id }]
  const standing = enterAt(draft, blueprint, occasion, state, { by, causes: own, leaves })
  moveByConditions(draft, news, standing)
  return true
}

function wasIn(draft: Draft, { module, recordId }: Occasion, { key }: CompiledBlueprint): boolean {
  return entryOf(draft, { definition: key, module, recordId, key: '' }) !== undefined
}

/** The field was written by something else, or `entry` did not match before. */
function isNewToIt(draft: Draft, news: News, blueprint: CompiledBlueprint): boolean {
  if (isWritten(draft, news, blueprint)) return true
  const { before, occasion } = news
  if (before === null || blueprint.entry === null) return false
  return !blueprint.entry(factsOf(draft, { ...occasion, values: before.values, previous: before.values, changed: [] }))
}

/**
 * Whether the event wrote the state field: it changed it, or it differs from our copy though the source thinks otherwise. What the
 * blueprint itself told the record does not count: by now it may be old news.
 */
function isWritten({ trigger }: Draft, { occasion, before }: News, { key, blueprint: { field } }: CompiledBlueprint) {
  const isOwn =
    trigger.source === BLUEPRINT_SOURCE && trigger.causedBy?.at(-1)?.definition.startsWith(`${key}@`) === true
  if (isOwn) return false
  const had = before?.values[field]
  return (
    occasion.changed.includes(field) ||
    (had !== occasion.values[field] && !(isBlank(had) && isBlank(occasion.values[field])))
  )
}

/** The state that the record's field names; null when it names none. Picklists of numbers exist. */
function stateIn(values: Values, { blueprint: { field }, states }: CompiledBlueprint): string | null {
  const value = Object.hasOwn(values, field) ? values[field] : null
  const name = typeof value === 'number' ? String(value) : value
  return typeof name === 'string' && states.has(name) ? name : null
}

function atState(occasion: Occasion, { values }: Standing): Occasion {
  return { ...occasion, values }
}

function told(draft: Draft, instance: Instance, how: Pick<InstanceTrace, 'outcome'> & Partial<InstanceTrace>): void {
  trace(draft, { definition: versionedKey(instance), instanceId: instance.id, from: instance.position, ...how })
}
