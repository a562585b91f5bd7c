import { z } from 'zod'
import { NotFound } from '#engine/errors.ts'
import type { Api, ApiParts } from '../api.ts'
import { message, messagePage, messageState, messageStep } from '../schemas/messages.ts'
import { expectationOf } from '../expected.ts'
import { instant, pageQuery } from '../schemas/shared.ts'
import { explanation, language } from '../schemas/triggers.ts'

const oneMessage = z.strictObject({ id: z.string().min(1).max(200) })
const text = z.string().min(1).max(600).optional()

export function messageRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/messages',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listMessages',
        tags: ['messages'],
        summary: 'Messages and other intents, newest first',
        querystring: pageQuery.extend({
          state: messageState.optional(),
          reason: text,
          definition: text,
          template: text,
          module: text,
          recordId: text,
          contactId: text,
          triggerId: text,
        }),
        response: { 200: messagePage },
      },
    },
    async ({ query: { after, limit, ...filter } }) =>
      denrei.store.messages(filter, { limit, ...(after === undefined ? {} : { after }) }),
  )

  api.get(
    '/v1/messages/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readMessage',
        tags: ['messages'],
        summary: 'One message with the steps of its life',
        params: oneMessage,
        response: {
          200: z.object({
            message,
            steps: z.array(messageStep),
            expectedAt: instant
              .nullable()
              .describe(
                'When it is likely to go out, by what is before it and the speed of its number; null when it does not wait, or for an event (`waitsFor`).',
              ),
            ahead: z.int().describe('How many of its number go before it.'),
          }),
        },
      },
    },
    async ({ params: { id } }) => {
      const [one, steps] = await Promise.all([denrei.store.message(id), denrei.store.messageSteps(id)])
      if (!one) throw new NotFound(`There is no message "${id}". Take an id from the list of messages.`, { id })
      const { at: expectedAt, ahead } = await expectationOf(denrei.store, one, denrei.clock.now())
      return { message: one, steps, expectedAt, ahead }
    },
  )

  api.get(
    '/v1/messages/:id/explain',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'explainMessage',
        tags: ['messages'],
        summary: 'Why it did or did not go out, in words',
        params: oneMessage,
        querystring: z.strictObject({ language }),
        response: { 200: explanation },
      },
    },
    async ({ params, query }) => denrei.explain(params.id, query.language),
  )
}
