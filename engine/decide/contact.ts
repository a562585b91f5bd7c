import { addressKeys } from '../facts.ts'
import { addressVariants } from '../phone.ts'
import type { Contact } from '../state.ts'
import type { Address } from '../trigger.ts'
import type { Draft } from './draft.ts'

/**
 * Finds the person behind an address, or makes a new contact, and writes down what the address newly tells. Two contacts
 * that prove to be one are merged into the older knowledge: BSUID first, then WhatsApp id, then phone.
 */
export function knowContact(draft: Draft, address: Address, name?: string): Contact {
  const { known, now } = draft
  const ids = [...new Set(allKeys(address).flatMap((key) => known.contactByAddress.get(key) ?? []))]
  const [first, ...others] = ids.map((id) => known.contacts.get(id)).filter((one) => one !== undefined)
  const before = first ?? newContact(`c-${draft.nextId()}`)
  const after: Contact = others.reduce(mergeInto, {
    ...before,
    phone: before.phone ?? address.phone ?? (address.waId ? `+${address.waId}` : null),
    waId: address.waId ?? before.waId,
    bsuid: address.bsuid ?? before.bsuid,
    name: name ?? before.name,
  })
  for (const other of others) draft.changes.push({ kind: 'mergeContacts', from: other.id, into: after.id, at: now })
  if (first === undefined || !sameContact(first, after))
    draft.changes.push({ kind: 'putContact', contact: after, at: now })
  return after
}

/** Every spelling under which the person may be known already. */
export function allKeys(address: Address): string[] {
  const digits = [address.waId, address.phone?.replace(/^\+/, '')].filter((one): one is string => !!one)
  const variants = digits.flatMap(addressVariants)
  return [...new Set([...addressKeys(address), ...variants, ...variants.map((one) => `+${one}`)])]
}

export function newContact(id: string): Contact {
  return {
    id,
    phone: null,
    waId: null,
    bsuid: null,
    name: null,
    optedOutMarketingAt: null,
    optedOutAllAt: null,
    optedInAt: null,
    optedInAllAt: null,
    consentBy: null,
    cappedUntil: null,
    unreachable: 0,
    unreachableAt: null,
  }
}

/** An opt-out survives a merge: it is safer to ask again than to write to someone who said stop. */
function mergeInto(into: Contact, other: Contact): Contact {
  return {
    ...into,
    phone: into.phone ?? other.phone,
    waId: into.waId ?? other.waId,
    bsuid: into.bsuid ?? other.bsuid,
    name: into.name ?? other.name,
    optedOutMarketingAt: into.optedOutMarketingAt ?? other.optedOutMarketingAt,
    optedOutAllAt: into.optedOutAllAt ?? other.optedOutAllAt,
    optedInAt: into.optedInAt ?? other.optedInAt,
    optedInAllAt: into.optedInAllAt ?? other.optedInAllAt,
    consentBy: into.consentBy ?? other.consentBy,
    cappedUntil: Math.max(into.cappedUntil ?? 0, other.cappedUntil ?? 0) || null,
  }
}

function sameContact(a: Contact, b: Contact): boolean {
  return (Object.keys(b) as (keyof Contact)[]).every((key) => a[key] === b[key])
}
