import type { CloudClient } from './client.ts'

/** The WhatsApp Business accounts that we have a token for. They come and go while the server runs. */
export interface Accounts {
  /** The one that is meant when nothing names another; null while there is none. */
  defaultId(): string | null
  ids(): string[]
  /** Null when we have no token for it. */
  clientOf(accountId: string): CloudClient | null
  close(): Promise<void>
}

/** While no account is connected: messages are held, nothing is lost. */
export const noAccounts: Accounts = {
  defaultId: () => null,
  ids: () => [],
  clientOf: () => null,
  close: () => Promise.resolve(),
}

/** A single one, for as long as the process runs. */
export function oneAccount(client: CloudClient, accountId: string): Accounts {
  return {
    defaultId: () => accountId,
    ids: () => [accountId],
    clientOf: (id) => (id === accountId ? client : null),
    close: () => client.close(),
  }
}
