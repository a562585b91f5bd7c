import { z } from 'zod'

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
/** A record's fields by API name. A lookup field holds the id of the record it points at. */
export type Values = Record<string, Json>

/** Any JSON value, as one named schema, so that a JSON Schema made from it says so once. */
export const anyJson: z.ZodType<Json> = z
  .lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(anyJson), z.record(z.string(), anyJson)]))
  .meta({ id: 'AnyJson' })
