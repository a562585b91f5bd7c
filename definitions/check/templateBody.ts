import type { Report } from '../report.ts'
import { parametersIn } from '../templateText.ts'

/** Above one variable for so many words WhatsApp may refuse; it does not publish the ratio. Source: widely reported, code 2388293. */
const WORDS_PER_VARIABLE_MIN = 3

/** Checks where the variables of the body stand, how they are numbered, and how many words there are around them. */
export function checkBodyVariables(report: Report, body: string, format: 'NAMED' | 'POSITIONAL' | 'mixed') {
  const variables = parametersIn(body)
  const [first] = variables
  const last = variables.at(-1)
  if (first === undefined || last === undefined) return
  if (body.slice(0, first.index).trim() === '') {
    report(['body'], 'template_edge_variable', { name: first.name, edge: 'start' })
  }
  if (body.slice(last.index + last.length).trim() === '') {
    report(['body'], 'template_edge_variable', { name: last.name, edge: 'end' })
  }
  for (const [index, { name, index: start }] of variables.entries()) {
    const before = variables[index - 1]
    if (before === undefined) continue
    const between = body.slice(before.index + before.length, start)
    if (between.trim() !== '') continue
    report(['body'], 'template_adjacent_variables', { first: before.name, second: name })
  }
  if (format === 'POSITIONAL') {
    const numbers = new Set(variables.map(({ name }) => Number(name)))
    const missing = Array.from({ length: Math.max(...numbers) }, (_, index) => index + 1).find((n) => !numbers.has(n))
    if (missing !== undefined) report(['body'], 'template_numbering_gap', { missing: String(missing) })
  }
  const words = countWords(body.replace(/\{\{[^{}]*\}\}/g, ' '))
  if (words < variables.length * WORDS_PER_VARIABLE_MIN) {
    report(['body'], 'template_too_many_variables', { variables: variables.length, words })
  }
}

/** Also in languages that write no spaces between words. */
function countWords(text: string): number {
  const segments = new Intl.Segmenter('ja', { granularity: 'word' }).segment(text)
  return [...segments].filter(({ isWordLike }) => isWordLike === true).length
}
