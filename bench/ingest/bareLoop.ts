import { performance } from 'node:perf_hooks'
import type { Database } from 'better-sqlite3'

/** Rows of every table, in the order they were written. */
export type Rows = Map<string, { columns: string[]; rows: unknown[][] }>

const NOT_OURS = ['sqlite_sequence', '__drizzle_migrations', 'laneLease']

/** @param before leaves out as many rows of each table: what was there before the run that counts */
export function rowsOf(database: Database, before?: Rows): Rows {
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .pluck()
    .all()
    .filter((name) => !NOT_OURS.includes(name))
  return new Map(
    tables.map((name) => {
      const statement = database.prepare<unknown[], unknown[]>(`SELECT * FROM "${name}" ORDER BY rowid`).raw()
      const columns = statement.columns().map((column) => `"${column.name}"`)
      return [name, { columns, rows: statement.all().slice(before?.get(name)?.rows.length ?? 0) }]
    }),
  )
}

/**
 * Writes the rows into an empty file of the same schema: for each batch one transaction that inserts the pending inbox rows, and
 * one that marks them done and inserts its share of everything else.
 *
 * @returns milliseconds
 */
export function replay(database: Database, rows: Rows, batches: number): number {
  const inserts = [...rows].flatMap(([name, { columns, rows: all }]) => {
    if (all.length === 0) return []
    const marks = columns.map(() => '?').join(', ')
    const statement = database.prepare(`INSERT INTO "${name}" (${columns.join(', ')}) VALUES (${marks})`)
    return [{ name, statement, all, each: Math.ceil(all.length / batches) }]
  })
  const inbox = inserts.find(({ name }) => name === 'inbox')
  if (inbox === undefined) throw new Error('The run accepted nothing.')
  const state = rows.get('inbox')?.columns.indexOf('"state"') ?? -1
  const pending = inbox.all.map((row) => row.with(state, 'pending'))
  const done = database.prepare("UPDATE inbox SET state = 'done', decidedAt = ? WHERE seq = ?")

  const accept = database.transaction((batch: number) => {
    for (const row of pending.slice(batch * inbox.each, (batch + 1) * inbox.each)) inbox.statement.run(...row)
  })
  const commit = database.transaction((batch: number) => {
    for (const row of inbox.all.slice(batch * inbox.each, (batch + 1) * inbox.each)) done.run(row.at(-1), row[0])
    for (const { name, statement, all, each } of inserts) {
      if (name === 'inbox') continue
      for (const row of all.slice(batch * each, (batch + 1) * each)) statement.run(...row)
    }
  })
  const began = performance.now()
  for (let batch = 0; batch < batches; batch++) {
    accept.immediate(batch)
    commit.immediate(batch)
  }
  return performance.now() - began
}
