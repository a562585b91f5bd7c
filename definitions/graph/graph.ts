import type { Blueprint, Journey, Workflow } from '../definitions.ts'
import type { Language } from '../problemTexts/words.ts'
import { blueprintGraph } from './blueprintGraph.ts'
import { journeyGraph } from './journeyGraph.ts'
import { workflowGraph } from './workflowGraph.ts'

/** A definition as a picture: what it consists of, and how one leads to another. */
export interface Graph {
  /** Of the definition. */
  kind: 'workflow' | 'blueprint' | 'journey'
  name: string
  nodes: GraphNode[]
  /** Both ends of each are nodes. */
  edges: GraphEdge[]
}

export interface GraphNode {
  /** Letters and digits, unique in the graph, and no word of Mermaid's (`end` is one). */
  id: string
  kind: NodeKind
  /** A sentence or a name, in the language asked for where it is not the writer's own word. */
  label: string
  /** More lines: the length of an escalation, what is done. */
  details: string[]
  /** JSON pointer in the definition; '' for a beginning or an end that nobody wrote. */
  pointer: string
}

export type NodeKind =
  'start' | 'end' | 'state' | 'condition' | 'actions' | 'send' | 'wait' | 'waitFor' | 'split' | 'goto' | 'exit'

export interface GraphEdge {
  from: string
  to: string
  /** May be empty. */
  label: string
  /** `manual`: a person does it. `automatic`: by itself, at once or when something holds. `later`: after a time. */
  kind: 'manual' | 'automatic' | 'later'
}

export function graphOf(definition: Workflow | Blueprint | Journey, language: Language = 'en'): Graph {
  switch (definition.kind) {
    case 'workflow':
      return workflowGraph(definition, language)
    case 'blueprint':
      return blueprintGraph(definition, language)
    case 'journey':
      return journeyGraph(definition, language)
  }
}
