import type { Database } from 'better-sqlite3'

/** Sums that change with the rows they count. Changes gather in memory and are written once at the end of a transaction. */
export interface Tallies {
  add(name: string, delta: number): void
  flush(): void
  forget(): void
  /** As it will stand when the transaction ends. */
  get(name: string): number
  /** Tallies whose name begins with `prefix`, zeros left out. */
  read(prefix: string): { name: string; count: number }[]
}

export function createTallies(db: Database): Tallies {
  const pending = new Map<string, number>()
  const put = db.prepare<[string, number]>(
    'INSERT INTO tally (name, count) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET count = count + excluded.count',
  )
  const one = db.prepare<[string], number>('SELECT count FROM tally WHERE name = ?').pluck()
  const list = db.prepare<[string, string], { name: string; count: number }>(
    'SELECT name, count FROM tally WHERE name >= ? AND name < ? AND count <> 0 ORDER BY name',
  )
  return {
    add(name, delta) {
      pending.set(name, (pending.get(name) ?? 0) + delta)
    },
    flush() {
      for (const [name, delta] of pending) if (delta !== 0) put.run(name, delta)
      pending.clear()
    },
    forget: () => pending.clear(),
    get: (name) => (one.get(name) ?? 0) + (pending.get(name) ?? 0),
    read: (prefix) => list.all(prefix, `${prefix}\u{10ffff}`),
  }
}
