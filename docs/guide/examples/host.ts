import fastify, { type FastifyInstance } from 'fastify'
import denrei, { readConfig } from 'denrei/fastify'
import { createSendFax, type FaxGateway } from './sendFax.ts'

/** Your own application, with all of Denrei under /denrei. */
export async function buildHost(
  env: Record<string, string | undefined>,
  gateway: FaxGateway,
  onAdminKey: (key: string) => void,
): Promise<FastifyInstance> {
  const app = fastify()
  app.get('/', () => ({ hello: 'from the host' }))
  await app.register(denrei, {
    prefix: '/denrei',
    config: readConfig(env),
    performers: [createSendFax(gateway)],
    onAdminKey,
  })
  return app
}
