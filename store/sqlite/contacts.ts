import { LRUCache } from 'lru-cache'
import type { Instant } from '#engine/clock.ts'
import { allKeys } from '#engine/decide/contact.ts'
import type { Contact, Conversation } from '#engine/state.ts'
import type { Address } from '#engine/trigger.ts'
import type { Consents } from './consents.ts'
import type { Session } from './session.ts'
import type { contact } from './schema/people.ts'
import type { Suppressed } from './suppressed.ts'

type ContactRow = typeof contact.$inferSelect

/** People, the addresses they are known by, and their conversations with our numbers. */
export type Contacts = ReturnType<typeof createContacts>

/** Contacts kept in memory: a message asks for its contact half a dozen times in a second, and then no more. */
const CACHED_MAX = 5_000

export function createContacts({ db, onRollback }: Session, consents: Consents, suppressed: Suppressed) {
  const select = db.prepare<[string], ContactRow>('SELECT * FROM contact WHERE id = ?')
  const idAt = db.prepare<[string], string>('SELECT contactId FROM contactAddress WHERE address = ?').pluck()
  // What a person was once known by is not forgotten because a later writer did not know it.
  const put = db.prepare<unknown[]>(
    `INSERT INTO contact (id, phone, waId, bsuid, name, optedOutMarketingAt, optedOutAllAt, optedInAt, optedInAllAt, consentBy,
       cappedUntil, unreachable, unreachableAt, revision)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
     ON CONFLICT (id) DO UPDATE SET phone = coalesce(excluded.phone, phone), waId = coalesce(excluded.waId, waId),
       bsuid = coalesce(excluded.bsuid, bsuid), name = coalesce(excluded.name, name),
       optedOutMarketingAt = excluded.optedOutMarketingAt, optedOutAllAt = excluded.optedOutAllAt,
       optedInAt = excluded.optedInAt, optedInAllAt = excluded.optedInAllAt, consentBy = excluded.consentBy,
       cappedUntil = excluded.cappedUntil, unreachable = excluded.unreachable, unreachableAt = excluded.unreachableAt, revision = revision + 1`,
  )
  const putAddress = db.prepare<[string, string]>(
    `INSERT INTO contactAddress (address, contactId) VALUES (?, ?)
     ON CONFLICT (address) DO UPDATE SET contactId = excluded.contactId WHERE contactId <> excluded.contactId`,
  )
  const moveAddresses = db.prepare<[string, string]>('UPDATE contactAddress SET contactId = ? WHERE contactId = ?')
  const markMerged = db.prepare<[string, string]>(
    'UPDATE contact SET mergedInto = ?, revision = revision + 1 WHERE id = ?',
  )
  const moveOutbox = db.prepare<[string, string]>(
    'UPDATE outbox SET contactId = ?, revision = revision + 1 WHERE contactId = ?',
  )
  const moveInbound = db.prepare<[string, string]>('UPDATE inboundMessage SET contactId = ? WHERE contactId = ?')
  const conversation = db.prepare<[string, string], Conversation>(
    'SELECT numberId, contactId, lastInboundAt, lastOutboundAt, freeUntil FROM conversation WHERE contactId = ? AND numberId = ?',
  )
  const conversationsOf = db.prepare<[string], Conversation>(
    'SELECT numberId, contactId, lastInboundAt, lastOutboundAt, freeUntil FROM conversation WHERE contactId = ?',
  )
  const greater = (column: string) =>
    `${column} = coalesce(max(${column}, excluded.${column}), ${column}, excluded.${column})`
  const touch = db.prepare<[string, string, Instant | null, Instant | null, Instant | null]>(
    `INSERT INTO conversation (contactId, numberId, lastInboundAt, lastOutboundAt, freeUntil) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (contactId, numberId) DO UPDATE SET
       ${['lastInboundAt', 'lastOutboundAt', 'freeUntil'].map(greater).join(', ')}`,
  )
  const dropConversations = db.prepare<[string]>('DELETE FROM conversation WHERE contactId = ?')

  const mergedInto = db.prepare<[string], string>('SELECT id FROM contact WHERE mergedInto = ?').pluck()
  const addressesOf = db.prepare<[string], string>('SELECT address FROM contactAddress WHERE contactId = ?').pluck()
  const drops = [
    'contact WHERE id',
    'contactAddress WHERE contactId',
    'conversation WHERE contactId',
    'inboundMessage WHERE contactId',
  ].map((rows) => db.prepare<[string]>(`DELETE FROM ${rows} = ?`))

  // This process is the only one that writes them (lock.ts). Only rows that exist are kept.
  const rows = new LRUCache<string, ContactRow>({ max: CACHED_MAX })
  onRollback(() => rows.clear())

  function get(id: string): ContactRow | undefined {
    const known = rows.get(id)
    if (known !== undefined) return known
    const row = select.get(id)
    if (row !== undefined) rows.set(id, row)
    return row
  }

  /** The row that this id stands for today, after all merges. */
  function today(id: string): ContactRow | undefined {
    const row = get(id)
    return row?.mergedInto == null ? row : today(row.mergedInto)
  }

  function current(id: string): string {
    return today(id)?.id ?? id
  }

  function byId(id: string): Contact | null {
    const row = today(id)
    return row === undefined ? null : toContact(row)
  }

  function save({ phone, waId, bsuid, name, ...rest }: Contact): void {
    const before = today(rest.id)
    const id = before?.id ?? rest.id
    const { optedOutMarketingAt, optedOutAllAt, optedInAt, optedInAllAt, consentBy } = rest
    const { cappedUntil, unreachable, unreachableAt } = rest
    // prettier-ignore
    put.run(
      id, phone, waId, bsuid, name, optedOutMarketingAt, optedOutAllAt, optedInAt, optedInAllAt, consentBy,
      cappedUntil, unreachable, unreachableAt,
    )
    if (before === undefined) rows.set(id, { ...rest, phone, waId, bsuid, name, revision: 1, mergedInto: null })
    else rows.delete(id)
    for (const address of [phone, waId, bsuid]) if (address) putAddress.run(address, id)
    suppressed.lift({ ...rest, phone, waId, bsuid, name })
  }

  return {
    byId,
    /** The contact that this id stands for today, after all merges. */
    current,
    /** The contact known by one of the spellings of the address, the surest first. */
    find(address: Address): string | null {
      for (const key of allKeys(address)) {
        const id = idAt.get(key)
        if (id !== undefined) return id
      }
      return null
    },
    idAt: (address: string): string | null => idAt.get(address) ?? null,
    revision: (id: string): number => get(id)?.revision ?? 0,
    save,
    /** Everything of `from` becomes `into`'s. An opt-out of either holds: writing to somebody who said stop is worse. */
    merge(from: string, into: string): void {
      const gone = byId(from)
      const stays = byId(into)
      if (gone === null || stays === null || gone.id === stays.id) return
      moveAddresses.run(stays.id, gone.id)
      for (const one of conversationsOf.all(gone.id)) {
        touch.run(stays.id, one.numberId, one.lastInboundAt, one.lastOutboundAt, one.freeUntil)
      }
      dropConversations.run(gone.id)
      moveOutbox.run(stays.id, gone.id)
      moveInbound.run(stays.id, gone.id)
      consents.move(gone.id, stays.id)
      markMerged.run(stays.id, gone.id)
      rows.delete(gone.id)
      save({
        ...stays,
        phone: stays.phone ?? gone.phone,
        waId: stays.waId ?? gone.waId,
        bsuid: stays.bsuid ?? gone.bsuid,
        name: stays.name ?? gone.name,
        optedOutMarketingAt: later(stays.optedOutMarketingAt, gone.optedOutMarketingAt),
        optedOutAllAt: later(stays.optedOutAllAt, gone.optedOutAllAt),
        optedInAt: later(stays.optedInAt, gone.optedInAt),
        optedInAllAt: later(stays.optedInAllAt, gone.optedInAllAt),
        consentBy: stays.consentBy ?? gone.consentBy,
        cappedUntil: later(stays.cappedUntil, gone.cappedUntil),
        unreachable: Math.max(stays.unreachable, gone.unreachable),
        unreachableAt: later(stays.unreachableAt, gone.unreachableAt),
      })
    },
    /** Everybody who is meant by this id or these addresses, those merged into them too, with all that they are known by. */
    all(
      contactId: string | null,
      addresses: Iterable<string>,
    ): { id: string; addresses: string[]; refused: boolean }[] {
      const ids = new Set<string>()
      const add = (id: string) => {
        if (ids.has(id)) return
        ids.add(id)
        for (const other of mergedInto.all(id)) add(other)
      }
      if (contactId !== null) add(current(contactId))
      for (const address of addresses) {
        const id = idAt.get(address)
        if (id !== undefined) add(current(id))
      }
      return [...ids].flatMap((id) => {
        const row = get(id)
        if (row === undefined) return []
        const own = [row.phone, row.waId, row.bsuid].filter((one) => one !== null)
        const refused = row.optedOutAllAt !== null || row.optedOutMarketingAt !== null
        return { id, addresses: [...new Set([...own, ...addressesOf.all(id)])], refused }
      })
    },
    /** The contact with its addresses, its conversations, what it wrote and what it agreed to. */
    erase(id: string): void {
      for (const one of drops) one.run(id)
      consents.erase(id)
      rows.delete(id)
    },
    conversation: (numberId: string, contactId: string): Conversation | null =>
      conversation.get(contactId, numberId) ?? null,
    conversationsOf: (contactId: string): Conversation[] => conversationsOf.all(contactId),
    /** Instants only grow: what comes late takes nothing back. */
    touchConversation(numberId: string, contactId: string, at: { inboundAt?: Instant; outboundAt?: Instant }): void {
      touch.run(contactId, numberId, at.inboundAt ?? null, at.outboundAt ?? null, null)
    },
    freeUntil(numberId: string, contactId: string, until: Instant): void {
      touch.run(current(contactId), numberId, null, null, until)
    },
  }
}

function toContact({ revision: _revision, mergedInto: _mergedInto, ...contact }: ContactRow): Contact {
  return contact
}

function later(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
