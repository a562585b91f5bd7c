import type { Message } from '../message.ts'
import { recordKey, type Contact } from '../state.ts'
import type { EraseEvent, Trigger } from '../trigger.ts'
import { versionedKey } from '../instance.ts'
import { asJson, bodyOf } from '../journey/body.ts'
import { allKeys } from './contact.ts'
import type { Draft } from './draft.ts'
import { end, instanceOf, remember, runningOf } from './instances.ts'

/**
 * Forgets a person: the contact, the records with the address in a phone field and those that are named, and all that the store
 * holds about them. Their places in blueprints and journeys end first, so that the sums of those stay true. Erasing somebody
 * who is not there changes nothing and tells nobody.
 */
export function decideErase(draft: Draft<EraseEvent & Trigger>): Draft {
  const { trigger, now } = draft
  const contact = contactOf(draft)
  const addresses = [...new Set([...allKeys(trigger.who), ...(contact === null ? [] : allKeys(addressOf(contact)))])]
  const records = recordsOf(draft, addresses)
  for (const { module, recordId } of records) endAll(draft, module, recordId)
  const others = forgetElsewhere(draft, addresses)
  if (contact === null && records.length === 0 && others === 0) {
    draft.notes.push('nobody_to_erase')
  } else {
    draft.changes.push({
      kind: 'notify',
      to: { role: 'admin' },
      message: '',
      // Who was erased must not be told by what tells of it.
      notice: { code: 'person_erased', severity: 'info', details: { records: records.length, actor: trigger.actor } },
      module: '',
      recordId: '',
      at: now,
    })
    draft.notes.push('erased', `records:${records.length}`)
  }
  // Also when nobody is known: the event that asks for it names the person.
  draft.changes.push({ kind: 'erase', contactId: contact?.id ?? null, addresses, records, at: now })
  return draft
}

function contactOf({ trigger, known }: Draft<EraseEvent & Trigger>): Contact | null {
  for (const key of allKeys(trigger.who)) {
    const contact = known.contacts.get(known.contactByAddress.get(key) ?? '')
    if (contact !== undefined) return contact
  }
  return null
}

/** It went to somebody who was erased: nobody is named in it any more. */
export function isForgotten({ contactId, intent }: Message): boolean {
  if (intent.kind !== 'sendTemplate' || contactId !== null) return false
  const { raw, phone, bsuid } = intent.to
  return raw === '' && phone === undefined && bsuid === undefined
}

/** How a contact is known by now. */
export function addressOf({ phone, waId, bsuid }: Pick<Contact, 'phone' | 'waId' | 'bsuid'>): EraseEvent['who'] {
  return { ...(phone !== null && { phone }), ...(waId !== null && { waId }), ...(bsuid !== null && { bsuid }) }
}

/** Those that carry one of the addresses, and those that are named; each once, deleted ones too. */
function recordsOf({ trigger, known }: Draft<EraseEvent & Trigger>, addresses: string[]) {
  const keys = new Map<string, { module: string; recordId: string }>()
  for (const { module, recordId } of trigger.records ?? []) {
    if (known.records.get(recordKey(module, recordId))) keys.set(recordKey(module, recordId), { module, recordId })
  }
  for (const key of addresses.flatMap((address) => known.recordsByAddress.get(address) ?? [])) {
    const record = known.records.get(key)
    if (record) keys.set(key, { module: record.module, recordId: record.id })
  }
  return [...keys.values()]
}

function endAll(draft: Draft<EraseEvent & Trigger>, module: string, recordId: string): void {
  draft.changes.push({ kind: 'cancelTimers', which: { module, recordId }, reason: 'erased', at: draft.now })
  for (const kind of ['blueprint', 'journey'] as const) {
    for (const one of runningOf(draft, module, recordId, kind)) end(draft, one, 'erased', { by: versionedKey(one) })
  }
}

/** Journeys of other records may have written to this person, and remember what was answered. They go on, and forget it. @returns how many */
function forgetElsewhere(draft: Draft<EraseEvent & Trigger>, addresses: string[]): number {
  const ids = new Set(addresses.flatMap((address) => draft.known.instancesByAddress.get(address) ?? []))
  const own = new Set(addresses)
  let count = 0
  for (const id of ids) {
    const one = instanceOf(draft, id)
    if (one === null || one.status === 'ended' || one.kind !== 'journey') continue
    const body = bodyOf(one)
    const sent = Object.entries(body.sent).map(([step, about]) => [step, { ...about, fact: null }] as const)
    remember(draft, one, {
      addresses: one.addresses.filter((address) => !own.has(address)),
      body: asJson({ ...body, sent: Object.fromEntries(sent), replies: [], heard: null }),
    })
    count++
  }
  return count
}
