import type { Instant } from '#engine/clock.ts'
import type { Purchase } from '#engine/state.ts'
import type { Page } from '#engine/reads.ts'
import type { Session } from './session.ts'

/** Purchases that a decision is shown besides those it speaks of: who buys by itself has to know what it did lately. */
const RECENT_MS = 2 * 24 * 3_600_000

export type Purchases = ReturnType<typeof createPurchases>

export function createPurchases({ db }: Session) {
  const get = db.prepare<[string], string>('SELECT body FROM purchase WHERE id = ?').pluck()
  const revision = db.prepare<[string], number>('SELECT revision FROM purchase WHERE id = ?').pluck()
  const put = db.prepare<[string, string, string, Instant]>(
    `INSERT INTO purchase (id, state, body, createdAt) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body, revision = revision + 1`,
  )
  const open = db
    .prepare<[], string>("SELECT body FROM purchase WHERE state IN ('started', 'pending', 'needs_action')")
    .pluck()
  const recent = db.prepare<[Instant], string>('SELECT body FROM purchase WHERE createdAt > ?').pluck()
  const page = db.prepare<[string, number], { id: string; body: string }>(
    'SELECT id, body FROM purchase WHERE id < ? ORDER BY id DESC LIMIT ?',
  )
  const pageOf = db.prepare<[string, string, number], { id: string; body: string }>(
    'SELECT id, body FROM purchase WHERE state = ? AND id < ? ORDER BY id DESC LIMIT ?',
  )
  const parse = (body: string) => JSON.parse(body) as Purchase

  return {
    get(id: string): Purchase | null {
      const body = get.get(id)
      return body === undefined ? null : parse(body)
    },
    revision: (id: string): number => revision.get(id) ?? 0,
    put: (purchase: Purchase): void =>
      void put.run(purchase.id, purchase.state, JSON.stringify(purchase), purchase.createdAt),
    /** Those under way, and all of the last two days. */
    known(now: Instant): Purchase[] {
      return [
        ...new Map([...open.all(), ...recent.all(now - RECENT_MS)].map(parse).map((one) => [one.id, one])).values(),
      ]
    },
    /** Newest first. */
    page(
      { state }: { state?: Purchase['state'] },
      { after = '\uffff', limit }: { after?: string; limit: number },
    ): Page<Purchase> {
      const rows = state === undefined ? page.all(after, limit + 1) : pageOf.all(state, after, limit + 1)
      const items = rows.slice(0, limit)
      return {
        items: items.map(({ body }) => parse(body)),
        next: rows.length > limit ? (items.at(-1)?.id ?? null) : null,
      }
    },
  }
}
