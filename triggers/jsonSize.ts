/** Deeper nesting than this is refused at the door: no CRM or webhook has it, and it makes recursive readers fail. */
export const DEPTH_MAX = 64

export interface JsonSize {
  /** Characters of all keys and strings, and 8 for any other value. */
  size: number
  depth: number
  /** False when something in it has no JSON form: undefined, a function, NaN, a Date. */
  isJson: boolean
}

/** Measures a value without recursion and stops early, so that a hostile one costs no more than a small one. */
export function measureJson(value: unknown, sizeMax: number): JsonSize {
  const result: JsonSize = { size: 0, depth: 0, isJson: true }
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 1 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > result.depth) result.depth = next.depth
    if (result.depth > DEPTH_MAX || result.size > sizeMax) return result
    const { value: one, depth } = next
    if (typeof one === 'string') result.size += one.length
    else if (one === null || typeof one === 'boolean') result.size += 8
    else if (typeof one === 'number' && Number.isFinite(one)) result.size += 8
    else if (Array.isArray(one)) {
      result.size += 8
      for (const item of one) waiting.push({ value: item, depth: depth + 1 })
    } else if (isPlainObject(one)) {
      result.size += 8
      for (const key of Object.keys(one)) {
        result.size += key.length
        waiting.push({ value: one[key], depth: depth + 1 })
      }
    } else return { ...result, isJson: false }
  }
  return result
}

/** An object with keys; not null, an array, a Date or a Map. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
