import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { v7 } from 'uuid'
import type { ApiParts } from './api.ts'
import { buildApp } from './app.ts'
import { createAuth } from './auth.ts'
import { authSecret } from './authSecret.ts'
import type { Config } from './config.ts'
import type { Denrei } from './denrei.ts'
import { createHealth, type Health } from './health.ts'
import { createLogger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { loggingObserver, observers, type Log, type Observer } from './observer.ts'
import { openDenrei, type OpenOptions } from './openDenrei.ts'

/** All that routes need, opened from the configuration; shared by the server and the plugin. */
export interface Assembled extends ApiParts {
  /** Made on the first start, when there was no key yet. It is shown once and kept only as a hash. */
  adminKey?: string
  /** Stops the loops, finishes what is in flight, closes the store. */
  close(): Promise<void>
}

export interface StartedServer {
  url: string
  app: FastifyInstance
  denrei: Denrei
  adminKey?: string
  /** Takes no more requests, answers those in hand, finishes the work in flight and closes the store. Once is enough. */
  close(): Promise<void>
}

export type ServerOptions = Omit<OpenOptions, 'observer'> & { logger?: Logger; observer?: Observer }

/**
 * Opens the store, the engine, the keys and the figures. Nothing runs before `denrei.start()`.
 *
 * @throws StoreLocked, StoreUnusable, ConfigInvalid
 */
export async function assemble(config: Config, logger: Log, options: ServerOptions = {}): Promise<Assembled> {
  // The figures read the store and the store's engine tells the figures, so what tells comes first and is filled in.
  const ears: Observer[] = [loggingObserver(logger), ...(options.observer ? [options.observer] : [])]
  const opened = await openDenrei(config, { ...options, observer: observers(ears) })
  const { denrei, database } = opened
  try {
    const { store, clock } = denrei
    const metrics: Metrics = createMetrics({ store, clock })
    const health: Health = createHealth({
      store,
      clock,
      // The version number is written though it stays the same: a full or read-only disk shows here.
      probe: () => void database.pragma(`user_version = ${String(database.pragma('user_version', { simple: true }))}`),
      inboxLagMaxMs: config.DENREI_INBOX_LAG_MAX_MS,
      loops: ['decide', 'dispatch'],
      report: (error) => logger.error({ err: error }, 'the store cannot be written'),
    })
    ears.push(metrics.observer, health.observer)
    const auth = createAuth({ database, clock, secret: await authSecret(config.DENREI_AUTH_SECRET, config.DENREI_DB) })
    const admin = auth.isNew() ? await auth.createKey({ name: 'first admin', role: 'admin' }) : undefined
    return {
      denrei,
      auth,
      metrics,
      health,
      newId: v7,
      config,
      close: () => opened.close(),
      ...(admin ? { adminKey: admin.key } : {}),
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** Starts everything and listens. Signals are the caller's: `close` is what they should call. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<StartedServer> {
  const logger = options.logger ?? createLogger(config.DENREI_LOG_LEVEL)
  const parts = await assemble(config, logger, options)
  const { denrei, auth, adminKey } = parts
  const app = buildApp({ ...parts, logger, trustProxy: config.DENREI_TRUST_PROXY })
  let warm: Promise<void> | undefined
  let closing: Promise<void> | undefined
  const close = () =>
    (closing ??= (async () => {
      await app.close()
      await warm
      await parts.close()
    })())
  try {
    const url = await app.listen({ host: config.DENREI_HOST, port: config.DENREI_PORT })
    denrei.start()
    warm = auth.warmUp().catch((error: unknown) => logger.error({ err: error }, 'the keys cannot be read'))
    return { url, app, denrei, close, ...(adminKey === undefined ? {} : { adminKey }) }
  } catch (error) {
    await close()
    throw error
  }
}
