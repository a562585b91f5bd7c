import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { InboxEntry } from '#engine/reads.ts'
import type { AcceptOutcome } from '#engine/store.ts'
import type { Trigger, WorldEvent } from '#engine/trigger.ts'
import { isStub, scrubEvent, stubOf, type Forgotten } from './scrub.ts'
import type { Session } from './session.ts'

export interface InboxRow {
  id: string
  event: string
  acceptedAt: Instant
}

/** Where a trigger stands in the inbox. */
export interface Place {
  seq: number
  state: InboxEntry['state']
}

/** Events, from their acceptance to their decision. Its functions run inside the caller's transaction. */
export type Inbox = ReturnType<typeof createInbox>

export function createInbox({ db, tallies }: Session) {
  const insert = db.prepare<[string, string, string, string, Instant]>(
    `INSERT INTO inbox (id, source, sourceId, event, acceptedAt, state) VALUES (?, ?, ?, ?, ?, 'pending')
     ON CONFLICT (source, sourceId) DO NOTHING`,
  )
  const bySource = db.prepare<[string, string], { id: string; event: string; state: InboxEntry['state'] }>(
    'SELECT id, event, state FROM inbox WHERE source = ? AND sourceId = ?',
  )
  const migrating = db
    .prepare<[], string>(
      `SELECT DISTINCT event ->> '$.command.definition' FROM inbox
       WHERE state = 'pending' AND event ->> '$.command.do' = 'migrate'`,
    )
    .pluck()
  const waiting = db.prepare<[Instant, number], InboxRow>(
    "SELECT id, event, acceptedAt FROM inbox WHERE state = 'pending' AND retryAt <= ? ORDER BY seq LIMIT ?",
  )
  const standing = db.prepare<[string], Place>('SELECT seq, state FROM inbox WHERE id = ?')
  const setDone = db.prepare<[Instant, number]>("UPDATE inbox SET state = 'done', decidedAt = ? WHERE seq = ?")
  const setAside = db.prepare<[string, string, Instant, string]>(
    "UPDATE inbox SET attempts = attempts + 1, error = ?, state = ?, retryAt = ? WHERE id = ? AND state = 'pending'",
  )
  const whole = db.prepare<[number], { event: string; state: InboxEntry['state'] }>(
    'SELECT event, state FROM inbox WHERE seq = ?',
  )
  const replace = db.prepare<[string, number]>('UPDATE inbox SET event = ?, error = NULL WHERE seq = ?')
  const rename = db.prepare<[string, number]>('UPDATE inbox SET sourceId = ? WHERE seq = ?')
  const requeueAll = db.prepare("UPDATE inbox SET state = 'pending', retryAt = 0 WHERE state = 'quarantined'")
  const requeueOne = db.prepare<[string]>(
    "UPDATE inbox SET state = 'pending', retryAt = 0 WHERE state = 'quarantined' AND id = ?",
  )
  const oldest = db
    .prepare<[], Instant>("SELECT acceptedAt FROM inbox WHERE state = 'pending' ORDER BY seq LIMIT 1")
    .pluck()
  const one = db.prepare<[string], InboxRow & Pick<InboxEntry, 'state' | 'attempts' | 'error' | 'decidedAt'>>(
    'SELECT id, event, acceptedAt, state, attempts, error, decidedAt FROM inbox WHERE id = ?',
  )

  function recount(from: InboxEntry['state'], to: InboxEntry['state'], count: number): void {
    tallies.add(`inbox/${from}`, -count)
    tallies.add(`inbox/${to}`, count)
  }

  /**
   * The same source and id with the same content is a duplicate. Content is everything but `occurredAt`, which a door fills
   * in when the caller left it out, so that a redelivery would look like another event.
   */
  function accept(id: string, event: WorldEvent, now: Instant): AcceptOutcome {
    const text = JSON.stringify(event)
    if (insert.run(id, event.source, event.sourceId, text, now).changes === 1) {
      tallies.add('inbox/pending', 1)
      return { kind: 'accepted', id }
    }
    const first = bySource.get(event.source, event.sourceId)
    assert(first, 'an insert was refused for a row that is not there')
    // Of what was erased nobody knows any more what it said.
    const isSame = isStub(JSON.parse(first.event) as object) || sameContent(first.event, text)
    return { kind: isSame ? 'duplicate' : 'reused', id: first.id }
  }

  return {
    /** An event of the world, counted by its kind. */
    accept(id: string, event: WorldEvent, now: Instant): AcceptOutcome {
      const outcome = accept(id, event, now)
      tallies.add(`${outcome.kind === 'accepted' ? 'accepted' : 'duplicates'}/${event.kind}`, 1)
      return outcome
    },
    /** An event of our own making. */
    follow(id: string, event: WorldEvent, now: Instant): void {
      accept(id, event, now)
    },
    pending: (limit: number, now: Instant): Trigger[] => waiting.all(now, limit).map(toTrigger),
    place: (triggerId: string): Place | null => standing.get(triggerId) ?? null,
    done({ seq, state }: Place, now: Instant): void {
      tallies.add(`inbox/${state}`, -1)
      tallies.add('inbox/done', 1)
      setDone.run(now, seq)
    },
    setAside(triggerId: string, error: string, retryAt: Instant | null): void {
      const state = retryAt === null ? 'quarantined' : 'pending'
      if (setAside.run(error, state, retryAt ?? 0, triggerId).changes === 1) recount('pending', state, 1)
    },
    /**
     * Forgets what an event says of a person. One about the person that still waited is never decided.
     * @param isOwn it is the event that asks for it, and is being decided
     * @returns whether it was about the person
     */
    erase(seq: number, who: Forgotten, isOwn: boolean, at: Instant): boolean {
      const row = whole.get(seq)
      assert(row, `event ${seq} is erased, which is not there`)
      const scrubbed = scrubEvent(JSON.parse(row.event) as Record<string, Json>, who)
      // What waits and only names the person is somebody else's.
      if (scrubbed === null || (row.state !== 'done' && !scrubbed.about)) return false
      const { sourceId } = scrubbed.event as { sourceId: string }
      if ([...who.addresses].some((one) => sourceId.includes(one.replace(/^\+/, '')))) {
        // Ids of some events named who they are about. Coming again it is another event, and finds nobody.
        scrubbed.event.sourceId = `erased:${seq}`
        rename.run(scrubbed.event.sourceId, seq)
      }
      replace.run(JSON.stringify(scrubbed.event), seq)
      if (row.state !== 'done' && !isOwn) this.done({ seq, state: row.state }, at)
      return scrubbed.about
    },
    /** Of an event that is being decided only a stub stays. */
    forget(seq: number): void {
      const row = whole.get(seq)
      assert(row, `event ${seq} is forgotten, which is not there`)
      replace.run(JSON.stringify(stubOf(JSON.parse(row.event) as Record<string, Json>)), seq)
    },
    requeue(triggerId?: string): number {
      const { changes } = triggerId === undefined ? requeueAll.run() : requeueOne.run(triggerId)
      recount('quarantined', 'pending', changes)
      return changes
    },
    migrating: (): string[] => migrating.all(),
    acceptedAs: (source: string, sourceId: string): string | null => bySource.get(source, sourceId)?.id ?? null,
    /** An event, and how far it has come. */
    find(source: string, sourceId: string): { event: WorldEvent; state: InboxEntry['state'] } | null {
      const row = bySource.get(source, sourceId)
      return row === undefined ? null : { event: JSON.parse(row.event) as WorldEvent, state: row.state }
    },
    oldestPendingAt: (): Instant | null => oldest.get() ?? null,
    entry(id: string): InboxEntry | null {
      const row = one.get(id)
      if (row === undefined) return null
      const { state, attempts, error, decidedAt } = row
      return { trigger: toTrigger(row), state, attempts, error, decidedAt }
    },
  }
}

export function toTrigger({ id, event, acceptedAt }: InboxRow): Trigger {
  const trigger = JSON.parse(event) as Trigger
  trigger.id = id
  trigger.receivedAt = acceptedAt
  return trigger
}

function sameContent(a: string, b: string): boolean {
  if (a === b) return true
  const content = (text: string) => ({ ...(JSON.parse(text) as WorldEvent), occurredAt: 0 })
  return isDeepStrictEqual(content(a), content(b))
}
