import { z } from 'zod'
import { anyJson, apiSchemas, instant, page } from './shared.ts'

export const instance = z
  .object({
    id: z.string(),
    kind: z.enum(['blueprint', 'journey']),
    definition: z.string().describe('`journey/trial-nurture`, without its version.'),
    version: z.int().describe('It stays on the version it entered until it is migrated.'),
    module: z.string(),
    recordId: z.string(),
    key: z.string().describe('Of a journey that a record may be in several times at once; empty otherwise.'),
    status: z.enum(['running', 'ended']),
    position: z.string().describe('The state or step where it stands, or stood last.'),
    visit: z.int().describe('Grows with each entry into a position.'),
    reason: z
      .string()
      .nullable()
      .describe('Why it ended: `completed`, `goal`, the name of an exit, `record_deleted`, ...'),
    enteredAt: instant,
    movedAt: instant,
    endedAt: instant.nullable(),
    causedBy: z.array(z.object({ triggerId: z.string(), definition: z.string() })),
  })
  .register(apiSchemas, { id: 'Instance' })
export const instancePage = page(instance)

export const instanceStep = z
  .object({
    at: instant,
    kind: z.enum(['entered', 'moved', 'noted', 'ended', 'migrated']),
    from: z.string().nullable(),
    to: z.string().nullable(),
    via: z.string().describe('A transition, `field`, `next`, `timeout`, `branch/1`, the reason of an end, ...'),
    by: z.string().describe('A person, a source, or the definition itself.'),
    tookMs: z.int().describe('How long it had stood at `from`.'),
    data: anyJson.describe('Filled in fields, a note, a ticked list.'),
  })
  .register(apiSchemas, { id: 'InstanceStep' })

const counted = { count: z.int() }

/** How a blueprint or a journey fares: the same for both. */
const standing = {
  key: z.string(),
  name: z.string(),
  version: z.int().describe('The newest.'),
  active: z.boolean(),
  module: z.string(),
  paused: z.object({ at: instant, by: z.string() }).nullable(),
  entered: z.int(),
  running: z.int(),
  ended: z.array(z.object({ reason: z.string(), ...counted })),
}

export const standings = z.object({
  items: z.array(
    z
      .object({ ...standing, positions: z.array(z.object({ position: z.string(), running: z.int() })) })
      .register(apiSchemas, { id: 'Standing' }),
  ),
})

export const blueprintReport = z
  .object({
    ...standing,
    field: z.string().describe('Whose values are the states.'),
    states: z.array(
      z.object({
        state: z.string(),
        exists: z.boolean().describe('In the newest version.'),
        final: z.boolean(),
        running: z.int(),
        versions: z.array(z.object({ version: z.int(), running: z.int() })),
        left: z.int().describe('How often a record went on from here, or out.'),
        averageMs: z.int().nullable().describe('How long it had stood here then; null while none has left.'),
      }),
    ),
    transitions: z.array(
      z.object({
        name: z.string().describe('Of the transition; or `field` when something else changed the field.'),
        from: z.string(),
        to: z.string(),
        ...counted,
        averageMs: z.int().describe('How long it had stood at `from`.'),
      }),
    ),
  })
  .register(apiSchemas, { id: 'BlueprintReport' })

const stepReport = z.object({
  id: z.string(),
  name: z.string().nullable(),
  kind: z.string().nullable().describe('`send`, `wait`, `waitFor`, ...; null of a step that is no more.'),
  standing: z.int(),
  reached: z.int().describe('How often it was come to.'),
  ways: z.array(z.object({ to: z.string().nullable(), via: z.string(), ...counted, averageMs: z.int() })),
  droppedOut: z.int().describe('Who left here for another reason than the goal or the end.'),
  averageMs: z.int().nullable(),
})
const { ended: _, ...course } = standing

export const journeyReport = z
  .object({
    ...course,
    ended: z.int(),
    endedBy: z.array(z.object({ reason: z.string(), ...counted })).describe('Most frequent first.'),
    goal: z
      .object({ reached: z.int(), rate: z.number().nullable().describe('Of all entries, 0 to 1.') })
      .nullable()
      .describe('Null when the journey has none.'),
    steps: z.array(stepReport).describe('Of the newest version, in order.'),
    former: z.array(stepReport).describe('Steps that the newest version has no more.'),
  })
  .register(apiSchemas, { id: 'JourneyReport' })

/** What became of a command that was decided in time. */
export const commandAnswer = z
  .object({ triggerId: z.string(), details: anyJson.describe('What was done.') })
  .register(apiSchemas, { id: 'CommandAnswer' })

/** It is on disk, but it was not decided in the time we wait. */
export const commandWaiting = z
  .object({ triggerId: z.string().describe('Its answer will stand in the trace at /v1/triggers/{id}.') })
  .register(apiSchemas, { id: 'CommandWaiting' })

export const actor = z.strictObject({
  user: z.string().min(1).max(200).describe('On whose behalf: an id or a name of the CRM.'),
  roles: z.array(z.string().min(1).max(100)).max(50).default([]).describe('That this person has.'),
})
