import { z } from 'zod'
import type { Trigger } from '#engine/trigger.ts'
import { message, messageStep } from './messages.ts'
import { anyJson, apiSchemas, instant } from './shared.ts'

/** Each kind has more than these. */
export const trigger = z
  .looseObject({
    id: z.string(),
    kind: z.string().describe('`record`, `message`, `status`, `consent`, `template`, `send`, `timer`, ...'),
    source: z.string(),
    sourceId: z.string(),
    occurredAt: instant,
    receivedAt: instant,
  })
  .register(apiSchemas, { id: 'Trigger' }) as unknown as z.ZodType<Trigger, Trigger>

export const inboxEntry = z
  .object({
    trigger,
    state: z.enum(['pending', 'done', 'quarantined']),
    attempts: z.int(),
    error: z.string().nullable(),
    decidedAt: instant.nullable(),
  })
  .register(apiSchemas, { id: 'InboxEntry' })

const leaf = z.object({
  pointer: z.string(),
  fact: z.string(),
  operator: z.string(),
  seen: anyJson.optional(),
  expected: anyJson.optional(),
  result: z.boolean(),
})
export const trace = z
  .object({
    triggerId: z.string(),
    at: instant,
    rules: z.array(
      z.object({
        definition: z.string(),
        outcome: z.enum([
          'matched',
          'no_branch_matched',
          'already_ran',
          'depth_exceeded',
          'same_cause',
          'cancelled',
          'no_longer_matches',
          'failed',
        ]),
        branch: z.int().nullable(),
        leaves: z.array(leaf),
        produced: z.array(z.string()).describe('Ids of what it put into the outbox, the timers and the inbox.'),
        detail: z.string().optional(),
      }),
    ),
    notes: z.array(z.string()),
  })
  .register(apiSchemas, { id: 'Trace' })

export const explanation = z
  .object({
    message: message.nullable(),
    steps: z.array(messageStep),
    trigger: inboxEntry.nullable(),
    trace: trace.nullable(),
    story: z.array(z.string()).describe('In words, one line a step.'),
  })
  .register(apiSchemas, { id: 'Explanation' })

export const language = z.enum(['ja', 'en']).default('en').describe('Language of the story.')

export const timer = z
  .object({
    id: z.string(),
    dueAt: instant,
    definition: z.string(),
    module: z.string(),
    recordId: z.string(),
    later: anyJson,
    pointer: z.string(),
    conditions: anyJson.optional(),
    causedBy: z.array(z.object({ triggerId: z.string(), definition: z.string() })),
    state: z.string().describe('`waiting`, `fired` or `cancelled`.'),
    reason: z.string().nullable(),
  })
  .register(apiSchemas, { id: 'Timer' })

export const notification = z
  .object({
    id: z.int(),
    to: z.object({ user: z.string().optional(), role: z.string().optional(), group: z.string().optional() }),
    message: z.string(),
    module: z.string(),
    recordId: z.string(),
    at: instant,
  })
  .register(apiSchemas, { id: 'Notification' })
