import { z } from 'zod'
import { callerOf, headerOf, type Api, type ApiParts } from '../api.ts'
import { message } from '../schemas/messages.ts'
import { preview, sendBody, sendOptions } from '../schemas/records.ts'
import { moduleName, recordId } from '../schemas/shared.ts'
import { requireModule } from './records.ts'

/** How long a send waits for the guards' first word. */
const WAIT_MS = 2_000
const oneRecord = z.strictObject({ module: moduleName, id: recordId })
const PATH = '/v1/modules/:module/records/:id'

/** A person sends a template from a record's page (S69 to S73). */
export function sendRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    `${PATH}/send-options`,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readSendOptions',
        tags: ['send'],
        summary: 'Numbers, approved templates of the module, and phone numbers of the record to choose from',
        params: oneRecord,
        response: { 200: sendOptions },
      },
    },
    async ({ params: { module, id } }) => {
      requireModule(denrei, module)
      return denrei.sendOptions(module, id)
    },
  )

  api.post(
    `${PATH}/preview`,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'previewSend',
        tags: ['send'],
        summary: 'What would go out, what it costs, and whether it may',
        params: oneRecord,
        body: sendBody,
        response: { 200: preview },
      },
    },
    async ({ params: { module, id }, body }) => {
      requireModule(denrei, module)
      return denrei.preview({ module, recordId: id, ...body })
    },
  )

  api.post(
    `${PATH}/send`,
    {
      config: { permission: 'work' },
      schema: {
        operationId: 'sendFromRecord',
        tags: ['send'],
        summary: 'Send it',
        params: oneRecord,
        headers: z.looseObject({
          'idempotency-key': z.string().min(1).max(200).optional().describe('Sending the same key again sends once.'),
        }),
        body: sendBody,
        response: {
          202: z.object({
            triggerId: z.string(),
            messageId: z.string(),
            message: message
              .nullable()
              .describe('As it stands after the guards’ first word; null when that takes long.'),
          }),
        },
      },
    },
    async (request, reply) => {
      const { module, id } = request.params
      requireModule(denrei, module)
      const sent = await denrei.send(
        { module, recordId: id, ...request.body },
        callerOf(request).name,
        headerOf(request, 'idempotency-key'),
      )
      await denrei.whenDecided(sent.triggerId, WAIT_MS)
      reply.header('location', `${api.prefix}/v1/messages/${encodeURIComponent(sent.messageId)}`)
      return reply.code(202).send({ ...sent, message: await denrei.store.message(sent.messageId) })
    },
  )
}
