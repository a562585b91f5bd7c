import { entryAfter, entryKey, type Entry } from '#engine/instance.ts'
import type { Change } from '#engine/decision.ts'
import type { instanceEntry } from './schema/instances.ts'
import type { Session } from './session.ts'

type EntryRow = typeof instanceEntry.$inferSelect

/** How often, and when last, records entered blueprints and journeys. It outlives the instances. */
export type Entries = ReturnType<typeof createEntries>

export function createEntries({ db, onRollback }: Session) {
  const get = db.prepare<[Pick<EntryRow, 'module' | 'recordId' | 'definition' | 'key'>], EntryRow>(
    'SELECT * FROM instanceEntry WHERE module = @module AND recordId = @recordId AND definition = @definition AND key = @key',
  )
  const put = db.prepare<[EntryRow]>(
    `INSERT OR REPLACE INTO instanceEntry (module, recordId, definition, key, count, lastEnteredAt, lastEndedAt)
     VALUES (@module, @recordId, @definition, @key, @count, @lastEnteredAt, @lastEndedAt)`,
  )
  const all = db.prepare<[string, string], EntryRow>('SELECT * FROM instanceEntry WHERE module = ? AND recordId = ?')
  const drop = db.prepare<[string, string]>('DELETE FROM instanceEntry WHERE module = ? AND recordId = ?')
  const total = db
    .prepare<[string, string], number>(
      'SELECT coalesce(sum(count), 0) FROM instanceEntry WHERE module = ? AND recordId = ?',
    )
    .pluck()
  const one = db.prepare<[], number>('SELECT 1 FROM instanceEntry LIMIT 1').pluck()
  // Every record asks, and where there are only workflows there is never any. Null: not known.
  let some: boolean | null = null
  onRollback(() => (some = null))

  const any = () => (some ??= one.get() === 1)

  return {
    put({ instance, steps }: Pick<Extract<Change, { kind: 'putInstance' }>, 'instance' | 'steps'>): void {
      const { module, recordId, definition, key } = instance
      const before = get.get({ module, recordId, definition, key })
      put.run({ module, recordId, definition, key, ...entryAfter(before, instance, steps) })
      some = true
    },
    of: (module: string, recordId: string): [key: string, entry: Entry][] =>
      any()
        ? all
            .all(module, recordId)
            .map((row) => [
              entryKey(row),
              { count: row.count, lastEnteredAt: row.lastEnteredAt, lastEndedAt: row.lastEndedAt },
            ])
        : [],
    erase(module: string, recordId: string): void {
      drop.run(module, recordId)
    },
    /** Grows whenever the record enters anything. */
    revision: (module: string, recordId: string): number => (any() ? (total.get(module, recordId) ?? 0) : 0),
  }
}
