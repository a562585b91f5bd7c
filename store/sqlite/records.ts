import type { Values } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { FieldChange, RecordState } from '#engine/state.ts'
import type { Page } from '#engine/reads.ts'
import type { Session } from './session.ts'
import type { record } from './schema/people.ts'

type RecordRow = typeof record.$inferSelect

/** Our copies of CRM records, the addresses they are found by, and the rules that ran for them. */
export type Records = ReturnType<typeof createRecords>

export function createRecords({ db }: Session) {
  const get = db.prepare<[string, string], RecordRow>('SELECT * FROM record WHERE module = ? AND id = ?')
  const revision = db
    .prepare<[string, string], number>('SELECT revision FROM record WHERE module = ? AND id = ?')
    .pluck()
  // Two statements instead of one with ON CONFLICT DO UPDATE RETURNING: new records are the common case and cost a quarter less.
  const add = db.prepare<[string, string, string, Instant, Instant, number, string]>(
    `INSERT INTO record (module, id, "values", revision, createdAt, updatedAt, deleted, recent) VALUES (?, ?, ?, 1, ?, ?, ?, ?)
     ON CONFLICT (module, id) DO NOTHING`,
  )
  const change = db.prepare<[string, Instant, number, string, string, string]>(
    `UPDATE record SET "values" = ?, revision = revision + 1, updatedAt = ?, deleted = ?, recent = ? WHERE module = ? AND id = ?`,
  )
  const addressesOf = db
    .prepare<[string, string], string>('SELECT address FROM recordAddress WHERE module = ? AND recordId = ?')
    .pluck()
  const addAddress = db.prepare<[string, string, string]>(
    'INSERT INTO recordAddress (address, module, recordId) VALUES (?, ?, ?)',
  )
  const removeAddress = db.prepare<[string, string, string]>(
    'DELETE FROM recordAddress WHERE address = ? AND module = ? AND recordId = ?',
  )
  const idsAt = db
    .prepare<[string, string], string>('SELECT recordId FROM recordAddress WHERE address = ? AND module = ?')
    .pluck()
  const allAt = db.prepare<[string], { module: string; recordId: string }>(
    'SELECT module, recordId FROM recordAddress WHERE address = ? ORDER BY module, recordId',
  )
  const addRun = db.prepare<[string, string, string, Instant]>(
    'INSERT INTO ruleRun (module, recordId, rule, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const runs = db
    .prepare<[string, string], string>('SELECT rule FROM ruleRun WHERE module = ? AND recordId = ?')
    .pluck()
  const drops = [
    'record WHERE module = ? AND id = ?',
    'recordAddress WHERE module = ? AND recordId = ?',
    'ruleRun WHERE module = ? AND recordId = ?',
  ].map((rows) => db.prepare<[string, string]>(`DELETE FROM ${rows}`))
  const page = db.prepare<[string, string, number], RecordRow>(
    'SELECT * FROM record WHERE module = ? AND id > ? AND deleted = 0 ORDER BY id LIMIT ?',
  )
  const ids = db
    .prepare<[string, string, number], string>(
      'SELECT id FROM record WHERE module = ? AND id > ? AND deleted = 0 ORDER BY id LIMIT ?',
    )
    .pluck()
  const found = db.prepare<[string, string, string, number], RecordRow>(
    `SELECT * FROM record WHERE module = ? AND id > ? AND deleted = 0 AND EXISTS (
       SELECT 1 FROM json_tree(record."values") AS leaf WHERE leaf.atom IS NOT NULL AND instr(lower(leaf.atom), lower(?)) > 0)
     ORDER BY id LIMIT ?`,
  )

  return {
    get(module: string, id: string): RecordState | null {
      const row = get.get(module, id)
      return row === undefined ? null : toRecord(row)
    },
    revision: (module: string, id: string): number => revision.get(module, id) ?? 0,
    put({ module, id, values, deleted, at, addresses, recent }: Extract<Change, { kind: 'putRecord' }>): void {
      const text = JSON.stringify(values)
      const told = JSON.stringify(recent)
      const isNew = add.run(module, id, text, at, at, deleted ? 1 : 0, told).changes === 1
      if (!isNew) change.run(text, at, deleted ? 1 : 0, told, module, id)
      const had = isNew ? [] : addressesOf.all(module, id)
      for (const address of had) if (!addresses.includes(address)) removeAddress.run(address, module, id)
      for (const address of new Set(addresses)) if (!had.includes(address)) addAddress.run(address, module, id)
    },
    /** Of those not deleted, by id, after this one. */
    idsAfter: (module: string, after: string, limit: number): string[] => ids.all(module, after, limit),
    idsAt: (address: string, module: string): string[] => idsAt.all(address, module),
    /** Whatever their module is; each once. */
    allAt(addresses: string[]): { module: string; recordId: string }[] {
      const found = addresses.flatMap((address) => allAt.all(address))
      return [...new Map(found.map((one) => [`${one.module}/${one.recordId}`, one])).values()]
    },
    ran(change: Extract<Change, { kind: 'ruleRan' }>): void {
      addRun.run(change.module, change.recordId, change.rule, change.at)
    },
    erase(module: string, recordId: string): void {
      for (const one of drops) one.run(module, recordId)
    },
    runsOf: (module: string, recordId: string): string[] => runs.all(module, recordId),
    /** By id. `search` is looked for in every value, in any case (of ASCII letters); deleted records are left out. */
    page(module: string, options: { after?: string; limit: number; search?: string }): Page<RecordState> {
      const { after = '', limit, search } = options
      const rows =
        search === undefined || search === ''
          ? page.all(module, after, limit + 1)
          : found.all(module, after, search, limit + 1)
      const items = rows.slice(0, limit).map(toRecord)
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
    },
  }
}

function toRecord(row: RecordRow): RecordState {
  return {
    ...row,
    values: JSON.parse(row.values) as Values,
    deleted: row.deleted === 1,
    recent: JSON.parse(row.recent) as FieldChange[],
  }
}
