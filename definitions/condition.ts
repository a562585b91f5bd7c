import { z } from 'zod'
import { anyJson, type Json } from './json.ts'

/** One test: a fact, an operator (decorators allowed, as in `not:in`), a value or another fact to compare with. */
export interface Leaf {
  fact: string
  operator: string
  value: Json | { fact: string; path?: string; params?: Record<string, Json> }
  path?: string
  params?: Record<string, Json>
  name?: string
  priority?: number
}

/** A condition in json-rules-engine's language: a group, a negation, a reference to a named condition, or a leaf. */
export type Condition =
  | { all: Condition[]; name?: string; priority?: number }
  | { any: Condition[]; name?: string; priority?: number }
  | { not: Condition; name?: string; priority?: number }
  | { condition: string; name?: string; priority?: number }
  | Leaf

const shared = { name: z.string().optional(), priority: z.int().positive().optional() }
const params = z.record(z.string(), anyJson)

/**
 * The condition language is json-rules-engine 7's.
 * Source: json-rules-engine documentation, "Rules", section "Conditions".
 */
export const condition: z.ZodType<Condition> = z
  .lazy(() =>
    z.union([
      z.strictObject({ all: z.array(condition), ...shared }),
      z.strictObject({ any: z.array(condition), ...shared }),
      z.strictObject({ not: condition, ...shared }),
      z.strictObject({ condition: z.string().min(1), ...shared }),
      z.strictObject({
        fact: z
          .string()
          .min(1)
          .describe(
            'A field by API name, a field behind a lookup ("Contact_Name.Mobile"), or previous, changed, event, message, ...',
          ),
        operator: z.string().min(1).describe('Such as equal, in, containsAny, isEmpty; "not:" may stand before it.'),
        value: z.union([
          z.strictObject({ fact: z.string(), path: z.string().optional(), params: params.optional() }),
          anyJson,
        ]),
        path: z.string().optional().describe('JSONPath into the value of the fact: "$.text".'),
        params: params.optional(),
        ...shared,
      }),
    ]),
  )
  .meta({ id: 'Condition' })

/** Named conditions shared inside one definition, referenced as `{ "condition": "isVip" }`. */
export const namedConditions = z.record(z.string(), condition)
