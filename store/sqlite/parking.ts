import type { Instant } from '#engine/clock.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { Inbox } from './inbox.ts'
import type { Notes } from './notes.ts'
import type { Outbox } from './outbox.ts'
import type { Session } from './session.ts'

/** A status nobody claims in this time is of a message that another program sent with the same number. */
const PARKED_MS = 7 * 24 * 60 * 60_000

/** Statuses that came before the answer which tells their wamid. */
export type Parking = ReturnType<typeof createParking>

export function createParking({ db, onRollback }: Session, inbox: Inbox, outbox: Outbox, notes: Notes) {
  const insert = db.prepare<[string, string, Instant]>('INSERT INTO parkedStatus (wamid, event, at) VALUES (?, ?, ?)')
  const take = db.prepare<[string], { event: string }>('DELETE FROM parkedStatus WHERE wamid = ? RETURNING event')
  const old = db.prepare<[Instant], { event: string; at: Instant }>(
    'DELETE FROM parkedStatus WHERE at <= ? RETURNING event, at',
  )

  const one = db.prepare<[], number>('SELECT 1 FROM parkedStatus LIMIT 1').pluck()
  // Every message that is accepted asks, and next to never is there any. Null: not known.
  let any: boolean | null = null
  onRollback(() => (any = null))

  /** Offers it again. The first offer has used up its source and id. */
  function again(event: WorldEvent, at: Instant, newId: () => string): void {
    const sourceId = `${event.source}/${event.sourceId}`.slice(-512)
    inbox.follow(newId(), { ...event, source: 'denrei:parked', sourceId }, at)
  }

  return {
    /** The answer may have come while the status was being decided: then there is nothing to wait for. */
    park(wamid: string, event: WorldEvent, at: Instant, newId: () => string): void {
      if (outbox.idOfWamid(wamid) !== null) again(event, at, newId)
      else {
        insert.run(wamid, JSON.stringify(event), at)
        any = true
      }
      for (const one of old.all(at - PARKED_MS)) notes.keep('parked_status', JSON.parse(one.event) as never, one.at)
    },
    /** The message of this wamid is known now. */
    release(wamid: string, at: Instant, newId: () => string): void {
      any ??= one.get() === 1
      if (!any) return
      const taken = take.all(wamid)
      if (taken.length > 0) any = null
      for (const { event } of taken) again(JSON.parse(event) as WorldEvent, at, newId)
    },
  }
}
