import type { FastifyInstance } from 'fastify'
import type { ApiParts } from './api.ts'
import type { Config } from './config.ts'
import { assemble, type ServerOptions } from './main.ts'
import { mountApi } from './mount.ts'

/**
 * What `app.register(denrei, options)` takes besides Fastify's own `prefix`: a configuration, from which everything is
 * opened, started with the application and closed with it; or parts that the host has built and closes itself.
 */
export type DenreiPluginOptions =
  | ({
      config: Config
      /** Hears the one-time admin key of the first start. */ onAdminKey?: (key: string) => void
    } & Omit<ServerOptions, 'logger'>)
  | { parts: ApiParts }

/**
 * Mounts all of Denrei in another's Fastify application: routes, parsers, error answers and hooks stay in a scope of
 * their own.
 *
 * ```ts
 * await app.register(denrei, { prefix: '/denrei', config: readConfig(process.env) })
 * ```
 */
export default async function denrei(app: FastifyInstance, options: DenreiPluginOptions): Promise<void> {
  if ('parts' in options) return mountApi(app, options.parts)
  const { config, onAdminKey, ...rest } = options
  const parts = await assemble(config, app.log, rest)
  app.addHook('onReady', async () => parts.denrei.start())
  app.addHook('onClose', () => parts.close())
  const adminKey = await parts.firstKey()
  if (adminKey !== undefined) {
    if (onAdminKey) onAdminKey(adminKey)
    else process.stdout.write(`Denrei made an admin key, shown this once: ${adminKey}\n`)
  }
  return mountApi(app, parts)
}

export { readConfig } from './config.ts'
export type { Config } from './config.ts'
export { openDenrei } from './openDenrei.ts'
export type { Performer, WorkOutcome } from '#actions/performer.ts'
