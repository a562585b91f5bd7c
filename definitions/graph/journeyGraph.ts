import type { Journey, Step, WaitFor } from '../definitions.ts'
import { pointer } from '../pointer.ts'
import type { Language } from '../problemTexts/words.ts'
import { conditionText } from './conditionText.ts'
import type { Graph, GraphEdge, GraphNode, NodeKind } from './graph.ts'
import { waysOf, type Way } from './ways.ts'
import { actionText, spanText, triggerText, words } from './words.ts'

/** The steps and every way between them. */
export function journeyGraph(journey: Journey, language: Language): Graph {
  const { name, module, entry, steps } = journey
  const ways = waysOf(journey)
  const nodes = steps.map((step, index): GraphNode => {
    const [kind, label, details = []] = stepText(step, language)
    return {
      id: `s${index}`,
      kind,
      label: step.name ?? label,
      details: step.name === undefined ? details : [label, ...details],
      pointer: pointer('steps', index),
    }
  })
  const start: GraphNode = {
    id: 'start',
    kind: 'start',
    label: triggerText(module, entry.trigger),
    details: entry.when === undefined ? [] : [conditionText(entry.when)],
    pointer: pointer('entry'),
  }
  const end: GraphNode = { id: 'finish', kind: 'end', label: words[language].end, details: [], pointer: '' }
  const edges = ways.map((way): GraphEdge => {
    const step = steps[way.from]!
    const label = wayText(step, way, language)
    return { from: `s${way.from}`, to: way.to === null ? 'finish' : `s${way.to}`, label, kind: kindOf(step, way) }
  })
  return {
    kind: 'journey',
    name,
    nodes: [start, ...nodes, ...(ways.some(({ to }) => to === null) ? [end] : [])],
    edges: [
      { from: 'start', to: 's0', label: '', kind: entry.trigger.on === 'manual' ? 'manual' : 'automatic' },
      ...edges,
    ],
  }
}

function stepText(step: Step, language: Language): [NodeKind, string, string[]?] {
  const said = words[language]
  if ('send' in step) {
    const { template, text } = step.send
    return [
      'send',
      said.send([...(text === undefined ? [] : [said.text]), ...(template ? [template] : [])].join(' / ')),
    ]
  }
  if ('wait' in step) {
    const until = step.at === undefined ? '' : `, ${step.at}`
    return ['wait', said.wait(`${spanText(step.wait, language)}${until}`)]
  }
  if ('waitUntil' in step) {
    const { field, offset, at } = step.waitUntil
    return ['wait', said.waitUntil([field, offset, at].filter((part) => part !== undefined).join(' '))]
  }
  if ('waitFor' in step) return ['waitFor', said.waitFor(waitForText(step.waitFor)), whenOf(step.waitFor)]
  if ('branch' in step) return ['condition', said.branch]
  if ('split' in step) return ['split', said.split]
  if ('do' in step) {
    const [first = '', ...more] = step.do.map(actionText)
    return ['actions', first, more]
  }
  if ('goto' in step) return ['goto', said.goto(step.goto, step.max)]
  return ['exit', said.exit(step.exit)]
}

function waitForText(waitFor: WaitFor): string {
  switch (waitFor.on) {
    case 'message.received':
      return [waitFor.on, ...(waitFor.text ?? []), ...(waitFor.button ?? [])].join(' ')
    case 'message.status':
      return [waitFor.on, waitFor.status.join(', '), ...(waitFor.of === undefined ? [] : [waitFor.of])].join(' ')
    case 'record.updated':
      return [waitFor.on, (waitFor.fields ?? []).join(', ')].filter((part) => part !== '').join(' ')
  }
}

function whenOf({ when }: WaitFor): string[] {
  return when === undefined ? [] : [conditionText(when)]
}

function wayText(step: Step, { via, nth = 0 }: Way, language: Language): string {
  const said = words[language]
  switch (via) {
    case 'next':
      return 'goto' in step ? said.spent : ''
    case 'then':
      return said.then
    case 'else':
      return 'waitFor' in step ? said.timeout(spanText(step.timeout, language)) : said.otherwise
    case 'branch':
      return 'branch' in step ? conditionText(step.branch[nth]!.when) : ''
    case 'split':
      return 'split' in step ? shareText(step.split, nth) : ''
    case 'skip':
      return said.past
    case 'goto':
      return ''
  }
}

function shareText(split: Extract<Step, { split: unknown }>['split'], nth: number): string {
  const sum = split.reduce((total, { weight }) => total + weight, 0)
  return `${Number(((split[nth]!.weight / sum) * 100).toFixed(1))}%`
}

function kindOf(step: Step, { via }: Way): GraphEdge['kind'] {
  const takesTime = ('wait' in step || 'waitUntil' in step) && via === 'next'
  return takesTime || ('waitFor' in step && via === 'else') ? 'later' : 'automatic'
}
