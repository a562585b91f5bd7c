import assert from 'node:assert/strict'
import type { Database } from 'better-sqlite3'
import { v7 } from 'uuid'
import type { Instant } from '#engine/clock.ts'
import type { InstanceTimer, LaterTimer, Timer } from '#engine/parkedTimer.ts'

/** Timers in a table, due one after the other; `at` says when. */
export interface ParkedTimers {
  count: number
  /** The instant by which the first `due` of them are due. */
  at(due: number): Instant
}

/** Coprime to every count that is a power of ten: neighbours in time lie far apart in the table, as those of a year do. */
const STRIDE = 514_229

/**
 * Parks timers in the past of the table: half are later actions of workflows, half are waits of journeys, each for another
 * record. Written without the store, whose triggers would be a million more rows, but each row as the store writes it.
 */
export function parkTimers(database: Database, count: number, from: Instant, everyMs: number): ParkedTimers {
  const indexes = database
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'timer' AND sql IS NOT NULL",
    )
    .all()
  assert(indexes.length > 0)
  const insert = database.prepare<[object]>(
    `INSERT INTO timer (id, kind, dueAt, definition, module, recordId, instanceId, visit, timer, state)
     VALUES (@id, @kind, @dueAt, @definition, @module, @recordId, @instanceId, @visit, @timer, 'waiting')`,
  )
  database.transaction(() => {
    // Built once at the end, which is ten times as fast as row by row.
    for (const { name } of indexes) database.exec(`DROP INDEX "${name}"`)
    for (let index = 0; index < count; index++) {
      const timer = aTimer(index, from + ((index * STRIDE) % count) * everyMs, from - count + index)
      const { instanceId, visit } = timer.kind === 'instance' ? timer : { instanceId: null, visit: null }
      insert.run({ ...timer, instanceId, visit, timer: JSON.stringify(timer) })
    }
    for (const { sql } of indexes) database.exec(sql)
    database
      .prepare(
        "INSERT INTO tally (name, count) VALUES ('timers/waiting', ?) ON CONFLICT (name) DO UPDATE SET count = count + excluded.count",
      )
      .run(count)
  })()
  database.pragma('wal_checkpoint(TRUNCATE)')
  return { count, at: (due) => from + (due - 1) * everyMs }
}

/** @param parkedAt ids are in the order of time */
export function aTimer(index: number, dueAt: Instant, parkedAt: Instant): Timer {
  const triggerId = v7({ msecs: parkedAt })
  const recordId = recordOf(index)
  const own = { id: `${triggerId}-1`, dueAt, module: 'Leads', recordId }
  return index % 2 === 0 ? laterTimer(own, triggerId) : instanceTimer(own, triggerId)
}

function recordOf(index: number): string {
  return `4150000000${String((index * 7_919) % 1_000_003).padStart(8, '0')}`
}

type Own = Pick<Timer, 'id' | 'dueAt' | 'module' | 'recordId'>

function laterTimer(own: Own, triggerId: string): LaterTimer {
  const definition = 'workflow/call-after-two-days@3'
  return {
    ...own,
    kind: 'later',
    definition,
    later: {
      after: 'P2D',
      when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'New' }] },
      actions: [{ type: 'createTask', subject: '$[Leads.Last_Name] 様に電話する' }],
    },
    pointer: '/branches/0/later/0',
    causedBy: [{ triggerId, definition }],
  }
}

function instanceTimer(own: Own, triggerId: string): InstanceTimer {
  const definition = 'journey/trial-nurture@2'
  return {
    ...own,
    kind: 'instance',
    definition,
    instanceId: `${triggerId}-0`,
    position: 'rest',
    visit: 3,
    name: 'wait',
    causedBy: [{ triggerId, definition }],
  }
}
