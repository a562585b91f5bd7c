import assert from 'node:assert/strict'
import { initialTransition, transition } from 'xstate'
import type { Json, Values } from '#definitions/json.ts'
import type { Instance } from '../instance.ts'
import type { CompiledBlueprint } from './compile.ts'
import { followEvent, keyOf, nameOf, type MachineContext, type MachineEvent } from './machine.ts'

/** What somebody filled in for a transition without taking it yet. */
export interface SavedDraft {
  transition: string
  /** '' for the transition itself. */
  part: string
  data: Values
  note: string
  checklist: string[]
}

/** What a blueprint's instance remembers: `instance.body`. */
export interface Body {
  /** The machine's snapshot, persisted. `value` is the key of `instance.position`. */
  snapshot: { value: string; status: 'active' | 'done'; context: MachineContext }
  drafts: SavedDraft[]
  /** Levels of the SLA that were told since it came to this state. */
  told: number
}

interface Place {
  position: string
  body: Body
}

type Snapshot = ReturnType<CompiledBlueprint['machine']['resolveState']>

/** A body as an instance keeps it. */
export function asJson(body: Body): Json {
  return body as unknown as Json
}

/** @throws AssertionError when what is stored does not fit the version: our own mistake */
export function bodyOf(instance: Instance, { id, states }: CompiledBlueprint): Body {
  const body = instance.body as unknown as Body
  const fits = body?.snapshot?.value === keyOf(instance.position) && states.has(instance.position)
  assert(fits, `The snapshot of instance "${instance.id}" at "${instance.position}" does not fit ${id}.`)
  return body
}

/** The machine where a record enters. @param state one of the version's */
export function begin({ machine }: CompiledBlueprint, state: string): Place {
  const [initial] = initialTransition(machine)
  const at = initial.value === keyOf(state) ? initial : transition(machine, initial, followEvent(state))[0]
  return standing(at)
}

/**
 * The next snapshot by an event.
 *
 * @returns null when the event leads nowhere from here: it is not of this state, or the part is done already
 */
export function advance(
  blueprint: CompiledBlueprint,
  instance: Instance,
  event: MachineEvent,
): (Place & { moved: boolean }) | null {
  const before = bodyOf(instance, blueprint)
  const at = restore(blueprint, before)
  if (!at.can(event)) return null
  const [next] = transition(blueprint.machine, at, event)
  const stays = next.context.done.length > before.snapshot.context.done.length
  const { position, body } = standing(next)
  // What was filled in for other transitions belongs to the state that is left.
  return { position, moved: !stays, body: stays ? { ...before, snapshot: body.snapshot } : body }
}

/**
 * The machine of a newer version at one of its states, with what still fits there of what was remembered. Done parts count in the
 * same state only. When the newer version asks for no part but done ones, that transition begins anew, or nobody could take it.
 *
 * @param before null when nothing is remembered
 */
export function carry(blueprint: CompiledBlueprint, state: string, before: Body | null): Body {
  const { body } = begin(blueprint, state)
  if (before === null) return body
  const leaving = blueprint.states.get(state)?.leaving ?? []
  const drafts = before.drafts.filter(({ transition, part }) =>
    leaving.some(({ name, parts }) => name === transition && (part === '' ? parts.size === 0 : parts.has(part))),
  )
  if (before.snapshot.value !== body.snapshot.value) return { ...body, drafts }
  const done = leaving.flatMap(({ name, parts }) => {
    const own = before.snapshot.context.done.filter(({ transition, part }) => transition === name && parts.has(part))
    return own.length === parts.size ? [] : own
  })
  return { snapshot: { ...body.snapshot, context: { done } }, drafts, told: before.told }
}

function restore({ machine }: CompiledBlueprint, { snapshot }: Body): Snapshot {
  return machine.resolveState({ value: snapshot.value, context: snapshot.context })
}

function standing(snapshot: Snapshot): Place {
  const { value, status, context } = snapshot
  assert(typeof value === 'string' && (status === 'active' || status === 'done'))
  return {
    position: nameOf(value),
    body: { snapshot: { value, status, context: { done: context.done } }, drafts: [], told: 0 },
  }
}
