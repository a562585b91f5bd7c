import { z } from 'zod'
import { sendTemplate, type Action } from './action.ts'
import { condition, namedConditions } from './condition.ts'
import { formatHints } from './formatHints.ts'
import { apiName, duration, mergeText, offset, slug, timeOfDay, zone } from './primitives.ts'
import { span } from './span.ts'
import { workflowTriggerOptions } from './workflow.ts'

/** A step's name, unique in its journey. */
export const stepId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, formatHints.stepId.en)
  .max(60)

/** A template; or free text while the 24-hour window is open, with the template to fall back to. */
const send = z
  .strictObject({
    ...sendTemplate.omit({ type: true, template: true }).shape,
    template: z.string().min(1).optional().describe('Name of a template of the same module.'),
    text: mergeText
      .min(1)
      .max(4096)
      .optional()
      .describe('Free text, sent instead of the template while the 24-hour window of the contact is open.'),
  })
  .refine(({ template, text }) => template !== undefined || text !== undefined, 'Give a template, a text, or both.')

const waitFor = z.discriminatedUnion('on', [
  z.strictObject({
    on: z.literal('message.received'),
    text: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The whole message is one of these, whatever the case and the width of its letters.'),
    button: z.array(z.string().min(1)).min(1).optional().describe('A tapped button with this payload or this title.'),
    when: condition.optional(),
  }),
  z.strictObject({
    on: z.literal('message.status'),
    status: z.array(z.enum(['sent', 'delivered', 'read', 'failed', 'blocked', 'gave_up'])).min(1),
    of: stepId.optional().describe('The step that sent the message. Default: the latest message of this journey.'),
    when: condition.optional(),
  }),
  z.strictObject({
    on: z.literal('record.updated'),
    fields: z.array(apiName).min(1).optional().describe('One of these fields changed. Default: any.'),
    when: condition.optional().describe('And the record matches.'),
  }),
])

/** Built for a set of actions, so that a plugin's action is checked as strictly as ours. */
export function journeySchema(action: z.ZodType<Action>) {
  const base = { id: stepId, name: z.string().max(200).optional() }
  const next = { next: stepId.optional().describe('Default: the step below.') }
  const step = z.union([
    z.strictObject({ ...base, send, ...next }),
    z.strictObject({
      ...base,
      wait: span,
      at: timeOfDay.optional().describe('Then on until this time of day in the zone of the contact.'),
      ...next,
    }),
    z.strictObject({
      ...base,
      waitUntil: z.strictObject({
        field: apiName,
        offset: offset.optional(),
        at: timeOfDay.optional(),
        ifPast: z
          .enum(['skip', 'send', 'exit'])
          .optional()
          .describe('When that is past already, or the field is empty: skip the step below (default), go on, or exit.'),
      }),
      ...next,
    }),
    z.strictObject({
      ...base,
      waitFor,
      timeout: span,
      then: stepId.optional().describe('When it happens. Default: the step below.'),
      else: stepId.optional().describe('When it does not. Default: the step below.'),
    }),
    z.strictObject({
      ...base,
      branch: z
        .array(z.strictObject({ when: condition, goto: stepId }))
        .min(1)
        .max(50),
      else: stepId.optional().describe('Default: the step below.'),
    }),
    z.strictObject({
      ...base,
      split: z
        .array(z.strictObject({ weight: z.number().positive(), goto: stepId }))
        .min(2)
        .max(20),
    }),
    z.strictObject({ ...base, do: z.array(action).min(1).max(50), ...next }),
    z.strictObject({
      ...base,
      goto: stepId,
      max: z.int().min(1).max(100).describe('How often at most; after that it goes on below.'),
      ...next,
    }),
    z.strictObject({ ...base, exit: z.string().min(1).max(100).describe('The reason, such as "completed".') }),
  ])
  return z.strictObject({
    $schema: z.string().optional(),
    kind: z.literal('journey'),
    name: slug,
    description: z.string().max(1000).optional(),
    module: apiName,
    entry: z.strictObject({
      trigger: z.discriminatedUnion('on', [
        ...workflowTriggerOptions,
        z.strictObject({ on: z.literal('condition') }).describe('When a record comes to match `when`.'),
        z.strictObject({ on: z.literal('manual') }).describe('By hand, by API or by a broadcast only.'),
      ]),
      when: condition.optional(),
      reentry: z
        .union([z.enum(['never', 'after_exit', 'always']), z.strictObject({ after: duration })])
        .optional()
        .describe(
          'never (default): once per record and key. after_exit: again once it is over. always: also while one runs. after: no sooner than so long after the last entry.',
        ),
      key: mergeText
        .optional()
        .describe('Several at once, one for each value: "$[Deals.Order_Number]". Default: one per record.'),
    }),
    goal: z.strictObject({ when: condition }).optional().describe('What it is for. Looked at on every event.'),
    exits: z
      .array(z.strictObject({ name: slug, when: condition }))
      .max(20)
      .optional()
      .describe('Who leaves before the end. Looked at on every event.'),
    quietHours: z
      .strictObject({
        from: timeOfDay,
        to: timeOfDay,
        timezone: z.union([z.literal('contact'), zone]).default('contact'),
        otherwise: z.enum(['hold', 'skip']).default('hold'),
      })
      .optional()
      .describe('Between these times its messages wait, or are passed over.'),
    frequencyCap: z
      .strictObject({ max: z.int().positive(), per: duration, otherwise: z.enum(['hold', 'skip']).default('hold') })
      .optional()
      .describe('At most so many messages of all journeys to one contact in a length of time.'),
    conditions: namedConditions.optional(),
    steps: z.array(step).min(1).max(500),
  })
}
export type Journey = z.infer<ReturnType<typeof journeySchema>>
export type Step = Journey['steps'][number]
export type SendStep = Extract<Step, { send: unknown }>
export type WaitFor = z.infer<typeof waitFor>
export type JourneyTrigger = Journey['entry']['trigger']
