import { canonicalJson } from '../canonical.ts'
import type { Condition, Leaf } from '../condition.ts'
import type { JourneyTrigger, Workflow, WorkflowTrigger } from '../definitions.ts'
import type { Json } from '../json.ts'
import type { Write } from './writes.ts'

type Answer = 'yes' | 'no' | 'maybe'

/** Whether a write can set off a workflow or let a record into a journey, as far as its trigger goes. */
export function canTrigger(write: Write, module: string, trigger: WorkflowTrigger | JourneyTrigger): boolean {
  if (write.module !== module) return false
  switch (trigger.on) {
    case 'record.created':
      return write.kind === 'create'
    case 'record.updated':
      return write.kind === 'update'
    case 'record.saved':
    case 'condition':
      return write.kind !== 'send'
    case 'field.changed': {
      if (write.kind !== 'update') return false
      const changes = trigger.fields.map((change) => canChange(write, change))
      return trigger.match === 'all' ? changes.every(Boolean) : changes.some(Boolean)
    }
    case 'message.status':
      return write.kind === 'send'
    case 'record.deleted':
    case 'date':
    case 'schedule':
    case 'manual':
    case 'message.received':
      return false
  }
}

function canChange({ values }: Write, { field, from, to }: { field: string; from?: Json; to?: Json }): boolean {
  const known = values.get(field)
  if (known === undefined) return false
  if (known === 'unknown') return true
  return (to === undefined || same(known.constant, to)) && (from === undefined || !same(known.constant, from))
}

/** Whether some writes, done again and again, change a field of a module only once. */
export type IsSettled = (module: string, field: string) => boolean

/** A trigger that waits for a change of fields is quiet when those that are written come to rest. */
export function isAtRest(
  trigger: WorkflowTrigger | JourneyTrigger,
  write: Write,
  isSettled: IsSettled,
  module: string,
): boolean {
  if (trigger.on !== 'field.changed' || write.kind !== 'update') return false
  const watched = trigger.fields.filter(({ field }) => write.values.has(field))
  const settled = watched.map(({ field }) => isSettled(module, field))
  return trigger.match === 'all' ? settled.some(Boolean) : settled.every(Boolean)
}

/** The branches that can win after a write: those that come before one that surely matches, and that surely does not fail. */
export function possibleBranches(write: Write, workflow: Workflow): number[] {
  const possible: number[] = []
  for (const [index, { when }] of workflow.branches.entries()) {
    const answer = when === undefined ? 'yes' : holds(when, write, workflow.conditions ?? {})
    if (answer !== 'no') possible.push(index)
    if (answer === 'yes') break
  }
  return possible
}

/** Whether a condition holds after a write, as far as that can be told from what it writes. */
export function holds(
  condition: Condition,
  write: Write,
  named: Record<string, Condition>,
  inside: readonly string[] = [],
): Answer {
  const each = (conditions: Condition[]) => conditions.map((one) => holds(one, write, named, inside))
  if ('all' in condition) return strongest(each(condition.all), 'no', 'yes')
  if ('any' in condition) return condition.any.length === 0 ? 'yes' : strongest(each(condition.any), 'yes', 'no')
  if ('not' in condition) return negated(holds(condition.not, write, named, inside))
  if ('condition' in condition) {
    const name = condition.condition
    if (inside.includes(name) || !Object.hasOwn(named, name)) return 'maybe'
    return holds(named[name]!, write, named, [...inside, name])
  }
  return leafHolds(condition, write)
}

/** One deciding answer decides; without it a "maybe" leaves it open. */
function strongest(answers: Answer[], deciding: Answer, otherwise: Answer): Answer {
  if (answers.includes(deciding)) return deciding
  return answers.includes('maybe') ? 'maybe' : otherwise
}

function negated(answer: Answer): Answer {
  return answer === 'maybe' ? answer : answer === 'yes' ? 'no' : 'yes'
}

function leafHolds(leaf: Leaf, write: Write): Answer {
  const seen = seenBy(leaf, write)
  if (seen === undefined) return 'maybe'
  const { value } = leaf
  const pieces = leaf.operator.split(':')
  const operator = pieces.pop()!
  if (pieces.some((piece) => piece !== 'not') || isFactValue(value)) return 'maybe'
  const plain = compare(operator, seen, value)
  return pieces.length % 2 === 0 ? plain : negated(plain)
}

/** The value that a leaf will see, when that is sure. */
function seenBy({ fact, path }: Leaf, { kind, values, complete }: Write): Json | undefined {
  const name = kind === 'send' ? (fact === 'message' ? path : undefined) : path === undefined ? fact : undefined
  if (name === undefined) return undefined
  const known = values.get(name)
  if (known !== undefined) return known === 'unknown' ? undefined : known.constant
  // Facts that are not fields are never written; only names shaped like fields are surely empty in a new record.
  return complete && /^[A-Z]/.test(name) && !name.includes('.') ? null : undefined
}

function compare(operator: string, seen: Json, value: Json): Answer {
  const answer = (holdsTrue: boolean): Answer => (holdsTrue ? 'yes' : 'no')
  const within = Array.isArray(value) && value.some((item) => same(seen, item))
  switch (operator) {
    case 'equal':
      return answer(same(seen, value))
    case 'notEqual':
      return answer(!same(seen, value))
    case 'in':
      return answer(within)
    case 'notIn':
      return answer(!within)
    case 'isEmpty':
      return answer(same(seen, null) === (value !== false))
    case 'isNotEmpty':
      return answer(same(seen, null) !== (value !== false))
    default:
      return 'maybe'
  }
}

/** Blank is blank, whether null, empty text or an empty list. */
function same(a: Json, b: Json): boolean {
  const blank = (value: Json) => value === null || value === '' || (Array.isArray(value) && value.length === 0)
  return blank(a) ? blank(b) : canonicalJson(a) === canonicalJson(b)
}

function isFactValue(value: Leaf['value']): value is { fact: string } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'fact' in value
}
