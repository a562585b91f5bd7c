import { z } from 'zod'
import type { Api, ApiParts } from '../api.ts'

const readiness = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()).describe('`store_not_writable`, `inbox_lags`, `loop_stalled:decide`, ...'),
  inboxPending: z.int(),
  inboxLagMs: z.int(),
  quarantined: z.int().describe('Events set aside for good. Each harms only itself.'),
})

/** What runs the server asks: is it alive, may it get requests, how does it fare. */
export function operationRoutes(api: Api, { health, metrics, config }: ApiParts): void {
  api.get(
    '/healthz',
    {
      config: { permission: 'open' },
      logLevel: 'warn',
      schema: {
        operationId: 'readHealth',
        tags: ['operation'],
        summary: 'Alive',
        response: { 200: z.object({ alive: z.literal(true) }) },
      },
    },
    async () => ({ alive: true as const }),
  )

  api.get(
    '/readyz',
    {
      config: { permission: 'open' },
      logLevel: 'warn',
      schema: {
        operationId: 'readReadiness',
        tags: ['operation'],
        summary: 'Ready to be sent requests, or why not',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_, reply) => {
      const answer = await health.check()
      return reply.code(answer.ready ? 200 : 503).send(answer)
    },
  )

  api.get(
    '/metrics',
    {
      config: { permission: config.DENREI_METRICS_OPEN ? 'open' : 'read' },
      logLevel: 'warn',
      schema: {
        operationId: 'readMetrics',
        tags: ['operation'],
        summary: 'Figures for Prometheus',
        response: { 200: { description: 'Text.', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )
}
