import type { Instant } from '../clock.ts'
import type { Contact } from '../state.ts'
import type { Draft } from './draft.ts'

const DAY_MS = 24 * 60 * 60_000

/** WhatsApp could not deliver to this person. */
const UNDELIVERABLE = 131026
/** WhatsApp withheld marketing from this person, because they get much or read little. */
const MARKETING_WITHHELD = 131049
/** This person is in a group that gets no marketing, for an experiment of WhatsApp's. */
const IN_EXPERIMENT = 130472

/** Undeliverable messages count as being in a row when no more than this lies between them. */
export const UNREACHABLE_FOR_MS = 30 * DAY_MS

/**
 * What an error tells about the person, whichever way it came. Nothing changes for errors that are about something else.
 *
 * - 131026 counts; after some in a row (settings) nothing more goes to the person.
 * - 131049 keeps marketing back for a day, and for two when an earlier one ended less than a week ago.
 * - 130472 keeps marketing back for a week: trying again sooner is useless, and experiments end.
 *
 * Source: Meta, Cloud API, "Error codes", "Per-user marketing template message limits" (not before 24 hours, then less often).
 */
export function capContact(draft: Draft, contact: Contact, error: number, at: Instant): void {
  const change = changeOf(contact, error, at)
  if (change === null) return
  draft.changes.push({ kind: 'putContact', contact: { ...contact, ...change }, at: draft.now })
  draft.notes.push('cappedUntil' in change ? 'marketing_capped' : 'undeliverable')
}

function changeOf(contact: Contact, error: number, at: Instant): Partial<Contact> | null {
  switch (error) {
    case UNDELIVERABLE: {
      const { unreachable, unreachableAt } = contact
      const inRow = unreachableAt !== null && at - unreachableAt < UNREACHABLE_FOR_MS
      return { unreachable: inRow ? unreachable + 1 : 1, unreachableAt: Math.max(unreachableAt ?? at, at) }
    }
    case MARKETING_WITHHELD: {
      const { cappedUntil } = contact
      // While it is kept back already, this is one more of the same wave.
      const again = cappedUntil !== null && cappedUntil <= at && at - cappedUntil < 7 * DAY_MS
      return later(contact, at + (again ? 2 : 1) * DAY_MS)
    }
    case IN_EXPERIMENT:
      return later(contact, at + 7 * DAY_MS)
    default:
      return null
  }
}

function later({ cappedUntil }: Contact, until: Instant): Partial<Contact> | null {
  return cappedUntil !== null && cappedUntil >= until ? null : { cappedUntil: until }
}

/** Something reached the person, or came from them, after the last failure. */
export function reachedContact(draft: Draft, contact: Contact, at: Instant): Contact {
  const { unreachable, unreachableAt } = contact
  if (unreachable === 0 || (unreachableAt !== null && unreachableAt > at)) return contact
  const reached = { ...contact, unreachable: 0, unreachableAt: null }
  draft.changes.push({ kind: 'putContact', contact: reached, at: draft.now })
  return reached
}
