import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { Change, Trace } from '#engine/decision.ts'
import type { Contacts } from './contacts.ts'
import type { Definitions } from './definitions.ts'
import type { Inbox } from './inbox.ts'
import type { Instances } from './instances.ts'
import type { Notes } from './notes.ts'
import type { Outbox } from './outbox.ts'
import type { Reach } from './reach.ts'
import type { Records } from './records.ts'
import { names, needlesOf, scrubTrace, type Forgotten } from './scrub.ts'
import type { Session } from './session.ts'
import type { Suppressed } from './suppressed.ts'
import type { Timers } from './timers.ts'

interface Parts {
  contacts: Contacts
  definitions: Definitions
  inbox: Inbox
  instances: Instances
  notes: Notes
  outbox: Outbox
  reach: Reach
  records: Records
  suppressed: Suppressed
  timers: Timers
}

/**
 * Forgets people. What is kept by contact or record is found by index; events, traces and what was kept raw are read once, all of
 * them, because a person may stand anywhere in them: 0.4 s for a hundred thousand events with as many traces and messages.
 */
export type Erasure = ReturnType<typeof createErasure>

export function createErasure(session: Session, parts: Parts) {
  const { db } = session
  const { contacts, definitions, inbox, instances, notes, outbox, reach, records, suppressed, timers } = parts
  const listed = db.prepare<[string], { broadcastId: string; seq: number; definition: string }>(
    `SELECT broadcastId, seq, broadcast.definition FROM broadcastRecord JOIN broadcast ON broadcast.id = broadcastId
     WHERE broadcastRecord.recordId = ?`,
  )
  const unlist = db.prepare<[string, number]>(
    "UPDATE broadcastRecord SET recordId = '' WHERE broadcastId = ? AND seq = ?",
  )

  /** Rows of a table whose text holds one of the needles. */
  function* holding<T>(select: string, text: string, needles: string[]): Generator<T> {
    if (needles.length === 0) return
    const found = needles.map(() => `instr(${text}, ?) > 0`).join(' OR ')
    yield* db.prepare<string[], T>(`${select} (${found})`).all(...needles)
  }

  /** A deleted record is found by no address any more, and its values are still there. */
  function deletedOf(addresses: ReadonlySet<string>): { module: string; recordId: string }[] {
    const needles = needlesOf({ addresses, records: [], instances: new Set() })
    return [
      ...holding<{ module: string; recordId: string }>(
        'SELECT module, id AS recordId FROM record WHERE deleted = 1 AND',
        '"values"',
        needles,
      ),
    ]
  }

  function eraseRecord(module: string, recordId: string, at: Instant): void {
    timers.erase(module, recordId, at)
    instances.erase(module, recordId, at)
    records.erase(module, recordId)
    // Their places stay, because a broadcast counts how far it has come.
    for (const { broadcastId, seq, definition } of listed.all(recordId)) {
      if (definitions.moduleOf(definition) === module) unlist.run(broadcastId, seq)
    }
  }

  /** What was written down by the way: events, traces, parked statuses, raw news, notifications. */
  function eraseNotes(who: Forgotten, untilSeq: number, at: Instant): void {
    const needles = needlesOf(who)
    for (const row of holding<{ seq: number }>('SELECT seq FROM inbox WHERE', 'event', needles)) {
      if (row.seq <= untilSeq && inbox.erase(row.seq, who, row.seq === untilSeq, at)) notes.dropTrace(row.seq)
    }
    const traces = holding<{ inboxSeq: number; body: string }>(
      'SELECT inboxSeq, body FROM trace WHERE',
      'body',
      needlesOf(who, who.instances),
    )
    for (const { inboxSeq, body } of traces) {
      const trace = JSON.parse(body) as Trace
      const scrubbed = scrubTrace(trace, who)
      if (scrubbed !== trace) notes.putTrace(inboxSeq, scrubbed)
    }
    for (const { seq, event } of holding<{ seq: number; event: string }>(
      'SELECT seq, event FROM parkedStatus WHERE',
      'event',
      needles,
    )) {
      if (names(JSON.parse(event) as Json, who)) notes.dropParked(seq)
    }
    for (const { seq, value } of holding<{ seq: number; value: string }>(
      'SELECT seq, value FROM kept WHERE',
      'value',
      needles,
    )) {
      if (names(JSON.parse(value) as Json, who)) notes.emptyKept(seq)
    }
    const addresses = needlesOf({ ...who, records: [] })
    for (const column of ['message', 'notice']) {
      for (const { seq } of holding<{ seq: number }>('SELECT seq FROM notification WHERE', column, addresses))
        notes.unnotify(seq)
    }
    for (const { module, recordId } of who.records) notes.unnotifyOf(module, recordId)
  }

  /** What is deleted or overwritten is filled with zeros: the file itself must not remember. */
  function wiping(work: () => void): void {
    db.pragma('secure_delete = ON')
    try {
      work()
    } finally {
      db.pragma('secure_delete = OFF')
    }
  }

  return {
    /** @param untilSeq the place in the inbox of the event that asks for it: what was said after it stays */
    erase: (change: Extract<Change, { kind: 'erase' }>, untilSeq: number): void =>
      wiping(() => erase(change, untilSeq)),
    /** One that came after the person was erased, about what was still under way. */
    forgetEvent: (seq: number): void => wiping(() => inbox.forget(seq)),
    /** After the commit: the log still has the pages as they were before. */
    emptyLog(): void {
      db.pragma('wal_checkpoint(TRUNCATE)')
    },
  }

  function erase(
    { contactId, addresses, records: named, at }: Extract<Change, { kind: 'erase' }>,
    untilSeq: number,
  ): void {
    const people = contacts.all(contactId, addresses)
    const known = new Set([...addresses, ...people.flatMap((one) => one.addresses)])
    const own = [...named, ...deletedOf(known)]
    const who: Forgotten = {
      addresses: known,
      records: own,
      instances: new Set(own.flatMap(({ module, recordId }) => instances.allOf(module, recordId))),
    }
    // Who refused and is forgotten has not agreed.
    if (people.some((one) => one.refused)) suppressed.add(known, at)
    outbox.erase(
      people.map(({ id }) => id),
      who,
      at,
    )
    for (const { module, recordId } of own) eraseRecord(module, recordId, at)
    for (const { id } of people) {
      contacts.erase(id)
      reach.anonymize(id)
    }
    for (const address of known) reach.anonymize(address)
    eraseNotes(who, untilSeq, at)
  }
}
