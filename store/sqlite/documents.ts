import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { RateCard } from '#engine/rateCard.ts'
import type { Session } from './session.ts'

/** Where imported rate cards stand among the documents. */
const CARDS = 'rateCard/'

/** Small things by key, and secrets as they were sealed. */
export type Documents = ReturnType<typeof createDocuments>

export function createDocuments({ db, onRollback }: Session) {
  const read = db.prepare<[string], string>('SELECT value FROM document WHERE key = ?').pluck()
  const readAll = db.prepare<[string, string], { key: string; value: string; updatedAt: Instant }>(
    'SELECT key, value, updatedAt FROM document WHERE key >= ? AND key < ? ORDER BY key',
  )
  const put = db.prepare<[string, string, Instant]>(
    `INSERT INTO document (key, value, updatedAt) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, updatedAt = excluded.updatedAt`,
  )
  const drop = db.prepare<[string]>('DELETE FROM document WHERE key = ?')
  const readSecret = db.prepare<[string], string>('SELECT sealed FROM secret WHERE name = ?').pluck()
  const names = db.prepare<[], string>('SELECT name FROM secret ORDER BY name').pluck()
  const putSecret = db.prepare<[string, string, Instant]>(
    `INSERT INTO secret (name, sealed, updatedAt) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, updatedAt = excluded.updatedAt`,
  )
  const dropSecret = db.prepare<[string]>('DELETE FROM secret WHERE name = ?')
  let cards: readonly RateCard[] | null = null
  onRollback(() => void (cards = null))

  /** `\uffff` sorts after everything that a key may go on with. */
  const all = (prefix: string) => readAll.all(prefix, `${prefix}\uffff`)

  return {
    get(key: string): Json | null {
      const value = read.get(key)
      return value === undefined ? null : (JSON.parse(value) as Json)
    },
    all: (prefix: string): { key: string; value: Json; updatedAt: Instant }[] =>
      all(prefix).map(({ value, ...rest }) => ({ ...rest, value: JSON.parse(value) as Json })),
    save(key: string, value: Json | null, now: Instant): void {
      if (value === null) drop.run(key)
      else put.run(key, JSON.stringify(value), now)
      if (key.startsWith(CARDS)) cards = null
    },
    /** Oldest first; every claim asks, so they are kept in memory. */
    cards: (): readonly RateCard[] =>
      (cards ??= all(CARDS)
        .map(({ value }) => JSON.parse(value) as RateCard)
        .sort((a, b) => (a.from < b.from ? -1 : 1))),
    secret: (name: string): string | null => readSecret.get(name) ?? null,
    secretNames: (): string[] => names.all(),
    saveSecrets(secrets: { name: string; sealed: string | null }[], now: Instant): void {
      for (const { name, sealed } of secrets) {
        if (sealed === null) dropSecret.run(name)
        else putSecret.run(name, sealed, now)
      }
    },
  }
}
