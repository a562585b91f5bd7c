import type { Contact } from '#engine/state.ts'
import type { ContactFilter, Page } from '#engine/reads.ts'
import type { Session } from './session.ts'
import type { contact } from './schema/people.ts'

const STANDING: Readonly<Record<NonNullable<ContactFilter['consent']>, string>> = {
  out: '(optedOutAllAt IS NOT NULL OR optedOutMarketingAt IS NOT NULL)',
  out_all: 'optedOutAllAt IS NOT NULL',
  out_marketing: 'optedOutMarketingAt IS NOT NULL',
  in: '(optedInAt IS NOT NULL OR optedInAllAt IS NOT NULL)',
}

/** A page of people, those known last first. The cursor is the last id, which sorts by time. Reads the table: it is for people, not for the hot path. */
export function listContacts(
  { db }: Session,
  { search, consent }: ContactFilter,
  { after, limit }: { after?: string; limit: number },
): Page<Contact> {
  const clauses = ['mergedInto IS NULL']
  const values: unknown[] = []
  if (consent !== undefined) clauses.push(STANDING[consent])
  if (search !== undefined) {
    clauses.push("instr(lower(coalesce(name, '') || char(10) || coalesce(phone, '') || char(10) || coalesce(waId, '') || char(10) || coalesce(bsuid, '')), lower(?)) > 0") // prettier-ignore
    values.push(search)
  }
  if (after !== undefined) {
    clauses.push('id < ?')
    values.push(after)
  }
  const rows = db
    .prepare<unknown[], typeof contact.$inferSelect>(
      `SELECT * FROM contact WHERE ${clauses.join(' AND ')} ORDER BY id DESC LIMIT ?`,
    )
    .all(...values, limit + 1)
  const items = rows
    .slice(0, limit)
    .map(({ revision: _revision, mergedInto: _mergedInto, ...one }) => one satisfies Contact)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}
