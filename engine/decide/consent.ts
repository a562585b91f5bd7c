import type { Contact } from '../state.ts'
import type { ConsentEvent, Trigger } from '../trigger.ts'
import type { Instant } from '../clock.ts'
import { knowContact } from './contact.ts'
import type { Draft } from './draft.ts'

/** How it is proved: where it was said, what was said or shown, and who wrote it down. Left out where it is not known. */
export type ConsentProof = Pick<ConsentEvent, 'channel' | 'proof' | 'actor'>

/** A person said stop, or agreed again. */
export function decideConsent(draft: Draft<ConsentEvent & Trigger>): Draft {
  const { trigger } = draft
  const contact = knowContact(draft, trigger.who)
  putConsent(draft, contact, trigger.direction, trigger.scope, trigger.by, trigger.occurredAt, trigger)
  return draft
}

/** Writes it into the book of consent, late or not, and changes how the person stands by it. */
export function putConsent(
  draft: Draft,
  contact: Contact,
  direction: 'in' | 'out',
  scope: 'marketing' | 'all',
  by: string,
  at: Instant,
  { channel = null, proof = null, actor = null }: { [Part in keyof ConsentProof]: ConsentProof[Part] | null } = {},
): void {
  draft.changes.push({
    kind: 'noteConsent',
    entry: { contactId: contact.id, at, direction, scope, by, channel, proof, actor },
  })
  const change = direction === 'out' ? optOut(contact, scope, at) : optIn(contact, scope, at)
  if (Object.keys(change).length === 0) {
    draft.notes.push('late_consent')
    return
  }
  draft.changes.push({ kind: 'putContact', contact: { ...contact, ...change, consentBy: by }, at: draft.now })
  draft.notes.push(direction === 'out' ? `opted_out ${scope}` : `opted_in ${scope}`)
}

/**
 * Webhooks come out of order, and the newest word holds whatever the order of their coming: an older START must not lift a
 * newer STOP, nor the other way round. Marketing and everything are two questions; a word about everything answers both,
 * and each answer stands unless a newer one to the same question is known.
 */
function optOut(contact: Contact, scope: 'marketing' | 'all', at: Instant): Partial<Contact> {
  const { optedOutMarketingAt, optedOutAllAt, optedInAt, optedInAllAt } = contact
  return {
    ...(!isNewer(optedInAt, at) && { optedOutMarketingAt: newest(optedOutMarketingAt, at) }),
    ...(scope === 'all' &&
      !isNewer(optedInAllAt, at) && { optedOutAllAt: newest(optedOutAllAt, at), optedInAllAt: null }),
    // Who stops everything has agreed to nothing any more.
    ...(scope === 'all' && !isNewer(optedInAt, at) && { optedInAt: null }),
  }
}

/** Opting in to everything lifts every opt-out; opting in to marketing leaves a full stop standing. */
function optIn(contact: Contact, scope: 'marketing' | 'all', at: Instant): Partial<Contact> {
  const { optedOutMarketingAt, optedOutAllAt, optedInAt, optedInAllAt } = contact
  return {
    ...(!isNewer(optedOutMarketingAt, at) && { optedOutMarketingAt: null, optedInAt: newest(optedInAt, at) }),
    ...(scope === 'all' &&
      !isNewer(optedOutAllAt, at) && { optedOutAllAt: null, optedInAllAt: newest(optedInAllAt, at) }),
  }
}

const isNewer = (known: Instant | null, at: Instant): boolean => known !== null && known > at
const newest = (known: Instant | null, at: Instant): Instant => Math.max(known ?? at, at)
