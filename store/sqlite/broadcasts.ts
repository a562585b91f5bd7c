import type { Change } from '#engine/decision.ts'
import type { Broadcast } from '#engine/instance.ts'
import type { Page } from '#engine/reads.ts'
import type { Session } from './session.ts'
import { whereOf } from './where.ts'

/** Lists of records on their way into a journey. */
export type Broadcasts = ReturnType<typeof createBroadcasts>

export function createBroadcasts({ db }: Session) {
  const put = db.prepare<[string, string, string]>(
    `INSERT INTO broadcast (id, definition, body, revision) VALUES (?, ?, ?, 1)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body, revision = revision + 1`,
  )
  const addRecord = db.prepare<[string, number, string]>(
    'INSERT INTO broadcastRecord (broadcastId, seq, recordId) VALUES (?, ?, ?)',
  )
  const get = db.prepare<[string], string>('SELECT body FROM broadcast WHERE id = ?').pluck()
  const revision = db.prepare<[string], number>('SELECT revision FROM broadcast WHERE id = ?').pluck()
  const records = db
    .prepare<[string, number, number], string>(
      'SELECT recordId FROM broadcastRecord WHERE broadcastId = ? AND seq >= ? ORDER BY seq LIMIT ?',
    )
    .pluck()

  return {
    put({ broadcast, recordIds = [] }: Extract<Change, { kind: 'putBroadcast' }>): void {
      put.run(broadcast.id, broadcast.definition, JSON.stringify(broadcast))
      for (const [seq, recordId] of recordIds.entries()) addRecord.run(broadcast.id, seq, recordId)
    },
    get(id: string): Broadcast | null {
      const body = get.get(id)
      return body === undefined ? null : (JSON.parse(body) as Broadcast)
    },
    revision: (id: string): number => revision.get(id) ?? 0,
    /** Ids of its list. @param taken how many came before */
    records: (id: string, taken: number, limit: number): string[] => records.all(id, taken, limit),
    /** Newest first. */
    page(filter: { definition?: string }, { after, limit }: { after?: string; limit: number }): Page<Broadcast> {
      const { where, values } = whereOf(filter)
      const clauses = after === undefined ? [where] : [where, 'id < ?']
      if (after !== undefined) values.push(after)
      const items = db
        .prepare<unknown[], string>(
          `SELECT body FROM broadcast WHERE ${clauses.join(' AND ')} ORDER BY id DESC LIMIT ?`,
        )
        .pluck()
        .all(...values, limit + 1)
        .map((body) => JSON.parse(body) as Broadcast)
      const shown = items.slice(0, limit)
      return { items: shown, next: items.length > limit ? (shown.at(-1)?.id ?? null) : null }
    },
  }
}
