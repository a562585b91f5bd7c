import type { Message } from '#engine/message.ts'
import type { MessageFilter, Page } from '#engine/reads.ts'
import { toMessage, type OutboxRow } from './outboxRow.ts'
import type { Session } from './session.ts'
import { whereOf } from './where.ts'

/** The condition of the index `outboxUnusual`, word for word: SQLite uses a partial index only for a query that repeats it. */
const UNUSUAL = ['held', 'unknown', 'blocked', 'failed', 'gave_up']
const IS_UNUSUAL = "state IN ('held', 'unknown', 'blocked', 'failed', 'gave_up')"

/**
 * A page of messages, newest first. The cursor is the last id, which sorts by time.
 * @param filter.definition a version (`workflow/welcome@3`) or all versions (`workflow/welcome`)
 */
export function listMessages(
  { db }: Session,
  filter: MessageFilter,
  { after, limit }: { after?: string; limit: number },
): Page<Message> {
  const { definition, triggerId, ...equal } = filter
  const { where, values } = whereOf(equal)
  const clauses = [where]
  if (filter.state !== undefined && UNUSUAL.includes(filter.state)) clauses.push(IS_UNUSUAL)
  if (definition !== undefined) {
    clauses.push("(definition = ? OR substr(definition, 1, length(?) + 1) = ? || '@')")
    values.push(definition, definition, definition)
  }
  if (triggerId !== undefined) {
    // Ids of messages begin with their trigger's id and a hyphen, and a full stop is the character after the hyphen.
    clauses.push('id > ? AND id < ?')
    values.push(`${triggerId}-`, `${triggerId}.`)
  }
  if (after !== undefined) {
    clauses.push('id < ?')
    values.push(after)
  }
  const rows = db
    .prepare<unknown[], OutboxRow>(`SELECT * FROM outbox WHERE ${clauses.join(' AND ')} ORDER BY id DESC LIMIT ?`)
    .all(...values, limit + 1)
  const items = rows.slice(0, limit)
  return { items: items.map((row) => toMessage(row)), next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}
