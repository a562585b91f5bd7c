import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { Database, Statement } from 'better-sqlite3'

/** What a run wrote into one table, in the order in which it was written as far as the file tells. */
interface Written {
  table: string
  columns: string[]
  added: unknown[][]
  /** Values of the columns that changed, then the row's id. */
  changed: unknown[][]
  changedColumns: string[]
}

const NOT_OURS = ['sqlite_sequence', '__drizzle_migrations', 'laneLease']

/** Rows change in the order of their timers, which is not that of the table. */
const ORDER: Record<string, string> = {
  timer: 'a.dueAt, a.id',
  instance:
    '(SELECT min(seq) FROM instanceStep WHERE instanceSeq = a.seq AND seq > (SELECT max(seq) FROM before.instanceStep))',
  record:
    "(SELECT max(seq) FROM inbox WHERE seq > (SELECT max(seq) FROM before.inbox) AND event ->> '$.recordId' = a.id AND event ->> '$.kind' = 'record')",
}

/** @param before the path of a copy of the file as it was before the run */
export function writtenSince(database: Database, before: string): Written[] {
  database.exec(`ATTACH '${before}' AS before`)
  try {
    return database
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all()
      .filter((name) => !NOT_OURS.includes(name))
      .map((table) => writtenTo(database, table))
      .filter(({ added, changed }) => added.length + changed.length > 0)
  } finally {
    database.exec('DETACH before')
  }
}

function writtenTo(database: Database, table: string): Written {
  const columns = database
    .prepare(`SELECT * FROM "${table}"`)
    .columns()
    .map(({ name }) => name)
  const last = database.prepare<[], number>(`SELECT coalesce(max(rowid), 0) FROM before."${table}"`).pluck().get() ?? 0
  const added = database
    .prepare<[number], unknown[]>(`SELECT * FROM "${table}" WHERE rowid > ? ORDER BY rowid`)
    .raw()
    .all(last)
  const differ = columns.map((name) => `a."${name}" IS NOT b."${name}"`)
  const rows = database
    .prepare<[], unknown[]>(
      `SELECT ${[...columns.map((name) => `a."${name}"`), ...differ].join(', ')}, a.rowid
       FROM "${table}" AS a JOIN before."${table}" AS b ON a.rowid = b.rowid
       WHERE ${differ.join(' OR ')} ORDER BY ${ORDER[table] ?? 'a.rowid'}`,
    )
    .raw()
    .all()
  const changedAt = columns.map((_, index) => rows.some((row) => row[columns.length + index] === 1))
  const changed = rows.map((row) => [
    ...row.slice(0, columns.length).filter((_, index) => changedAt[index]),
    row.at(-1),
  ])
  return { table, columns, added, changed, changedColumns: columns.filter((_, index) => changedAt[index]) }
}

/**
 * Writes the same rows into the file as it was before: for each batch one transaction that inserts the inbox rows and changes
 * the timers, and one that marks the rows done and writes its share of everything else. Rows changed are written once, and only
 * the columns that changed.
 *
 * @returns milliseconds
 */
export function replaySteps(database: Database, written: Written[], batches: number): number {
  const inbox = written.find(({ table }) => table === 'inbox')
  const timers = written.find(({ table }) => table === 'timer')
  assert(inbox !== undefined && timers !== undefined, 'the run fired no timer')
  const at = (name: string) => inbox.columns.indexOf(name)
  const addInbox = inserting(database, inbox)
  const endTimer = updating(database, timers)
  const done = database.prepare("UPDATE inbox SET state = 'done', decidedAt = ? WHERE seq = ?")
  const others = written
    .filter((one) => one !== inbox)
    .flatMap((one) => [
      ...(one.added.length > 0 ? [{ rows: one.added, statement: inserting(database, one) }] : []),
      ...(one.changed.length > 0 && one !== timers ? [{ rows: one.changed, statement: updating(database, one) }] : []),
    ])
  const share = (rows: unknown[][], batch: number) => {
    const each = Math.ceil(rows.length / batches)
    return rows.slice(batch * each, (batch + 1) * each)
  }

  const fire = database.transaction((batch: number) => {
    for (const row of share(inbox.added, batch)) addInbox.run(...row.with(at('state'), 'pending'))
    for (const row of share(timers.changed, batch)) endTimer.run(...row)
  })
  const commit = database.transaction((batch: number) => {
    for (const row of share(inbox.added, batch)) done.run(row[at('decidedAt')], row[at('seq')])
    for (const { rows, statement } of others) for (const row of share(rows, batch)) statement.run(...row)
  })
  const began = performance.now()
  for (let batch = 0; batch < batches; batch++) {
    fire.immediate(batch)
    commit.immediate(batch)
  }
  return performance.now() - began
}

function inserting(database: Database, { table, columns }: Written): Statement<unknown[]> {
  const names = columns.map((name) => `"${name}"`).join(', ')
  return database.prepare(`INSERT INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`)
}

function updating(database: Database, { table, changedColumns }: Written): Statement<unknown[]> {
  const sets = changedColumns.map((name) => `"${name}" = ?`).join(', ')
  return database.prepare(`UPDATE "${table}" SET ${sets} WHERE rowid = ?`)
}
