import type { Instant } from '#engine/clock.ts'
import { release } from '#engine/ledger.ts'
import type { SendIntent } from '#engine/message.ts'
import { givenUpAt } from '#engine/timeToLive.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import type { OutboxRow } from './outboxRow.ts'
import type { Session } from './session.ts'

/** Rows looked at in one transaction. */
const EXPIRE_MAX = 500

/** Credits held for messages that WhatsApp gave up without a word. Runs inside the caller's transaction. */
export function createOpenHolds({ db }: Session, { ledger, outbox }: { ledger: Ledger; outbox: Outbox }) {
  const overdue = db.prepare<[Instant, number], OutboxRow>(
    `SELECT * FROM outbox WHERE holdState = 'held' AND state IN ('accepted', 'sent') AND dueAt <= ? ORDER BY dueAt LIMIT ?`,
  )

  return {
    /**
     * Gives back what is held for them; their state stays as WhatsApp told it. Should one be delivered after all, it is paid
     * from the available credits.
     * @returns how many
     */
    expire(now: Instant): number {
      let expired = 0
      for (const row of overdue.all(now, EXPIRE_MAX)) {
        const acceptedAt = row.acceptedAt ?? row.claimedAt ?? row.createdAt
        const dueAt = givenUpAt(JSON.parse(row.intent) as SendIntent, acceptedAt, row.form)
        // It was of unknown fate, or accepted later than claimed: `dueAt` told another time.
        if (dueAt > now) outbox.fill(row, { dueAt })
        else {
          ledger.post(release(row.id, row.fence, row.priceMicros, now))
          outbox.put(row, { holdState: 'released', detail: 'expired' }, now)
          expired++
        }
      }
      return expired
    },
  }
}
