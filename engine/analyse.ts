import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph'
import type { Analyser, BlueprintAnalysis } from '#definitions/check/scope.ts'
import { isZero } from '#definitions/check/spans.ts'
import type { Blueprint, Transition } from '#definitions/definitions.ts'
import { eventsOf, keyOf, machineOf, nameOf, sourcesOf } from './blueprint/machine.ts'
import { cronProblem } from './time/cron.ts'

/** What `check` asks of the engine, because the libraries for it live here. */
export const analyse: Analyser = { blueprint: analyseBlueprint, cron: cronProblem }

/** Circles told of one blueprint. One is enough to refuse it; more than a few would bury it. */
const LOOPS_MAX = 20
/** Steps of the search for circles, so that no tangle of automatic transitions keeps it busy. */
const STEPS_MAX = 20_000

/** Walks the machine of a blueprint. @throws BlueprintInvalid when it is not sound in itself; check asks only about those that are */
function analyseBlueprint(blueprint: Blueprint): BlueprintAnalysis {
  const { states } = blueprint
  // Parts multiply what there is to visit and lead nowhere else than their parent.
  const transitions = blueprint.transitions.map(({ parallel: _, ...transition }): Transition => transition)
  const leaving = new Map<string, string[]>(Object.keys(states).map((name) => [keyOf(name), []]))
  for (const transition of transitions) {
    for (const state of sourcesOf(blueprint, transition)) leaving.get(keyOf(state))!.push(transition.name)
  }
  const events = new Map(eventsOf({ transitions }).map((event, index) => [transitions[index]!.name, event]))
  const walk = getAdjacencyMap(machineOf({ states, transitions }), {
    events: ({ value }) => leaving.get(value)!.map((name) => events.get(name)!),
  })
  const steps = adjacencyMapToArray(walk)
  const reached = new Set(steps.map(({ nextState }) => nameOf(nextState.value)))
  const taken = new Set(steps.map(({ event }) => event.type))
  return {
    unreachable: Object.entries(states).flatMap(([name, { initial }]) =>
      initial !== true && !reached.has(name) ? [name] : [],
    ),
    deadEnds: Object.entries(states).flatMap(([name, { final }]) =>
      final !== true && leaving.get(keyOf(name))!.length === 0 ? [name] : [],
    ),
    neverTaken: transitions.flatMap(({ name }) => (taken.has(keyOf(name)) ? [] : [name])),
    loops: instantLoops(blueprint),
  }
}

/** Circles of transitions that each move by themselves and at once: when the record matches, or after no time. */
function instantLoops(blueprint: Blueprint): string[][] {
  const edges = blueprint.transitions
    .filter(({ auto }) => auto !== undefined && ('when' in auto || isZero(auto.after)))
    .flatMap((transition) =>
      sourcesOf(blueprint, transition).map((from) => ({ from, to: transition.to, name: transition.name })),
    )
  const out = Map.groupBy(edges, ({ from }) => from)
  const order = [...out.keys()]
  const loops: string[][] = []
  let steps = 0
  // Each circle is found once: from the earliest of its states, through later ones only.
  const follow = (start: number, state: string, path: readonly { from: string; name: string }[]): void => {
    for (const edge of out.get(state) ?? []) {
      if (loops.length >= LOOPS_MAX || steps++ >= STEPS_MAX) return
      if (edge.to === order[start]) loops.push([...path, edge].map(({ name }) => name))
      else if (order.indexOf(edge.to) > start && !path.some(({ from }) => from === edge.to)) {
        follow(start, edge.to, [...path, edge])
      }
    }
  }
  for (const start of order.keys()) follow(start, order[start]!, [])
  return loops
}
