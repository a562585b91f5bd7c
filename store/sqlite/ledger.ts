import assert from 'node:assert/strict'
import type { Posting } from '#engine/decision.ts'
import { assertBalanced } from '#engine/ledger.ts'
import type { Balance } from '#engine/state.ts'
import type { Page } from '#engine/store.ts'
import type { ledgerPosting } from './schema.ts'
import type { Session } from './session.ts'

type PostingRow = typeof ledgerPosting.$inferSelect

/** The double-entry ledger. Rows are only added; each account's sum is kept beside them in the same transaction. */
export type Ledger = ReturnType<typeof createLedger>

export function createLedger({ db }: Session) {
  const known = db.prepare<[string], number>('SELECT 1 FROM ledgerPosting WHERE txId = ? LIMIT 1').pluck()
  const insert = db.prepare<[string, string, number, string | null, string, number]>(
    'INSERT INTO ledgerPosting (txId, account, amountMicros, messageId, memo, at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const add = db
    .prepare<[string, number], number>(
      `INSERT INTO ledgerBalance (account, amountMicros) VALUES (?, ?)
       ON CONFLICT (account) DO UPDATE SET amountMicros = amountMicros + excluded.amountMicros RETURNING amountMicros`,
    )
    .pluck()
  const sums = db.prepare<[], Pick<PostingRow, 'account' | 'amountMicros'>>(
    'SELECT account, amountMicros FROM ledgerBalance',
  )
  const page = db.prepare<[number, number], PostingRow>(
    'SELECT * FROM ledgerPosting WHERE seq < ? ORDER BY seq DESC LIMIT ?',
  )

  function balance(): Balance {
    const amounts = { purchases: 0, available: 0, held: 0, spent: 0 }
    for (const { account, amountMicros } of sums.all()) amounts[account] = amountMicros
    const { purchases, available, held, spent } = amounts
    return { bought: 0 - purchases, available, held, spent }
  }

  return {
    balance,
    /**
     * Books each ledger transaction among the postings, once: one whose `txId` is there already is left out.
     * @throws AssertionError when one does not sum to zero, or `available` or `held` would go below zero; the caller's
     * transaction is taken back
     */
    post(postings: Posting[]): void {
      const fresh = new Set(
        [...new Set(postings.map(({ txId }) => txId))].filter((txId) => known.get(txId) === undefined),
      )
      const booked = postings.filter(({ txId }) => fresh.has(txId))
      assertBalanced(booked)
      const after = new Map<string, number>()
      for (const { txId, account, amountMicros, messageId, memo, at } of booked) {
        insert.run(txId, account, amountMicros, messageId, memo, at)
        after.set(account, add.get(account, amountMicros) ?? 0)
      }
      for (const account of ['available', 'held']) {
        const amount = after.get(account) ?? 0
        assert(amount >= 0, `${[...fresh].join(', ')} would leave ${amount} micro-credits ${account}`)
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
