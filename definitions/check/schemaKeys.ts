import type { z } from 'zod'

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
  const keys = candidates([schema], json)
  let at = keys
  let value = json
  for (const step of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined
    at = candidates(
      at.flatMap((each) => childOf(each, step)),
      value,
    )
  }
  return [...new Set(at.flatMap((each) => Object.keys(defOf(each).shape ?? {})))].filter((key) => key !== '$schema')
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
