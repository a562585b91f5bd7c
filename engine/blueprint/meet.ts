import type { Values } from '#definitions/json.ts'
import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import { entryOf, runningOf, trace } from '../decide/instances.ts'
import type { Occasion } from '../decide/occasion.ts'
import type { LeafTrace } from '../decision.ts'
import { versionedKey, type Instance } from '../instance.ts'
import { isBlank } from '../rules/blank.ts'
import { recordKey, type RecordState } from '../state.ts'
import type { Cause } from '../trigger.ts'
import type { CompiledBlueprint } from './compile.ts'
import { isEchoOf } from './echo.ts'
import { standingOf } from './look.ts'
import { goOn, isTooDeep } from './onward.ts'
import { enterAt, follow, leave } from './travel.ts'
import { markOf } from './undo.ts'

/**
 * A record was created or changed.
 *
 * 1. The running instance follows its field when something else wrote it: to a state, out of the process when that state is final
 *    (`completed`) or the value is none (`left_by_field`, also when it is emptied). What the world did is never refused.
 * 2. It goes on from there, by `exit` and by automatic transitions: see {@link goOn}.
 * 3. A record in no blueprint enters the first open one whose `entry` it matches and of whose states its field has one that is not
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
  const goBack = markOf(draft)
  try {
    return run() ?? true
  } catch (error) {
    goBack()
    const detail = error instanceof Error ? error.message : String(error)
    trace(draft, { definition: versionedKey(one), instanceId: one.id, outcome: 'failed', detail })
    return false
  }
}

function meetRunning(draft: Draft, news: News, instance: Instance): void {
  const blueprint = draft.definitions.blueprints.get(versionedKey(instance))
  const own = { definition: versionedKey(instance), instanceId: instance.id, from: instance.position }
  if (blueprint === undefined) return trace(draft, { ...own, outcome: 'failed', reason: 'unknown_version' })
  if (isEchoOf(draft.trigger, blueprint.key)) return

  const { occasion, by } = news
  const before = standingOf(blueprint, instance, occasion.values)
  let standing = before
  if (isWritten(draft, news, blueprint)) {
    const state = stateIn(occasion.values, blueprint)
    if (state === null) {
      leave(draft, standing, 'left_by_field', by)
      return
    }
    if (state !== instance.position) standing = follow(draft, standing, state, by)
  }
  const leaves: LeafTrace[] = []
  const after = goOn(draft, standing, occasion, leaves)
  if (after === before && leaves.length > 0) trace(draft, { ...own, outcome: 'ignored', reason: 'no_match', leaves })
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
  if (isTooDeep(draft, blueprint)) return refused('depth_exceeded')

  const own = [...causes, { triggerId: draft.trigger.id, definition: blueprint.id }]
  const standing = enterAt(draft, blueprint, occasion, state, { by, causes: own, leaves })
  goOn(draft, standing, occasion, [])
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
 * Whether something else wrote the state field: the event changed it, or it differs from our copy though the source thinks
 * otherwise.
 */
function isWritten(draft: Draft, { occasion, before }: News, blueprint: CompiledBlueprint): boolean {
  if (isEchoOf(draft.trigger, blueprint.key)) return false
  const { field } = blueprint.blueprint
  const [had, has] = [before?.values[field], occasion.values[field]]
  return occasion.changed.includes(field) || (had !== has && !(isBlank(had) && isBlank(has)))
}

/** The state that the record's field names; null when it names none. Picklists of numbers exist. */
function stateIn(values: Values, { blueprint: { field }, states }: CompiledBlueprint): string | null {
  const value = Object.hasOwn(values, field) ? values[field] : null
  const name = typeof value === 'number' ? String(value) : value
  return typeof name === 'string' && states.has(name) ? name : null
}
