import type { Graph, GraphNode, NodeKind } from './graph.ts'

/**
 * A graph in the language of Mermaid: a state diagram for a blueprint, a flowchart for the others. Ids are ours; whatever people wrote
 * stands in labels, where every sign that Mermaid might read as its own is a character entity.
 * Source: Mermaid, "Flowcharts - Basic Syntax", "State diagrams", "Entity codes to escape characters".
 */
export function toMermaid(graph: Graph): string {
  const lines = graph.kind === 'blueprint' ? stateLines(graph) : flowLines(graph)
  return `${lines.join('\n    ')}\n`
}

function stateLines({ nodes, edges }: Graph): string[] {
  const place = new Map(nodes.map(({ id, kind }) => [id, kind === 'start' || kind === 'end' ? '[*]' : id]))
  return [
    'stateDiagram-v2',
    ...nodes
      .filter(({ kind }) => kind === 'state')
      .flatMap(({ id, label, details }) => [
        `state "${entities(label)}" as ${id}`,
        ...details.map((line) => `${id} : ${entities(line)}`),
      ]),
    ...edges.map(({ from, to, label }) => {
      const said = label === '' ? '' : ` : ${entities(label)}`
      return `${place.get(from)!} --> ${place.get(to)!}${said}`
    }),
  ]
}

const SHAPES: Record<NodeKind, [open: string, close: string]> = {
  start: ['([', '])'],
  end: ['([', '])'],
  exit: ['([', '])'],
  state: ['(', ')'],
  condition: ['{', '}'],
  split: ['{', '}'],
  actions: ['[', ']'],
  send: ['[/', '/]'],
  wait: ['[[', ']]'],
  waitFor: ['[[', ']]'],
  goto: ['>', ']'],
}

function flowLines({ nodes, edges }: Graph): string[] {
  return [
    'flowchart TD',
    ...nodes.map((node) => {
      const [open, close] = SHAPES[node.kind]
      return `${node.id}${open}"${textOf(node)}"${close}`
    }),
    ...edges.map(({ from, to, label, kind }) => {
      const arrow = kind === 'later' ? '-.->' : '-->'
      return `${from} ${arrow}${label === '' ? '' : `|"${entities(label)}"|`} ${to}`
    }),
  ]
}

function textOf({ label, details }: GraphNode): string {
  return [label, ...details].map(entities).join('<br/>')
}

/** Letters of any language, digits, spaces and a few harmless signs stay; line breaks and other controls are spaces. */
function entities(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
  // Mermaid takes an empty label for a mistake.
  if (line === '') return '#160;'
  return line.replace(/[!-~]/g, (sign) => (/[\w.,/+=!?()'@-]/.test(sign) ? sign : `#${sign.charCodeAt(0)};`))
}
