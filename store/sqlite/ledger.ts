import assert from 'node:assert/strict'
import type { Posting } from '#engine/decision.ts'
import { assertBalanced } from '#engine/ledger.ts'
import type { Balance } from '#engine/state.ts'
import type { Page } from '#engine/reads.ts'
import type { ledgerPosting } from './schema/account.ts'
import type { Session } from './session.ts'
import type { Spending } from './spending.ts'

type PostingRow = typeof ledgerPosting.$inferSelect
/** Micro-credits, signed. */
type Amounts = Record<Posting['account'], number>

/** The double-entry ledger. Rows are only added; each account's sum is kept beside them in the same transaction. */
export type Ledger = ReturnType<typeof createLedger>

export function createLedger({ db, onCommit, onRollback }: Session, spending: Spending) {
  const booked = db.prepare<[string], number>('SELECT 1 FROM ledgerPosting WHERE txId = ? LIMIT 1').pluck()
  const insert = db.prepare<[string, string, number, string | null, string, number]>(
    'INSERT INTO ledgerPosting (txId, account, amountMicros, messageId, memo, at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const put = db.prepare<[string, number]>(
    `INSERT INTO ledgerBalance (account, amountMicros) VALUES (?, ?)
     ON CONFLICT (account) DO UPDATE SET amountMicros = excluded.amountMicros`,
  )
  const balances = db.prepare<[], Pick<PostingRow, 'account' | 'amountMicros'>>(
    'SELECT account, amountMicros FROM ledgerBalance',
  )
  const page = db.prepare<[number, number], PostingRow>(
    'SELECT * FROM ledgerPosting WHERE seq < ? ORDER BY seq DESC LIMIT ?',
  )

  // Every claim and every commit asks for the balance, and this process is the only one that books (lock.ts).
  let amounts: Amounts | null = null
  const changed = new Set<Posting['account']>()
  onCommit(() => {
    for (const account of changed) put.run(account, known()[account])
    changed.clear()
  })
  onRollback(() => {
    amounts = null
    changed.clear()
  })

  function known(): Amounts {
    if (amounts !== null) return amounts
    const read = { purchases: 0, available: 0, held: 0, spent: 0, owed: 0 }
    for (const { account, amountMicros } of balances.all()) read[account] = amountMicros
    return (amounts = read)
  }

  function balance(): Balance {
    const { purchases, available, held, spent, owed } = known()
    return { bought: 0 - purchases, available, held, spent, owed: 0 - owed }
  }

  return {
    balance,
    /**
     * Books each ledger transaction among the postings, once: one whose `txId` is there already is left out.
     * @throws AssertionError when one does not sum to zero, or an account other than `purchases` and `owed` would end below zero; the caller's
     * transaction is taken back
     */
    post(postings: Posting[]): void {
      const seen = new Map<string, boolean>()
      const isNew = ({ txId }: Posting): boolean => {
        const known = seen.get(txId) ?? booked.get(txId) === undefined
        seen.set(txId, known)
        return known
      }
      const fresh = postings.filter(isNew)
      assertBalanced(fresh)
      const amounts = known()
      const touched = new Set<Posting['account']>()
      for (const { txId, account, amountMicros, messageId, memo, at } of fresh) {
        insert.run(txId, account, amountMicros, messageId, memo, at)
        amounts[account] += amountMicros
        touched.add(account)
      }
      spending.book(fresh)
      for (const account of touched) {
        changed.add(account)
        const mayBeNegative = account === 'purchases' || account === 'owed'
        const amount = amounts[account]
        assert(mayBeNegative || amount >= 0, `${fresh[0]?.txId} would leave ${amount} micro-credits ${account}`)
      }
    },
    /** Newest first. */
    page({ after, limit }: { after?: string; limit: number }): Page<Posting> {
      const rows = page.all(after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1)
      const items = rows.slice(0, limit)
      return {
        items: items.map(({ seq: _seq, ...posting }) => posting),
        next: rows.length > limit ? String(items.at(-1)?.seq) : null,
      }
    },
  }
}
