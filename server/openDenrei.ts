import { v7 } from 'uuid'
import { createCallWebhook } from '#actions/callWebhook.ts'
import type { Performer } from '#actions/performer.ts'
import { noAccounts, oneAccount, type Accounts } from '#actions/whatsapp/accounts.ts'
import { createCloudClient } from '#actions/whatsapp/client.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import type { Clock } from '#engine/clock.ts'
import type { Config } from './config.ts'
import { createDenrei } from './createDenrei.ts'
import type { Denrei } from './denrei.ts'
import type { Observer } from './observer.ts'

/** What a host may add to the engine it opens. */
export interface OpenOptions {
  performers?: Performer[]
  observer?: Observer
  /** Default: the machine's. A demonstration moves another by hand, and calls `drain` where time would have done it. */
  clock?: Clock
  /** Default: random UUIDv7. A demonstration that is to be the same each time makes others; they must sort by time as those do. */
  newId?: () => string
}

/** An engine with its real parts, and what its owner must close. */
export interface Opened {
  denrei: Denrei
  /** The database handle, which the login of the server shares. */
  database: ReturnType<typeof openSqlite>['database']
  accounts: Accounts
  /** Stops the loops, finishes what is in flight, closes the store and the sockets. */
  close(): Promise<void>
}

/**
 * Opens the engine as the configuration says: the SQLite file, the machine's clock unless it is given another, the Cloud API
 * client. No HTTP, and no loop runs before `denrei.start()`.
 *
 * @throws StoreLocked when another process works on the same file
 */
export async function openDenrei(config: Config, options: OpenOptions = {}): Promise<Opened> {
  const { store, database } = openSqlite(config.DENREI_DB, {
    synchronous: config.DENREI_SYNCHRONOUS === 'full' ? 'FULL' : 'NORMAL',
  })
  const { WHATSAPP_TOKEN: token, WHATSAPP_ACCOUNT_ID: accountId } = config
  const accounts =
    token === undefined || accountId === undefined
      ? noAccounts
      : oneAccount(
          createCloudClient({
            baseUrl: config.WHATSAPP_BASE_URL,
            apiVersion: config.WHATSAPP_API_VERSION,
            token: () => token.reveal(),
          }),
          accountId,
        )
  const denrei = await createDenrei({
    store,
    clock: options.clock ?? { now: Date.now },
    newId: options.newId ?? v7,
    random: Math.random,
    accounts,
    performers: ({ settings }) => [
      createCallWebhook({
        signingSecret: config.WEBHOOK_SIGNING_SECRET?.reveal() ?? null,
        mayBePrivate: () => settings().webhooksMayBePrivate,
      }),
      ...(options.performers ?? []),
    ],
    ...(options.observer === undefined ? {} : { observer: options.observer }),
    limits: { pendingMax: config.DENREI_INBOX_MAX, lagMaxMs: config.DENREI_INBOX_LAG_MAX_MS },
  })
  return {
    denrei,
    database,
    accounts,
    async close() {
      await denrei.stop()
      await accounts.close()
    },
  }
}
