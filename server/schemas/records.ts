import { z } from 'zod'
import { guardTrace, verdict } from './messages.ts'
import { numberState } from './account.ts'
import { apiSchemas, fields, instant, micros } from './shared.ts'

export const recordState = z
  .object({
    module: z.string(),
    id: z.string(),
    values: fields,
    revision: z.int().describe('Grows by one with each change.'),
    createdAt: instant,
    updatedAt: instant,
    deleted: z.boolean(),
  })
  .register(apiSchemas, { id: 'Record' })

/** The write is on disk, but it was not decided in the time we wait. */
export const accepted = z
  .object({
    triggerId: z.string().describe('Ask /v1/triggers/{id} what became of it.'),
    module: z.string(),
    id: z.string(),
  })
  .register(apiSchemas, { id: 'AcceptedWrite' })

export const sendBody = z.strictObject({
  template: z.string().min(1).max(512),
  language: z.string().min(2).max(20).optional().describe('WhatsApp language code. Default: the record’s, then ours.'),
  to: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('A phone number, a BSUID or a merge field. Default: the record’s.'),
  numberId: z.string().min(1).max(100).optional().describe('The sending number. Default: the settings’.'),
  parameters: z
    .record(z.string().max(100), z.string().max(4_096))
    .optional()
    .describe('By name. Default: the template’s.'),
  header: z
    .strictObject({
      link: z.string().max(2_048).optional(),
      id: z.string().max(200).optional(),
      filename: z.string().max(240).optional(),
    })
    .optional()
    .describe('Media of an image, video or document header.'),
})

export const sendOptions = z
  .object({
    numbers: z.array(numberState),
    templates: z.array(
      z.object({
        name: z.string(),
        language: z.string(),
        category: z.string(),
        body: z.string(),
        parameters: z.array(z.string()),
      }),
    ),
    to: z.array(z.object({ field: z.string(), value: z.string() })).describe('Phone numbers found on the record.'),
  })
  .register(apiSchemas, { id: 'SendOptions' })

export const preview = z
  .object({
    to: z.object({ raw: z.string(), phone: z.string().optional(), bsuid: z.string().optional() }),
    language: z.string(),
    header: z.string().nullable(),
    body: z.string(),
    footer: z.string().nullable(),
    buttons: z.array(z.string()),
    verdict,
    guards: z.array(guardTrace),
    priceMicros: micros,
    market: z.string().nullable(),
  })
  .register(apiSchemas, { id: 'Preview' })
