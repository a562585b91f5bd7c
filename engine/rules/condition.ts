import { Rule } from 'json-rules-engine'
import type { Condition, Leaf } from '#definitions/condition.ts'
import type { Json } from '#definitions/json.ts'
import { pointer as pointerOf } from '#definitions/pointer.ts'
import type { LeafTrace } from '../decision.ts'
import { AppError } from '../errors.ts'
import { isFactValue, libraryOperator } from './library.ts'
import { Moment } from './moment.ts'
import { baseOperator, temporalOperators } from './operators.ts'
import { compilePath, pathProblem } from './path.ts'

/** What is known about a fact now; undefined when nothing is. A fact that is missing is no error: it is blank. */
export type FactSource = (fact: string) => Json | undefined

/** Looks at a condition. With `trace`, each leaf that was looked at is added to it, in order. */
export type CompiledCondition = (facts: FactSource, trace?: LeafTrace[]) => boolean

/** A condition that json-rules-engine, or we, cannot run. */
export class ConditionInvalid extends AppError {
  readonly code = 'ERR_CONDITION_INVALID'
  readonly retryable = false
}

/**
 * Turns a condition into a closure, once per definition version. It answers as `Engine.run` of json-rules-engine would
 * (a property test holds it): groups go by falling `priority` (1 when left out), an empty group is true, a `path` into
 * a fact that is no object gives the fact itself. `params` are for computed facts, which we have none of.
 *
 * @param named   conditions that it may refer to
 * @param pointer where the condition stands, put before the pointers of the trace; named ones stand at `/conditions`
 * @throws ConditionInvalid for an unknown operator or reference, a reference to itself, a path with a script
 */
export function compileCondition(
  condition: Condition,
  named: Readonly<Record<string, Condition>> = {},
  pointer = '',
): CompiledCondition {
  return compile(parse(condition, pointer), { named, open: new Set() }, pointer)
}

interface Scope {
  named: Readonly<Record<string, Condition>>
  /** References being followed. */
  open: Set<string>
}

/** The library reads the condition and refuses what it does not understand. */
function parse(condition: Condition, pointer: string): Condition {
  const copy = structuredClone(condition)
  try {
    const rule = new Rule({ conditions: { all: [copy] }, event: { type: 'match' } })
    return (rule.conditions as unknown as { all: [Condition] }).all[0]
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), pointer, cause)
  }
}

function compile(condition: Condition, scope: Scope, pointer: string): CompiledCondition {
  if ('any' in condition) return anyOf(inOrder(condition.any, scope, `${pointer}/any`))
  if ('all' in condition) return allOf(inOrder(condition.all, scope, `${pointer}/all`))
  if ('not' in condition) {
    const inner = compile(condition.not, scope, `${pointer}/not`)
    return (facts, trace) => !inner(facts, trace)
  }
  if ('condition' in condition) return compileReference(condition.condition, scope, pointer)
  return compileLeaf(condition, pointer)
}

/** Highest priority first, else as written. */
function inOrder(conditions: Condition[], scope: Scope, pointer: string): CompiledCondition[] {
  const priority = (condition: Condition) => condition.priority || 1
  return conditions
    .map((condition, index) => ({ condition, index }))
    .sort((a, b) => priority(b.condition) - priority(a.condition))
    .map(({ condition, index }) => compile(condition, scope, `${pointer}/${index}`))
}

function allOf(conditions: CompiledCondition[]): CompiledCondition {
  if (conditions.length === 1) return conditions[0]!
  return (facts, trace) => {
    for (const condition of conditions) if (!condition(facts, trace)) return false
    return true
  }
}

/** The library lets an empty `any` pass. */
function anyOf(conditions: CompiledCondition[]): CompiledCondition {
  if (conditions.length === 0) return () => true
  if (conditions.length === 1) return conditions[0]!
  return (facts, trace) => {
    for (const condition of conditions) if (condition(facts, trace)) return true
    return false
  }
}

function compileReference(name: string, scope: Scope, pointer: string): CompiledCondition {
  const target = Object.hasOwn(scope.named, name) ? scope.named[name] : undefined
  if (target === undefined) throw invalid(`No condition is named "${name}".`, pointer)
  if (scope.open.has(name)) throw invalid(`The condition "${name}" refers to itself.`, pointer)
  const at = pointerOf('conditions', name)
  return compile(parse(target, at), { ...scope, open: new Set([...scope.open, name]) }, at)
}

function compileLeaf(leaf: Leaf, pointer: string): CompiledCondition {
  const { fact, operator: name, value } = leaf
  const operator = libraryOperator(name)
  if (operator === null) throw invalid(`There is no operator "${name}".`, pointer)
  const seenBy = reader(fact, leaf.path, pointer)
  const literal = isFactValue(value) ? undefined : value
  const expectedBy = isFactValue(value) ? reader(value.fact, value.path, pointer) : () => literal
  const needsMoment = temporalOperators.has(baseOperator(name))

  return (facts, trace) => {
    const seen = seenBy(facts)
    const expected = expectedBy(facts)
    const result = operator.evaluate(seen, needsMoment ? new Moment(expected, facts('now'), facts('zone')) : expected)
    trace?.push({ pointer, fact, operator: name, seen, expected, result })
    return result
  }
}

function reader(fact: string, path: string | undefined, pointer: string): (facts: FactSource) => Json | undefined {
  if (!path) return (facts) => facts(fact)
  const problem = pathProblem(path)
  if (problem !== null) throw invalid(problem, pointer)
  const walk = compilePath(path)
  return (facts) => {
    const value = facts(fact)
    return typeof value === 'object' && value !== null ? walk(value) : value
  }
}

function invalid(message: string, pointer: string, cause?: unknown): ConditionInvalid {
  return new ConditionInvalid(message, { pointer }, { cause })
}
