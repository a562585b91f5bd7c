import type { Condition, Leaf } from '../condition.ts'
import type { Json } from '../json.ts'
import type { FieldType, Module } from '../module.ts'
import { conditionKey } from './branches.ts'

/**
 * Whether conditions surely cannot hold for one and the same record at one time. Looks at what they all demand of single facts:
 * equal values, lists, bounds, blanks; and at one that is the negation of another. False means that they may.
 *
 * @param isFixed whether a fact has one value, which is the same for all of them
 */
export function excludeEachOther(
  conditions: readonly Condition[],
  named: Readonly<Record<string, Condition>>,
  isFixed: (fact: string) => boolean,
): boolean {
  const demands = new Map<string, Demand>()
  const yes = new Set<string>()
  const no = new Set<string>()
  for (const { condition, holds } of conditions.flatMap((one) => conjuncts(one, true, named, []))) {
    if (!factsIn(condition, named).every(isFixed)) continue
    ;(holds ? yes : no).add(conditionKey(condition))
    if (!('fact' in condition) || condition.path !== undefined) continue
    const demand = demandOf(condition, holds)
    if (demand === null) continue
    const before = demands.get(condition.fact)
    demands.set(condition.fact, before === undefined ? demand : both(before, demand))
  }
  return [...yes].some((key) => no.has(key)) || [...demands.values()].some(isImpossible)
}

interface Conjunct {
  condition: Condition
  /** Whether it has to hold, or must not. */
  holds: boolean
}

/** What must hold each by itself, as far as it can be taken apart. */
function conjuncts(
  condition: Condition,
  holds: boolean,
  named: Readonly<Record<string, Condition>>,
  inside: readonly string[],
): Conjunct[] {
  const whole = { condition, holds }
  const apart = (members: Condition[]) => [
    whole,
    ...members.flatMap((member) => conjuncts(member, holds, named, inside)),
  ]
  if ('not' in condition) return conjuncts(condition.not, !holds, named, inside)
  if ('condition' in condition) {
    const name = condition.condition
    if (inside.includes(name) || !Object.hasOwn(named, name)) return []
    return conjuncts(named[name]!, holds, named, [...inside, name])
  }
  // An empty group holds, and demands nothing.
  if ('all' in condition && (holds || condition.all.length === 1)) return apart(condition.all)
  if ('any' in condition && (condition.any.length === 1 || (!holds && condition.any.length > 0))) {
    return apart(condition.any)
  }
  return [whole]
}

/** The facts that a condition asks about, named conditions among them. */
export function factsIn(
  condition: Condition,
  named: Readonly<Record<string, Condition>>,
  inside: readonly string[] = [],
): string[] {
  const members = (list: Condition[]) => list.flatMap((member) => factsIn(member, named, inside))
  if ('all' in condition) return members(condition.all)
  if ('any' in condition) return members(condition.any)
  if ('not' in condition) return factsIn(condition.not, named, inside)
  if ('condition' in condition) {
    const name = condition.condition
    if (inside.includes(name) || !Object.hasOwn(named, name)) return []
    return factsIn(named[name]!, named, [...inside, name])
  }
  const other = comparedFact(condition.value)
  return other === null ? [condition.fact] : [condition.fact, other]
}

function comparedFact(value: Leaf['value']): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { fact } = value as { fact?: Json }
  return typeof fact === 'string' ? fact : null
}

/** What is demanded of one fact. Values are told apart as JSON. */
interface Demand {
  /** One of these; null: any. */
  among: ReadonlySet<Json> | null
  notAmong: ReadonlySet<Json>
  /** Bounds of a number, and whether they themselves are left out. */
  least: number
  leastOut: boolean
  most: number
  mostOut: boolean
  blank: boolean | null
  impossible: boolean
}

const ANYTHING: Demand = {
  among: null,
  notAmong: new Set(),
  least: -Infinity,
  leastOut: false,
  most: Infinity,
  mostOut: false,
  blank: null,
  impossible: false,
}

/** Null: nothing that is understood here. */
function demandOf({ operator: written, value }: Leaf, holds: boolean): Demand | null {
  const pieces = written.split(':')
  const operator = pieces.pop()!
  if (pieces.some((piece) => piece !== 'not') || comparedFact(value) !== null) return null
  const positive = holds === (pieces.length % 2 === 0)
  const json = value
  const values = Array.isArray(json) ? json : [json]
  const plain = values.every((one) => typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean')
  const among = (wanted: boolean) =>
    wanted
      ? { ...ANYTHING, among: new Set(values), ...(values.includes('') ? {} : { blank: false }) }
      : { ...ANYTHING, notAmong: new Set(values) }
  switch (operator) {
    case 'equal':
    case 'notEqual':
      return plain && !Array.isArray(json) ? among(positive === (operator === 'equal')) : null
    case 'in':
    case 'notIn':
      return plain && Array.isArray(json) ? among(positive === (operator === 'in')) : null
    case 'isEmpty':
    case 'isNotEmpty':
      return { ...ANYTHING, blank: positive === ((operator === 'isEmpty') === (json !== false)) }
    case 'lessThan':
    case 'lessThanInclusive':
    case 'greaterThan':
    case 'greaterThanInclusive': {
      if (typeof json !== 'number') return null
      const out = !operator.endsWith('Inclusive')
      // A blank is neither above nor below, so the negation of a bound says nothing about numbers alone.
      if (!positive) return null
      return operator.startsWith('less')
        ? { ...ANYTHING, most: json, mostOut: out, blank: false }
        : { ...ANYTHING, least: json, leastOut: out, blank: false }
    }
    default:
      return null
  }
}

function both(a: Demand, b: Demand): Demand {
  const among = a.among === null ? b.among : b.among === null ? a.among : new Set([...a.among].filter((one) => b.among!.has(one))) // prettier-ignore
  const [lower, higher] = a.least > b.least ? [b, a] : [a, b]
  const [less, more] = a.most < b.most ? [a, b] : [b, a]
  return {
    among,
    notAmong: new Set([...a.notAmong, ...b.notAmong]),
    least: higher.least,
    leastOut: higher.leastOut || (lower.least === higher.least && lower.leastOut),
    most: less.most,
    mostOut: less.mostOut || (less.most === more.most && more.mostOut),
    blank: a.blank ?? b.blank,
    impossible: a.impossible || b.impossible || (a.blank !== null && b.blank !== null && a.blank !== b.blank),
  }
}

function isImpossible({ among, notAmong, least, leastOut, most, mostOut, impossible }: Demand): boolean {
  if (impossible || least > most || (least === most && (leastOut || mostOut))) return true
  if (among === null) return false
  const within = (value: Json) =>
    typeof value !== 'number' ||
    ((leastOut ? value > least : value >= least) && (mostOut ? value < most : value <= most))
  return ![...among].some((value) => !notAmong.has(value) && within(value))
}

/** Facts of which each has one value, the same while the record stays as it is: its own fields that hold no list. */
export function isFixedIn(module: Module | null, written: ReadonlySet<string> = new Set()): (fact: string) => boolean {
  return (fact) =>
    module !== null &&
    Object.hasOwn(module.fields, fact) &&
    !lists.includes(module.fields[fact]!.type) &&
    !written.has(fact)
}

const lists: readonly FieldType[] = ['multiselect', 'tags', 'json']
