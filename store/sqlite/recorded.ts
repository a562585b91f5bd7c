import type { Instant } from '#engine/clock.ts'
import type { Page } from '#engine/reads.ts'
import type { Trigger } from '#engine/trigger.ts'
import { toTrigger, type InboxRow } from './inbox.ts'
import type { Session } from './session.ts'

/** What automations begin with; all else is what they did, or what WhatsApp made of it. */
const KINDS = "('record', 'message', 'consent', 'command')"

/** Events of the world as they came in, read page by page. */
export function createRecorded({ db }: Session) {
  const last = db.prepare<[], number | null>('SELECT max(seq) FROM inbox').pluck()
  const acceptedAt = db
    .prepare<[number], Instant>('SELECT acceptedAt FROM inbox WHERE seq >= ? ORDER BY seq LIMIT 1')
    .pluck()
  const page = db.prepare<[number, Instant, number], InboxRow & { seq: number }>(
    `SELECT seq, id, event, acceptedAt FROM inbox
     WHERE seq >= ? AND state = 'done' AND acceptedAt >= ? AND event ->> '$.kind' IN ${KINDS}
       AND event ->> '$.erased' IS NULL AND source <> 'denrei' AND source NOT LIKE 'denrei:%' ORDER BY seq LIMIT ?`,
  )

  /** The first row that can be meant. The table has no index by time, but its rows stand in the order of their acceptance. */
  function firstSince(since: Instant): number {
    let from = 1
    let to = (last.get() ?? 0) + 1
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      if ((acceptedAt.get(middle) ?? Infinity) >= since) to = middle
      else from = middle + 1
    }
    return from
  }

  return function recorded(since: Instant, { after, limit }: { after?: string; limit: number }): Page<Trigger> {
    const from = after === undefined ? firstSince(since) : Number(after) + 1
    const rows = page.all(from, since, limit + 1)
    const items = rows.slice(0, limit)
    const more = rows.length > limit
    return { items: items.map(toTrigger), next: more ? String(items.at(-1)?.seq) : null }
  }
}
