import Fastify, { type FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import { ZodError } from 'zod'
import { GraphError } from './graphError.ts'
import { NotKnown } from './notKnown.ts'
import { accessRules, unknownPath } from './routes/access.ts'
import { appSubscriptionRoutes } from './routes/appSubscriptionRoutes.ts'
import { blockRoutes } from './routes/blockRoutes.ts'
import { businessRoutes } from './routes/businessRoutes.ts'
import { controlRoutes } from './routes/controlRoutes.ts'
import { historyRoutes } from './routes/historyRoutes.ts'
import { lifeRoutes } from './routes/lifeRoutes.ts'
import { mediaRoutes } from './routes/mediaRoutes.ts'
import { messageRoutes } from './routes/messageRoutes.ts'
import { nodeRoutes } from './routes/nodeRoutes.ts'
import { numberRoutes } from './routes/numberRoutes.ts'
import { oauthRoutes } from './routes/oauthRoutes.ts'
import { profileRoutes } from './routes/profileRoutes.ts'
import { subscriptionRoutes } from './routes/subscriptionRoutes.ts'
import { templateRoutes } from './routes/templateRoutes.ts'
import { uploadRoutes } from './routes/uploadRoutes.ts'
import type { World } from './world.ts'

const DEFAULT_VERSION = 25
const BODY_MAX = 3 * 1024 * 1024

/** The HTTP doors of the account: the Graph API's paths behind the token, and the control API under `/_emulator`. */
export function graphServer(world: World, address: () => string, closing: AbortSignal): FastifyInstance {
  // No logger: bodies hold what customers were written, and addresses may hold the token.
  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_MAX,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true },
    // A path without a version is the app's default version.
    rewriteUrl: ({ url = '/' }) => (/^\/\d+(\/|\?|$)/.test(url) ? `/v${DEFAULT_VERSION}.0${url}` : url),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? {} : JSON.parse(text as string))
    } catch {
      done(new GraphError(100, 'The body is not valid JSON.'))
    }
  })
  // Everything else as it came: a form with a file, a form of words, the bytes of an upload.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes))

  accessRules(app, world)
  // The control doors take JSON under any name, as curl sends it.
  app.addHook('preHandler', async (request, reply) => {
    if (!request.url.startsWith('/_emulator/') || !Buffer.isBuffer(request.body)) return
    try {
      request.body = JSON.parse(request.body.toString())
    } catch {
      return reply.code(400).send({ error: 'The body is not valid JSON.' })
    }
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

  oauthRoutes(app, world)
  businessRoutes(app, world)
  numberRoutes(app, world)
  profileRoutes(app, world)
  blockRoutes(app, world)
  subscriptionRoutes(app, world)
  appSubscriptionRoutes(app, world)
  uploadRoutes(app, world)
  messageRoutes(app, world, closing)
  historyRoutes(app, world)
  templateRoutes(app, world, address, closing)
  mediaRoutes(app, world)
  nodeRoutes(app, world, address)
  controlRoutes(app, world)
  lifeRoutes(app, world)
  return app
}
