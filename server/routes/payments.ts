import { z } from 'zod'
import { NotAuthentic } from '#engine/errors.ts'
import type { Access } from '../access.ts'
import { headerOf, type Api, type ApiParts } from '../api.ts'
import { documentedOnly } from '../validation.ts'

/** What Stripe posts. The signature is over the bytes as they came, so they are parsed after it. */
export async function paymentRoutes(api: Api, { denrei, config }: ApiParts, access: Access): Promise<void> {
  await api.register(async (raw: Api) => {
    raw.removeAllContentTypeParsers()
    raw.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))

    raw.post(
      '/v1/payments/stripe',
      {
        config: { permission: 'open' },
        validatorCompiler: documentedOnly,
        schema: {
          operationId: 'postStripeWebhook',
          tags: ['events'],
          summary: 'Events of Stripe: how payments fare, refunds, disputes',
          description:
            'Proved by `Stripe-Signature`. Answers 200 once the event is on disk; kinds that nothing reads are kept.',
          body: z.looseObject({ id: z.string(), type: z.string() }),
          response: { 200: z.object({ received: z.literal(true) }) },
        },
      },
      async (request) => {
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const secrets = config.STRIPE_WEBHOOK_SECRET.map((secret) => secret.reveal())
        try {
          await denrei.credits.hearStripe(bytes, headerOf(request, 'stripe-signature'), secrets)
        } catch (error) {
          if (error instanceof NotAuthentic) await access.failed(request)
          throw error
        }
        return { received: true as const }
      },
    )
  })
}
