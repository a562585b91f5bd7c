import type { Session } from './session.ts'

/** Counters of definitions: whose turn it is in a round robin. Few, so all are read at once. */
export type Counters = ReturnType<typeof createCounters>

export function createCounters({ db }: Session) {
  const all = db.prepare<[], [string, number]>('SELECT name, value FROM counter').raw()
  const put = db.prepare<[string, number]>(
    'INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  return {
    all: (): Map<string, number> => new Map(all.all()),
    put(name: string, value: number): void {
      put.run(name, value)
    },
  }
}
