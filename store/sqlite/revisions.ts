import type { Contacts } from './contacts.ts'
import type { Outbox } from './outbox.ts'
import type { Records } from './records.ts'

/*
 * Keys of what a batch was decided on besides records. The dispatcher claims and settles while a batch is being decided, and
 * a decision about a message or a contact that moved meanwhile (its hold, its ids) must be made again. Module names hold no
 * colon, so these are no record keys.
 */
const MESSAGE = 'message:'
const CONTACT = 'contact:'

export const messageRevision = (id: string): string => MESSAGE + id
export const contactRevision = (id: string): string => CONTACT + id

/** @returns the keys whose revision has moved; 0 stands for what does not exist */
export function movedSince(
  revisions: Map<string, number>,
  { records, contacts, outbox }: { records: Records; contacts: Contacts; outbox: Outbox },
): string[] {
  const moved: string[] = []
  for (const [key, revision] of revisions) if (revisionNow(key) !== revision) moved.push(key)
  return moved

  function revisionNow(key: string): number {
    if (key.startsWith(MESSAGE)) return outbox.revision(key.slice(MESSAGE.length))
    if (key.startsWith(CONTACT)) return contacts.revision(key.slice(CONTACT.length))
    const slash = key.indexOf('/')
    return records.revision(key.slice(0, slash), key.slice(slash + 1))
  }
}
