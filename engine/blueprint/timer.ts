import { runActions, sceneOf } from '../decide/actions.ts'
import type { Draft } from '../decide/draft.ts'
import { note, park, trace } from '../decide/instances.ts'
import type { InstanceTrace, LeafTrace } from '../decision.ts'
import { versionedKey, type Instance } from '../instance.ts'
import { recordKey } from '../state.ts'
import type { InstanceTimer } from '../parkedTimer.ts'
import { levelsOf, stateOf } from './clocks.ts'
import { factsAt, standingOf, type Standing } from './look.ts'
import { goOn, stepped } from './onward.ts'
import { asJson, bodyOf } from './place.ts'
import { take } from './travel.ts'

/**
 * An escalation or an automatic transition comes due. The instance runs, its record exists, and the timer is of its present visit.
 * An automatic transition asks its criteria, not who may; a record that does not meet them stays, and is not asked again before it
 * comes back to the state. While the blueprint is switched off nothing happens: the store holds its clocks until it is on again.
 */
export function blueprintTimer(draft: Draft, instance: Instance, timer: InstanceTimer): void {
  const { blueprints } = draft.definitions
  const told = (how: Pick<InstanceTrace, 'outcome' | 'reason'> & Partial<InstanceTrace>) =>
    trace(draft, {
      definition: versionedKey(instance),
      instanceId: instance.id,
      from: instance.position,
      to: instance.position,
      ...how,
    })
  const blueprint = blueprints.get(versionedKey(instance))
  const record = draft.known.records.get(recordKey(instance.module, instance.recordId))
  if (blueprint === undefined || !record) return told({ outcome: 'failed', reason: 'unknown_version' })
  if (!blueprints.isActive(blueprint.key)) {
    // It fired just before it was switched off; or it was switched off by a version that did not hold its clocks.
    const { now, known } = draft
    if (!known.paused.has(blueprint.key)) {
      draft.changes.push({ kind: 'pause', definition: blueprint.key, by: blueprint.id, at: now })
    }
    return told({ outcome: 'ignored', reason: 'inactive', produced: [park(draft, instance, timer.name, now)] })
  }

  const standing = standingOf(blueprint, instance, record.values)
  const [kind, name] = halves(timer.name)
  if (kind === 'sla') return escalate(draft, standing, Number(name))

  const transition = stateOf(standing).leaving.find((one) => one.name === name)
  if (kind !== 'auto' || transition === undefined) return told({ outcome: 'ignored', reason: 'stale_timer' })
  const leaves: LeafTrace[] = []
  if (transition.before?.(factsAt(draft, standing), leaves) === false) {
    return told({ outcome: 'ignored', reason: 'criteria', leaves })
  }
  const how = { by: blueprint.id, causes: instance.causedBy, leaves }
  const taken = take(draft, standing, { transition, part: null }, how)
  goOn(draft, taken, stepped(standing, taken), [])
}

function escalate(draft: Draft, standing: Standing, level: number): void {
  const { blueprint, instance, values } = standing
  const sla = stateOf(standing).sla[level]
  const told = { definition: blueprint.id, instanceId: instance.id, from: instance.position, to: instance.position }
  if (sla === undefined) return trace(draft, { ...told, outcome: 'ignored', reason: 'stale_timer' })
  const over = levelsOf(draft, standing).filter((one) => one.dueAt <= draft.now).length
  const body = bodyOf(instance, blueprint)
  note(draft, instance, {
    via: 'escalated',
    by: blueprint.id,
    data: { level },
    body: asJson({ ...body, told: Math.max(body.told + 1, over) }),
  })
  const scene = sceneOf(draft, { ...instance, values }, blueprint.id, instance.causedBy)
  const produced = runActions(draft, scene, sla.actions, sla.pointer)
  trace(draft, { ...told, outcome: 'noted', reason: 'escalated', produced })
}

/** `auto/Give up` is `auto` and `Give up`. */
function halves(name: string): [string, string] {
  const at = name.indexOf('/')
  return [name.slice(0, at), name.slice(at + 1)]
}
