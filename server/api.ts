import type { FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify'
import type { FastifyBaseLogger } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Auth } from './auth.ts'
import type { Config } from './config.ts'
import type { Connecting } from './connecting.ts'
import type { Denrei } from './denrei.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'
import type { Caller, Permission } from './roles.ts'

/** What the routes are made of. `server/main.ts` and tests build it. */
export interface ApiParts {
  denrei: Denrei
  connecting: Connecting
  auth: Auth
  metrics: Metrics
  health: Health
  /** UUIDv7. */
  newId: () => string
  config: DoorConfig
}

/** The part of the configuration that the doors read. */
export type DoorConfig = Pick<
  Config,
  | 'DENREI_METRICS_OPEN'
  | 'DENREI_REQUESTS_PER_MINUTE'
  | 'DENREI_FAILURES_PER_MINUTE'
  | 'STRIPE_WEBHOOK_SECRET'
  | 'ZOHO_CHANNEL_TOKEN'
  | 'ZOHO_WEBHOOK_SECRET'
>

/** A Fastify scope whose schemas are zod's. */
export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller's role must hold. `open` routes need no key; webhooks among them check a signature themselves. */
    permission?: Permission | 'open'
  }
  interface FastifyRequest {
    denreiCaller: Caller | null
  }
}

/** Who makes this request. Only for routes that are not open. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.denreiCaller) throw new Error('This route is open: nobody was authenticated.')
  return request.denreiCaller
}

/** A header that has one value; undefined when it is missing or empty. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  const first = Array.isArray(value) ? value[0] : value
  return first === '' ? undefined : first
}
