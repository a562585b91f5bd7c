import { z } from 'zod'
import { NotAuthentic } from '#engine/errors.ts'
import { answerHandshake, verifySignature } from '#triggers/whatsapp/signature.ts'
import { parseWebhook } from '#triggers/whatsapp/webhook.ts'
import type { Access } from '../access.ts'
import { headerOf, type Api, type ApiParts } from '../api.ts'
import { MalformedJson } from '../errors.ts'
import { documentedOnly } from '../validation.ts'

/** Source: Meta, WhatsApp Cloud API, "Webhooks": a payload has at most 3 MB. */
const WEBHOOK_BYTES_MAX = 3 * 1_048_576

/** Both ways of WhatsApp's webhook. The signature is over the bytes as they came, so they are parsed here, after it. */
export async function whatsappRoutes(api: Api, { denrei, connecting }: ApiParts, access: Access): Promise<void> {
  await api.register(async (raw: Api) => {
    raw.removeAllContentTypeParsers()
    raw.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))

    raw.get(
      '/v1/whatsapp/webhook',
      {
        config: { permission: 'open' },
        // A host application may log addresses with their query, where the secret is.
        logLevel: 'warn',
        schema: {
          operationId: 'verifyWhatsAppWebhook',
          tags: ['events'],
          summary: 'The handshake with which Meta checks the address',
          querystring: z.looseObject({
            'hub.mode': z.string().optional(),
            'hub.verify_token': z.string().optional(),
            'hub.challenge': z.string().optional(),
          }),
          response: { 200: { description: 'The challenge.', content: { 'text/plain': { schema: z.string() } } } },
        },
      },
      async (request, reply) => {
        try {
          const { verifyTokens, handshakes } = connecting.webhook
          const challenge = answerHandshake(request.query, [...verifyTokens(), ...handshakes.tokens()])
          // It is known by now, so whoever waits for this very handshake is told.
          handshakes.saw(String(request.query['hub.verify_token']))
          return await reply.type('text/plain; charset=utf-8').send(challenge)
        } catch (error) {
          if (error instanceof NotAuthentic) await access.failed(request)
          throw error
        }
      },
    )

    raw.post(
      '/v1/whatsapp/webhook',
      {
        config: { permission: 'open' },
        bodyLimit: WEBHOOK_BYTES_MAX,
        validatorCompiler: documentedOnly,
        schema: {
          operationId: 'postWhatsAppWebhook',
          tags: ['events'],
          summary: 'Messages, statuses and account events from WhatsApp',
          description: 'Proved by `X-Hub-Signature-256`. Answers 200 once everything in it is on disk.',
          body: z.looseObject({ object: z.string(), entry: z.array(z.looseObject({ id: z.string() })) }),
          response: { 200: z.object({ received: z.int().describe('Events it held.') }) },
        },
      },
      async (request) => {
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const secrets = connecting.webhook.signingSecrets()
        try {
          verifySignature(bytes, headerOf(request, 'x-hub-signature-256'), secrets)
        } catch (error) {
          if (error instanceof NotAuthentic) await access.failed(request)
          throw error
        }
        const numbers = await denrei.store.numbers()
        const { events, problems } = parseWebhook(parse(bytes), {
          now: denrei.clock.now(),
          // Before the first sync no number is known, and none may be turned away.
          ...(numbers.length > 0 ? { numberIds: new Set(numbers.map(({ id }) => id)) } : {}),
          accountIds: connecting.webhook.accountIds(),
        })
        if (problems.length > 0)
          request.log.warn({ problems }, 'parts of a WhatsApp webhook did not fit and are kept raw')
        if (events.length > 0) await denrei.accept(events)
        return { received: events.length }
      },
    )
  })
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new MalformedJson('The body is signed well, but it is not JSON.')
  }
}
