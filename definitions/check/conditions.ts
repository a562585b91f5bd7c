import type { Condition, Leaf } from '../condition.ts'
import type { Field, Module } from '../definitions.ts'
import type { Json } from '../json.ts'
import type { Place, Report } from '../report.ts'
import { suggest } from '../suggest.ts'
import { nearFields, type Scope } from './scope.ts'
import { excludeEachOther, isFixedIn } from './together.ts'
import { checkValue } from './values.ts'

const DECORATORS = ['not', 'someFact', 'everyFact', 'someValue', 'everyValue', 'swap']

/** What a condition's facts, names and operators are looked up in. `module` is null when the definition's is unknown. */
export interface Conditions {
  scope: Scope
  report: Report
  module: Module | null
  named: Record<string, Condition>
}

/** Checks a condition that stands by itself, also whether any record can match it. */
export function checkWhen(within: Conditions, place: Place, condition: Condition) {
  checkCondition(within, place, condition)
  if (excludeEachOther([condition], within.named, isFixedIn(within.module))) {
    within.report(place, 'impossible_condition', {})
  }
}

/** Checks a condition and everything in it. */
export function checkCondition(within: Conditions, place: Place, condition: Condition) {
  const { report, named } = within
  if ('all' in condition || 'any' in condition) {
    const group = 'all' in condition ? 'all' : 'any'
    const members = 'all' in condition ? condition.all : condition.any
    if (members.length === 0) report([...place, group], 'empty_condition', { group })
    members.forEach((member, index) => checkCondition(within, [...place, group, index], member))
  } else if ('not' in condition) {
    checkCondition(within, [...place, 'not'], condition.not)
  } else if ('condition' in condition) {
    const name = condition.condition
    if (!Object.hasOwn(named, name)) {
      report([...place, 'condition'], 'unknown_condition', { name, suggestions: suggest(name, Object.keys(named)) })
    }
  } else checkLeaf(within, place, condition)
}

/** Checks the named conditions, and that none leads back to itself. */
export function checkNamedConditions(within: Conditions, place: Place) {
  const { named, report } = within
  for (const [name, condition] of Object.entries(named)) checkCondition(within, [...place, name], condition)
  const done = new Set<string>()
  const follow = (name: string, path: readonly string[]) => {
    if (done.has(name) || !Object.hasOwn(named, name)) return
    const at = path.indexOf(name)
    if (at !== -1) {
      report([...place, name], 'cyclic_condition', { names: [...path.slice(at), name] })
      return
    }
    for (const next of referencesIn(named[name]!)) follow(next, [...path, name])
    done.add(name)
  }
  for (const name of Object.keys(named)) follow(name, [])
}

function referencesIn(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(referencesIn)
  if ('any' in condition) return condition.any.flatMap(referencesIn)
  if ('not' in condition) return referencesIn(condition.not)
  return 'condition' in condition ? [condition.condition] : []
}

function checkLeaf(within: Conditions, place: Place, leaf: Leaf) {
  const { report } = within
  const field = checkFact(within, [...place, 'fact'], leaf.fact)
  const { value } = leaf
  checkPath(report, [...place, 'path'], leaf.path)
  if (isFactValue(value)) {
    checkFact(within, [...place, 'value', 'fact'], value.fact)
    checkPath(report, [...place, 'value', 'path'], value.path)
    checkOperator(within, [...place, 'operator'], leaf, null)
    return
  }
  // A path walks into the value, so the field's own type says nothing about what is found there.
  const compared = leaf.path === undefined ? field : null
  const base = checkOperator(within, [...place, 'operator'], leaf, compared)
  if (base === null) return
  const many = base === 'in' || base === 'notIn'
  if (many && leaf.operator === base && !Array.isArray(value)) {
    report([...place, 'value'], 'operator_needs_list', { operator: leaf.operator })
  } else {
    const wanted = within.scope.shapeWanted?.(leaf.operator, value) ?? null
    if (wanted !== null) report([...place, 'value'], 'operator_value_misfit', { operator: leaf.operator, wanted })
  }
  if (compared === null || (leaf.operator !== base && leaf.operator !== `not:${base}`)) return
  if (many && Array.isArray(value)) {
    value.forEach((item, index) => checkValue(report, [...place, 'value', index], leaf.fact, compared, item))
  } else if (base === 'equal' || base === 'notEqual') {
    checkValue(report, [...place, 'value'], leaf.fact, compared, value)
  }
}

/** @returns the field that the fact is; null for other facts and for what was reported */
function checkFact({ scope, report, module }: Conditions, place: Place, fact: string): Field | null {
  if (scope.facts.includes(fact) || module === null) return null
  if (Object.hasOwn(module.fields, fact)) return module.fields[fact]!
  // `Contact_Name.Mobile`: a field of the record behind a lookup, one step away.
  const [lookup, name, ...further] = fact.split('.')
  const target = Object.hasOwn(module.fields, lookup!)
    ? scope.modules.get(module.fields[lookup!]!.module ?? '')
    : undefined
  if (target !== undefined && name !== undefined && further.length === 0 && Object.hasOwn(target.fields, name)) {
    return target.fields[name]!
  }
  const suggestions =
    target !== undefined && name !== undefined
      ? nearFields(scope, target, name).map((near) => `${lookup}.${near}`)
      : [...nearFields(scope, module, fact), ...suggest(fact, scope.facts)].slice(0, 3)
  report(place, 'unknown_fact', { name: fact, module: module.name, suggestions })
  return null
}

/** @returns the operator without its decorators; null when there is no such one */
function checkOperator(
  { scope, report }: Conditions,
  place: Place,
  { operator, fact }: Leaf,
  field: Field | null,
): string | null {
  const decorators = scope.decorators ?? DECORATORS
  const pieces = operator.split(':')
  const base = pieces.pop()!
  const unknown = pieces.find((piece) => !decorators.includes(piece))
  if (unknown !== undefined || !scope.operators.includes(base)) {
    const near =
      unknown === undefined
        ? suggest(base, scope.operators).map((name) => [...pieces, name].join(':'))
        : suggest(unknown, decorators).map((name) => operator.replace(unknown, name))
    report(place, 'unknown_operator', { name: operator, suggestions: near, decorators: [...decorators] })
    return null
  }
  const fitting = field === null ? undefined : scope.operatorsFor?.(field.type)
  if (field !== null && fitting !== undefined && pieces.every((piece) => piece === 'not') && !fitting.includes(base)) {
    report(place, 'operator_misfit', { operator: base, name: fact, type: field.type, suggestions: fitting })
  }
  return base
}

/** Scripts in JSONPaths are code, and definitions are data. */
function checkPath(report: Report, place: Place, path: string | undefined) {
  if (path?.includes('(')) report(place, 'invalid_path', { path })
}

function isFactValue(value: Leaf['value']): value is { fact: string; path?: string } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && typeof (value as { fact?: Json }).fact === 'string' // prettier-ignore
}
