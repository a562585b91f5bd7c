import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { Timer } from '#engine/trigger.ts'
import type { Inbox } from './inbox.ts'
import type { timer } from './schema/outbox.ts'
import type { Session } from './session.ts'
import { whereOf } from './where.ts'

type TimerRow = typeof timer.$inferSelect

/** Later actions, as rows. */
export type Timers = ReturnType<typeof createTimers>

export function createTimers({ db, tallies }: Session, inbox: Inbox) {
  const insert = db.prepare<[string, Instant, string, string, string, string]>(
    `INSERT INTO timer (id, dueAt, definition, module, recordId, timer, state) VALUES (?, ?, ?, ?, ?, ?, 'waiting')
     ON CONFLICT (id) DO NOTHING`,
  )
  const cancel = db.prepare<[{ module: string; recordId: string; definition: string; reason: string; at: Instant }]>(
    `UPDATE timer SET state = 'cancelled', reason = @reason, endedAt = @at
     WHERE module = @module AND recordId = @recordId AND state = 'waiting'
       AND (@definition = '' OR definition = @definition OR substr(definition, 1, length(@definition) + 1) = @definition || '@')`,
  )
  const due = db.prepare<[Instant, number], Pick<TimerRow, 'id' | 'timer'>>(
    "SELECT id, timer FROM timer WHERE state = 'waiting' AND dueAt <= ? ORDER BY dueAt, id LIMIT ?",
  )
  const fired = db.prepare<[Instant, string]>("UPDATE timer SET state = 'fired', endedAt = ? WHERE id = ?")

  return {
    start(timer: Timer): void {
      const { id, dueAt, definition, module, recordId } = timer
      if (insert.run(id, dueAt, definition, module, recordId, JSON.stringify(timer)).changes === 1) {
        tallies.add('timers/waiting', 1)
      }
    },
    /** @param change.definition a version (`workflow/welcome@3`) or all versions (`workflow/welcome`) */
    cancel({ module, recordId, definition = '', reason, at }: Extract<Change, { kind: 'cancelTimers' }>): void {
      tallies.add('timers/waiting', -cancel.run({ module, recordId, definition, reason, at }).changes)
    },
    /** The event says when the timer was due, not when the server came to it. */
    fire(now: Instant, limit: number, newId: () => string): number {
      const rows = due.all(now, limit)
      for (const row of rows) {
        const timer = JSON.parse(row.timer) as Timer
        inbox.follow(
          newId(),
          {
            kind: 'timer',
            source: 'denrei:timer',
            sourceId: timer.id,
            occurredAt: timer.dueAt,
            causedBy: timer.causedBy,
            timer,
          },
          now,
        )
        fired.run(now, row.id)
      }
      tallies.add('timers/waiting', -rows.length)
      return rows.length
    },
    list(filter: { module?: string; recordId?: string; state?: 'waiting' | 'fired' | 'cancelled' }) {
      const { where, values } = whereOf(filter)
      return db
        .prepare<unknown[], TimerRow>(`SELECT * FROM timer WHERE ${where} ORDER BY dueAt, id`)
        .all(...values)
        .map((row) => ({ ...(JSON.parse(row.timer) as Timer), state: row.state, reason: row.reason }))
    },
  }
}
