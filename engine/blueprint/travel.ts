import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Json, Values } from '#definitions/json.ts'
import { runActions, sceneOf } from '../decide/actions.ts'
import type { Draft } from '../decide/draft.ts'
import { end, enter, move, note, trace } from '../decide/instances.ts'
import type { LeafTrace } from '../decision.ts'
import type { Instance } from '../instance.ts'
import type { Cause } from '../trigger.ts'
import { startClocks } from './clocks.ts'
import type { CompiledBlueprint } from './compile.ts'
import type { Filled } from './data.ts'
import { BLUEPRINT_SOURCE } from './echo.ts'
import { isOfStep, standingOf, type Standing, type Step } from './look.ts'
import { followEvent, keyOf } from './machine.ts'
import { advance, asJson, begin } from './place.ts'

/** Who moves it, what caused it, what was filled in, and what was looked at. */
export interface How {
  /** A person, or the blueprint with its version. */
  by: string
  /** The API key by which that person's program asked. */
  through?: string | undefined
  causes: Cause[]
  filled?: Filled
  leaves?: LeafTrace[]
}

/**
 * Takes a transition, or does one part of it: the machine moves, the record is told by one follow-up, and then the actions of
 * `after` run on the record as it will be. The caller has asked whether it may be.
 *
 * @returns where the record stands now; its instance may have ended
 */
export function take(draft: Draft, standing: Standing, step: Step, how: How): Standing {
  const { blueprint, instance: before } = standing
  const { transition, part } = step
  const event = { type: keyOf(transition.name), ...(part !== null && { part: part.name }) }
  const next = advance(blueprint, before, event)
  assert(next !== null, `"${transition.name}" leads nowhere from "${before.position}" in ${blueprint.id}.`)

  const { data = {} } = how.filled ?? {}
  const moving = {
    via: part === null ? transition.name : `${transition.name}/${part.name}`,
    by: how.by,
    data: toldOf(how.filled, how.through),
    body: asJson({ ...next.body, drafts: next.body.drafts.filter((one) => !isOfStep(one, step)) }),
  }
  const instance = next.moved ? move(draft, before, next.position, moving) : note(draft, before, moving)
  const after = standingOf(blueprint, instance, { ...standing.values, ...data })

  const produced = tellRecord(draft, standing.values, after, how)
  const scene = sceneOf(draft, { ...before, values: after.values }, blueprint.id, how.causes)
  for (const { written, pointer } of [...(part === null ? [] : [part]), ...(next.moved ? [transition] : [])]) {
    produced.push(...runActions(draft, scene, written.after ?? [], `${pointer}/after`))
  }
  const told = { definition: blueprint.id, instanceId: instance.id, from: before.position, to: instance.position }
  trace(draft, {
    ...told,
    outcome: next.moved ? 'moved' : 'noted',
    reason: moving.via,
    leaves: how.leaves ?? [],
    produced,
  })
  if (!next.moved) return after
  return { ...after, instance: settle(draft, after, how.by, produced) }
}

/** Follows the record's field to one of the states. Nothing is asked and no actions run: the world has done it already. */
export function follow(draft: Draft, standing: Standing, state: string, by: string): Standing {
  const { blueprint, instance: before } = standing
  const next = advance(blueprint, before, followEvent(state))
  assert(next !== null && next.position === state, `"${state}" is no state of ${blueprint.id}.`)
  const instance = move(draft, before, state, { via: 'field', by, body: asJson(next.body) })
  const after = standingOf(blueprint, instance, standing.values)
  const produced: string[] = []
  trace(draft, {
    definition: blueprint.id,
    instanceId: instance.id,
    outcome: 'moved',
    reason: 'field',
    from: before.position,
    to: state,
    produced,
  })
  return { ...after, instance: settle(draft, after, by, produced) }
}

/** A record enters. A blank field is set to the state by a follow-up. */
export function enterAt(
  draft: Draft,
  blueprint: CompiledBlueprint,
  record: { module: string; recordId: string; values: Values },
  state: string,
  how: How,
): Standing {
  const { position, body } = begin(blueprint, state)
  const { module, recordId, values } = record
  const instance = enter(
    draft,
    {
      kind: 'blueprint',
      definition: blueprint.key,
      version: blueprint.version,
      module,
      recordId,
      key: '',
      position,
      body: asJson(body),
    },
    how.by,
  )
  const after = standingOf(blueprint, instance, values)
  const produced = tellRecord(draft, values, after, { ...how, by: blueprint.id })
  produced.push(...startClocks(draft, after))
  trace(draft, {
    definition: blueprint.id,
    instanceId: instance.id,
    outcome: 'entered',
    to: position,
    leaves: how.leaves ?? [],
    produced,
  })
  return after
}

/** Leaves for good. @param reason `exit`, `left_by_field`, `process_exit_on_edit`, ... */
export function leave(
  draft: Draft,
  { blueprint, instance }: { blueprint: Pick<CompiledBlueprint, 'id'>; instance: Instance },
  reason: string,
  by: string,
  leaves: LeafTrace[] = [],
): Instance {
  const ended = end(draft, instance, reason, { by })
  trace(draft, {
    definition: blueprint.id,
    instanceId: instance.id,
    outcome: 'ended',
    reason,
    from: instance.position,
    leaves,
  })
  return ended
}

/** It has come to a state: a final one ends the process, any other starts its clocks. @param produced grows by the timers */
export function settle(draft: Draft, standing: Standing, by: string, produced: string[]): Instance {
  const { blueprint, instance } = standing
  if (blueprint.states.get(instance.position)?.final === true) return leave(draft, standing, 'completed', by)
  produced.push(...startClocks(draft, standing))
  return instance
}

/** One event says all that changed, if anything did. @returns its id */
export function tellRecord(draft: Draft, before: Values, after: Standing, { by, causes }: How): string[] {
  const told = Object.entries(after.values).filter(([field, value]) => !isDeepStrictEqual(before[field], value))
  if (told.length === 0) return []
  const { module, recordId } = after.instance
  const id = draft.nextId()
  draft.changes.push({
    kind: 'accept',
    at: draft.now,
    event: {
      kind: 'record',
      op: 'updated',
      mode: 'merge',
      source: BLUEPRINT_SOURCE,
      sourceId: id,
      occurredAt: draft.now,
      actor: by,
      causedBy: causes,
      module,
      recordId,
      values: Object.fromEntries(told),
    },
  })
  return [id]
}

/** What was filled in, and by whose program, for the history; null when there is nothing to tell. */
export function toldOf(filled: Filled | undefined, through?: string): Json | null {
  const { data, note: text, checklist } = filled ?? { data: {}, note: '', checklist: [] }
  const told = {
    ...(through !== undefined && { through }),
    ...(Object.keys(data).length > 0 && { data }),
    ...(text !== '' && { note: text }),
    ...(checklist.length > 0 && { checklist }),
  }
  return Object.keys(told).length === 0 ? null : told
}
