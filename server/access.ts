import assert from 'node:assert/strict'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { headerOf, type ApiParts } from './api.ts'
import { RateLimited } from './errors.ts'
import { demand } from './roles.ts'

const MINUTE_MS = 60_000

/** Checks the key, the role and the rate of each request before its body is read. */
export interface Access {
  /**
   * Counts a request with a wrong key or signature against its address.
   * @throws RateLimited when there were too many in a minute; who is authentic is never locked out by those who are not
   */
  failed(request: FastifyRequest): Promise<void>
}

/** Every route of the scope must say what it needs: one that does not is a bug, found when it is added. */
export async function guardAccess(scope: FastifyInstance, { auth, config }: ApiParts): Promise<Access> {
  await scope.register(rateLimit, { global: false })
  const countFailure = scope.createRateLimit({ max: config.DENREI_FAILURES_PER_MINUTE, timeWindow: MINUTE_MS })
  const countRequest = scope.createRateLimit({
    max: config.DENREI_REQUESTS_PER_MINUTE,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => `key:${request.denreiCaller?.keyId ?? ''}`,
  })

  async function failed(request: FastifyRequest): Promise<void> {
    const rate = await countFailure(request)
    if (rate.isAllowed || !rate.isExceeded) return
    throw new RateLimited('Too many requests without a valid key or signature came from this address.', {
      retryAfterSeconds: rate.ttlInSeconds,
    })
  }

  scope.decorateRequest('denreiCaller', null)
  scope.addHook('onRoute', ({ config: route, method, url }) => {
    assert(route?.permission !== undefined, `${String(method)} ${url} does not say who may call it`)
  })
  scope.addHook('onRequest', async (request) => {
    const { permission } = request.routeOptions.config
    if (permission === undefined || permission === 'open') return
    try {
      request.denreiCaller = await auth.authenticate(credential(request))
    } catch (error) {
      await failed(request)
      throw error
    }
    demand(request.denreiCaller, permission)
    const rate = await countRequest(request)
    if (rate.isAllowed || !rate.isExceeded) return
    throw new RateLimited(`This key made more than ${rate.max} requests in a minute. Slow down.`, {
      retryAfterSeconds: rate.ttlInSeconds,
    })
  })
  return { failed }
}

function credential(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')
  return bearer?.[1] ?? headerOf(request, 'x-api-key')
}
