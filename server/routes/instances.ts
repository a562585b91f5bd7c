import { z } from 'zod'
import { NotFound } from '#engine/errors.ts'
import type { Api, ApiParts } from '../api.ts'
import { instance, instancePage, instanceStep } from '../schemas/instances.ts'
import { moduleName, pageQuery, recordId } from '../schemas/shared.ts'
import { explanation, language, timer } from '../schemas/triggers.ts'
import { answerCommand, answers, idempotency } from './commands.ts'
import { requireModule } from './records.ts'

const oneInstance = z.strictObject({ id: z.string().min(1).max(200) })
const text = z.string().min(1).max(200)

/** Where records stand in blueprints and journeys, and how they came there. */
export function instanceRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/instances',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listInstances',
        tags: ['instances'],
        summary: 'Records in blueprints and journeys, newest first',
        querystring: pageQuery.extend({
          kind: z.enum(['blueprint', 'journey']).optional(),
          definition: text.optional().describe('`journey/trial-nurture`'),
          version: z.coerce.number('Use a number.').int().min(1).optional(),
          module: moduleName.optional(),
          recordId: recordId.optional(),
          status: z.enum(['running', 'ended']).optional(),
          position: text.optional().describe('State or step where it stands, or stood last.'),
        }),
        response: { 200: instancePage },
      },
    },
    async ({ query: { after, limit, ...filter } }) =>
      denrei.store.instances(filter, { limit, ...(after === undefined ? {} : { after }) }),
  )

  api.get(
    '/v1/instances/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readInstance',
        tags: ['instances'],
        summary: 'One, with its history and what it waits for by time',
        params: oneInstance,
        response: { 200: z.object({ instance, steps: z.array(instanceStep), timers: z.array(timer) }) },
      },
    },
    async ({ params: { id } }) => {
      const one = await denrei.store.instance(id)
      if (one === null) throw new NotFound(`There is no instance "${id}". Take an id from GET /v1/instances.`, { id })
      const [steps, timers] = await Promise.all([
        denrei.store.instanceSteps(id),
        denrei.store.timers({ instanceId: id }),
      ])
      return { instance: one, steps, timers: timers.filter(({ state }) => state === 'waiting' || state === 'paused') }
    },
  )

  api.get(
    '/v1/instances/:id/explain',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'explainInstance',
        tags: ['instances'],
        summary: 'Why the record entered, moved, ended, and what it waits for, in words',
        params: oneInstance,
        querystring: z.strictObject({ language }),
        response: { 200: explanation },
      },
    },
    async ({ params, query }) => denrei.explain(params.id, query.language),
  )

  api.get(
    '/v1/modules/:module/records/:id/instances',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listRecordInstances',
        tags: ['instances'],
        summary: 'The blueprint and the journeys of a record, newest first, each with its history',
        params: z.strictObject({ module: moduleName, id: recordId }),
        querystring: pageQuery,
        response: {
          200: z.object({
            items: z.array(z.object({ instance, steps: z.array(instanceStep) })),
            next: z.string().nullable(),
          }),
        },
      },
    },
    async ({ params: { module, id }, query: { after, limit } }) => {
      requireModule(denrei, module)
      const filter = { module, recordId: id }
      const found = await denrei.store.instances(filter, { limit, ...(after === undefined ? {} : { after }) })
      const items = await Promise.all(
        found.items.map(async (one) => ({ instance: one, steps: await denrei.store.instanceSteps(one.id) })),
      )
      return { items, next: found.next }
    },
  )

  api.post(
    '/v1/instances/:id/exit',
    {
      config: { permission: 'work' },
      schema: {
        operationId: 'exitInstance',
        tags: ['instances'],
        summary: 'Take a record out; what it waits for is cancelled',
        params: oneInstance,
        headers: idempotency,
        body: z
          .strictObject({
            reason: text
              .refine((reason) => reason !== 'goal', 'The report counts "goal" as success. Give another reason.')
              .optional()
              .describe('Default: `exited_by_hand`.'),
          })
          .nullish(),
        response: answers,
      },
    },
    async (request, reply) =>
      answerCommand(denrei, request, reply, {
        do: 'exit',
        instanceId: request.params.id,
        reason: request.body?.reason ?? 'exited_by_hand',
      }),
  )
}
