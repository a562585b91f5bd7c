import type { Values } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { LoadRequest, WorkingSet } from '#engine/facts.ts'
import { recordKey } from '#engine/state.ts'
import type { Broadcast, Instance } from '#engine/instance.ts'
import type { Command } from '#engine/command.ts'
import type { Timer } from '#engine/parkedTimer.ts'
import type { Address, Trigger } from '#engine/trigger.ts'
import { ranKey } from '#engine/workingSet.ts'
import { allKeys } from '#engine/decide/contact.ts'
import { lookupId } from '#engine/decide/recordSource.ts'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Broadcasts } from './broadcasts.ts'
import type { Contacts } from './contacts.ts'
import type { Counters } from './counters.ts'
import type { Documents } from './documents.ts'
import type { Definitions } from './definitions.ts'
import type { Entries } from './entries.ts'
import type { Instances } from './instances.ts'
import type { Inbox } from './inbox.ts'
import { readIntake } from './intake.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import { toMessage } from './outboxRow.ts'
import type { Paused } from './paused.ts'
import type { Purchases } from './purchases.ts'
import type { Records } from './records.ts'
import { broadcastRevision, contactRevision, entriesRevision, instanceRevision, messageRevision } from './revisions.ts'

interface Parts {
  account: Account
  accounts: Accounts
  broadcasts: Broadcasts
  contacts: Contacts
  counters: Counters
  definitions: Definitions
  entries: Entries
  inbox: Inbox
  instances: Instances
  ledger: Ledger
  outbox: Outbox
  paused: Paused
  documents: Documents
  purchases: Purchases
  records: Records
}

/** How far a chain of lookups is followed. */
const LOOKUP_DEPTH_MAX = 3

/**
 * Reads all that a batch touches in one snapshot. One prepared statement a row: in SQLite that is a function call of a few
 * microseconds, and set-based reading with `json_each` was not faster.
 */
export function createLoad(parts: Parts) {
  const { account, contacts, counters, inbox, ledger, outbox, records } = parts
  const { accounts, broadcasts, definitions, documents, entries, instances, paused, purchases } = parts
  return function load(request: LoadRequest, now: Instant): WorkingSet {
    const balance = ledger.balance()
    const known: WorkingSet = {
      now,
      records: new Map(),
      recordsByAddress: new Map(),
      registered: new Map(),
      registering: new Map(),
      ran: new Set(),
      contacts: new Map(),
      contactByAddress: new Map(),
      conversations: new Map(),
      messages: new Map(),
      messageByWamid: new Map(),
      templates: new Map(account.templates()),
      numbers: [...account.numbers()],
      accounts: new Map(accounts.all()),
      purchases: new Map(purchases.known(now).map((one) => [one.id, one])),
      boughtMicros: balance.bought,
      owedMicros: balance.owed,
      cards: documents.cards(),
      counters: counters.all(),
      availableMicros: balance.available,
      settings: account.settings(),
      instances: new Map(),
      instancesByRecord: new Map(),
      instancesByAddress: new Map(),
      entries: new Map(),
      paused: paused.since(),
      broadcasts: new Map(),
      pages: new Map(),
      revisions: new Map(),
    }

    function readRecord(module: string, id: string): void {
      const key = recordKey(module, id)
      if (known.records.has(key)) return
      const found = records.get(module, id)
      known.records.set(key, found)
      known.revisions.set(key, found?.revision ?? 0)
    }

    /**
     * A record that definitions may do something about: where it stands in them, and what its lookups point at.
     *
     * @param mayEnter whether it may enter one now: then what it has entered before counts
     */
    function readSubject(module: string, id: string, values: Values = {}, mayEnter = true): void {
      readRecord(module, id)
      readPlaces(module, id)
      if (mayEnter) readEntries(module, id)
      for (const rule of records.runsOf(module, id)) known.ran.add(ranKey(rule, module, id))
      for (const path of request.lookups[module] ?? []) {
        follow(module, known.records.get(recordKey(module, id))?.values ?? {}, path)
        follow(module, values, path)
      }
    }

    function readPlaces(module: string, id: string): void {
      const key = recordKey(module, id)
      if (known.instancesByRecord.has(key)) return
      const running = instances.runningOf(module, id)
      known.instancesByRecord.set(
        key,
        running.map((one) => one.id),
      )
      for (const one of running) keepInstance(one)
    }

    function readEntries(module: string, id: string): void {
      const key = entriesRevision(module, id)
      if (known.revisions.has(key)) return
      let entered = 0
      for (const [name, entry] of entries.of(module, id)) {
        known.entries.set(name, entry)
        entered += entry.count
      }
      known.revisions.set(key, entered)
    }

    function keepInstance(instance: Instance): void {
      known.instances.set(instance.id, instance)
      known.revisions.set(instanceRevision(instance.id), instance.revision)
    }

    /** An instance that is spoken of, running or not, with its record. */
    function readInstance(id: string, mayEnter = true): void {
      const instance = known.instances.get(id) ?? instances.get(id)
      if (instance === null) return
      keepInstance(instance)
      readSubject(instance.module, instance.recordId, {}, mayEnter)
    }

    function readBroadcast(id: string): Broadcast | null {
      const broadcast = known.broadcasts.get(id) ?? broadcasts.get(id)
      if (broadcast === null) return null
      known.broadcasts.set(id, broadcast)
      known.revisions.set(broadcastRevision(id), broadcasts.revision(id))
      return broadcast
    }

    /** The next records of a trigger that works through many. */
    function readPage(trigger: Trigger, module: string, ids: string[]): void {
      known.pages.set(trigger.id, ids)
      for (const id of ids) readSubject(module, id)
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
        if (records === 'with records') {
          readRecordsAt(key)
          readInstancesAt(key)
        }
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

    /** In every module, whatever rules there are. */
    function readAllAt(addresses: string[]): void {
      for (const address of addresses) {
        const found = records.allAt([address])
        known.recordsByAddress.set(
          address,
          found.map(({ module, recordId }) => recordKey(module, recordId)),
        )
        for (const { module, recordId } of found) readSubject(module, recordId, {}, false)
      }
    }

    function readInstancesAt(address: string): void {
      if (known.instancesByAddress.has(address)) return
      const ids = instances.idsAt(address)
      known.instancesByAddress.set(address, ids)
      for (const id of ids) readInstance(id)
    }

    function readMessage(id: string | null): void {
      const row = id === null || known.messages.has(id) ? null : outbox.get(id)
      if (row === null) return
      known.messages.set(row.id, toMessage(row, outbox.intentOf(row)))
      known.revisions.set(messageRevision(row.id), row.revision)
      if (row.wamid !== null) known.messageByWamid.set(row.wamid, row.id)
      if (row.contactId !== null) readContact(row.contactId)
      readSubject(row.module, row.recordId)
      // Read with its record, unless it has ended.
      if (row.instanceId !== null) readInstance(row.instanceId)
    }

    for (const trigger of request.triggers) readTrigger(trigger)
    return known

    function readPurchase(id: string): void {
      const found = purchases.get(id)
      if (found !== null) known.purchases.set(id, found)
    }

    function readTrigger(trigger: Trigger): void {
      switch (trigger.kind) {
        case 'record':
          return readSubject(trigger.module, trigger.recordId, trigger.values)
        case 'send':
          return readSubject(trigger.module, trigger.recordId)
        case 'timer':
          return readTimer(trigger, trigger.timer)
        case 'command':
          return readCommand(trigger, trigger.command)
        case 'sweep':
          return readPage(trigger, trigger.module, records.idsAfter(trigger.module, trigger.after, request.pageMax))
        case 'message':
          // Whoever sent the message that it quotes hears it.
          if (trigger.message.contextId !== undefined) readMessage(outbox.idOfWamid(trigger.message.contextId))
          readPerson(trigger.from, 'with records')
          if (trigger.registered !== undefined)
            return readSubject(trigger.registered.module, trigger.registered.recordId)
          return readIntake(known, trigger, { records, inbox }, readRecord)
        case 'account':
          for (const news of trigger.says ?? []) if (news.about === 'person') readPerson(news.who, 'alone')
          return
        case 'consent':
          return readPerson(trigger.who, 'alone')
        case 'status':
          readMessage(trigger.messageId ?? outbox.idOfWamid(trigger.wamid))
          if (trigger.messageId !== undefined) readMessage(outbox.idOfWamid(trigger.wamid))
          return readPerson(trigger.recipient, 'alone')
        case 'outcome':
          return readMessage(trigger.messageId)
        case 'payment':
          return readPurchase(trigger.purchaseId)
        case 'erase':
          readPerson(trigger.who, 'with records')
          readAllAt(allKeys(trigger.who))
          for (const { module, recordId } of trigger.records ?? []) readSubject(module, recordId, {}, false)
          return
        case 'purchase':
        case 'recharge':
        case 'notice':
        case 'template':
        case 'credits':
        case 'release':
        case 'definition':
          return
        default:
          throw new TypeError(`Unknown trigger kind: ${(trigger satisfies never as Trigger).kind}`)
      }
    }

    function readTimer(trigger: Trigger, timer: Timer): void {
      const mayEnter = timer.kind !== 'instance'
      if (timer.recordId !== '') readSubject(timer.module, timer.recordId, {}, mayEnter)
      if (timer.kind === 'instance') readInstance(timer.instanceId, mayEnter)
      if (timer.kind !== 'broadcast') return
      const broadcast = readBroadcast(timer.broadcastId)
      if (broadcast === null) return
      const { source, cursor } = broadcast
      const ids =
        source.kind === 'list'
          ? broadcasts.records(broadcast.id, Number(cursor), request.pageMax)
          : records.idsAfter(timer.module, cursor, request.pageMax)
      readPage(trigger, timer.module, ids)
    }

    function readCommand(trigger: Trigger, command: Command): void {
      switch (command.do) {
        case 'transition':
          return readSubject(command.module, command.recordId)
        case 'enroll': {
          const module = definitions.moduleOf(`journey/${command.journey.replace(/^journey\//, '')}`)
          if (module !== null) for (const id of command.recordIds) readSubject(module, id)
          return
        }
        case 'exit':
          return readInstance(command.instanceId)
        case 'migrate': {
          const ids = instances.page(command.definition, command.from, command.after, request.pageMax)
          known.pages.set(trigger.id, ids)
          for (const id of ids) readInstance(id)
          return
        }
        case 'moveBroadcast':
          readBroadcast(command.id)
          return
        case 'pause':
        case 'resume':
        case 'broadcast':
          return
        default:
          throw new TypeError(`Unknown command: ${(command satisfies never as Command).do}`)
      }
    }
  }
}
