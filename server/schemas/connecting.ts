import { z } from 'zod'
import { STEPS } from '../setup/document.ts'
import { anyJson, apiSchemas, instant } from './shared.ts'
import { numberState, trouble } from './account.ts'

const remark = z.object({
  code: z.string().describe('Stable, snake_case.'),
  text: z.string().describe('The same in words, in the asked language.'),
  details: z.record(z.string(), anyJson),
})

export const stepName = z.enum(STEPS)

const step = z.object({
  step: stepName,
  state: z
    .enum(['done', 'current', 'waiting', 'blocked'])
    .describe('`blocked`: nothing can be done here until something outside has changed.'),
  title: z.string(),
  todo: z.string().nullable().describe('What to do.'),
  missing: z.array(z.string()).describe('Fields of the body that it waits for.'),
  after: z.array(stepName).describe('Steps that have to be done before.'),
  doneAt: instant.nullable(),
  value: anyJson.describe('What came of it. Never a secret.'),
  problem: remark
    .extend({ at: instant, until: instant.nullable().describe('Nothing helps before.') })
    .nullable()
    .describe('Why the latest try did not do.'),
  choices: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        choosable: z.boolean(),
        reasons: z.array(remark).describe('Why it cannot be chosen.'),
        notes: z.array(remark),
      }),
    )
    .nullable(),
})

export const setup = z
  .object({
    id: z.string(),
    state: z.enum(['open', 'done']),
    current: stepName.nullable(),
    createdAt: instant,
    createdBy: z.string(),
    updatedAt: instant,
    steps: z.array(step),
  })
  .register(apiSchemas, { id: 'Setup' })

export const account = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    portfolioId: z.string().nullable(),
    enabled: z.boolean().describe('False: its messages are held (S115, S116).'),
    setUpAt: instant.nullable(),
    access: z.enum(['environment', 'stored']).nullable().describe('Where its token is; null when it has none.'),
    appId: z.string().nullable(),
    tokenExpiresAt: instant.nullable().describe('Null: never, or not known.'),
    scopes: z.array(z.string()),
    reviewStatus: z.string().nullable(),
    currency: z.string().nullable(),
    zone: z.string().nullable(),
    country: z.string().nullable(),
    troubles: z.array(trouble),
    checkedAt: instant.nullable(),
    updatedAt: instant,
    numbers: z.array(numberState),
    unreadable: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('Why its token cannot be used, though one is kept.'),
    webhook: z
      .object({
        checkedAt: instant,
        app: z
          .object({ callback: z.string().nullable(), active: z.boolean(), fields: z.array(z.string()) })
          .nullable()
          .describe("The app's own callback and the fields it is subscribed to; null when it has none."),
        account: z
          .object({ callback: z.string().nullable().describe("Null: the app's.") })
          .nullable()
          .describe('Where its messages go; null when the app does not hear of it.'),
        problems: z.array(remark).describe('What does not come here, and what to do.'),
      })
      .nullable()
      .describe('Where its webhooks went when WhatsApp was last asked; null when it never was.'),
  })
  .register(apiSchemas, { id: 'Account' })

export const healthEntity = z.object({
  entity: z.string().describe('`PHONE_NUMBER`, `WABA`, `BUSINESS`, `APP`.'),
  id: z.string(),
  canSend: z.string().describe('`AVAILABLE`, `LIMITED`, `BLOCKED`.'),
  told: z.array(z.string()),
})
