import { JSONPath } from 'jsonpath-plus'
import type { Json } from '#definitions/json.ts'

/** Reads a place in a fact. Undefined when it is not there. */
export type PathReader = (value: Json) => Json | undefined

const simple = /^\$(?:\.[A-Za-z_]\w*|\[\d+\])*$/

/**
 * A JSONPath as a reader. Plain ones (`$.a.b[0]`) are walked at once; the rest goes to jsonpath-plus, as the library
 * does. Paths with script expressions must not come here: see {@link pathProblem}.
 */
export function compilePath(path: string): PathReader {
  if (!simple.test(path)) {
    return (value) => JSONPath<Json | undefined>({ path, json: value as object, wrap: false, eval: false })
  }
  const keys = [...path.matchAll(/\w+/g)].map(([key]) => key)
  return (value) => {
    let at: unknown = value
    for (const key of keys) {
      // What jsonpath-plus does: own properties only, and the letters of a text are its properties.
      if (!at || !Object.hasOwn(at, key)) return undefined
      at = (at as Record<string, unknown>)[key]
    }
    return at as Json
  }
}

/** Why a path may not stand in a condition; null when it may. Scripts in paths are code, and definitions are data. */
export function pathProblem(path: string): string | null {
  if (/\(/.test(path))
    return `The path "${path}" holds a script expression. Use a plain path such as "$.items[0].name".`
  return null
}
