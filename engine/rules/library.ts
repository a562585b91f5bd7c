import { strict as assert } from 'node:assert'
import { Engine, Operator, OperatorDecorator, type Almanac, type TopLevelCondition } from 'json-rules-engine'
import type { Condition, Leaf } from '#definitions/condition.ts'
import type { Json } from '#definitions/json.ts'
import { Moment } from './moment.ts'
import { baseOperator, plainOperators, temporalOperators } from './operators.ts'

/** An operator of the library, decorators applied. Its evaluation is synchronous. */
export interface LibraryOperator {
  evaluate(fact: Json | undefined, value: Json | Moment | undefined): boolean
}

/** The fact that hands date operators the moment. No field can have this name. */
const MOMENT = '@moment'

/**
 * A json-rules-engine that knows our operators. Conditions run in it after {@link libraryCondition}; it gives the same
 * answers as the closures of `compileCondition`, slowly. One engine serves one `run` at a time: with several
 * priorities 7.3.1 skips rules in silence when two runs overlap.
 */
export function createLibraryEngine(): Engine {
  const engine = new Engine([], { allowUndefinedFacts: true })
  for (const [name, test] of plainOperators) engine.addOperator(new Operator(name, test as never))
  for (const [name, test] of temporalOperators) engine.addOperator(new Operator(name, test as never))
  for (const decorator of decorators) engine.addOperatorDecorator(decorator)
  engine.addFact(
    MOMENT,
    async ({ value }: { value?: Json }, almanac: Almanac) => {
      const { fact, path, params } = isFactValue(value) ? value : { fact: undefined }
      const resolved = fact === undefined ? value : await almanac.factValue<Json>(fact, params, path)
      return new Moment(resolved, await almanac.factValue<Json>('now'), await almanac.factValue<Json>('zone'))
    },
    { cache: false },
  )
  return engine
}

/**
 * A condition as the library can run it: the value of a date operator becomes a fact that also tells the moment, and a
 * root that is a single leaf gets the group the library demands. A copy, because the library writes into its input.
 */
export function libraryCondition(condition: Condition): TopLevelCondition {
  const copy = withMoments(structuredClone(condition))
  return 'fact' in copy ? { all: [copy] } : copy
}

/** @returns null when there is no such operator or decorator */
export function libraryOperator(name: string): LibraryOperator | null {
  return operators.get(name)
}

/** `{ "fact": ... }` as the value of a leaf is another fact to compare with. */
export function isFactValue(value: unknown): value is { fact: string; path?: string; params?: Record<string, Json> } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'fact')
}

function withMoments(condition: Condition): Condition {
  if ('all' in condition) return { ...condition, all: condition.all.map(withMoments) }
  if ('any' in condition) return { ...condition, any: condition.any.map(withMoments) }
  if ('not' in condition) return { ...condition, not: withMoments(condition.not) }
  if ('condition' in condition || !temporalOperators.has(baseOperator(condition.operator))) return condition
  return { ...condition, value: { fact: MOMENT, params: { value: condition.value } } } satisfies Leaf
}

type Next = LibraryOperator['evaluate']
type Value = Json | Moment | undefined

const valueOf = (value: Value) => (value instanceof Moment ? value.value : value)
const replaced = (value: Value, by: Json | undefined) => (value instanceof Moment ? value.with(by) : by)
const decorator = (name: string, evaluate: (fact: Json | undefined, value: Value, next: Next) => boolean) =>
  new OperatorDecorator(name, evaluate as never)

/** Those of the library that look at the value, made total (it throws when the value is no list) and aware of the moment. */
const decorators = [
  decorator('someValue', (fact, value, next) => {
    const list = valueOf(value)
    return Array.isArray(list) && list.some((one) => next(fact, replaced(value, one)))
  }),
  decorator('everyValue', (fact, value, next) => {
    const list = valueOf(value)
    return Array.isArray(list) && list.every((one) => next(fact, replaced(value, one)))
  }),
  decorator('swap', (fact, value, next) => next(valueOf(value), replaced(value, fact))),
]

const { operators } = createLibraryEngine() as unknown as { operators: { get(name: string): LibraryOperator | null } }
assert(
  typeof operators?.get === 'function',
  'json-rules-engine 7.3.1 has Engine.operators; another version needs a look',
)
