import type { Json } from '#definitions/json.ts'
import type { SourceFile } from '#definitions/problem.ts'

/** Operators whose value is one that a record may have, or a list of such. */
const ASKS_FOR_VALUE = new Set(['equal', 'in', 'equalIgnoreCase'])

/**
 * The values that conditions of a module ask for, by field. People made up have some of them, or nobody would ever come to the
 * branches that are to be tried.
 */
export function askedValues(files: readonly SourceFile[], module: string): ReadonlyMap<string, readonly Json[]> {
  const asked = new Map<string, Json[]>()
  for (const { json } of files) {
    if (isObject(json) && json.module === module) collect(json, asked)
  }
  return asked
}

function collect(json: unknown, asked: Map<string, Json[]>): void {
  if (Array.isArray(json)) return json.forEach((one) => collect(one, asked))
  if (!isObject(json)) return
  const { fact, operator, value, path } = json
  if (typeof fact === 'string' && typeof operator === 'string' && path === undefined && ASKS_FOR_VALUE.has(operator)) {
    const values = asked.get(fact) ?? []
    asked.set(fact, values)
    for (const one of (Array.isArray(value) ? value : [value]) as unknown[]) {
      if (['string', 'number', 'boolean'].includes(typeof one) && !values.includes(one as Json))
        values.push(one as Json)
    }
  }
  for (const part of Object.values(json)) collect(part, asked)
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
