import { z } from 'zod'
import { verifySecret } from '#triggers/constantTime.ts'
import { parseZohoNotification } from '#triggers/zoho.ts'
import { parseZohoWorkflow, zohoWorkflowBody } from '#triggers/zohoWorkflow.ts'
import { NotAuthentic } from '#engine/errors.ts'
import type { FastifyRequest } from 'fastify'
import type { Access } from '../access.ts'
import { headerOf, type Api, type ApiParts } from '../api.ts'
import { anyJson } from '../schemas/shared.ts'
import { documentedOnly } from '../validation.ts'
import { acceptEvents, eventContext, eventsAnswer } from './events.ts'

const SECRET_HEADER = 'x-denrei-secret'

/** What Zoho posts carries no API key: a token in the body, or a secret in a header or in the query, proves it. */
export function zohoRoutes(api: Api, parts: ApiParts, access: Access): void {
  const { denrei, config } = parts

  const authentic = async <T>(request: FastifyRequest, read: () => T): Promise<T> => {
    try {
      return read()
    } catch (error) {
      if (error instanceof NotAuthentic) await access.failed(request)
      throw error
    }
  }

  api.post(
    '/v1/zoho/notifications',
    {
      config: { permission: 'open' },
      validatorCompiler: documentedOnly,
      schema: {
        operationId: 'postZohoNotification',
        tags: ['events'],
        summary: 'Zoho CRM notification ("watch")',
        description: 'Proved by the `token` in the body, which is the one given when the channel was opened.',
        body: z.looseObject({
          token: z.string(),
          module: z.string(),
          operation: z.string(),
          server_time: z.int(),
          channel_id: z.string(),
          ids: z.array(z.string()),
          affected_values: z.array(anyJson).optional(),
        }),
        response: { 202: eventsAnswer },
      },
    },
    async (request, reply) => {
      const tokens = config.ZOHO_CHANNEL_TOKEN.map((token) => ({ token: token.reveal() }))
      const events = await authentic(request, () => parseZohoNotification(request.body, tokens, eventContext(parts)))
      return reply.code(202).send(await acceptEvents(denrei, events))
    },
  )

  api.register(async (forms: Api) => {
    forms.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => {
      done(null, readForm(body as string))
    })
    forms.post(
      '/v1/zoho/workflow',
      {
        config: { permission: 'open' },
        // A host application may log addresses with their query, where the secret is.
        logLevel: 'warn',
        validatorCompiler: documentedOnly,
        schema: {
          operationId: 'postZohoWorkflow',
          tags: ['events'],
          summary: 'Webhook of a Zoho workflow rule, as JSON or as a form',
          description: `Proved by the secret in the \`${SECRET_HEADER}\` header, or in the query for who cannot set one.`,
          consumes: ['application/json', 'application/x-www-form-urlencoded'],
          querystring: z.object({ secret: z.string().optional() }),
          body: zohoWorkflowBody,
          response: { 202: eventsAnswer },
        },
      },
      async (request, reply) => {
        const secrets = config.ZOHO_WEBHOOK_SECRET.map((secret) => secret.reveal())
        const given = headerOf(request, SECRET_HEADER) ?? request.query.secret
        const events = await authentic(request, () => {
          verifySecret(given, secrets, `header ${SECRET_HEADER}`)
          return parseZohoWorkflow(request.body, eventContext(parts))
        })
        return reply.code(202).send(await acceptEvents(denrei, events))
      },
    )
  })
}

/** A field given several times is an array, as the reader expects. */
function readForm(text: string): Record<string, unknown> {
  const form = new URLSearchParams(text)
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}
