import type { Json } from '#definitions/json.ts'
import { isBlank } from './blank.ts'

/**
 * Equality of two values. Blank equals blank, so `equal` with null asks whether a field is empty (as Zoho's `${EMPTY}`
 * does). A lookup that came as `{ id, name }` equals its id. Lists are equal when they hold the same values, in any
 * order, because CRMs return multi-selects in any order. Text is compared exactly: `"5"` is not `5`, `"jp"` not `"JP"`.
 */
export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isBlank(a) || isBlank(b)) return isBlank(a) && isBlank(b)
  if (Array.isArray(a) && Array.isArray(b)) return sameMembers(a, b)
  if (!isObject(a)) return isObject(b) && b.id !== undefined && b.id === a
  if (!isObject(b)) return a.id !== undefined && a.id === b
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
}

/** Whether a list holds a value. What is no list holds nothing. */
export function isIn(value: Json | undefined, list: Json | undefined): boolean {
  return Array.isArray(list) && list.some((member) => isEqual(value, member))
}

/**
 * The order of two values: numbers (also written as text: `"12.5"`), two dates, or two date-times with an offset.
 * @returns below, above or equal to zero; NaN when they have no order, which makes every comparison false
 */
export function order(a: Json | undefined, b: Json | undefined): number {
  const left = numberOf(a)
  if (!Number.isNaN(left)) return left - numberOf(b)
  if (typeof a !== 'string' || typeof b !== 'string') return NaN
  if (plainDate.test(a) && plainDate.test(b)) return a < b ? -1 : a > b ? 1 : 0
  if (instantText.test(a) && instantText.test(b)) return Date.parse(a) - Date.parse(b)
  return NaN
}

/** Between two bounds `[from, to]`, both included. Null when the value or a bound has no order. */
export function isBetween(value: Json | undefined, bounds: Json | undefined): boolean | null {
  if (!Array.isArray(bounds) || bounds.length !== 2) return null
  const from = order(value, bounds[0])
  const to = order(value, bounds[1])
  return Number.isNaN(from) || Number.isNaN(to) ? null : from >= 0 && to <= 0
}

const plainDate = /^\d{4}-\d{2}-\d{2}$/
const instantText = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/
const numberText = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/

function numberOf(value: Json | undefined): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && numberText.test(value) ? Number(value) : NaN
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sameMembers(a: Json[], b: Json[]): boolean {
  if (a.length !== b.length) return false
  const rest = [...b]
  return a.every((member) => {
    const found = rest.findIndex((other) => isEqual(member, other))
    if (found !== -1) rest.splice(found, 1)
    return found !== -1
  })
}
