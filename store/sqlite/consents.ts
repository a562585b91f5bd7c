import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { ConsentEntry } from '#engine/state.ts'
import type { Page } from '#engine/reads.ts'
import type { consentEntry } from './schema/people.ts'
import type { Session } from './session.ts'

type EntryRow = typeof consentEntry.$inferSelect

/** The book of consent. Entries are only added, and go only with their person. */
export type Consents = ReturnType<typeof createConsents>

export function createConsents({ db }: Session) {
  const add = db.prepare<[Omit<ConsentEntry, 'id'>]>(
    `INSERT INTO consentEntry (contactId, at, direction, scope, "by", channel, proof, actor)
     VALUES (@contactId, @at, @direction, @scope, @by, @channel, @proof, @actor)`,
  )
  const move = db.prepare<[string, string]>('UPDATE consentEntry SET contactId = ? WHERE contactId = ?')
  const drop = db.prepare<[string]>('DELETE FROM consentEntry WHERE contactId = ?')

  return {
    /** @param entry of the contact as it is known today */
    note(entry: Extract<Change, { kind: 'noteConsent' }>['entry']): void {
      add.run(entry)
    },
    /** Two contacts are one person. */
    move(from: string, into: string): void {
      move.run(into, from)
    },
    erase(contactId: string): void {
      drop.run(contactId)
    },
    /** Newest first. The cursor is the number of the last entry. @param filter.since said at this instant or later */
    page(
      { contactId, since }: { contactId?: string; since?: Instant },
      { after, limit }: { after?: string; limit: number },
    ): Page<ConsentEntry> {
      const clauses = ['TRUE']
      const values: (string | number)[] = []
      const ask = (clause: string, value: string | number | undefined) => {
        if (value === undefined) return
        clauses.push(clause)
        values.push(value)
      }
      ask('contactId = ?', contactId)
      ask('at >= ?', since)
      ask('seq < ?', after === undefined ? undefined : Number(after))
      const rows = db
        .prepare<unknown[], EntryRow>(
          `SELECT * FROM consentEntry WHERE ${clauses.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
        )
        .all(...values, limit + 1)
      const items = rows.slice(0, limit).map(({ seq, ...entry }) => ({ id: seq, ...entry }))
      return { items, next: rows.length > limit ? String(items.at(-1)?.id) : null }
    },
  }
}
