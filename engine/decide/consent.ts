import type { Contact } from '../state.ts'
import type { ConsentEvent, Trigger } from '../trigger.ts'
import type { Instant } from '../clock.ts'
import { knowContact } from './contact.ts'
import type { Draft } from './draft.ts'

/** A person said stop, or agreed again. */
export function decideConsent(draft: Draft<ConsentEvent & Trigger>): Draft {
  const { trigger } = draft
  const contact = knowContact(draft, trigger.who)
  putConsent(draft, contact, trigger.direction, trigger.scope, trigger.by, trigger.occurredAt)
  return draft
}

export function putConsent(
  draft: Draft,
  contact: Contact,
  direction: 'in' | 'out',
  scope: 'marketing' | 'all',
  by: string,
  at: Instant,
): void {
  if (isOverruled(contact, direction, scope, at)) {
    draft.notes.push('late_consent')
    return
  }
  const after = withConsent(contact, direction, scope, by, at)
  draft.changes.push({ kind: 'putContact', contact: after, at: draft.now })
  draft.notes.push(direction === 'out' ? `opted_out ${scope}` : `opted_in ${scope}`)
}

/** Webhooks come out of order: an older START must not lift a newer STOP, nor the other way round. */
function isOverruled(contact: Contact, direction: 'in' | 'out', scope: 'marketing' | 'all', at: Instant): boolean {
  const newer = (other: Instant | null) => other !== null && other > at
  if (direction === 'out') return newer(contact.optedInAt)
  return scope === 'all'
    ? newer(contact.optedOutAllAt) || newer(contact.optedOutMarketingAt)
    : newer(contact.optedOutMarketingAt)
}

/** Opting in to everything lifts every opt-out; opting in to marketing leaves a full stop standing. */
function withConsent(
  contact: Contact,
  direction: 'in' | 'out',
  scope: 'marketing' | 'all',
  by: string,
  at: Instant,
): Contact {
  if (direction === 'out') {
    return scope === 'all'
      ? { ...contact, optedOutAllAt: at, optedOutMarketingAt: at, optedInAt: null, consentBy: by }
      : { ...contact, optedOutMarketingAt: at, consentBy: by }
  }
  return scope === 'all'
    ? { ...contact, optedOutAllAt: null, optedOutMarketingAt: null, optedInAt: at, consentBy: by }
    : { ...contact, optedOutMarketingAt: null, optedInAt: at, consentBy: by }
}
