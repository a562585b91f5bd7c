import type { Accounts } from '#actions/whatsapp/accounts.ts'
import { createCallGate } from '#actions/whatsapp/callGate.ts'
import { createCloudClient, type CloudClient } from '#actions/whatsapp/client.ts'
import type { MetaOptions } from '#actions/whatsapp/setup.ts'
import type { Clock } from '#engine/clock.ts'
import { AppError } from '#engine/errors.ts'
import type { Store } from '#engine/store.ts'
import type { Secret } from '../secret.ts'
import type { KeptSecrets } from '../secrets/kept.ts'

/** The environment's account and all that were connected while the server ran. */
export interface KeptAccounts extends Accounts {
  /** Reads the tokens of all accounts again: after a set-up, and after a token was replaced. */
  reload(): Promise<void>
  /** Null when it has none. */
  tokenOf(accountId: string): Secret | null
  /** Accounts whose token cannot be opened: they have no client until it is entered anew. */
  unreadable(): ReadonlyMap<string, AppError>
}

interface Parts {
  store: Store
  clock: Clock
  secrets: KeptSecrets
  meta: MetaOptions
  environment: { accountId: string; token: Secret } | null
}

/** Under which name the token of an account is kept. */
export const tokenName = (accountId: string): string => `account/${accountId}/token`

/** Clients are opened when they are asked for, and ask for their token at every call, so that a new one counts at once. */
export function keptAccounts({ store, clock, secrets, meta, environment }: Parts): KeptAccounts {
  let tokens = new Map<string, Secret>()
  let unreadable = new Map<string, AppError>()
  const clients = new Map<string, CloudClient>()

  const tokenOf = (accountId: string): Secret | undefined =>
    accountId === environment?.accountId ? environment.token : tokens.get(accountId)
  const ids = () => [...(environment === null ? [] : [environment.accountId]), ...tokens.keys()]

  return {
    defaultId: () => ids()[0] ?? null,
    ids,
    clientOf(accountId) {
      if (tokenOf(accountId) === undefined) return null
      const open = clients.get(accountId)
      if (open !== undefined) return open
      const client = createCloudClient({
        ...meta,
        gate: createCallGate(clock),
        token: () => tokenOf(accountId)?.reveal() ?? '',
      })
      clients.set(accountId, client)
      return client
    },
    async reload() {
      const found = new Map<string, Secret>()
      const closed = new Map<string, AppError>()
      // By when they were set up: the first of them is meant when nothing names another.
      const accounts = (await store.accounts())
        .filter(({ id, access }) => access === 'stored' && id !== environment?.accountId)
        .sort((a, b) => (a.setUpAt ?? Infinity) - (b.setUpAt ?? Infinity))
      for (const { id } of accounts) {
        try {
          const token = await secrets.read(tokenName(id))
          if (token !== null) found.set(id, token)
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          closed.set(id, error)
        }
      }
      tokens = found
      unreadable = closed
      for (const [id, client] of clients) {
        if (tokenOf(id) !== undefined) continue
        clients.delete(id)
        await client.close()
      }
    },
    tokenOf: (accountId) => tokenOf(accountId) ?? null,
    unreadable: () => unreadable,
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()))
      clients.clear()
    },
  }
}
