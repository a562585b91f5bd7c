import { z } from 'zod'
import { condition, namedConditions } from './condition.ts'
import type { Action } from './action.ts'
import { anyJson } from './json.ts'
import { apiName, offset, slug, timeOfDay, zone } from './primitives.ts'
import { span } from './span.ts'

const changedField = z.strictObject({ field: apiName, from: anyJson.optional(), to: anyJson.optional() })

/** What sets a workflow off. */
export const workflowTriggerOptions = [
  z.strictObject({ on: z.literal('record.created') }),
  z.strictObject({ on: z.literal('record.updated') }),
  /** Created or updated. */
  z.strictObject({ on: z.literal('record.saved') }),
  z.strictObject({ on: z.literal('record.deleted') }),
  z.strictObject({
    on: z.literal('field.changed'),
    fields: z.array(changedField).min(1),
    match: z
      .enum(['any', 'all'])
      .optional()
      .describe('any (default): one of the fields changed so; all: each did, in one event.'),
  }),
  z.strictObject({
    on: z.literal('date'),
    field: apiName,
    offset: offset.optional(),
    at: timeOfDay.optional().describe('Default: 09:00 for a date, the very instant for a date and time.'),
    every: z.enum(['once', 'monthly', 'yearly']).optional(),
    timezone: zone.optional().describe('Default: the zone of the record, then that of the settings.'),
  }),
  z.strictObject({
    on: z.literal('schedule'),
    cron: z.string().min(1).max(200).describe('Five fields: minute, hour, day of the month, month, weekday.'),
    timezone: zone.optional().describe('Default: that of the settings.'),
  }),
  z.strictObject({ on: z.literal('message.received') }),
  z.strictObject({
    on: z.literal('message.status'),
    status: z
      .array(z.enum(['sent', 'delivered', 'read', 'failed', 'blocked', 'gave_up']))
      .min(1)
      .optional(),
  }),
] as const
export const workflowTrigger = z.discriminatedUnion('on', workflowTriggerOptions)
export type WorkflowTrigger = z.infer<typeof workflowTrigger>

/** Built for a set of actions, so that a plugin's action is checked as strictly as ours. */
export function workflowSchema(action: z.ZodType<Action>) {
  const later = z.strictObject({
    after: span.describe('Such as "P2D", or working time of a calendar.'),
    when: condition.optional().describe('Looked at again when the time has come.'),
    actions: z.array(action).min(1),
  })
  const branch = z.strictObject({
    name: z.string().optional(),
    when: condition.optional().describe('A branch without one is the else.'),
    actions: z.array(action).optional().describe('Done at once.'),
    later: z.array(later).max(20).optional().describe('Done after a while; cancelled when the record is deleted.'),
  })
  return z.strictObject({
    $schema: z.string().optional(),
    kind: z.literal('workflow'),
    name: slug,
    description: z.string().max(1000).optional(),
    module: apiName,
    trigger: workflowTrigger.describe('What sets it off.'),
    repeat: z
      .enum(['once', 'always'])
      .optional()
      .describe('once (default for updates and changes): one run per record for ever. always: each time.'),
    conditions: namedConditions.optional().describe('Named conditions: { "condition": "name" } refers to one.'),
    branches: z.array(branch).min(1).max(50).describe('Tried in order; the first that matches wins.'),
  })
}
export type Workflow = z.infer<ReturnType<typeof workflowSchema>>
export type Branch = Workflow['branches'][number]
export type Later = NonNullable<Branch['later']>[number]
