import Fastify, { type FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import { ZodError } from 'zod'
import type { Account } from './account.ts'
import { GraphError } from './graphError.ts'
import { NotKnown } from './notKnown.ts'
import { controlRoutes } from './routes/controlRoutes.ts'
import { mediaRoutes } from './routes/mediaRoutes.ts'
import { messageRoutes } from './routes/messageRoutes.ts'
import { nodeRoutes } from './routes/nodeRoutes.ts'
import { templateRoutes } from './routes/templateRoutes.ts'

const BODY_MAX = 3 * 1024 * 1024

/** The HTTP doors of the account: the Graph API's paths behind the token, and the control API under `/_emulator`. */
export function graphServer(account: Account, address: () => string, closing: AbortSignal): FastifyInstance {
  // No logger: bodies hold what customers were written, and addresses may hold the token.
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: BODY_MAX, exposeHeadRoutes: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? {} : JSON.parse(text as string))
    } catch {
      done(new GraphError(100, 'The body is not valid JSON.'))
    }
  })
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))

  app.addHook('onRequest', async (request) => {
    if (request.url.startsWith('/_emulator/')) return
    const given = request.headers.authorization?.replace(/^(Bearer|OAuth) /, '') ?? tokenInQuery(request.query)
    if (given === undefined) throw new GraphError(0, 'An access token is required to request this resource.')
    if (given !== account.options.token) {
      throw new GraphError(190, 'The access token could not be decrypted.', {
        message: 'Invalid OAuth access token - Cannot parse access token',
      })
    }
    const version = /^\/v(\d+)\.\d+\//.exec(request.url)?.[1]
    if (version === undefined && !request.url.startsWith('/whatsapp_media/')) throw unknownPath(request.url)
  })
  app.setNotFoundHandler((request) => {
    throw unknownPath(request.url)
  })
  app.setErrorHandler((error, _request, reply) => {
    const traceId = randomBytes(8).toString('base64url')
    if (error instanceof GraphError) {
      if (error.code === 190 || error.code === 0) void reply.header('www-authenticate', 'OAuth "Facebook Platform"')
      return reply.code(error.status).header('x-fb-trace-id', traceId).send(error.body(traceId))
    }
    if (error instanceof ZodError)
      return reply.code(400).send({ error: 'The body is not as documented.', issues: error.issues })
    if (error instanceof NotKnown) return reply.code(404).send({ error: error.message })
    const status = (error as { statusCode?: number }).statusCode ?? 500
    const known = status < 500 ? new GraphError(100, (error as Error).message) : new GraphError(1, String(error))
    return reply.code(status).send(known.body(traceId))
  })

  messageRoutes(app, account, closing)
  templateRoutes(app, account, address, closing)
  mediaRoutes(app, account)
  nodeRoutes(app, account, address)
  controlRoutes(app, account)
  return app
}

const tokenInQuery = (query: unknown): string | undefined => (query as { access_token?: string }).access_token

const unknownPath = (url: string): GraphError => {
  const path = url.split('?')[0]!
  return new GraphError(2500, `Unknown path components: ${path}`, { message: `Unknown path components: ${path}` })
}
