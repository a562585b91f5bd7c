import { z } from 'zod'
import { actor } from './instances.ts'
import { anyJson, apiSchemas, fields, instant } from './shared.ts'

const step = {
  name: z.string(),
  possible: z.boolean().describe('For this person, now; what is filled in may still not do.'),
  reasons: z
    .array(
      z.object({
        code: z.enum(['inactive', 'automatic', 'not_allowed', 'criteria', 'part_done']),
        message: z.string(),
      }),
    )
    .describe('Why not.'),
  fields: z.array(
    z.object({
      field: z.string(),
      label: z.string(),
      type: z.string().nullable(),
      values: z.array(z.string()).describe('Of a picklist.'),
      required: z.boolean(),
      value: anyJson.describe('As the record has it.'),
    }),
  ),
  note: z.enum(['optional', 'required']).nullable(),
  checklist: z.array(z.string()),
  draft: z
    .object({ data: fields, note: z.string(), checklist: z.array(z.string()) })
    .nullable()
    .describe('What was saved without taking it.'),
  percentSaved: z.int(),
}

export const processView = z
  .object({
    instanceId: z.string(),
    blueprint: z.string(),
    version: z.int(),
    active: z.boolean(),
    field: z.string().describe('Whose values are the states.'),
    state: z.string(),
    since: instant,
    escalations: z.array(z.object({ level: z.int(), dueAt: instant })).describe('Those still to come.'),
    transitions: z.array(
      z.object({
        ...step,
        to: z.string(),
        type: z.enum(['manual', 'automatic', 'parallel']).describe('Parallel ones are taken part by part.'),
        dueAt: instant.nullable().describe('When it happens by itself.'),
        parts: z.array(z.object({ ...step, done: z.boolean() })),
      }),
    ),
  })
  .register(apiSchemas, { id: 'Process' })

const name = z.string().min(1).max(100)

export const transitionBody = z.strictObject({
  transition: name,
  part: name.optional().describe('One of the parts of a parallel transition.'),
  data: fields.optional(),
  note: z.string().max(32_000).optional(),
  checklist: z.array(z.string().min(1).max(200)).max(50).optional().describe('The ticked items.'),
  partial: z.boolean().optional().describe('Keep it as a draft and do not move.'),
  from: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The state that the person saw: another one by now is a refusal, not a surprise.'),
  as: actor.optional().describe('On whose behalf an integration acts. Default: the name and the role of the key.'),
})
