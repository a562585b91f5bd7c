import type { Instant } from '#engine/clock.ts'
import type { AccountState } from '#engine/state.ts'
import { portfolioOf, type Reach } from './reach.ts'
import type { Session } from './session.ts'

/** The WhatsApp Business accounts. Few, asked for by every batch, so kept in memory; what is handed out is not to be changed. */
export type Accounts = ReturnType<typeof createAccounts>

export function createAccounts({ db, onRollback }: Session, reach: Reach) {
  const readAll = db.prepare<[], string>('SELECT body FROM accountState ORDER BY id').pluck()
  const put = db.prepare<[string, string, Instant]>(
    `INSERT INTO accountState (id, body, updatedAt) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body, updatedAt = excluded.updatedAt`,
  )
  let known: Map<string, AccountState> | null = null
  onRollback(() => void (known = null))

  const all = (): ReadonlyMap<string, AccountState> =>
    (known ??= new Map(
      readAll.all().map((body) => {
        const account = JSON.parse(body) as AccountState
        return [account.id, account]
      }),
    ))

  return {
    /** By id. */
    all,
    save(accounts: AccountState[], now: Instant): void {
      for (const account of accounts) {
        const before = portfolioOf(account.id, all().get(account.id))
        const after = portfolioOf(account.id, account)
        if (before !== after) reach.join(before, after, before === account.id ? 'alone' : 'with others')
        put.run(account.id, JSON.stringify(account), now)
        known = null
      }
    },
  }
}
