import type { Blueprint, Transition } from '../definitions.ts'
import { pointer } from '../pointer.ts'
import type { Language } from '../problemTexts/words.ts'
import { conditionText } from './conditionText.ts'
import type { Graph, GraphEdge, GraphNode } from './graph.ts'
import { spanText, words } from './words.ts'

/** The states and their transitions; one that leads away from everywhere is an edge from each state. */
export function blueprintGraph(blueprint: Blueprint, language: Language): Graph {
  const { name, states, transitions, entry } = blueprint
  const idOf = new Map(Object.keys(states).map((state, index) => [state, `s${index}`]))
  const nodes = Object.entries(states).map(([state, { sla = [] }]): GraphNode => ({
    id: idOf.get(state)!,
    kind: 'state',
    label: state,
    details: (Array.isArray(sla) ? sla : [sla]).map(({ within }) => words[language].sla(spanText(within, language))),
    pointer: pointer('states', state),
  }))
  const tip = (id: string, kind: 'start' | 'end'): GraphNode => ({ id, kind, label: '', details: [], pointer: '' })
  const plain = (from: string, to: string, label = ''): GraphEdge => ({ from, to, label, kind: 'automatic' })
  const among = (which: 'initial' | 'final') => [...idOf].filter(([state]) => states[state]![which] === true)
  const finals = among('final')
  return {
    kind: 'blueprint',
    name,
    nodes: [tip('start', 'start'), ...nodes, ...(finals.length > 0 ? [tip('finish', 'end')] : [])],
    edges: [
      ...among('initial').map(([, id]) => plain('start', id, entry?.when && conditionText(entry.when))),
      ...transitions.flatMap((transition) =>
        sourcesOf(blueprint, transition).flatMap((state): GraphEdge[] => {
          const [from, to] = [idOf.get(state), idOf.get(transition.to)]
          if (from === undefined || to === undefined) return []
          return [{ from, to, label: labelOf(transition, language), kind: kindOf(transition) }]
        }),
      ),
      ...finals.map(([, id]) => plain(id, 'finish')),
    ],
  }
}

/** "*" is every state that is not final, but for the one it leads to. */
function sourcesOf({ states }: Blueprint, { from, to }: Transition): string[] {
  return from === '*' ? Object.keys(states).filter((name) => states[name]!.final !== true && name !== to) : from
}

function kindOf({ auto }: Transition): GraphEdge['kind'] {
  return auto === undefined ? 'manual' : 'after' in auto ? 'later' : 'automatic'
}

function labelOf({ name, auto, parallel = [] }: Transition, language: Language): string {
  if (parallel.length > 0) return `${name} (${parallel.map((part) => part.name).join(' + ')})`
  if (auto === undefined) return name
  const how = 'after' in auto ? words[language].after(spanText(auto.after, language)) : conditionText(auto.when)
  return `${name} (${how})`
}
