import type { Json } from './json.ts'

/**
 * The one text of a JSON value, for hashing and comparing: keys sorted, no white space, `$schema` of the document left
 * out because it only helps the editor. Two values have the same text exactly when they mean the same.
 */
export function canonicalJson(value: Json): string {
  if (!isObject(value)) return write(value)
  const { $schema: _, ...rest } = value
  return write(rest)
}

function write(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const entries = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(value[key]!)}`)
  return `{${entries.join(',')}}`
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
