import { z } from 'zod'
import type { Trace } from '#engine/decision.ts'
import type { Trigger } from '#engine/trigger.ts'
import { noticeCodes } from '../noticeTexts.ts'
import { instance, instanceStep } from './instances.ts'
import { message, messageStep } from './messages.ts'
import { recordState } from './records.ts'
import { anyJson, apiSchemas, instant } from './shared.ts'

/** Each kind has more than these. */
export const trigger = z
  .looseObject({
    id: z.string(),
    kind: z.string().describe('`record`, `message`, `status`, `consent`, `template`, `send`, `timer`, `command`, ...'),
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

export const triggerKind = z.enum([
  'record',
  'message',
  'status',
  'outcome',
  'consent',
  'template',
  'account',
  'notice',
  'credits',
  'purchase',
  'recharge',
  'payment',
  'erase',
  'release',
  'send',
  'timer',
  'command',
  'definition',
  'sweep',
]) satisfies z.ZodType<Trigger['kind']>

/** What became of an event, in short: the whole of it is the trace. */
const becameOf = {
  matched: z.array(z.string()).describe('Definitions that did something: `workflow/welcome-web-lead@3`.'),
  notes: z.array(z.string()).describe('`opened_window`, `opted_out all`, `late_event`, ...'),
}

export const listedTrigger = z
  .object({
    trigger,
    state: z.enum(['pending', 'done', 'quarantined']),
    attempts: z.int(),
    error: z.string().nullable(),
    decidedAt: instant.nullable(),
    became: z.object(becameOf).nullable().describe('Null when nothing was noted: it met no automation.'),
  })
  .register(apiSchemas, { id: 'ListedTrigger' })

export function became(trace: Trace | null): { matched: string[]; notes: string[] } | null {
  if (trace === null) return null
  const { rules, instances = [], notes } = trace
  const matched = [
    ...rules.filter(({ outcome }) => outcome === 'matched'),
    ...instances.filter(({ outcome }) => outcome !== 'ignored' && outcome !== 'refused'),
  ]
  return { matched: [...new Set(matched.map(({ definition }) => definition))], notes }
}

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
        recordId: z.string().optional().describe('Of a date or a schedule.'),
      }),
    ),
    instances: z
      .array(
        z.object({
          definition: z.string(),
          instanceId: z.string().nullable(),
          outcome: z.enum(['entered', 'refused', 'moved', 'noted', 'ended', 'migrated', 'ignored', 'failed']),
          reason: z.string().nullable(),
          from: z.string().nullable(),
          to: z.string().nullable(),
          leaves: z.array(leaf),
          produced: z.array(z.string()),
          detail: z.string().optional(),
        }),
      )
      .optional()
      .describe('What it did to the record’s place in blueprints and journeys, or why it did nothing.'),
    answer: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('done'), details: anyJson }),
        z.object({ kind: z.literal('refused'), code: z.string(), message: z.string(), details: anyJson }),
      ])
      .optional()
      .describe('To a command.'),
    notes: z.array(z.string()),
  })
  .register(apiSchemas, { id: 'Trace' })

export const explanation = z
  .object({
    message: message.nullable(),
    expectedAt: instant
      .nullable()
      .describe('When it is likely to go out; null when it does not wait, or for an event.'),
    steps: z.array(messageStep),
    instance: instance.nullable(),
    history: z.array(instanceStep).describe('Of the instance, oldest first.'),
    trigger: inboxEntry.nullable(),
    trace: trace.nullable(),
    story: z.array(z.string()).describe('In words, one line a step.'),
  })
  .register(apiSchemas, { id: 'Explanation' })

export const recordExplanation = z
  .object({
    record: recordState.nullable().describe('Null when we have no copy.'),
    events: z.array(inboxEntry).describe('The latest, newest first.'),
    instances: z.array(instance),
    messages: z.array(message),
    story: z.array(z.string()).describe('In words.'),
  })
  .register(apiSchemas, { id: 'RecordExplanation' })

export const language = z.enum(['ja', 'en']).default('en').describe('Language of the story.')

const parked = {
  id: z.string(),
  dueAt: instant,
  definition: z.string().describe('`workflow/welcome-web-lead@3`'),
  module: z.string().describe('Empty when it is about no record, like the id.'),
  recordId: z.string(),
  causedBy: z.array(z.object({ triggerId: z.string(), definition: z.string() })),
  state: z.string().describe('`waiting`, `paused`, `fired` or `cancelled`.'),
  reason: z.string().nullable(),
}
export const timer = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('later'),
      ...parked,
      later: anyJson,
      pointer: z.string(),
      conditions: anyJson.optional(),
    }),
    z.object({ kind: z.literal('date'), ...parked, anchor: z.string().describe('The date it was planned by.') }),
    z.object({ kind: z.literal('schedule'), ...parked }),
    z.object({
      kind: z.literal('instance'),
      ...parked,
      instanceId: z.string(),
      position: z.string().describe('The state or step it belongs to; another one by then makes it stale.'),
      visit: z.int(),
      name: z.string().describe('`wait`, `timeout`, `quiet`, `resume`, `sla/0`, `auto/Give up`.'),
    }),
    z.object({ kind: z.literal('broadcast'), ...parked, broadcastId: z.string() }),
  ])
  .register(apiSchemas, { id: 'Timer' })

export const notification = z
  .object({
    id: z.int(),
    to: z.object({ user: z.string().optional(), role: z.string().optional(), group: z.string().optional() }),
    message: z.string().describe('What an automation said; empty for a notice.'),
    notice: z
      .object({
        code: z.enum(noticeCodes),
        severity: z.enum(['info', 'warning', 'critical']).describe('Look at leisure, today, now.'),
        details: z.record(z.string(), anyJson),
      })
      .nullable()
      .describe('What no automation said.'),
    text: z.string().describe('Either of them in words of the language asked for; a message stays as it was written.'),
    module: z.string(),
    recordId: z.string(),
    at: instant,
  })
  .register(apiSchemas, { id: 'Notification' })
