import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { Contacts } from './contacts.ts'
import type { Session } from './session.ts'

/** What contacts wrote to us. */
export type Talks = ReturnType<typeof createTalks>

export function createTalks({ db }: Session, contacts: Contacts) {
  const insert = db.prepare<[string, string, string, string, string | null, string, Instant]>(
    `INSERT INTO inboundMessage (id, numberId, contactId, type, text, raw, at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  )
  return {
    inbound({
      numberId,
      contactId,
      messageId,
      type,
      text,
      raw,
      at,
      opensWindow,
    }: Extract<Change, { kind: 'inbound' }>): void {
      const contact = contacts.current(contactId)
      insert.run(messageId, numberId, contact, type, text, JSON.stringify(raw), at)
      contacts.touchConversation(numberId, contact, opensWindow ? { inboundAt: at } : {})
    },
  }
}
