import type { FastifyInstance } from 'fastify'
import { GraphError } from '../graphError.ts'
import type { World } from '../world.ts'
import { callerOf, paramsOf, textOf } from './params.ts'

/** What needs no token: the exchange has a code and the app's secret. */
export const isOpenPath = (url: string): boolean => /^(\/v\d+\.\d+)?\/oauth\/access_token(\?|$)/.test(url)

/**
 * Codes of the embedded sign-up become tokens, and tokens tell what they may do.
 *
 * Source: Meta, Embedded Signup, "Onboarding customers as a Tech Provider"; Meta, Facebook Login, "Access tokens", "Debug token".
 */
export function oauthRoutes(app: FastifyInstance, world: World): void {
  const { tokens } = world
  const exchange = (given: Record<string, unknown>): object => {
    const { client_id: id, client_secret: secret, code, grant_type: grant } = given
    if (textOf(id) !== world.shared.appId) {
      throw new GraphError(100, 'Error validating application. Cannot get application info.', {
        message: 'Error validating application. Cannot get application info due to a system error.',
      })
    }
    if (secret !== world.options.appSecret) {
      throw new GraphError(1, 'Error validating client secret.', { message: 'Error validating client secret.' })
    }
    if (grant === 'client_credentials') return { access_token: `${textOf(id)}|${secret}`, token_type: 'bearer' }
    if (grant === 'fb_exchange_token') {
      const renewed = tokens.check(textOf(given['fb_exchange_token']))
      return { access_token: renewed.token, token_type: 'bearer' }
    }
    if (typeof code !== 'string' || code === '') throw new GraphError(100, 'The parameter code is required.')
    const { token, expiresAt, issuedAt } = tokens.exchange(code)
    const expires = expiresAt === null ? {} : { expires_in: Math.max(0, Math.floor((expiresAt - issuedAt) / 1000)) }
    return { access_token: token, token_type: 'bearer', ...expires }
  }
  for (const path of ['/oauth/access_token', '/v:version/oauth/access_token']) {
    app.get(path, async (request) => exchange(paramsOf(request)))
    app.post(path, async (request) => exchange(paramsOf(request)))
  }

  const debug = (input: unknown): object => {
    if (typeof input !== 'string') throw new GraphError(100, 'The parameter input_token is required.')
    const token = tokens.get(input)
    const problem = tokens.problemOf(token)
    const about =
      problem === null ? {} : { error: { code: 190, message: problem.message, subcode: problem.extra.subcode } }
    if (token === undefined) return { data: { ...about, is_valid: false, scopes: [] } }
    const { wabaIds } = token
    return {
      data: {
        app_id: world.shared.appId,
        type: 'SYSTEM_USER',
        application: 'Denrei',
        data_access_expires_at: 0,
        expires_at: token.expiresAt === null ? 0 : Math.floor(token.expiresAt / 1000),
        ...about,
        is_valid: problem === null,
        issued_at: Math.floor(token.issuedAt / 1000),
        scopes: token.scopes,
        granular_scopes: token.scopes.map((scope) => ({
          scope,
          ...(wabaIds === null || scope === 'business_management' ? {} : { target_ids: wabaIds }),
        })),
        user_id: token.userId,
      },
    }
  }
  app.get('/v:version/debug_token', async (request) => debug(paramsOf(request)['input_token']))

  app.get('/v:version/me', async (request) => {
    const caller = callerOf(request)
    if (caller.kind === 'app') return { id: world.shared.appId, name: 'Denrei', link: 'https://example.test/' }
    return { id: caller.token.userId, name: 'Denrei System User' }
  })
}
