import type { Values } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { LoadRequest, WorkingSet } from '#engine/facts.ts'
import { recordKey } from '#engine/state.ts'
import type { Address, Trigger } from '#engine/trigger.ts'
import { ranKey } from '#engine/workingSet.ts'
import { allKeys } from '#engine/decide/contact.ts'
import { lookupId } from '#engine/decide/recordSource.ts'
import type { Account } from './account.ts'
import type { Contacts } from './contacts.ts'
import type { Counters } from './counters.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import { toMessage } from './outboxRow.ts'
import type { Records } from './records.ts'
import { contactRevision, messageRevision } from './revisions.ts'

interface Parts {
  account: Account
  contacts: Contacts
  counters: Counters
  ledger: Ledger
  outbox: Outbox
  records: Records
}

/** How far a chain of lookups is followed. */
const LOOKUP_DEPTH_MAX = 3

/**
 * Reads all that a batch touches in one snapshot. One prepared statement a row: in SQLite that is a function call of a few
 * microseconds, and set-based reading with `json_each` was not faster.
 */
export function createLoad({ account, contacts, counters, ledger, outbox, records }: Parts) {
  return function load(request: LoadRequest, now: Instant): WorkingSet {
    const known: WorkingSet = {
      now,
      records: new Map(),
      recordsByAddress: new Map(),
      ran: new Set(),
      contacts: new Map(),
      contactByAddress: new Map(),
      conversations: new Map(),
      messages: new Map(),
      messageByWamid: new Map(),
      templates: new Map(account.templates()),
      numbers: [...account.numbers()],
      counters: counters.all(),
      availableMicros: ledger.balance().available,
      settings: account.settings(),
      revisions: new Map(),
    }

    function readRecord(module: string, id: string): void {
      const key = recordKey(module, id)
      if (known.records.has(key)) return
      const found = records.get(module, id)
      known.records.set(key, found)
      known.revisions.set(key, found?.revision ?? 0)
    }

    /** A record that rules may run for, and what its lookups point at. */
    function readSubject(module: string, id: string, values: Values = {}): void {
      readRecord(module, id)
      for (const rule of records.runsOf(module, id)) known.ran.add(ranKey(rule, module, id))
      for (const path of request.lookups[module] ?? []) {
        follow(module, known.records.get(recordKey(module, id))?.values ?? {}, path)
        follow(module, values, path)
      }
    }

    function follow(module: string, values: Values, path: string[], depth = 0): void {
      const [field, ...rest] = path
      if (field === undefined || depth === LOOKUP_DEPTH_MAX) return
      const target = request.lookupModules[`${module}.${field}`]
      const id = lookupId(values[field])
      if (target === undefined || id === null) return
      readRecord(target, id)
      follow(target, known.records.get(recordKey(target, id))?.values ?? {}, rest, depth + 1)
    }

    /** @param records whether rules may run for the records that carry the address; thousands may share an office's phone */
    function readPerson(address: Address, records: 'with records' | 'alone'): void {
      const keys = allKeys(address)
      for (const key of keys) {
        const id = contacts.idAt(key)
        if (id !== null) readContact(id, key)
        if (records === 'with records') readRecordsAt(key)
      }
      // Whoever is known under one spelling is meant by all of them.
      const [id] = keys.flatMap((key) => known.contactByAddress.get(key) ?? [])
      if (id === undefined) return
      for (const key of keys) if (!known.contactByAddress.has(key)) known.contactByAddress.set(key, id)
    }

    function readContact(id: string, asked?: string): void {
      const contact = known.contacts.get(id) ?? contacts.byId(id)
      if (contact === null) return
      if (asked !== undefined) known.contactByAddress.set(asked, contact.id)
      if (known.contacts.has(contact.id)) return
      known.contacts.set(contact.id, contact)
      known.revisions.set(contactRevision(contact.id), contacts.revision(contact.id))
      for (const key of [contact.phone, contact.waId, contact.bsuid]) {
        if (key) known.contactByAddress.set(key, contact.id)
      }
      for (const one of contacts.conversationsOf(contact.id)) {
        known.conversations.set(`${one.numberId}/${one.contactId}`, one)
      }
    }

    function readRecordsAt(address: string): void {
      if (known.recordsByAddress.has(address)) return
      const keys: string[] = []
      known.recordsByAddress.set(address, keys)
      for (const module of request.phoneModules) {
        for (const id of records.idsAt(address, module)) {
          keys.push(recordKey(module, id))
          readSubject(module, id)
        }
      }
    }

    function readMessage(id: string | null): void {
      const row = id === null || known.messages.has(id) ? null : outbox.get(id)
      if (row === null) return
      known.messages.set(row.id, toMessage(row, outbox.intentOf(row)))
      known.revisions.set(messageRevision(row.id), row.revision)
      if (row.wamid !== null) known.messageByWamid.set(row.wamid, row.id)
      if (row.contactId !== null) readContact(row.contactId)
      readSubject(row.module, row.recordId)
    }

    for (const trigger of request.triggers) readTrigger(trigger)
    return known

    function readTrigger(trigger: Trigger): void {
      switch (trigger.kind) {
        case 'record':
          return readSubject(trigger.module, trigger.recordId, trigger.values)
        case 'send':
          return readSubject(trigger.module, trigger.recordId)
        case 'timer':
          return readSubject(trigger.timer.module, trigger.timer.recordId)
        case 'message':
          return readPerson(trigger.from, 'with records')
        case 'consent':
          return readPerson(trigger.who, 'alone')
        case 'status':
          readMessage(trigger.messageId ?? outbox.idOfWamid(trigger.wamid))
          if (trigger.messageId !== undefined) readMessage(outbox.idOfWamid(trigger.wamid))
          return readPerson(trigger.recipient, 'alone')
        case 'outcome':
          return readMessage(trigger.messageId)
        case 'template':
        case 'account':
        case 'credits':
        case 'release':
          return
        default:
          throw new TypeError(`Unknown trigger kind: ${(trigger satisfies never as Trigger).kind}`)
      }
    }
  }
}
