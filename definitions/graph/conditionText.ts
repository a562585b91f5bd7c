import type { Condition, Leaf } from '../condition.ts'

/** Longer ones are cut: a picture is no place to read a condition in full. */
const LENGTH_MAX = 80

const SIGNS: Record<string, string> = {
  equal: '=',
  notEqual: '≠',
  in: '∈',
  notIn: '∉',
  lessThan: '<',
  lessThanInclusive: '≤',
  greaterThan: '>',
  greaterThanInclusive: '≥',
}

/** A condition in one line, in the signs of logic: `Amount > 100000 ∧ Stage = "Won"`. */
export function conditionText(condition: Condition): string {
  const text = written(condition, false)
  return [...text].length > LENGTH_MAX ? `${[...text].slice(0, LENGTH_MAX - 1).join('')}…` : text
}

function written(condition: Condition, isInside: boolean): string {
  if ('all' in condition) return joined(condition.all, ' ∧ ', isInside)
  if ('any' in condition) return joined(condition.any, ' ∨ ', isInside)
  if ('not' in condition) return `¬ ${written(condition.not, true)}`
  return 'condition' in condition ? condition.condition : leafText(condition)
}

function joined(members: readonly Condition[], sign: string, isInside: boolean): string {
  const [first] = members
  if (members.length === 1 && first !== undefined) return written(first, isInside)
  if (first === undefined) return '⊤'
  const text = members.map((member) => written(member, true)).join(sign)
  return isInside ? `(${text})` : text
}

function leafText({ fact, path, operator, value }: Leaf): string {
  const pieces = operator.split(':')
  const base = pieces.pop()!
  const seen = path === undefined ? fact : `${fact}${path.replace(/^\$/, '')}`
  const isNegated = pieces.filter((piece) => piece === 'not').length % 2 === 1
  const others = pieces.filter((piece) => piece !== 'not').map((piece) => `${piece}:`)
  const text = [seen, `${others.join('')}${SIGNS[base] ?? base}`, valueText(value)]
    .filter((part) => part !== '')
    .join(' ')
  return isNegated ? `¬ (${text})` : text
}

function valueText(value: Leaf['value']): string {
  // `isEmpty` and the like are written with `true`, which says nothing more.
  if (value === true) return ''
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value.fact === 'string') {
    return value.fact
  }
  return Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join(', ')}}` : JSON.stringify(value)
}
