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

const move = z.discriminatedUnion('to', [
  z.object({ to: z.literal('stay') }),
  z.object({ to: z.literal('exit') }),
  z.object({ to: z.literal('position'), position: z.string() }),
])

export const planEntry = z
  .object({
    key: z.string(),
    change: z.enum(['create', 'update', 'unchanged']),
    fromVersion: z.int().nullable(),
    toVersion: z.int(),
    effects: z.array(z.string()),
    inFlight: z
      .object({
        instances: z.array(
          z.object({
            version: z.int(),
            position: z.string().describe('State of a blueprint, step of a journey.'),
            running: z.int(),
            exists: z.boolean().describe('Whether the new version has this position.'),
            becomes: move,
          }),
        ),
        timers: z.array(
          z.object({
            version: z.int(),
            kind: z.enum(['later', 'date']),
            waiting: z.int(),
            becomes: z
              .enum(['kept', 'replanned', 'cancelled'])
              .describe('`kept` runs as it was written; `replanned` by the new version; `cancelled`: it has no dates.'),
          }),
        ),
      })
      .describe('What runs and waits under older versions, and what becomes of it.'),
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

/** What check takes. */
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

const choice = z.enum(['stay', 'move', 'exit'])
const position = z.string().min(1).max(200)

/** What becomes of what is in flight, by key of the definition. */
export const migrations = z
  .record(
    z.string().min(1).max(200),
    z.strictObject({
      otherwise: choice.optional().describe('For positions not named. Default: stay on the version they entered.'),
      positions: z
        .record(position, z.union([choice, z.strictObject({ to: position })]))
        .optional()
        .describe('By state or step of the old version.'),
    }),
  )
  .describe(
    'What becomes of running instances, by key of the definition. `move` is to the position of the same name, and where there is none, to stay.',
  )

/** What plan and apply take. */
export const definitionsToApply = definitionFiles.extend({ migrations: migrations.optional() })
