import type { Json } from '#definitions/json.ts'
import type { FieldType } from '#definitions/module.ts'
import { isBlank } from './blank.ts'
import { ageInDays, isSameDay, isWithin, orderInTime } from './dates.ts'
import { isBetween, isEqual, isIn, order } from './comparison.ts'
import { containsAll, containsAny } from './list.ts'
import type { Moment } from './moment.ts'
import { isDuring } from './period.ts'
import { compareText, isSamePhone } from './text.ts'

/**
 * The operators of conditions. The first ten keep the names and the meaning that json-rules-engine gives them, and are
 * made total: there, `in` throws on null, `contains` is false for text, `greaterThan` holds for a blank value (`5 > null`),
 * and `"12" < "9"`.
 *
 * One rule for blanks: a blank value makes every comparison false, except those that ask for absence: `notEqual`,
 * `notIn`, `doesNot...`, `notSame...`, `excludes...` and `isEmpty` hold for a blank field. Decorators stay the
 * library's: `not:` turns the answer around, whatever it was.
 */
const plain: Record<string, PlainOperator> = {
  equal: isEqual,
  notEqual: (a, b) => !isEqual(a, b),
  in: isIn,
  notIn: (a, b) => !isIn(a, b),
  contains,
  doesNotContain: (a, b) => !contains(a, b),
  lessThan: (a, b) => order(a, b) < 0,
  lessThanInclusive: (a, b) => order(a, b) <= 0,
  greaterThan: (a, b) => order(a, b) > 0,
  greaterThanInclusive: (a, b) => order(a, b) >= 0,

  // `value` is true; false turns the question around.
  isEmpty: (a, b) => isBlank(a) === (b !== false),
  isNotEmpty: (a, b) => isBlank(a) !== (b !== false),

  sameText: (a, b) => compareText(a, b, (text, wanted) => text === wanted),
  notSameText: (a, b) => !compareText(a, b, (text, wanted) => text === wanted),
  containsText: (a, b) => compareText(a, b, (text, wanted) => text.includes(wanted)),
  doesNotContainText: (a, b) => !compareText(a, b, (text, wanted) => text.includes(wanted)),
  startsWith: (a, b) => compareText(a, b, (text, wanted) => text.startsWith(wanted)),
  doesNotStartWith: (a, b) => !compareText(a, b, (text, wanted) => text.startsWith(wanted)),
  endsWith: (a, b) => compareText(a, b, (text, wanted) => text.endsWith(wanted)),
  doesNotEndWith: (a, b) => !compareText(a, b, (text, wanted) => text.endsWith(wanted)),
  samePhone: isSamePhone,
  notSamePhone: (a, b) => !isSamePhone(a, b),

  between: (a, b) => isBetween(a, b) === true,
  notBetween: (a, b) => isBetween(a, b) === false,

  containsAny,
  containsAll,
  /** None of the values is there. */
  excludesAll: (a, b) => !containsAny(a, b),
  /** At least one of the values is not there. */
  excludesAny: (a, b) => !containsAll(a, b),
}

/** Operators that need the moment and the zone. Where one side is only a day, days are compared, else instants. */
const temporal: Record<string, TemporalOperator> = {
  on: (a, { value, zone }) => isSameDay(a, value, zone) === true,
  before: (a, { value, zone }) => orderInTime(a, value, zone) < 0,
  after: (a, { value, zone }) => orderInTime(a, value, zone) > 0,
  onOrBefore: (a, { value, zone }) => orderInTime(a, value, zone) <= 0,
  onOrAfter: (a, { value, zone }) => orderInTime(a, value, zone) >= 0,
  /** `[from, to]`, both included. */
  betweenDates: (a, moment) => isBetweenDates(a, moment) === true,
  notBetweenDates: (a, moment) => isBetweenDates(a, moment) === false,
  /** A named period: see `periodNames`. */
  during: (a, moment) => isDuring(a, moment) === true,
  notDuring: (a, moment) => isDuring(a, moment) === false,
  /** Within a number of days or an ISO 8601 duration from now. */
  inNext: (a, moment) => isWithin(a, moment, 1),
  inLast: (a, moment) => isWithin(a, moment, -1),
  /** Days since: a number, or `{ "min": 3, "max": 10 }` with both included and either left out. */
  ageInDays: (a, moment) => isCount(ageInDays(a, moment), moment.value),
  /** Days until. */
  dueInDays: (a, moment) => isCount(negated(ageInDays(a, moment)), moment.value),
}

export type PlainOperator = (fact: Json | undefined, value: Json | undefined) => boolean
export type TemporalOperator = (fact: Json | undefined, moment: Moment) => boolean

export const plainOperators: ReadonlyMap<string, PlainOperator> = new Map(Object.entries(plain))
export const temporalOperators: ReadonlyMap<string, TemporalOperator> = new Map(Object.entries(temporal))

/** All operators without decorators. */
export const operatorNames: readonly string[] = [...plainOperators.keys(), ...temporalOperators.keys()]

/** Decorators go before an operator and a colon, several at once: `not:someFact:startsWith`. */
export const decoratorNames: readonly string[] = ['not', 'someFact', 'everyFact', 'someValue', 'everyValue', 'swap']

/** The operator under its decorators: `in` of `not:in`. */
export function baseOperator(operator: string): string {
  return operator.slice(operator.lastIndexOf(':') + 1)
}

/** The operators that make sense for fields of a type, in the order a person would be offered them. */
export function operatorsFor(type: FieldType): readonly string[] {
  return byType[type]
}

const empty = ['isEmpty', 'isNotEmpty']
const same = ['equal', 'notEqual', 'in', 'notIn']
const part = ['startsWith', 'doesNotStartWith', 'endsWith', 'doesNotEndWith']
const text = [
  ...same,
  ...['sameText', 'notSameText', 'contains', 'doesNotContain', 'containsText', 'doesNotContainText'],
  ...part,
  ...empty,
]
const number = [
  ...same,
  ...['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive', 'between', 'notBetween'],
  ...empty,
]
const date = [
  ...temporalOperators.keys(),
  ...['equal', 'notEqual', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'],
  ...['between', 'notBetween'],
  ...empty,
]
const list = [
  ...['containsAny', 'containsAll', 'excludesAny', 'excludesAll', 'contains', 'doesNotContain', 'equal', 'notEqual'],
  ...empty,
]
const reference = [...same, ...empty]

const byType: Record<FieldType, readonly string[]> = {
  text,
  textarea: text,
  email: text,
  url: text,
  phone: ['samePhone', 'notSamePhone', ...text],
  integer: number,
  decimal: number,
  currency: number,
  percent: number,
  boolean: ['equal', 'notEqual', ...empty],
  date,
  datetime: date,
  picklist: text,
  multiselect: list,
  tags: list,
  lookup: reference,
  user: reference,
  json: operatorNames,
}

function contains(a: Json | undefined, b: Json | undefined): boolean {
  if (Array.isArray(a)) return !isBlank(b) && a.some((member) => isEqual(member, b))
  return compareText(a, b, (whole, wanted) => whole.includes(wanted))
}

function isBetweenDates(a: Json | undefined, { value, zone }: Moment): boolean | null {
  if (!Array.isArray(value) || value.length !== 2) return null
  const from = orderInTime(a, value[0], zone)
  const to = orderInTime(a, value[1], zone)
  return Number.isNaN(from) || Number.isNaN(to) ? null : from >= 0 && to <= 0
}

function isCount(days: number | null, wanted: Json | undefined): boolean {
  if (days === null) return false
  if (typeof wanted === 'number') return days === wanted
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return false
  const { min, max } = wanted
  if (min === undefined && max === undefined) return false
  return (
    (min === undefined || (typeof min === 'number' && days >= min)) &&
    (max === undefined || (typeof max === 'number' && days <= max))
  )
}

function negated(days: number | null): number | null {
  return days === null ? null : 0 - days
}
