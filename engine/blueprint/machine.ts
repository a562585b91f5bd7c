import { assign, setup } from 'xstate'
import type { Blueprint, Transition } from '#definitions/definitions.ts'
import { BlueprintInvalid } from './errors.ts'

/** One part of a parallel transition that is done. */
export interface DonePart {
  transition: string
  part: string
}

/** What the machine remembers beside its state: it forgets it on leaving the state. */
export interface MachineContext {
  done: DonePart[]
}

/** `type` is a key of {@link keyOf}; parallel transitions are done part by part. */
export interface MachineEvent {
  type: string
  part?: string
}

export type BlueprintMachine = ReturnType<typeof machineOf>

/**
 * A name as a key of the machine. XState gives a meaning to full stops, `#`, `*` and backslashes in keys and targets, and an object
 * to `__proto__`; names of states and transitions are free text.
 */
export function keyOf(name: string): string {
  return `=${name.replace(/[%.#\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}`
}

/** The name behind a key. */
export function nameOf(key: string): string {
  return key.slice(1).replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The event by which the machine follows the record's field to a state. It is no transition of the blueprint. */
export function followEvent(state: string): MachineEvent {
  return { type: `>${keyOf(state)}` }
}

/** The states that a transition leads away from. "*" is every state that is not final, but for the one it leads to. */
export function sourcesOf({ states }: Pick<Blueprint, 'states'>, { from, to }: Transition): string[] {
  if (from !== '*') return from
  return Object.entries(states).flatMap(([name, { final }]) => (final === true || name === to ? [] : [name]))
}

/** Every event of the blueprint's own transitions: what a walk over the machine tries in each state. */
export function eventsOf({ transitions }: Pick<Blueprint, 'transitions'>): MachineEvent[] {
  return transitions.flatMap(({ name, parallel }): MachineEvent[] =>
    parallel === undefined ? [{ type: keyOf(name) }] : parallel.map((part) => ({ type: keyOf(name), part: part.name })),
  )
}

/**
 * A blueprint as a machine: its states, and an event for each transition. Who may, criteria, data and time are not in it; they are
 * asked before an event is given to it. Walk it with `xstate/graph` and the events of {@link eventsOf}; `nameOf` tells the states.
 * Parts multiply what a walk visits (2^parts), so a walk that asks for reachable states may leave `parallel` out.
 *
 * @throws BlueprintInvalid when it has not one initial state, or a transition names no state or stands twice
 */
export function machineOf(blueprint: Pick<Blueprint, 'states' | 'transitions'>) {
  const { states, transitions } = blueprint
  const names = Object.keys(states)
  const initial = names.filter((name) => states[name]?.initial === true)
  if (initial.length !== 1) throw new BlueprintInvalid(`It has ${initial.length} initial states; it needs one.`)
  const known = new Set(names)
  for (const transition of transitions) {
    const stray = [...sourcesOf(blueprint, transition), transition.to].find((state) => !known.has(state))
    if (stray !== undefined) {
      throw new BlueprintInvalid(`The transition "${transition.name}" names the state "${stray}", which there is not.`)
    }
  }
  const twice = transitions.find(({ name }, index) => transitions.findIndex((one) => one.name === name) !== index)
  if (twice !== undefined) throw new BlueprintInvalid(`Two transitions are named "${twice.name}".`)

  return setup({
    types: { context: {} as MachineContext, events: {} as MachineEvent },
    guards: {
      isLast: ({ context, event }, { name, parts }: Parallel) =>
        parts.every((part) => part === event.part || isDone(context, name, part)) && isDue(context, event, name, parts),
      isDue: ({ context, event }, { name, parts }: Parallel) => isDue(context, event, name, parts),
    },
    actions: {
      forget: assign({ done: [] }),
      mark: assign(({ context, event }, { name }: Parallel) => ({
        done: [...context.done, { transition: name, part: event.part ?? '' }].sort(byName),
      })),
    },
  }).createMachine({
    context: { done: [] },
    initial: keyOf(initial[0]!),
    on: Object.fromEntries(
      names.map((name) => [followEvent(name).type, { target: `.${keyOf(name)}`, actions: 'forget', reenter: true }]),
    ),
    states: Object.fromEntries(
      names.map((name) => {
        const leaving = transitions.filter((one) => sourcesOf(blueprint, one).includes(name))
        const on = Object.fromEntries(leaving.map((one) => [keyOf(one.name), edgesOf(one)]))
        return [keyOf(name), states[name]?.final === true ? { type: 'final' as const } : { on }]
      }),
    ),
  })
}

interface Parallel {
  name: string
  parts: string[]
}

function edgesOf({ name, to, parallel }: Transition) {
  const target = keyOf(to)
  if (parallel === undefined) return [{ target, actions: 'forget' as const, reenter: true }]
  const params = { name, parts: parallel.map((part) => part.name) }
  return [
    { guard: { type: 'isLast' as const, params }, target, actions: 'forget' as const, reenter: true },
    { guard: { type: 'isDue' as const, params }, actions: { type: 'mark' as const, params } },
  ]
}

export function isDone({ done }: MachineContext, transition: string, part: string): boolean {
  return done.some((one) => one.transition === transition && one.part === part)
}

/** In whatever order they were done, the state is the same one. */
function byName(a: DonePart, b: DonePart): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** It is one of the parts, and not done yet. */
function isDue(context: MachineContext, { part }: MachineEvent, transition: string, parts: string[]): boolean {
  return part !== undefined && parts.includes(part) && !isDone(context, transition, part)
}
