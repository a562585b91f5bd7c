import type { BuiltinAction, Transition } from '../definitions.ts'
import type { Condition } from '../condition.ts'
import type { WithinBlueprint } from './blueprint.ts'
import { isSurelyShorter } from './spans.ts'
import { excludeEachOther, isFixedIn } from './together.ts'

/** Walks the machine of a blueprint that is sound in itself: what is never come to, where it stops, what never comes to rest. */
export function checkMachine(within: WithinBlueprint) {
  const { scope, report, blueprint } = within
  const { unreachable, deadEnds, neverTaken, loops } = scope.analyse.blueprint(blueprint)
  for (const name of unreachable) report(['states', name], 'unreachable_state', { name })
  // A record that matches `exit` leaves from there too, so it may be meant.
  const severity = blueprint.exit === undefined ? 'error' : 'warning'
  for (const name of deadEnds) report(['states', name], 'dead_end_state', { name }, severity)

  const byName = new Map(blueprint.transitions.map((transition) => [transition.name, transition]))
  for (const [index, transition] of blueprint.transitions.entries()) {
    const { name } = transition
    const why = neverTaken.includes(name)
      ? 'from'
      : cannotHold(within, transition)
        ? 'condition'
        : comesTooLate(within, transition)
          ? 'late'
          : null
    if (why !== null) report(['transitions', index], 'transition_never_taken', { name, why })
  }
  const told = new Set<string>()
  for (const loop of loops) {
    const around = loop.map((name) => byName.get(name)!)
    const key = [...new Set(loop)].sort().join('\n')
    if (told.has(key) || comesToRest(within, around)) continue
    told.add(key)
    const place = ['transitions', blueprint.transitions.indexOf(around[0]!), 'auto']
    report(place, 'automatic_loop', { transitions: [...loop, loop[0]!] })
  }
}

const conditionsOf = ({ before, auto }: Transition): Condition[] => [
  ...(before?.when === undefined ? [] : [before.when]),
  ...(auto !== undefined && 'when' in auto ? [auto.when] : []),
]

/** Its conditions contradict one another, or the states it leads away from. */
function cannotHold({ blueprint, conditions }: WithinBlueprint, transition: Transition): boolean {
  const own = conditionsOf(transition)
  if (own.length === 0) return false
  const { field, states } = blueprint
  const from = transition.from === '*' ? Object.keys(states) : transition.from
  const fixed = isFixedIn(conditions.module)
  return excludeEachOther([...own, { fact: field, operator: 'in', value: from }], conditions.named, fixed)
}

/** Wherever it could happen after a time, another that asks for nothing moves the record on sooner. */
function comesTooLate(
  { blueprint: { states, transitions } }: WithinBlueprint,
  { name, from, auto }: Transition,
): boolean {
  if (auto === undefined || 'when' in auto) return false
  const sources = from === '*' ? Object.keys(states).filter((state) => states[state]!.final !== true) : from
  return sources.every((state) =>
    transitions.some(
      (other) =>
        other.name !== name &&
        (other.from === '*' ? state !== other.to : other.from.includes(state)) &&
        other.before?.when === undefined &&
        other.auto !== undefined &&
        'after' in other.auto &&
        isSurelyShorter(other.auto.after, auto.after),
    ),
  )
}

/** One record cannot match them all at once, unless they change what they ask about themselves. */
function comesToRest({ blueprint, conditions }: WithinBlueprint, around: readonly Transition[]): boolean {
  const written = new Set([blueprint.field, ...around.flatMap(({ after = [] }) => after.flatMap(fieldsWritten))])
  return excludeEachOther(around.flatMap(conditionsOf), conditions.named, isFixedIn(conditions.module, written))
}

function fieldsWritten(action: NonNullable<Transition['after']>[number]): string[] {
  const { type, set } = action as BuiltinAction & { set?: Record<string, unknown> }
  if (type === 'updateRecord') return Object.keys(set ?? {})
  return type === 'addTags' || type === 'removeTags' ? ['Tag'] : type === 'assignOwner' ? ['Owner'] : []
}
