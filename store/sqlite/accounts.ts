import type { Instant } from '#engine/clock.ts'
import type { AccountState } from '#engine/state.ts'
import type { Session } from './session.ts'

/** The WhatsApp Business accounts. Few, asked for by every batch, so kept in memory; what is handed out is not to be changed. */
export type Accounts = ReturnType<typeof createAccounts>

export function createAccounts({ db, onRollback }: Session) {
  const readAll = db.prepare<[], string>('SELECT body FROM accountState ORDER BY id').pluck()
  const put = db.prepare<[string, string, Instant]>(
    `INSERT INTO accountState (id, body, updatedAt) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body, updatedAt = excluded.updatedAt`,
  )
  let known: Map<string, AccountState> | null = null
  onRollback(() => void (known = null))

  return {
    /** By id. */
    all: (): ReadonlyMap<string, AccountState> =>
      (known ??= new Map(
        readAll.all().map((body) => {
          const account = JSON.parse(body) as AccountState
          return [account.id, account]
        }),
      )),
    save(accounts: AccountState[], now: Instant): void {
      for (const account of accounts) put.run(account.id, JSON.stringify(account), now)
      known = null
    },
  }
}
