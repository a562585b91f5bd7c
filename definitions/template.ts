import { z } from 'zod'
import { formatHints } from './formatHints.ts'
import { apiName, duration, mergeText } from './primitives.ts'

/** Lower-case letters, digits and underscores, at most 512. Source: Meta, Cloud API, "Templates". */
const templateName = z.string().regex(/^[a-z0-9_]{1,512}$/, formatHints.templateName.en)

const header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(60) }),
  z.strictObject({
    type: z.enum(['image', 'video', 'document']),
    example: z.string().min(1).describe('Sample for the review: the handle of an uploaded file.'),
    link: mergeText
      .optional()
      .describe('Sent with each message, because WhatsApp never reuses the sample. Link or merge field.'),
    filename: mergeText.optional(),
  }),
])

const label = z.string().min(1).max(25)
const button = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('quick_reply'), text: label, payload: mergeText.optional() }),
  z.strictObject({
    type: z.literal('url'),
    text: label,
    url: z.string().min(1).max(2000).describe('May end in one parameter: https://example.com/{{number}}'),
  }),
  z.strictObject({ type: z.literal('phone'), text: label, phone: z.string().min(1).max(20) }),
  z.strictObject({
    type: z.literal('copy_code'),
    text: label.optional(),
    code: mergeText,
    example: z.string().min(1).max(20),
  }),
])

/** What a `{{name}}` of header, body or button takes when the action does not say, and the sample for the review. */
const parameter = z.strictObject({
  value: mergeText.optional().describe('What it takes when the action does not say: text with merge fields.'),
  example: z.string().min(1).describe('Sample for the review.'),
})

/**
 * A WhatsApp message template in one language. Name and language together are its key.
 * Limits: Meta, Cloud API, "Templates" (body 1024, header and footer 60, at most 10 buttons).
 */
export const template = z.strictObject({
  $schema: z.string().optional(),
  kind: z.literal('template'),
  name: templateName,
  language: z.string().regex(/^[a-z]{2,3}(?:_[A-Z]{2,3})?$/, formatHints.templateLanguage.en),
  category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']),
  module: apiName.describe('The module whose fields it may merge.'),
  description: z.string().max(1000).optional(),
  header: header.optional(),
  body: z.string().min(1).max(1024).describe('Text with {{name}} parameters; neither first nor last.'),
  footer: z.string().min(1).max(60).optional(),
  buttons: z.array(button).min(1).max(10).optional(),
  parameters: z
    .record(z.string(), parameter)
    .optional()
    .describe('By the name between the braces: letters ({{name}}) or numbers ({{1}}), never both in one template.'),
  timeToLive: duration.optional().describe('How long WhatsApp may try to deliver, such as "PT12H".'),
})
export type Template = z.infer<typeof template>
