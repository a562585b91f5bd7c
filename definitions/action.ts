import { z } from 'zod'
import { anyJson } from './json.ts'
import { apiName, mergeText } from './primitives.ts'

const assignee = z.strictObject({
  user: z.string().optional(),
  role: z.string().optional(),
  group: z.string().optional(),
})

/** Sends an approved template. What is left out comes from the template definition's own parameters. */
export const sendTemplate = z.strictObject({
  type: z.literal('sendTemplate'),
  template: z.string().min(1).describe('Name of a template of the same module.'),
  to: mergeText
    .optional()
    .describe(
      'Where to: a phone number, a business-scoped user id or a merge field. Default: the phone field of the module.',
    ),
  language: mergeText
    .optional()
    .describe('Language code or merge field. Default: the language field of the module, then that of the settings.'),
  from: z.string().optional().describe('Nickname or id of the sending number. Default: the number of the settings.'),
  parameters: z
    .record(z.string(), mergeText)
    .optional()
    .describe('Values by parameter name, merge fields allowed. What is left out comes from the template.'),
  header: z
    .strictObject({ link: mergeText.optional(), id: mergeText.optional(), filename: mergeText.optional() })
    .optional()
    .describe('Link or id of the file for an image, video or document header.'),
  delivery: z
    .enum(['at-most-once', 'at-least-once'])
    .optional()
    .describe(
      'What happens to a message whose fate is unknown. Default: at most once for marketing, else at least once.',
    ),
})

/** Changes fields of the triggering record. A merge field alone keeps its type: `"$[Leads.Amount]"` stays a number. */
export const updateRecord = z.strictObject({
  type: z.literal('updateRecord'),
  set: z.record(apiName, anyJson).describe('New values by API name. A merge field alone keeps its type.'),
})

export const createRecord = z.strictObject({
  type: z.literal('createRecord'),
  module: apiName.describe('API name of the module of the new record.'),
  set: z.record(apiName, anyJson).describe('Values by API name; merge fields are those of the triggering record.'),
})

export const createTask = z.strictObject({
  type: z.literal('createTask'),
  subject: mergeText,
  description: mergeText.optional(),
  dueIn: z.string().optional().describe('When it is due, counted from now: an ISO 8601 duration such as "P1D".'),
  priority: z.enum(['low', 'normal', 'high']).optional(),
  owner: mergeText.optional().describe('Default: the owner of the triggering record.'),
})

export const addTags = z.strictObject({ type: z.literal('addTags'), tags: z.array(z.string().min(1)).min(1).max(50) })
export const removeTags = z.strictObject({
  type: z.literal('removeTags'),
  tags: z.array(z.string().min(1)).min(1).max(50),
})

/** Several users take turns (round robin); one user is simply set. */
export const assignOwner = z.strictObject({
  type: z.literal('assignOwner'),
  users: z.array(z.string().min(1)).min(1).max(50).describe('They take turns.'),
})

/** Posts JSON to a URL, signed as Standard Webhooks when the server holds a signing secret. */
export const callWebhook = z.strictObject({
  type: z.literal('callWebhook'),
  url: z.url({ protocol: /^https?$/ }),
  body: z.record(z.string(), anyJson).optional().describe('The data of the call. Default: the fields of the record.'),
  headers: z.record(z.string(), z.string()).optional(),
})

export const notify = z.strictObject({
  type: z.literal('notify'),
  ...assignee.shape,
  message: mergeText,
})

export const builtinActionSchemas = [
  sendTemplate,
  updateRecord,
  createRecord,
  createTask,
  addTags,
  removeTags,
  assignOwner,
  callWebhook,
  notify,
] as const

export type SendTemplateAction = z.infer<typeof sendTemplate>
export type BuiltinAction = z.infer<(typeof builtinActionSchemas)[number]>
/** An action that a plugin registered: its schema is the plugin's. */
export interface PluginAction {
  type: string
  [key: string]: unknown
}
export type Action = BuiltinAction | PluginAction

/** A schema with a literal `type`, as a plugin registers it. */
export type ActionSchema = z.ZodObject<{ type: z.ZodLiteral<string> } & z.ZodRawShape>
