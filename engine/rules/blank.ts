import type { Json } from '#definitions/json.ts'

/** Nothing is there: missing, null, only white space, an empty list. Zero and false are values. */
export function isBlank(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return value.trim() === ''
  return Array.isArray(value) && value.length === 0
}
