import { stringify } from 'csv-stringify/sync'
import { Temporal } from 'temporal-polyfill'
import { InvalidInput } from '#engine/errors.ts'
import type { StatementPart, StatementQuery, StatementRow } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'

/** Dates of one statement at most: five years. */
const DAYS_MAX = 5 * 366

export interface Statement extends StatementQuery {
  rows: StatementRow[]
  total: { charged: number; free: number; spentMicros: number }
}

export const STATEMENT_PARTS = [
  'day',
  'template',
  'definition',
  'market',
  'category',
  'number',
] as const satisfies readonly StatementPart[]

/** What was spent between two calendar dates, both included, in the settings' zone. @throws InvalidInput */
export async function statement(store: Store, query: StatementQuery): Promise<Statement> {
  const from = dateOf('from', query.from)
  const until = dateOf('until', query.until)
  const days = from.until(until, { largestUnit: 'days' }).days
  if (days < 0) {
    throw new InvalidInput(
      `The statement would end on ${query.until}, before it begins. Name the dates the other way.`,
      {
        field: 'until',
      },
    )
  }
  if (days > DAYS_MAX) {
    throw new InvalidInput(`A statement has at most ${DAYS_MAX} days. Ask for a part of them.`, { field: 'from' })
  }
  const by = [...new Set(query.by)]
  const rows = await store.statement({ from: query.from, until: query.until, by })
  const total = { charged: 0, free: 0, spentMicros: 0 }
  for (const row of rows) {
    total.charged += row.charged
    total.free += row.free
    total.spentMicros += row.spentMicros
  }
  return { from: query.from, until: query.until, by, rows, total }
}

/**
 * The statement as a table, money in credits.
 *
 * @param hasBom begins with a byte order mark: without one Excel reads Japanese as something else
 */
export function statementCsv({ by, rows }: Statement, hasBom: boolean): string {
  const table = rows.map(({ parts, charged, free, spentMicros }) => [...parts, charged, free, credits(spentMicros)])
  return stringify([[...by, 'charged', 'free', 'credits'], ...table], {
    bom: hasBom,
    record_delimiter: 'windows',
    // A name that begins like a formula is a name.
    escape_formulas: true,
  })
}

/** Exact: six decimals are a micro-credit. */
export function credits(micros: number): string {
  const [whole, part] = [Math.trunc(Math.abs(micros) / 1_000_000), Math.abs(micros) % 1_000_000]
  return `${micros < 0 ? '-' : ''}${whole}.${String(part).padStart(6, '0')}`
}

function dateOf(field: string, date: string): Temporal.PlainDate {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(date)) return Temporal.PlainDate.from(date)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw new InvalidInput(`"${date}" is no date. Write it as 2026-10-01.`, { field })
}
