import type { InboxEntry, Page, TriggerFilter } from '#engine/reads.ts'
import { toTrigger, type InboxRow } from './inbox.ts'
import type { Session } from './session.ts'

/** Events that one page looks at: reading the JSON of so many takes a tenth of a second or less, and holds nobody up for longer. */
const LOOKED_AT_MAX = 20_000

type Row = InboxRow & Pick<InboxEntry, 'state' | 'attempts' | 'error' | 'decidedAt'> & { seq: number }

/**
 * A page of accepted events, newest first. There is no index for what an event is about, because every event would pay for it at the
 * door: a page looks back over {@link LOOKED_AT_MAX} events, and says from where to look on.
 */
export function listTriggers(
  { db }: Session,
  filter: TriggerFilter,
  { after, limit }: { after?: string; limit: number },
): Page<InboxEntry> {
  const last = db.prepare<[], number | null>('SELECT max(seq) FROM inbox').pluck().get() ?? 0
  const before = after === undefined ? last + 1 : Number(after)
  // What waits or was set aside has an index of its own, and is little.
  const isLittle = filter.state === 'pending' || filter.state === 'quarantined'
  const from = isLittle ? 0 : Math.max(0, before - LOOKED_AT_MAX - 1)
  const { clauses, values } = clausesOf(filter)
  const rows = db
    .prepare<unknown[], Row>(
      `SELECT seq, id, event, acceptedAt, state, attempts, error, decidedAt FROM inbox
       WHERE ${['seq < ?', 'seq > ?', ...clauses].join(' AND ')} ORDER BY seq DESC LIMIT ?`,
    )
    .all(before, from, ...values, limit + 1)
  const items = rows.slice(0, limit)
  const next = rows.length > limit ? items.at(-1)!.seq : from > 0 ? from + 1 : null
  return { items: items.map(toEntry), next: next === null ? null : String(next) }
}

function clausesOf({ kind, source, state, module, recordId }: TriggerFilter): { clauses: string[]; values: string[] } {
  const wanted: [string, string | undefined][] = [
    ['source = ?', source],
    ["event ->> '$.kind' = ?", kind],
    ["coalesce(event ->> '$.module', event ->> '$.timer.module', event ->> '$.command.module') = ?", module],
    ["coalesce(event ->> '$.recordId', event ->> '$.timer.recordId', event ->> '$.command.recordId') = ?", recordId],
  ]
  // Looking for the text is ten times cheaper than reading the JSON, and most events do not have it.
  if (recordId !== undefined) wanted.unshift(['instr(event, ?) > 0', JSON.stringify(recordId)])
  const given = wanted.filter((one): one is [string, string] => one[1] !== undefined)
  return {
    // Word for word as the partial indexes say it.
    clauses: [...(state === undefined ? [] : [`state = '${state}'`]), ...given.map(([clause]) => clause)],
    values: given.map(([, value]) => value),
  }
}

function toEntry(row: Row): InboxEntry {
  const { state, attempts, error, decidedAt } = row
  return { trigger: toTrigger(row), state, attempts, error, decidedAt }
}
