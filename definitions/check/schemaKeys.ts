import type { z } from 'zod'
import { condition } from '../condition.ts'

type Schema = z.core.$ZodType
interface Def {
  type: string
  shape?: Record<string, Schema>
  element?: Schema
  valueType?: Schema
  innerType?: Schema
  options?: Schema[]
  discriminator?: string
  getter?: () => Schema
}

/**
 * The keys that an object at a place may have, for "did you mean". Follows the schema along the path; where it branches,
 * the branch that the document's discriminator names, else all branches that are objects.
 *
 * @returns none when the schema is open there
 */
export function keysAt(schema: Schema, path: readonly PropertyKey[], json: unknown): string[] {
  const { found, value } = schemasAt(schema, path, json)
  const shapes = candidates(found, value).map((each) => defOf(each).shape ?? {})
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape)))].filter((key) => key !== '$schema')
}

/** Whether a condition is what may stand at a place. */
export function isConditionAt(schema: Schema, path: readonly PropertyKey[], json: unknown): boolean {
  return schemasAt(schema, path, json).found.some((each) => {
    let inner: Schema | undefined = each
    while (inner !== undefined && inner !== condition) inner = defOf(inner).innerType
    return inner === condition
  })
}

/** Follows the schema along the path. What is found is still wrapped. */
function schemasAt(schema: Schema, path: readonly PropertyKey[], json: unknown) {
  let found = [schema]
  let value = json
  for (const step of path) {
    found = candidates(found, value).flatMap((each) => childOf(each, step))
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined
  }
  return { found, value }
}

const defOf = (schema: Schema) => schema._zod.def as unknown as Def

function childOf(schema: Schema, step: PropertyKey): Schema[] {
  const { shape, element, valueType } = defOf(schema)
  const child = shape !== undefined ? shape[String(step)] : (element ?? valueType)
  return child === undefined ? [] : [child]
}

/** Unwraps what is optional, lazy or one of several. */
function candidates(schemas: Schema[], value: unknown): Schema[] {
  return schemas.flatMap((schema): Schema[] => {
    const { innerType, getter, options, discriminator } = defOf(schema)
    if (innerType !== undefined) return candidates([innerType], value)
    if (getter !== undefined) return candidates([getter()], value)
    if (options === undefined) return [schema]
    if (discriminator === undefined) return candidates(fitting(options, value), value)
    return candidates(options, value).filter((option) => {
      const allowed = defOf(option).shape?.[discriminator]?._zod.values
      return allowed?.has((value as Record<string, unknown> | undefined)?.[discriminator] as never) ?? true
    })
  })
}

/** Of several shapes without a discriminator, those that share a key with the value. */
function fitting(options: Schema[], value: unknown): Schema[] {
  if (typeof value !== 'object' || value === null) return options
  const sharing = options.filter((option) => Object.keys(value).some((key) => key in (defOf(option).shape ?? {})))
  return sharing.length > 0 ? sharing : options
}
