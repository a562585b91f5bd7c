import type { Condition } from '../condition.ts'
import type { Blueprint } from '../definitions.ts'
import type { Place } from '../report.ts'
import { holds } from './consequence.ts'
import type { Doer } from './doer.ts'
import { writesOf, type Write } from './writes.ts'

/** What a blueprint does by itself: an automatic transition, or an escalation. */
interface Part {
  /** The states in which it can happen. */
  in: readonly string[]
  /** By time: it begins to wait when the state is entered. Otherwise whenever the record matches. */
  when: Condition[] | 'by_time'
  writes: Write[]
}

/** What people do in a blueprint is their own doing; only what it does by itself can go round for ever. */
export function blueprintDoer(blueprint: Blueprint): Doer {
  const { module, field, states, conditions = {} } = blueprint
  const parts = [...automatic(blueprint), ...escalations(blueprint)]
  return {
    automation: blueprint,
    writes: parts.map(({ writes }) => writes),
    setOffBy: (write) => {
      if (write.module !== module || write.kind === 'send') return []
      const possible = statesAfter(write, blueprint)
      return parts.flatMap((part, index) => {
        if (!part.in.some((state) => possible.includes(state))) return []
        const isMet =
          part.when === 'by_time'
            ? write.kind === 'create' || write.values.has(field)
            : part.when.every((condition) => holds(condition, write, conditions) !== 'no')
        return isMet ? [index] : []
      })
    },
    runsAlways: true,
    rests: (part, write, around, isSettled) => {
      if (write.kind === 'create') return false
      // It needs somebody who brings the record back to where it happens, or a new one there.
      const back = around.some(
        (one) =>
          one.module === module &&
          (one.kind === 'create' || (one.kind === 'update' && one.values.has(field))) &&
          parts[part]!.in.some((state) => statesAfter(one, blueprint).includes(state)),
      )
      return !back || isSettled(module, field)
    },
  }

  function automatic({ transitions }: Blueprint): Part[] {
    return transitions.flatMap(({ from, to, auto, before, after }, index): Part[] => {
      if (auto === undefined) return []
      const place: Place = ['transitions', index]
      const move: Write = {
        kind: 'update',
        module,
        values: new Map([[field, { constant: to }]]),
        complete: false,
        tags: [],
        place,
      }
      const criteria = before?.when === undefined ? [] : [before.when]
      return [
        {
          in: from === '*' ? Object.keys(states).filter((name) => states[name]!.final !== true && name !== to) : from,
          when: 'when' in auto ? [auto.when, ...criteria] : 'by_time',
          writes: [move, ...writesOf(module, after, [...place, 'after'])],
        },
      ]
    })
  }

  function escalations({ states: all }: Blueprint): Part[] {
    return Object.entries(all).flatMap(([name, { sla = [] }]) =>
      (Array.isArray(sla) ? sla : [sla]).map(({ actions }, level): Part => {
        const place = ['states', name, 'sla', ...(Array.isArray(sla) ? [level] : []), 'actions']
        return { in: [name], when: 'by_time', writes: writesOf(module, actions, place) }
      }),
    )
  }
}

/** The states that a record may be in after a write. A new record without a value begins at the initial one. */
function statesAfter({ kind, values, complete }: Write, { field, states }: Blueprint): string[] {
  const known = values.get(field)
  if (known === 'unknown') return Object.keys(states)
  const value = known?.constant ?? ''
  if (value !== '') return typeof value === 'object' ? [] : [String(value)]
  const isBlank = known !== undefined || (kind === 'create' && complete)
  return Object.keys(states).filter((name) => !isBlank || (kind === 'create' && states[name]!.initial === true))
}
