import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { v7 } from 'uuid'
import type { ApiParts } from './api.ts'
import { buildApp } from './app.ts'
import { createAuth } from './auth.ts'
import { authSecret } from './authSecret.ts'
import type { Config } from './config.ts'
import type { Connecting } from './connecting.ts'
import type { Denrei } from './denrei.ts'
import { AddressUnusable } from './errors.ts'
import { createHealth, type Health } from './health.ts'
import { createLogger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { loggingObserver, observers, type Log, type Observer } from './observer.ts'
import { openDenrei, type OpenOptions } from './openDenrei.ts'

/** All that routes need, opened from the configuration; shared by the server and the plugin. */
export interface Assembled extends ApiParts {
  /**
   * Makes the first admin key when there is no key yet. It is kept only as a hash: to be called by whoever can show it, once
   * nothing else can fail, or an installation is left whose key nobody has seen.
   */
  firstKey(): Promise<string | undefined>
  /** Stops the loops, finishes what is in flight, closes the store. */
  close(): Promise<void>
}

export interface StartedServer {
  url: string
  app: FastifyInstance
  denrei: Denrei
  connecting: Connecting
  /** Made on the first start, and shown this once. */
  adminKey?: string
  /** Takes no more requests, answers those in hand, finishes the work in flight and closes the store. Once is enough. */
  close(): Promise<void>
}

export type ServerOptions = Omit<OpenOptions, 'observer'> & {
  logger?: Logger
  observer?: Observer
  /** Nothing runs by itself: whoever moves the clock by hand calls `drain` and `upkeep`. */
  isDriven?: boolean
}

/**
 * Opens the store, the engine, the keys and the figures. Nothing runs before `denrei.start()`.
 *
 * @throws StoreLocked, StoreUnusable, ConfigInvalid
 */
export async function assemble(config: Config, logger: Log, options: ServerOptions = {}): Promise<Assembled> {
  // The figures read the store and the store's engine tells the figures, so what tells comes first and is filled in.
  const ears: Observer[] = [loggingObserver(logger), ...(options.observer ? [options.observer] : [])]
  const opened = await openDenrei(config, { ...options, observer: observers(ears) })
  const { denrei, database, connecting, kept } = opened
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
    for (const { error } of kept.rotation.unreadable) logger.warn({ code: error.code }, error.message)
    return {
      denrei,
      connecting,
      auth,
      metrics,
      health,
      newId: v7,
      config,
      firstKey: async () =>
        auth.isNew() ? (await auth.createKey({ name: 'first admin', role: 'admin' })).key : undefined,
      close: () => opened.close(),
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
  const { denrei, auth } = parts
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
    const url = await listen(app, config)
    const adminKey = await parts.firstKey()
    if (options.isDriven !== true) denrei.start()
    warm = auth.warmUp().catch((error: unknown) => logger.error({ err: error }, 'the keys cannot be read'))
    return { url, app, denrei, connecting: parts.connecting, close, ...(adminKey === undefined ? {} : { adminKey }) }
  } catch (error) {
    await close()
    throw error
  }
}

/** @throws AddressUnusable when the address is taken, not this machine's, or not ours to take */
async function listen(app: FastifyInstance, { DENREI_HOST: host, DENREI_PORT: port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === undefined || (syscall !== 'listen' && syscall !== 'getaddrinfo')) throw error
    throw new AddressUnusable(
      `Cannot listen on ${host}:${port} (${code}). Stop what has it, or set DENREI_HOST and DENREI_PORT to others.`,
      { host, port, cause: code },
      { cause: error },
    )
  }
}
