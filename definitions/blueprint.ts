import { z } from 'zod'
import type { Action } from './action.ts'
import { condition, namedConditions } from './condition.ts'
import { apiName, slug } from './primitives.ts'
import { span } from './span.ts'

/** A value of the state field. */
const stateName = z.string().min(1).max(200)
const transitionName = z.string().min(1).max(100)

const before = z.strictObject({
  roles: z.array(z.string().min(1)).min(1).max(50).optional(),
  users: z.array(z.string().min(1)).min(1).max(50).optional(),
  owner: z.boolean().optional().describe('The owner of the record may, too.'),
  when: condition.optional().describe('For which records.'),
  message: z.string().max(500).optional().describe('Told when `when` does not match.'),
})

const duringField = z.strictObject({
  field: apiName,
  required: z.boolean().optional(),
  when: condition.optional().describe('What must hold once the data are filled in.'),
  message: z.string().max(500).optional().describe('Told when `when` does not hold.'),
})

const during = z.strictObject({
  fields: z.array(duringField).max(50).optional(),
  note: z.enum(['optional', 'required']).optional(),
  checklist: z.array(z.string().min(1).max(200)).max(50).optional().describe('Every item must be ticked.'),
})

/** Built for a set of actions, so that a plugin's action is checked as strictly as ours. */
export function blueprintSchema(action: z.ZodType<Action>) {
  const actions = z.array(action).max(50)
  const escalation = z.strictObject({ within: span, actions: actions.min(1) })
  const part = {
    before: before.optional().describe('Who may, and for which records. Left out: everybody, for all.'),
    during: during.optional().describe('What must be filled in, noted and ticked.'),
    after: actions.optional().describe('Done when the state has moved.'),
  }
  const transition = z.strictObject({
    name: transitionName,
    from: z
      .union([z.array(stateName).min(1), z.literal('*')])
      .describe('"*": from every state that is not final, but for the one it leads to.'),
    to: stateName,
    ...part,
    auto: z
      .union([z.strictObject({ after: span }), z.strictObject({ when: condition })])
      .optional()
      .describe('Moves by itself: so long after the state was entered, or when the record comes to match.'),
    parallel: z
      .array(z.strictObject({ name: transitionName, ...part }))
      .min(2)
      .max(20)
      .optional()
      .describe('All of these must be done, in any order, before the state moves.'),
  })
  return z.strictObject({
    $schema: z.string().optional(),
    kind: z.literal('blueprint'),
    name: slug,
    description: z.string().max(1000).optional(),
    module: apiName,
    field: apiName.describe('The picklist whose values are the states.'),
    order: z.int().optional().describe('When several blueprints match, the lowest wins. Default: 0, then by name.'),
    entry: z
      .strictObject({ when: condition.optional() })
      .optional()
      .describe('Which records enter, when they are created or changed. Left out: all.'),
    exit: z
      .strictObject({ when: condition })
      .optional()
      .describe('Records that come to match leave the process; the state field is free again.'),
    conditions: namedConditions.optional(),
    states: z.record(
      stateName,
      z.strictObject({
        initial: z.boolean().optional(),
        final: z.boolean().optional(),
        description: z.string().max(1000).optional(),
        sla: z
          .union([escalation, z.array(escalation).min(1).max(5)])
          .optional()
          .describe('Who is told, and what is done, when a record stays here for longer.'),
      }),
    ),
    transitions: z.array(transition).min(1).max(200),
  })
}
export type Blueprint = z.infer<ReturnType<typeof blueprintSchema>>
export type BlueprintState = Blueprint['states'][string]
export type Transition = Blueprint['transitions'][number]
/** One of several that must all be done before the state moves. */
export type ChildTransition = NonNullable<Transition['parallel']>[number]
export type Escalation = Extract<NonNullable<BlueprintState['sla']>, { within: unknown }>
