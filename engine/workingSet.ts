import { registeredContact } from './decide/intake.ts'
import type { Change, Decision, MessageMove } from './decision.ts'
import { addressKeys, type WorkingSet } from './facts.ts'
import { entryAfter, entryKey, type Instance } from './instance.ts'
import type { Message } from './message.ts'
import { recordKey, templateKey, type Contact } from './state.ts'
import type { WorldEvent } from './trigger.ts'

/** The key of a rule that ran once for a record. */
export function ranKey(rule: string, module: string, recordId: string): string {
  return `${rule}\u0000${module}\u0000${recordId}`
}

/**
 * Folds a decision into what is known, so that the next trigger of the batch sees what this one did, exactly as if it had
 * been loaded after the commit. Only what a decider can ask about is folded.
 */
export function fold(known: WorkingSet, decision: Decision): void {
  for (const change of decision.changes) foldChange(known, change)
}

function foldChange(known: WorkingSet, change: Change): void {
  switch (change.kind) {
    case 'putRecord':
      return foldRecord(known, change)
    case 'ruleRan':
      known.ran.add(ranKey(change.rule, change.module, change.recordId))
      return
    case 'putContact':
      return foldContact(known, change.contact)
    case 'mergeContacts':
      known.contacts.delete(change.from)
      for (const [address, id] of known.contactByAddress)
        if (id === change.from) known.contactByAddress.set(address, change.into)
      return
    case 'inbound':
      if (!change.opensWindow) return
      known.conversations.set(`${change.numberId}/${change.contactId}`, {
        numberId: change.numberId,
        contactId: change.contactId,
        lastOutboundAt: known.conversations.get(`${change.numberId}/${change.contactId}`)?.lastOutboundAt ?? null,
        freeUntil: known.conversations.get(`${change.numberId}/${change.contactId}`)?.freeUntil ?? null,
        lastInboundAt: Math.max(
          change.at,
          known.conversations.get(`${change.numberId}/${change.contactId}`)?.lastInboundAt ?? 0,
        ),
      })
      return
    case 'moveMessage': {
      const message = known.messages.get(change.move.id)
      if (message !== undefined) known.messages.set(change.move.id, moved(message, change.move))
      return
    }
    case 'putTemplate':
      known.templates.set(templateKey(change.template), change.template)
      return
    case 'putAccount':
      known.accounts.set(change.account.id, change.account)
      return
    case 'putNumber': {
      const at = known.numbers.findIndex(({ id }) => id === change.number.id)
      if (at < 0) known.numbers.push(change.number)
      else known.numbers[at] = change.number
      return
    }
    case 'putPurchase':
      known.purchases.set(change.purchase.id, change.purchase)
      return
    case 'erase':
      return foldErase(known, change)
    case 'post':
      for (const { account, amountMicros } of change.postings) {
        if (account === 'available') known.availableMicros += amountMicros
        if (account === 'purchases') known.boughtMicros -= amountMicros
        if (account === 'owed') known.owedMicros -= amountMicros
      }
      return
    case 'count':
      known.counters.set(change.counter, change.value)
      return
    case 'putInstance':
      return foldInstance(known, change)
    case 'putBroadcast':
      known.broadcasts.set(change.broadcast.id, change.broadcast)
      return
    case 'pause':
      known.paused.set(change.definition, change.at)
      return
    case 'resume':
      known.paused.delete(change.definition)
      return
    case 'accept':
      return foldAccept(known, change.event)
    case 'enqueue':
    case 'timer':
    case 'cancelTimers':
    case 'release':
    case 'notify':
    case 'parkStatus':
    case 'forgetEvent':
    case 'noteConsent':
    case 'freeUntil':
    case 'keep':
      return
    default:
      throw new TypeError(`Unknown change: ${(change satisfies never as Change).kind}`)
  }
}

/** The next message of the same stranger finds that they are being registered. */
function foldAccept(known: WorkingSet, event: WorldEvent): void {
  const contactId = registeredContact(event)
  if (contactId === null || event.kind !== 'record') return
  known.registering.set(contactId, { module: event.module, recordId: event.recordId })
}

function foldErase(known: WorkingSet, { contactId, records }: Extract<Change, { kind: 'erase' }>): void {
  if (contactId !== null) {
    known.contacts.delete(contactId)
    for (const [address, id] of known.contactByAddress) if (id === contactId) known.contactByAddress.delete(address)
  }
  for (const { module, recordId } of records) {
    const key = recordKey(module, recordId)
    known.records.set(key, null)
    for (const id of known.instancesByRecord.get(key) ?? []) known.instances.delete(id)
    if (known.instancesByRecord.has(key)) known.instancesByRecord.set(key, [])
  }
}

function foldRecord(known: WorkingSet, change: Extract<Change, { kind: 'putRecord' }>): void {
  const key = recordKey(change.module, change.id)
  const before = known.records.get(key)
  known.records.set(key, {
    module: change.module,
    id: change.id,
    values: change.values,
    revision: (before?.revision ?? 0) + 1,
    createdAt: before?.createdAt ?? change.at,
    updatedAt: change.at,
    deleted: change.deleted,
    recent: change.recent,
  })
  for (const address of change.addresses) {
    const there = known.recordsByAddress.get(address)
    if (there !== undefined && !there.includes(key)) there.push(key)
    known.registered.get(address)?.push(key)
  }
}

function foldInstance(known: WorkingSet, { instance, steps }: Extract<Change, { kind: 'putInstance' }>): void {
  const { id, status } = instance
  const left = known.instances.get(id)?.addresses ?? []
  known.instances.set(id, instance)
  known.entries.set(entryKey(instance), entryAfter(known.entries.get(entryKey(instance)), instance, steps))
  const runs = status === 'running'
  list(known.instancesByRecord.get(recordKey(instance.module, instance.recordId)), id, runs)
  for (const address of new Set([...left, ...instance.addresses])) {
    const there = known.instancesByAddress.get(address)
    list(there, id, runs && instance.addresses.includes(address))
    // One that entered long ago may write there only now.
    there?.sort((a, b) => byEntry(known.instances.get(a), known.instances.get(b)))
  }
}

/** Only lists that were asked for: a list begun here would look as if nothing else were on it. */
function list(ids: string[] | undefined, id: string, isOn: boolean): void {
  if (ids === undefined) return
  const at = ids.indexOf(id)
  if (!isOn && at >= 0) ids.splice(at, 1)
  else if (isOn && at < 0) ids.push(id)
}

/** Oldest first, as the store lists them. */
function byEntry(a: Instance | undefined, b: Instance | undefined): number {
  if (a === undefined || b === undefined) return 0
  return a.enteredAt - b.enteredAt || (a.id < b.id ? -1 : 1)
}

function foldContact(known: WorkingSet, contact: Contact): void {
  known.contacts.set(contact.id, contact)
  const address = {
    bsuid: contact.bsuid ?? undefined,
    waId: contact.waId ?? undefined,
    phone: contact.phone ?? undefined,
  }
  for (const key of addressKeys(
    Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined)),
  )) {
    known.contactByAddress.set(key, contact.id)
  }
}

function moved(message: Message, { id: _id, ...move }: MessageMove): Message {
  return { ...message, ...move }
}
