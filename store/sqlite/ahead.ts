import type { Instant } from '#engine/clock.ts'
import type { Ahead } from '#engine/claim.ts'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { OutboxRow } from './outboxRow.ts'
import { NEVER_AT } from './outboxRow.ts'
import type { Outbox } from './outbox.ts'
import { MARKETING } from './queues.ts'
import { portfolioOf, type Reach } from './reach.ts'
import type { Session } from './session.ts'

interface Parts {
  account: Account
  accounts: Accounts
  outbox: Outbox
  reach: Reach
}

/** So many of one queue are counted: a look at the index of a million rows is nobody's answer. */
const COUNTED_MAX = 100_000

/** What of a lane goes out before one of its messages, as things stand. Each count is a look into one stretch of an index. */
export function createAhead({ db }: Session, { account, accounts, outbox, reach }: Parts) {
  const waiting = "state IN ('queued', 'held')"
  const nextQueue = db
    .prepare<[string, number], number>(
      `SELECT queue FROM outbox INDEXED BY outboxDue WHERE ${waiting} AND lane = ? AND queue > ? LIMIT 1`,
    )
    .pluck()
  const due = db
    .prepare<[string, number, Instant, Instant, number], number>(
      `SELECT count(*) FROM (SELECT 1 FROM outbox INDEXED BY outboxDue
       WHERE ${waiting} AND lane = ? AND queue = ? AND dueAt >= ? AND dueAt <= ? LIMIT ?+0)`,
    )
    .pluck()
  const before = db
    .prepare<[string, number, Instant, Instant, string, number], number>(
      `SELECT count(*) FROM (SELECT 1 FROM outbox INDEXED BY outboxDue
       WHERE ${waiting} AND lane = ? AND queue = ? AND dueAt >= ? AND (dueAt, id) < (?, ?) LIMIT ?+0)`,
    )
    .pluck()

  /** Due between `from` and the row's turn: all of the class before, and of its own class as the queues take turns. */
  function countOf(
    row: OutboxRow,
    from: Instant,
    until: Instant,
  ): { all: number; ofClass: number; isBounded: boolean } {
    const isMarketing = row.queue >= MARKETING
    const own = before.get(row.lane, row.queue, from, row.dueAt, row.id, COUNTED_MAX) ?? 0
    let [all, ofClass, isBounded] = [own, own, own >= COUNTED_MAX]
    for (let queue = nextQueue.get(row.lane, -1); queue !== undefined; queue = nextQueue.get(row.lane, queue)) {
      const isOfClass = queue >= MARKETING === isMarketing
      if (queue === row.queue || (!isOfClass && !isMarketing)) continue
      // Of a queue of its own class at most as many as stand before it in its own, and perhaps one whose turn comes sooner.
      const max = isOfClass ? Math.min(own + 1, COUNTED_MAX) : COUNTED_MAX
      const count = due.get(row.lane, queue, from, until, max) ?? 0
      all += count
      if (isOfClass) ofClass += count
      isBounded ||= count >= COUNTED_MAX
    }
    return { all, ofClass, isBounded }
  }

  return function ahead(id: string, now: Instant): Ahead | null {
    const row = outbox.get(id)
    if (row === null || (row.state !== 'queued' && row.state !== 'held') || row.dueAt >= NEVER_AT) return null
    const { isBounded, ...until } = countOf(row, 0, Math.max(row.dueAt, now))
    const { isBounded: _, ...together } =
      row.dueAt > now ? countOf(row, row.dueAt, row.dueAt) : { all: 0, ofClass: 0, isBounded }
    return {
      isMarketing: row.queue >= MARKETING,
      before: until,
      together,
      isBounded,
      reachableAt: row.state === 'held' && row.reason === 'reach_limit' ? reachableAt(row, until.all, now) : null,
    }
  }

  /** When the place among the people of 24 hours is free that comes to it in its turn. */
  function reachableAt({ lane }: OutboxRow, ahead: number, now: Instant): Instant | null {
    const numberId = lane === '' ? account.settings().defaultNumberId : lane
    const number = account.numbers().find(({ id }) => id === numberId)
    if (number === undefined || number.reachMax === null || number.reachMax < 1) return null
    const portfolio = portfolioOf(number.accountId, accounts.all().get(number.accountId))
    return reach.freeAt(portfolio, ahead, number.reachMax, now)
  }
}
