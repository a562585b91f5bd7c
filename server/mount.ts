import type { FastifyInstance } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { guardAccess } from './access.ts'
import type { Api, ApiParts } from './api.ts'
import { answerError, NoSuchRoute } from './errors.ts'
import { parseJsonBodies } from './json.ts'
import { describeRoutes } from './openapi.ts'
import { serveReferencePage } from './referencePage.ts'
import { accountRoutes } from './routes/account.ts'
import { accountsRoutes } from './routes/accounts.ts'
import { blueprintRoutes } from './routes/blueprints.ts'
import { broadcastRoutes } from './routes/broadcasts.ts'
import { contactRoutes } from './routes/contacts.ts'
import { creditRoutes } from './routes/credits.ts'
import { definitionRoutes } from './routes/definitions.ts'
import { eventRoutes } from './routes/events.ts'
import { instanceRoutes } from './routes/instances.ts'
import { journeyRoutes } from './routes/journeys.ts'
import { keyRoutes } from './routes/keys.ts'
import { messageRoutes } from './routes/messages.ts'
import { paymentRoutes } from './routes/payments.ts'
import { operationRoutes } from './routes/operation.ts'
import { recordRoutes } from './routes/records.ts'
import { sendRoutes } from './routes/send.ts'
import { setupRoutes } from './routes/setup.ts'
import { simulationRoutes } from './routes/simulations.ts'
import { templateRoutes } from './routes/templates.ts'
import { triggerRoutes } from './routes/triggers.ts'
import { whatsappRoutes } from './routes/whatsapp.ts'
import { zohoRoutes } from './routes/zoho.ts'
import { validatorCompiler } from './validation.ts'

const BODY_BYTES_MAX = 1_048_576

/**
 * Puts every route into a scope of its own: its parsers, compilers, hooks and error handler reach nothing outside, so
 * it can live in another's application.
 */
export async function mountApi(scope: FastifyInstance, parts: ApiParts): Promise<void> {
  scope.setValidatorCompiler(validatorCompiler)
  scope.setSerializerCompiler(serializerCompiler)
  scope.setErrorHandler(answerError)
  scope.setNotFoundHandler((request, reply) => {
    answerError(new NoSuchRoute(`There is no ${request.method} ${request.url.split('?')[0]}.`), request, reply)
  })
  scope.removeAllContentTypeParsers()
  parseJsonBodies(scope)
  scope.addHook('onRoute', (route) => {
    route.bodyLimit ??= BODY_BYTES_MAX
  })
  scope.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    })
  })
  scope.addHook('onResponse', async ({ method, routeOptions, log }, { statusCode, elapsedTime }) => {
    const route = routeOptions.url ?? 'none'
    parts.metrics.answered(method, route, statusCode, elapsedTime)
    log.debug({ method, route, status: statusCode, tookMs: elapsedTime }, 'answered')
  })
  const access = await guardAccess(scope, parts)
  await describeRoutes(scope, scope.prefix)
  serveReferencePage(scope)

  const api: Api = scope.withTypeProvider<ZodTypeProvider>()
  operationRoutes(api, parts)
  eventRoutes(api, parts)
  recordRoutes(api, parts)
  sendRoutes(api, parts)
  messageRoutes(api, parts)
  triggerRoutes(api, parts)
  definitionRoutes(api, parts)
  templateRoutes(api, parts)
  blueprintRoutes(api, parts)
  instanceRoutes(api, parts)
  journeyRoutes(api, parts)
  broadcastRoutes(api, parts)
  simulationRoutes(api, parts)
  accountRoutes(api, parts)
  setupRoutes(api, parts)
  accountsRoutes(api, parts)
  contactRoutes(api, parts)
  creditRoutes(api, parts)
  keyRoutes(api, parts)
  zohoRoutes(api, parts, access)
  await paymentRoutes(api, parts, access)
  await whatsappRoutes(api, parts, access)
}
