import type { Instant } from '#engine/clock.ts'
import { NEVER_AT, WORK_LANE, type OutboxRow } from './outboxRow.ts'
import type { Queues } from './queues.ts'
import type { Session } from './session.ts'

/** No message lives longer at WhatsApp. Source: Meta, Cloud API, "Time-to-live": 30 days. */
const LIFE_MS = 31 * 24 * 60 * 60_000

/** What of the outbox is due when. */
export type Lanes = ReturnType<typeof createLanes>

export function createLanes({ db }: Session, queues: Queues) {
  const expired = db.prepare<[Instant], OutboxRow>(
    "SELECT * FROM outbox WHERE state = 'sending' AND leasedUntil <= ? ORDER BY leasedUntil, id",
  )
  const overdue = db.prepare<[Instant], OutboxRow>(
    "SELECT * FROM outbox WHERE state = 'unknown' AND dueAt <= ? ORDER BY dueAt, id",
  )
  const unheard = db.prepare<[Instant, Instant, Instant, number], { id: string; numberId: string; wamid: string }>(
    `SELECT id, lane AS numberId, wamid FROM outbox INDEXED BY outboxUnheard
     WHERE state IN ('accepted', 'sent') AND acceptedAt > ? AND acceptedAt < ? AND coalesce(sentAt, acceptedAt) < ? AND wamid IS NOT NULL
     ORDER BY acceptedAt LIMIT ?`,
  )
  const queued = db.prepare<[string], { numberId: string; count: number }>(
    `SELECT lane AS numberId, count(*) AS count FROM outbox INDEXED BY outboxDue
     WHERE state IN ('queued', 'held') AND state = 'queued' AND lane != ? GROUP BY lane`,
  )
  const waitAnew = db.prepare<[Instant, Instant]>(
    "UPDATE outbox SET dueAt = ?, revision = revision + 1 WHERE state = 'unknown' AND dueAt < ?",
  )
  const dropLeases = db.prepare('DELETE FROM laneLease')
  const endLeases = db.prepare("UPDATE outbox SET leasedUntil = 0 WHERE state = 'sending'")

  return {
    /** Null when nothing waits for a time. */
    nextDueAt(): Instant | null {
      const earliest = Math.min(...queues.lanes(-Infinity).map(({ dueAt }) => dueAt))
      return earliest < NEVER_AT ? earliest : null
    },
    due: (now: Instant): string[] =>
      queues
        .lanes(now)
        .filter(({ dueAt }) => dueAt <= now)
        .map(({ lane }) => lane),
    expired: (now: Instant): OutboxRow[] => expired.all(now),
    overdue: (now: Instant): OutboxRow[] => overdue.all(now),
    /** Of which nothing was heard since before this instant, by when they were accepted. Those that WhatsApp gave up are left out. */
    unheard: (before: Instant, limit: number) => unheard.all(before - LIFE_MS, before, before, limit),
    /** Messages in the queue of each number; '' is whichever number is the default. */
    queued: () => queued.all(WORK_LANE),
    waitAnew: (until: Instant): number => waitAnew.run(until, until).changes,
    /** Only one process works on a file, so whoever held a lease before we opened it is gone. */
    dropLeases(): void {
      dropLeases.run()
      endLeases.run()
    },
  }
}
