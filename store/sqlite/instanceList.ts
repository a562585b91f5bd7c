import type { Instance } from '#engine/instance.ts'
import type { InstanceFilter, Page } from '#engine/reads.ts'
import { toInstance, type InstanceRow } from './instanceRow.ts'
import type { Session } from './session.ts'
import { whereOf } from './where.ts'

/** A page of instances, newest first. The cursor is the last id, which sorts by time. */
export function listInstances(
  { db }: Session,
  filter: InstanceFilter,
  { after, limit }: { after?: string; limit: number },
): Page<Instance> {
  const { definition, ...others } = filter
  // A record has a few, a definition may have millions. SQLite knows nothing of that, and a plus keeps it from that index.
  const ofOne = filter.recordId !== undefined
  const { where, values } = whereOf({ ...others, [ofOne ? '+definition' : 'definition']: definition })
  const clauses = [where]
  // SQLite uses the index of running ones only for a query that says the word itself.
  if (filter.status === 'running') clauses.push("status = 'running'")
  if (after !== undefined) {
    clauses.push('id < ?')
    values.push(after)
  }
  const rows = db
    .prepare<unknown[], InstanceRow>(`SELECT * FROM instance WHERE ${clauses.join(' AND ')} ORDER BY id DESC LIMIT ?`)
    .all(...values, limit + 1)
  const items = rows.slice(0, limit).map(toInstance)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}
