import { z } from 'zod'
import { templateState } from './account.ts'
import { storedDefinition } from './definitions.ts'
import { preview } from './records.ts'
import { anyJson, apiSchemas, fields, instant, micros, recordId } from './shared.ts'

export const templateView = z
  .object({
    name: z.string().describe('Of the definition; where there is none, WhatsApp’s.'),
    language: z.string(),
    definition: storedDefinition.nullable().describe('The newest version; null for what only the account knows.'),
    serving: z
      .object({ version: z.int().nullable(), as: z.string(), status: z.string() })
      .nullable()
      .describe('The version that messages go out by, and its name at WhatsApp.'),
    states: z.array(templateState).describe('Each version as it stands at WhatsApp, newest first.'),
  })
  .register(apiSchemas, { id: 'Template' })

export const templateNames = z.strictObject({
  name: z.string().min(1).max(512),
  language: z.string().min(2).max(20),
})

const previewBody = {
  recordId: recordId.optional(),
  values: fields.optional().describe('Of a record that is made up, instead of one that is there.'),
  to: z.string().min(1).max(200).optional(),
  numberId: z.string().min(1).max(100).optional(),
  parameters: z.record(z.string(), z.string().max(5000)).optional(),
}
export const templatePreviewBody = z.strictObject(previewBody)
export const draftPreviewBody = z.strictObject({ definition: anyJson, ...previewBody })

export const templatePreview = preview
  .extend({
    empty: z
      .array(z.string())
      .describe('Merge fields without a value of their own: a fallback stands in for them, or nothing does.'),
  })
  .register(apiSchemas, { id: 'TemplatePreview' })

export const templatePrices = z
  .array(
    z.object({
      market: z.string(),
      category: z.string().describe('By which it is charged: what WhatsApp made of it, else what was written.'),
      priceMicros: micros.describe('Of one delivered message that is charged, our own markup included.'),
      card: z.string().describe('First day of the rate card in force.'),
    }),
  )
  .describe('In the markets of our numbers and of the settings’ country. Windows and entry points make messages free.')

export const deletedTemplates = z
  .object({
    deleted: z.array(z.object({ name: z.string(), language: z.string() })).describe('As WhatsApp named them.'),
    nameBlockedUntil: instant.nullable().describe('A name that was approved cannot be used again before then.'),
    stillDefined: z.array(z.string()).describe('Definitions in force that still send it: their messages are blocked.'),
  })
  .register(apiSchemas, { id: 'DeletedTemplates' })

export const takenOver = z
  .object({
    definition: z.record(z.string(), anyJson).describe('To be completed and applied.'),
    withoutValue: z.array(z.string()).describe('Parameters that want a merge field of the module.'),
  })
  .register(apiSchemas, { id: 'TakenOverTemplate' })
