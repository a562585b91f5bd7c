import { z } from 'zod'
import { apiSchemas, instant } from './shared.ts'

/** Loose on purpose: a plugin's actions have schemas of their own. */
export const definition = z
  .looseObject({ kind: z.string(), name: z.string() })
  .describe('As it was written; its JSON Schema is in definitions/schema.')
  .register(apiSchemas, { id: 'Definition' })

export const storedDefinition = z
  .object({
    key: z.string().describe('`workflow/welcome-web-lead`, `template/welcome_lead/ja`, `module/Leads`.'),
    version: z.int(),
    active: z.boolean(),
    definition,
    hash: z.string(),
    createdAt: instant,
    createdBy: z.string(),
  })
  .register(apiSchemas, { id: 'StoredDefinition' })

export const planEntry = z
  .object({
    key: z.string(),
    change: z.enum(['create', 'update', 'unchanged']),
    fromVersion: z.int().nullable(),
    toVersion: z.int(),
    effects: z.array(z.string()),
  })
  .register(apiSchemas, { id: 'PlanEntry' })

export const definitionProblem = z
  .object({
    file: z.string(),
    pointer: z.string(),
    code: z.string(),
    severity: z.enum(['error', 'warning']),
    message: z.string(),
    fix: z.string().optional(),
  })
  .register(apiSchemas, { id: 'DefinitionProblem' })

/** What check, plan and apply take. */
export const definitionFiles = z.strictObject({
  files: z
    .array(
      z.strictObject({
        file: z.string().min(1).max(500).describe('A path or any name; problems are told by it.'),
        json: z.any().describe('The definition.'),
      }),
    )
    .min(1, 'Send at least one definition.')
    .max(2_000, 'At most 2000 definitions.'),
})
