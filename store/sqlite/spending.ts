import { dateOf } from '#engine/calendar.ts'
import type { Instant } from '#engine/clock.ts'
import type { Posting } from '#engine/decision.ts'
import type { StatementPart, StatementQuery, StatementRow } from '#engine/reads.ts'
import type { Account } from './account.ts'
import type { OutboxRow } from './outboxRow.ts'
import type { spending } from './schema/account.ts'
import type { Session } from './session.ts'

type Sum = typeof spending.$inferSelect

/** What a message tells of itself in a statement. */
type Spender = Pick<OutboxRow, 'template' | 'language' | 'definition' | 'market' | 'category' | 'lane' | 'form'>

/** What a message is to whoever pays: `charged` when credits were captured for it, `free` when it was delivered without. */
type Kind = 'charged' | 'free' | null

/** Where nothing is known of the market, the price is that of all others. */
const UNKNOWN_MARKET = 'Other'

const COLUMNS: Record<StatementPart, string> = {
  day: 'day',
  template: 'template',
  definition: 'definition',
  market: 'market',
  category: 'category',
  number: 'numberId',
}

/**
 * What messages cost, as sums by day and by what they were. Changes gather in memory and are written once at the end of a
 * transaction: a hundred captures are mostly of a handful of templates.
 */
export type Spending = ReturnType<typeof createSpending>

export function createSpending({ db, onCommit, onRollback }: Session, account: Account) {
  const put = db.prepare<[Sum]>(
    `INSERT INTO spending (day, template, definition, market, category, numberId, charged, free, micros)
     VALUES (@day, @template, @definition, @market, @category, @numberId, @charged, @free, @micros)
     ON CONFLICT (day, template, definition, market, category, numberId)
     DO UPDATE SET charged = charged + excluded.charged, free = free + excluded.free, micros = micros + excluded.micros`,
  )
  const spender = db.prepare<[string], Spender>(
    'SELECT template, language, definition, market, category, lane, form FROM outbox WHERE id = ?',
  )
  const gathered = new Map<string, Sum>()
  onCommit(() => {
    for (const sum of gathered.values()) if (sum.charged !== 0 || sum.free !== 0 || sum.micros !== 0) put.run(sum)
    gathered.clear()
  })
  onRollback(() => gathered.clear())

  function sumOf(row: Spender, at: Instant): Sum {
    const place = {
      day: dateOf(at, account.settings().timezone),
      template: row.template === '' || row.form === 'text' ? '' : `${row.template}/${row.language}`,
      definition: row.definition.replace(/@.*$/, ''),
      market: row.market ?? UNKNOWN_MARKET,
      category: row.category ?? '',
      numberId: row.lane,
    }
    const key = Object.values(place).join('\u0000')
    const known = gathered.get(key)
    if (known !== undefined) return known
    const made = { ...place, charged: 0, free: 0, micros: 0 }
    gathered.set(key, made)
    return made
  }

  return {
    /** Adds what postings move to or from `spent` for a message. */
    book(postings: readonly Posting[]): void {
      for (const { account: name, messageId, amountMicros, at } of postings) {
        if (name !== 'spent' || messageId === null) continue
        const row = spender.get(messageId)
        if (row !== undefined) sumOf(row, at).micros += amountMicros
      }
    },
    /** A message has moved. Whatever it was to whoever pays, it is that no more, and something else now. */
    count(before: OutboxRow, after: OutboxRow, at: Instant): void {
      const [was, is] = [kindOf(before), kindOf(after)]
      if (was === is) return
      const sum = sumOf(after, at)
      if (was !== null) sum[was]--
      if (is !== null) sum[is]++
    },
    /** By the parts, in their order. Without parts it is one row, or none when nothing was sent. */
    statement({ from, until, by }: StatementQuery): StatementRow[] {
      const columns = by.map((part) => COLUMNS[part])
      const list = columns.join(', ')
      return db
        .prepare<[string, string], (string | number)[]>(
          `SELECT ${[...columns, 'sum(charged)', 'sum(free)', 'sum(micros)'].join(', ')} FROM spending
           WHERE day >= ? AND day <= ? ${list === '' ? '' : `GROUP BY ${list} ORDER BY ${list}`}`,
        )
        .raw()
        .all(from, until)
        .filter((row) => row.at(-1) !== null)
        .map((row) => {
          const [charged, free, spentMicros] = row.slice(by.length) as [number, number, number]
          return { parts: row.slice(0, by.length) as string[], charged, free, spentMicros }
        })
    },
  }
}

function kindOf({ kind, state, holdState, priceMicros }: OutboxRow): Kind {
  if (kind === 'work') return null
  if (holdState === 'captured' && priceMicros > 0) return 'charged'
  return state === 'delivered' || state === 'read' ? 'free' : null
}
