import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { Change, Trace } from '#engine/decision.ts'
import type { Notification, Page } from '#engine/reads.ts'
import type { kept, notification } from './schema/inbox.ts'
import type { Session } from './session.ts'

/** What is written down to be read by people: traces, notifications, and what WhatsApp tells that nobody reads yet. */
export type Notes = ReturnType<typeof createNotes>

export function createNotes({ db, tallies }: Session) {
  const addTrace = db.prepare<[number, string]>('INSERT INTO trace (inboxSeq, body) VALUES (?, ?)')
  const trace = db
    .prepare<[string], string>('SELECT body FROM trace JOIN inbox ON inbox.seq = trace.inboxSeq WHERE inbox.id = ?')
    .pluck()
  const addNotification = db.prepare<[string, string, string | null, string, string, Instant]>(
    'INSERT INTO notification ("to", message, notice, module, recordId, at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const notifications = db.prepare<[number, number], typeof notification.$inferSelect>(
    'SELECT * FROM notification WHERE seq < ? ORDER BY seq DESC LIMIT ?',
  )
  const addKept = db.prepare<[string, string, Instant]>('INSERT INTO kept (field, value, at) VALUES (?, ?, ?)')
  const dropTrace = db.prepare<[number]>('DELETE FROM trace WHERE inboxSeq = ?')
  const putTrace = db.prepare<[string, number]>('UPDATE trace SET body = ? WHERE inboxSeq = ?')
  const dropParked = db.prepare<[number]>('DELETE FROM parkedStatus WHERE seq = ?')
  const emptyKept = db.prepare<[number]>(`UPDATE kept SET value = '{"erased":true}' WHERE seq = ?`)
  const unnotify = db.prepare<[number]>('DELETE FROM notification WHERE seq = ?')
  const unnotifyOf = db.prepare<[string, string]>('DELETE FROM notification WHERE module = ? AND recordId = ?')
  const keptOf = db.prepare<[string, number], typeof kept.$inferSelect>(
    'SELECT * FROM kept WHERE field = ? ORDER BY seq DESC LIMIT ?',
  )
  const keptAll = db.prepare<[number], typeof kept.$inferSelect>('SELECT * FROM kept ORDER BY seq DESC LIMIT ?')

  return {
    /** A trigger that met no rule and no instance, was no command and left no note has nothing to explain. */
    trace(inboxSeq: number, body: Trace): void {
      const { rules, notes, instances = [], answer } = body
      const tells = rules.length > 0 || notes.length > 0 || instances.length > 0 || answer !== undefined
      if (tells) addTrace.run(inboxSeq, JSON.stringify(body))
    },
    traceOf(triggerId: string): Trace | null {
      const body = trace.get(triggerId)
      return body === undefined ? null : (JSON.parse(body) as Trace)
    },
    dropTrace(inboxSeq: number): void {
      dropTrace.run(inboxSeq)
    },
    putTrace(inboxSeq: number, body: Trace): void {
      putTrace.run(JSON.stringify(body), inboxSeq)
    },
    dropParked(seq: number): void {
      dropParked.run(seq)
    },
    emptyKept(seq: number): void {
      emptyKept.run(seq)
    },
    unnotify(seq: number): void {
      unnotify.run(seq)
    },
    unnotifyOf(module: string, recordId: string): void {
      unnotifyOf.run(module, recordId)
    },
    notify({ to, message, notice, module, recordId, at }: Extract<Change, { kind: 'notify' }>): void {
      const told = notice === undefined ? null : JSON.stringify(notice)
      addNotification.run(JSON.stringify(to), message, told, module, recordId, at)
    },
    /** Newest first. */
    notifications({ after, limit }: { after?: string; limit: number }): Page<Notification> {
      const rows = notifications.all(after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1)
      const items = rows.slice(0, limit).map(({ seq, to, notice, ...rest }) => ({
        id: seq,
        to: JSON.parse(to) as Notification['to'],
        notice: notice === null ? null : (JSON.parse(notice) as Notification['notice']),
        ...rest,
      }))
      return { items, next: rows.length > limit ? String(items.at(-1)?.id) : null }
    },
    keep(field: string, value: Json, at: Instant): void {
      addKept.run(field, JSON.stringify(value), at)
      tallies.add(`kept/${field}`, 1)
    },
    /** How many of each field were ever kept. */
    keptCounts: (): { field: string; count: number }[] =>
      tallies.read('kept/').map(({ name, count }) => ({ field: name.slice('kept/'.length), count })),
    /** Newest first. */
    kept: ({ field, limit }: { field?: string; limit: number }): { field: string; value: Json; at: Instant }[] =>
      (field === undefined ? keptAll.all(limit) : keptOf.all(field, limit)).map((row) => ({
        field: row.field,
        value: JSON.parse(row.value) as Json,
        at: row.at,
      })),
  }
}
