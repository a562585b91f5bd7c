import { randomUUID } from 'node:crypto'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { ApiParts } from './api.ts'
import { answerError } from './errors.ts'
import { mountApi } from './mount.ts'

export interface AppOptions extends ApiParts {
  logger?: FastifyBaseLogger
  /** Believe `X-Forwarded-For`. */
  trustProxy?: boolean
}

/** Most characters of an id, a name or a record id in a path. */
const PARAM_LENGTH_MAX = 600
/** A request that takes longer than this to arrive is dropped; a slow sender must not hold a socket for ever. */
const REQUEST_TIMEOUT_MS = 60_000

/** The whole application without listening, so that tests call `app.inject`. */
export function buildApp({ logger, trustProxy = false, ...parts }: AppOptions): FastifyInstance {
  const app = fastify({
    ...(logger ? { loggerInstance: logger } : { logger: false }),
    trustProxy,
    // One line a request, written by the scope: two with headers would cost more than the work.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  })
  void app.register(mountApi, parts)
  return app
}

/** The caller's own id when it is harmless, so that its log and ours can be read together. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID()
}
