import { z } from 'zod'
import { formatHints } from './formatHints.ts'
import { apiName, duration, mergeText } from './primitives.ts'

/** Lower-case letters, digits and underscores, at most 512. Source: Meta, Cloud API, "Templates". */
const templateName = z.string().regex(/^[a-z0-9_]{1,512}$/, formatHints.templateName.en)

const header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(60) }),
  z.strictObject({
    type: z.enum(['image', 'video', 'document']),
    example: z
      .string()
      .min(1)
      .max(2000)
      .describe('Sample for the review: the handle of an uploaded file, or a link to a file that is uploaded for you.'),
    link: mergeText
      .optional()
      .describe('Sent with each message, because WhatsApp never reuses the sample. Link or merge field.'),
    filename: mergeText.optional(),
  }),
  z
    .strictObject({
      type: z.literal('location'),
      latitude: mergeText.describe('Degrees, such as "35.681236", or a merge field.'),
      longitude: mergeText.describe('Degrees, such as "139.767125", or a merge field.'),
      name: mergeText.optional(),
      address: mergeText.optional(),
    })
    .describe('A place on the map. It needs no sample; where it is stands in each message.'),
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
  z.strictObject({
    type: z.literal('flow'),
    text: label,
    flow: z
      .string()
      .regex(/^\d{1,50}$/, formatHints.flowId.en)
      .describe('Id of a published flow.'),
    action: z.enum(['navigate', 'data_exchange']).default('navigate'),
    screen: z.string().min(1).max(200).optional().describe('The first screen, for the action "navigate".'),
    token: mergeText.optional().describe('Comes back with what the person fills in.'),
    data: z.record(z.string(), mergeText).optional().describe('What the first screen begins with.'),
  }),
  z
    .strictObject({ type: z.literal('request_contact_info') })
    .describe('Asks for the phone number, in WhatsApp’s own words.'),
])

/** What a `{{name}}` of header, body or button takes when the action does not say, and the sample for the review. */
const parameter = z.strictObject({
  value: mergeText.optional().describe('What it takes when the action does not say: text with merge fields.'),
  example: z.string().min(1).describe('Sample for the review.'),
})

/**
 * Of the category AUTHENTICATION, whose texts are WhatsApp's own. The body is then only what previews show, with the code as
 * its one parameter. Source: Meta, Cloud API, "Authentication templates".
 */
const authentication = z.strictObject({
  button: z.enum(['copy_code', 'one_tap', 'zero_tap']).default('copy_code'),
  text: label.optional().describe('Label of the button. Default: WhatsApp’s own.'),
  securityRecommendation: z.boolean().default(true).describe('"For your security, do not share this code."'),
  codeExpirationMinutes: z.int().min(1).max(90).optional().describe('Stands in the footer.'),
  apps: z
    .array(z.strictObject({ package: z.string().min(1).max(200), signature: z.string().length(11) }))
    .min(1)
    .max(5)
    .optional()
    .describe('The Android apps that take the code by one tap or none.'),
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
  authentication: authentication.optional(),
  timeToLive: duration.optional().describe('How long WhatsApp may try to deliver, such as "PT12H".'),
})
export type Template = z.infer<typeof template>
