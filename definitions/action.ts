import { z } from 'zod'
import { apiName, mergeText } from './primitives.ts'

const assignee = z.strictObject({
  user: z.string().optional(),
  role: z.string().optional(),
  group: z.string().optional(),
})

/** Sends an approved template. What is left out comes from the template definition's own parameters. */
export const sendTemplate = z.strictObject({
  type: z.literal('sendTemplate'),
  template: z.string().min(1),
  /** Where to: a phone number or a business-scoped user id. Default: the module's phone field. */
  to: mergeText.optional(),
  /** Language code or merge field. Default: the module's language field, then the settings' language. */
  language: mergeText.optional(),
  /** Nickname or id of the sending number. Default: the settings' number. */
  from: z.string().optional(),
  parameters: z.record(z.string(), mergeText).optional(),
  /** Link or id of the media for an image, video or document header. */
  header: z
    .strictObject({ link: mergeText.optional(), id: mergeText.optional(), filename: mergeText.optional() })
    .optional(),
  /** What happens to a message whose fate is unknown. Default: by category. */
  delivery: z.enum(['at-most-once', 'at-least-once']).optional(),
})

/** Changes fields of the triggering record. A merge field alone keeps its type: `"$[Leads.Amount]"` stays a number. */
export const updateRecord = z.strictObject({
  type: z.literal('updateRecord'),
  set: z.record(apiName, z.json()),
})

export const createRecord = z.strictObject({
  type: z.literal('createRecord'),
  module: apiName,
  set: z.record(apiName, z.json()),
})

export const createTask = z.strictObject({
  type: z.literal('createTask'),
  subject: mergeText,
  description: mergeText.optional(),
  /** When it is due, counted from now: an ISO 8601 duration. */
  dueIn: z.string().optional(),
  priority: z.enum(['low', 'normal', 'high']).optional(),
  owner: mergeText.optional(),
})

export const addTags = z.strictObject({ type: z.literal('addTags'), tags: z.array(z.string().min(1)).min(1).max(50) })
export const removeTags = z.strictObject({
  type: z.literal('removeTags'),
  tags: z.array(z.string().min(1)).min(1).max(50),
})

/** Several users take turns (round robin); one user is simply set. */
export const assignOwner = z.strictObject({
  type: z.literal('assignOwner'),
  users: z.array(z.string().min(1)).min(1).max(50),
})

/** Posts JSON to a URL, signed as Standard Webhooks when the server holds a signing secret. */
export const callWebhook = z.strictObject({
  type: z.literal('callWebhook'),
  url: z.url({ protocol: /^https?$/ }),
  /** The `data` of the call. Default: the record's fields. */
  body: z.record(z.string(), z.json()).optional(),
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
