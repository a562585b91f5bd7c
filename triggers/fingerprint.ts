import { createHash } from 'node:crypto'
import type { Json } from '#definitions/json.ts'

/**
 * An id made from content, for sources that give none: the same parts always make the same id, whatever the order of
 * the keys inside them. 43 characters, URL-safe.
 *
 * @param parts not nested deeper than {@link import('./jsonSize.ts').DEPTH_MAX}
 */
export function fingerprint(...parts: readonly Json[]): string {
  return createHash('sha256').update(canonical(parts)).digest('base64url')
}

/**
 * Joins parts to a readable id, `status:wamid.A:sent`, or hashes them when that would be too long, ambiguous, or not
 * plain ASCII: an id must survive every database and log as it is.
 *
 * @param prefix names what it is the id of
 */
export function readableId(prefix: string, ...parts: readonly string[]): string {
  return parts.every((part) => PLAIN.test(part)) ? [prefix, ...parts].join(':') : `${prefix}#${fingerprint(...parts)}`
}

/** Printable ASCII without the separator, short enough that three of them fit in 512. */
const PLAIN = /^[\x21-\x39\x3b-\x7e]{0,150}$/

function canonical(value: Json | readonly Json[]): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const object = value as Record<string, Json>
  const keys = Object.keys(object).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(object[key] ?? null)}`).join(',')}}`
}
