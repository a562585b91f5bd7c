import type { Instant } from '#engine/clock.ts'
import { NEVER_AT, type OutboxRow } from './outboxRow.ts'
import type { Session } from './session.ts'

/** What of the outbox is due when. */
export type Lanes = ReturnType<typeof createLanes>

export function createLanes({ db }: Session) {
  // Jumps from lane to lane in the index, so that it costs lanes and not rows.
  const first = db.prepare<[], { lane: string; dueAt: Instant }>(
    `WITH RECURSIVE lanes (lane) AS (
       SELECT min(lane) FROM outbox WHERE state IN ('queued', 'held')
       UNION ALL
       SELECT (SELECT min(lane) FROM outbox WHERE state IN ('queued', 'held') AND lane > lanes.lane) FROM lanes
       WHERE lanes.lane IS NOT NULL)
     SELECT lane, (SELECT min(dueAt) FROM outbox WHERE state IN ('queued', 'held') AND lane = lanes.lane) AS dueAt
     FROM lanes WHERE lane IS NOT NULL`,
  )
  const expired = db.prepare<[Instant], OutboxRow>(
    "SELECT * FROM outbox WHERE state = 'sending' AND leasedUntil <= ? ORDER BY leasedUntil, id",
  )
  const overdue = db.prepare<[Instant], OutboxRow>(
    "SELECT * FROM outbox WHERE state = 'unknown' AND dueAt <= ? ORDER BY dueAt, id",
  )
  const waitAnew = db.prepare<[Instant, Instant]>(
    "UPDATE outbox SET dueAt = ?, revision = revision + 1 WHERE state = 'unknown' AND dueAt < ?",
  )
  const dropLeases = db.prepare('DELETE FROM laneLease')
  const endLeases = db.prepare("UPDATE outbox SET leasedUntil = 0 WHERE state = 'sending'")

  return {
    /** Null when nothing waits for a time. */
    nextDueAt(): Instant | null {
      const earliest = Math.min(...first.all().map(({ dueAt }) => dueAt))
      return earliest < NEVER_AT ? earliest : null
    },
    due: (now: Instant): string[] =>
      first
        .all()
        .filter(({ dueAt }) => dueAt <= now)
        .map(({ lane }) => lane),
    expired: (now: Instant): OutboxRow[] => expired.all(now),
    overdue: (now: Instant): OutboxRow[] => overdue.all(now),
    waitAnew: (until: Instant): number => waitAnew.run(until, until).changes,
    /** Only one process works on a file, so whoever held a lease before we opened it is gone. */
    dropLeases(): void {
      dropLeases.run()
      endLeases.run()
    },
  }
}
