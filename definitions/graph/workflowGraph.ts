import type { Action, Branch, Workflow } from '../definitions.ts'
import { pointer, type PointerStep } from '../pointer.ts'
import type { Language } from '../problemTexts/words.ts'
import { conditionText } from './conditionText.ts'
import type { Graph, GraphEdge, GraphNode } from './graph.ts'
import { actionText, spanText, triggerText, words } from './words.ts'

/** The trigger, then one branch after another until one matches, and what it does at once and later. */
export function workflowGraph(workflow: Workflow, language: Language): Graph {
  const { name, module, trigger, branches } = workflow
  const said = words[language]
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  const add = (id: string, kind: GraphNode['kind'], label: string, details: string[], ...at: PointerStep[]) => {
    nodes.push({ id, kind, label, details, pointer: pointer(...at) })
    return id
  }
  const lead = (from: string, to: string, label: string, kind: GraphEdge['kind'] = 'automatic') => {
    edges.push({ from, to, label, kind })
  }

  let from = add('start', 'start', triggerText(module, trigger), [], 'trigger')
  let label = ''
  for (const [index, branch] of branches.entries()) {
    const { when, actions = [], later = [] } = branch
    const id = `b${index}`
    let source = from
    let way = label
    if (when !== undefined) {
      source = add(id, 'condition', branch.name ?? conditionText(when), nameAnd(branch), 'branches', index, 'when')
      lead(from, source, label)
      ;[from, label, way] = [source, said.no, said.yes]
    }
    if (actions.length > 0) {
      const [first, more] = linesOf(actions)
      lead(source, add(`${id}a`, 'actions', first, more, 'branches', index, 'actions'), way)
    }
    for (const [nth, { after, when: again, actions: then }] of later.entries()) {
      const [first, more] = linesOf(then)
      const to = add(`${id}l${nth}`, 'actions', first, more, 'branches', index, 'later', nth)
      const condition = again === undefined ? '' : ` (${conditionText(again)})`
      lead(source, to, `${said.after(spanText(after, language))}${condition}`, 'later')
    }
    // Nothing comes behind the else.
    if (when === undefined) break
  }
  return { kind: 'workflow', name, nodes, edges }
}

/** A branch with a name of its own shows its condition below it. */
function nameAnd({ name, when }: Branch): string[] {
  return name === undefined || when === undefined ? [] : [conditionText(when)]
}

function linesOf(actions: readonly Action[]): [string, string[]] {
  const [first = '', ...more] = actions.map(actionText)
  return [first, more]
}
