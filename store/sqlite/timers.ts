import assert from 'node:assert/strict'
import type { Statement } from 'better-sqlite3'
import type { Instant } from '#engine/clock.ts'
import type { Change, TimerSelection } from '#engine/decision.ts'
import { spread } from '#engine/spread.ts'
import type { Store } from '#engine/store.ts'
import type { Timer } from '#engine/parkedTimer.ts'
import type { Inbox } from './inbox.ts'
import type { Paused } from './paused.ts'
import type { timer } from './schema/outbox.ts'
import { scrubTimer } from './scrub.ts'
import type { Session } from './session.ts'
import { ofDefinition } from './where.ts'

type TimerRow = typeof timer.$inferSelect
type Listed = Awaited<ReturnType<Store['timers']>>
type Counted = Awaited<ReturnType<Store['waitingTimers']>>

const PARKED = "state IN ('waiting', 'paused')"

/**
 * What waits for its time, as rows. Pausing a definition touches none of them: its timers wait on, and become `paused` when
 * their time comes. So pausing costs nothing however many there are, and resuming only as much as came due meanwhile.
 */
export type Timers = ReturnType<typeof createTimers>

export function createTimers({ db, tallies }: Session, inbox: Inbox, paused: Paused) {
  const insert = db.prepare<Omit<TimerRow, 'state' | 'reason' | 'endedAt'>>(
    `INSERT INTO timer (id, kind, dueAt, definition, module, recordId, instanceId, visit, timer, state)
     VALUES (@id, @kind, @dueAt, @definition, @module, @recordId, @instanceId, @visit, @timer, 'waiting')
     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, dueAt = excluded.dueAt, definition = excluded.definition,
       module = excluded.module, recordId = excluded.recordId, instanceId = excluded.instanceId, visit = excluded.visit,
       timer = excluded.timer, state = 'waiting', reason = NULL, endedAt = NULL
     WHERE state = 'cancelled'`,
  )
  const due = db.prepare<[Instant, number], TimerRow>(
    "SELECT * FROM timer WHERE state = 'waiting' AND dueAt <= ? ORDER BY dueAt, id LIMIT ?",
  )
  const next = db.prepare<[], Instant | null>("SELECT min(dueAt) FROM timer WHERE state = 'waiting'").pluck()
  const fired = db.prepare<[Instant, string]>("UPDATE timer SET state = 'fired', endedAt = ? WHERE id = ?")
  const hold = db.prepare<[string]>("UPDATE timer SET state = 'paused' WHERE id = ?")
  const release = db.prepare<[Instant, string]>("UPDATE timer SET state = 'waiting', dueAt = ? WHERE id = ?")
  // Those found due while it was paused, and those that came due since somebody looked.
  const overdue = db
    .prepare<[{ from: string; to: string; at: Instant }], string>(
      `SELECT id FROM timer INDEXED BY timerPaused WHERE state = 'paused' AND definition >= @from AND definition < @to
       UNION ALL
       SELECT id FROM timer INDEXED BY timerDue
       WHERE state = 'waiting' AND dueAt <= @at AND kind = 'instance' AND definition >= @from AND definition < @to`,
    )
    .pluck()

  // One statement for each set of fields that a selection names (a dozen).
  const cancels = new Map<string, Statement<[object]>>()
  function cancelling(which: TimerSelection): Statement<[object]> {
    let fields = isVersion(which) ? '@' : ''
    for (const [field, value] of Object.entries(which)) if (value !== undefined) fields += `${field} `
    const known = cancels.get(fields)
    if (known !== undefined) return known
    const { index, rows } = parked(which)
    const made = db.prepare<[object]>(
      `UPDATE timer ${index} SET state = 'cancelled', reason = @reason, endedAt = @at WHERE ${rows}`,
    )
    cancels.set(fields, made)
    return made
  }

  const ofRecord = db.prepare<[string, string], TimerRow>(
    'SELECT * FROM timer INDEXED BY timerRecord WHERE module = ? AND recordId = ?',
  )
  const empty = db.prepare<[string, string]>("UPDATE timer SET recordId = '', timer = ? WHERE id = ?")
  const placeOf = db.prepare<[string], Pick<Timer, 'module' | 'recordId'>>(
    'SELECT module, recordId FROM instance WHERE id = ?',
  )

  function fireOne(row: TimerRow, now: Instant, newId: () => string): void {
    const timer = toTimer(row)
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

  return {
    start(timer: Timer): void {
      const { id, kind, dueAt, definition, module, recordId } = timer
      const { instanceId, visit } = kind === 'instance' ? timer : { instanceId: null, visit: null }
      const row = { id, kind, dueAt, definition, module, recordId, instanceId, visit, timer: JSON.stringify(timer) }
      if (insert.run(row).changes === 1) tallies.add('timers/waiting', 1)
    },
    cancel({ which, reason, at }: Extract<Change, { kind: 'cancelTimers' }>): void {
      const { changes } = cancelling(which).run({ ...which, ...ofDefinition(which.definition ?? ''), reason, at })
      tallies.add('timers/waiting', -changes)
    },
    /** Those of a record that is forgotten: none fires any more, and none tells of it. */
    erase(module: string, recordId: string, at: Instant): void {
      this.cancel({ kind: 'cancelTimers', which: { module, recordId }, reason: 'erased', at })
      for (const row of ofRecord.all(module, recordId)) empty.run(JSON.stringify(scrubTimer(toTimer(row))), row.id)
    },
    /** The event says when the timer was due, not when the server came to it. */
    fire(now: Instant, limit: number, newId: () => string): number {
      for (;;) {
        const rows = due.all(now, limit)
        const ready: TimerRow[] = []
        for (const row of rows) {
          if (paused.holds(row)) hold.run(row.id)
          else ready.push(row)
        }
        for (const row of ready) fireOne(row, now, newId)
        tallies.add('timers/waiting', -ready.length)
        // After a page of which none fired nobody would ask again, and those behind it would wait.
        if (ready.length > 0 || rows.length < limit) return ready.length
      }
    },
    nextAt: (): Instant | null => next.get() ?? null,
    /** Lets the timers of a definition go on: what came due is spread, what is still to come keeps its time. */
    resume({ definition, spreadMs, at }: Extract<Change, { kind: 'resume' }>): void {
      for (const id of overdue.all({ ...ofDefinition(definition), at })) release.run(at + spread(id, spreadMs), id)
    },
    waiting: (definition: string): Counted =>
      db
        .prepare<[object], Counted[number]>(
          // Those of instances apart, none is ever paused.
          `SELECT definition, kind, count(*) AS count FROM timer INDEXED BY timerDue
           WHERE state = 'waiting' AND ${fitting({ definition }).join()} AND kind IN ('later', 'date')
           GROUP BY definition, kind ORDER BY definition, kind`,
        )
        .all(ofDefinition(definition)),
    /** By when they are due. */
    list({ state, ...asked }: Parameters<Store['timers']>[0]): Listed {
      const which = asked.instanceId === undefined ? asked : { ...asked, ...placeOf.get(asked.instanceId) }
      const clauses = ['TRUE', ...fitting(which)]
      if (state !== undefined)
        clauses.push(state === 'paused' ? PARKED : state === 'waiting' ? "state = 'waiting'" : 'state = @state')
      return db
        .prepare<[object], TimerRow>(`SELECT * FROM timer WHERE ${clauses.join(' AND ')} ORDER BY dueAt, id`)
        .all({ ...which, ...ofDefinition(which.definition ?? ''), state })
        .map((row) => ({
          ...toTimer(row),
          state: row.state === 'waiting' && paused.holds(row) ? 'paused' : row.state,
          reason: row.reason,
        }))
        .filter((one) => state === undefined || one.state === state)
    },
  }
}

/** What a selection asks for. Its values are bound by name. */
function fitting(which: TimerSelection): string[] {
  const asks: Record<keyof TimerSelection, string> = {
    id: 'id = @id',
    instanceId: 'instanceId = @instanceId',
    visit: 'visit = @visit',
    module: 'module = @module',
    recordId: 'recordId = @recordId',
    definition: isVersion(which) ? 'definition = @definition' : 'definition >= @from AND definition < @to',
    kind: 'kind = @kind',
    name: "timer ->> '$.name' = @name",
  }
  return Object.entries(asks).flatMap(([field, clause]) =>
    which[field as keyof TimerSelection] === undefined ? [] : clause,
  )
}

function isVersion({ definition }: TimerSelection): boolean {
  return definition?.includes('@') ?? false
}

/**
 * The index and the condition of rows that wait, or are paused, and fit. SQLite knows nothing of how many there are of each, so it is
 * told the way to the fewest. For a definition alone all that waits is read, from its index: a tenth of a second for a million.
 */
function parked(which: TimerSelection): { index: string; rows: string } {
  const clauses = fitting(which).join(' AND ')
  const rows = `${PARKED} AND ${clauses}`
  if (which.id !== undefined) return { index: '', rows }
  if (which.recordId !== undefined && which.module !== undefined) return { index: 'INDEXED BY timerRecord', rows }
  assert(which.definition, 'a cancellation must name a record, a definition or an id')
  const found = (index: string, state: string) =>
    `SELECT rowid FROM timer INDEXED BY ${index} WHERE state = '${state}' AND ${clauses}`
  return { index: '', rows: `rowid IN (${found('timerDue', 'waiting')} UNION ALL ${found('timerPaused', 'paused')})` }
}

function toTimer({ timer, dueAt }: TimerRow): Timer {
  return { ...(JSON.parse(timer) as Timer), dueAt }
}
