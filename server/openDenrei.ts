import { v7 } from 'uuid'
import { createCallWebhook } from '#actions/callWebhook.ts'
import { createStripe } from '#actions/payment/stripe.ts'
import type { Performer } from '#actions/performer.ts'
import type { PaymentProvider } from '#engine/payment.ts'
import type { Store } from '#engine/store.ts'
import type { Accounts } from '#actions/whatsapp/accounts.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import type { Clock } from '#engine/clock.ts'
import type { Config } from './config.ts'
import { createConnecting, openKept, type Connecting, type Kept } from './connecting.ts'
import { createDenrei } from './createDenrei.ts'
import type { Denrei } from './denrei.ts'
import type { Observer } from './observer.ts'

/** What a host may add to the engine it opens. */
export interface OpenOptions {
  /** Who takes payments. Default: Stripe, when the configuration has a key of it. */
  payments?: readonly PaymentProvider[]
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
  connecting: Connecting
  kept: Kept
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
  const clock = options.clock ?? { now: Date.now }
  const newId = options.newId ?? v7
  const kept = await openKept(store, clock, config)
  const { accounts } = kept
  const denrei = await createDenrei({
    store,
    clock,
    newId,
    random: Math.random,
    accounts,
    payments: options.payments ?? paymentsOf(config, store, clock),
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
    connecting: createConnecting({ denrei, kept, config, newId }),
    kept,
    async close() {
      await denrei.stop()
      await accounts.close()
    },
  }
}

/** Where Stripe's id of the payer is kept: us. */
const STRIPE_CUSTOMER = 'payment/stripe/customer'

function paymentsOf(
  { STRIPE_SECRET_KEY: key, STRIPE_BASE_URL: baseUrl }: Config,
  store: Pick<Store, 'document' | 'saveDocument'>,
  clock: Clock,
): PaymentProvider[] {
  if (key === undefined) return []
  const memory = {
    async read() {
      const known = await store.document(STRIPE_CUSTOMER)
      return typeof known === 'string' ? known : null
    },
    write: (customerId: string) => store.saveDocument(STRIPE_CUSTOMER, customerId, clock.now()),
  }
  return [createStripe({ secretKey: () => key.reveal(), baseUrl, memory })]
}
