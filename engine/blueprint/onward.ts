import type { Draft } from '../decide/draft.ts'
import { factsOf } from '../decide/factSource.ts'
import { trace } from '../decide/instances.ts'
import type { Occasion } from '../decide/occasion.ts'
import { CAUSES_MAX } from '../decide/rules.ts'
import type { InstanceTrace, LeafTrace } from '../decision.ts'
import { versionedKey, type Instance } from '../instance.ts'
import type { CompiledBlueprint, CompiledTransition } from './compile.ts'
import { isOf } from './echo.ts'
import type { Standing } from './look.ts'
import { leave, take } from './travel.ts'
import { markOf } from './undo.ts'

/** Automatic transitions by condition in one decision. More are a circle that `check` could not see. */
export const AUTO_MAX = 10
/** How often a blueprint may stand among the causes of its automatic moves: its actions may bring about one more round of them. */
export const OWN_CAUSES_MAX = 2

/** What happened to the record: a record occasion, or a step that somebody took. */
export type Happening = Pick<Occasion, 'module' | 'recordId' | 'previous' | 'changed'>

/**
 * Goes on from where the record has come to stand, or stands while it changes: out of the process when it matches `exit`, else by
 * automatic transitions by condition, in the order of the definition, until none matches. A circle of them moves nothing: what it
 * had begun is taken back.
 *
 * @param leaves grows by what was looked at in vain
 */
export function goOn(draft: Draft, start: Standing, happening: Happening, leaves: LeafTrace[]): Standing {
  const { blueprint } = start
  const from = start.instance
  if (from.status === 'ended' || !draft.definitions.blueprints.isActive(blueprint.key)) return start
  if (blueprint.exit?.(factsOf(draft, occasionOf(happening, start)), leaves) === true) {
    return { ...start, instance: leave(draft, start, 'exit', blueprint.id, leaves.splice(0)) }
  }
  const causes = [...(draft.trigger.causedBy ?? []), { triggerId: draft.trigger.id, definition: blueprint.id }]
  const goBack = markOf(draft)
  let standing = start
  for (let moves = 0; standing.instance.status === 'running'; moves++) {
    const next = dueByCondition(draft, happening, standing, leaves)
    if (next === undefined) return standing
    if (moves === AUTO_MAX) {
      goBack()
      told(draft, from, { outcome: 'failed', reason: 'auto_loop', leaves: leaves.splice(0) })
      return start
    }
    if (isTooDeep(draft, blueprint)) {
      told(draft, from, { outcome: 'refused', reason: 'depth_exceeded', leaves: leaves.splice(0) })
      return start
    }
    const how = { by: blueprint.id, causes, leaves: leaves.splice(0) }
    standing = take(draft, standing, { transition: next, part: null }, how)
  }
  return standing
}

/** What a step changed, for {@link goOn}. */
export function stepped(before: Standing, after: Standing): Happening {
  const { module, recordId } = before.instance
  const changed = Object.keys(after.values).filter((field) => after.values[field] !== before.values[field])
  return { module, recordId, previous: before.values, changed }
}

/** Whether the chain of causes is so long that a blueprint does no more for it. */
export function isTooDeep({ trigger: { causedBy = [] } }: Draft, { key }: Pick<CompiledBlueprint, 'key'>): boolean {
  return causedBy.length >= CAUSES_MAX || causedBy.filter((cause) => isOf(cause, key)).length >= OWN_CAUSES_MAX
}

function dueByCondition(
  draft: Draft,
  happening: Happening,
  standing: Standing,
  leaves: LeafTrace[],
): CompiledTransition | undefined {
  const { blueprint, instance } = standing
  const facts = factsOf(draft, occasionOf(happening, standing))
  return blueprint.states
    .get(instance.position)
    ?.leaving.find(
      ({ auto, before }) =>
        auto !== null && 'when' in auto && auto.when(facts, leaves) && (before === null || before(facts, leaves)),
    )
}

function occasionOf(happening: Happening, { values }: Standing): Occasion {
  return { on: 'record.updated', ...happening, values }
}

function told(draft: Draft, instance: Instance, how: Pick<InstanceTrace, 'outcome'> & Partial<InstanceTrace>): void {
  trace(draft, { definition: versionedKey(instance), instanceId: instance.id, from: instance.position, ...how })
}
