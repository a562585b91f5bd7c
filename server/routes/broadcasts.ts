import { z } from 'zod'
import { slug } from '#definitions/primitives.ts'
import { NotFound } from '#engine/errors.ts'
import type { Api, ApiParts } from '../api.ts'
import { broadcast, broadcastPage } from '../schemas/journeys.ts'
import { pageQuery } from '../schemas/shared.ts'
import { answerCommand, answers, idempotency } from './commands.ts'

const oneBroadcast = z.strictObject({ id: z.string().min(1).max(200) })

/** Lists of records on their way into journeys. */
export function broadcastRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/broadcasts',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listBroadcasts',
        tags: ['broadcasts'],
        summary: 'Broadcasts, newest first',
        querystring: pageQuery.extend({ journey: slug.optional() }),
        response: { 200: broadcastPage },
      },
    },
    async ({ query: { after, limit, journey } }) =>
      denrei.store.broadcasts(journey === undefined ? {} : { definition: `journey/${journey}` }, {
        limit,
        ...(after === undefined ? {} : { after }),
      }),
  )

  api.get(
    '/v1/broadcasts/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readBroadcast',
        tags: ['broadcasts'],
        summary: 'One: how far it is, who entered, who did not and why',
        params: oneBroadcast,
        response: { 200: broadcast },
      },
    },
    async ({ params: { id } }) => {
      const one = await denrei.store.broadcast(id)
      if (one === null) throw new NotFound(`There is no broadcast "${id}". Take an id from GET /v1/broadcasts.`, { id })
      return one
    },
  )

  for (const [verb, to, summary] of [
    ['pause', 'paused', 'Take no more records until it is resumed'],
    ['resume', 'running', 'Go on where it stopped'],
    ['cancel', 'cancelled', 'Take no more records; who has entered goes on'],
  ] as const) {
    api.post(
      `/v1/broadcasts/:id/${verb}`,
      {
        config: { permission: 'administer' },
        schema: {
          operationId: `${verb}Broadcast`,
          tags: ['broadcasts'],
          summary,
          params: oneBroadcast,
          headers: idempotency,
          response: answers,
        },
      },
      async (request, reply) =>
        answerCommand(denrei, request, reply, { do: 'moveBroadcast', id: request.params.id, to }),
    )
  }
}
