import { recordKey } from '#engine/state.ts'
import type { Broadcasts } from './broadcasts.ts'
import type { Contacts } from './contacts.ts'
import type { Entries } from './entries.ts'
import type { Instances } from './instances.ts'
import type { Outbox } from './outbox.ts'
import type { Records } from './records.ts'

/*
 * Keys of what a batch was decided on besides records. The dispatcher claims and settles while a batch is being decided, and
 * a decision about a message or a contact that moved meanwhile (its hold, its ids) must be made again. Module names hold no
 * colon, so these are no record keys.
 */
const MESSAGE = 'message:'
const CONTACT = 'contact:'
const INSTANCE = 'instance:'
/** What a record has entered: two batches must not both let it in. */
const ENTRIES = 'entries:'
const BROADCAST = 'broadcast:'

export const messageRevision = (id: string): string => MESSAGE + id
export const contactRevision = (id: string): string => CONTACT + id
export const instanceRevision = (id: string): string => INSTANCE + id
export const entriesRevision = (module: string, recordId: string): string => ENTRIES + recordKey(module, recordId)
export const broadcastRevision = (id: string): string => BROADCAST + id

interface Parts {
  broadcasts: Broadcasts
  contacts: Contacts
  entries: Entries
  instances: Instances
  outbox: Outbox
  records: Records
}

/** @returns the keys whose revision has moved; 0 stands for what does not exist */
export function movedSince(revisions: Map<string, number>, parts: Parts): string[] {
  const { broadcasts, contacts, entries, instances, outbox, records } = parts
  const moved: string[] = []
  for (const [key, revision] of revisions) if (revisionNow(key) !== revision) moved.push(key)
  return moved

  function revisionNow(key: string): number {
    if (key.startsWith(MESSAGE)) return outbox.revision(key.slice(MESSAGE.length))
    if (key.startsWith(CONTACT)) return contacts.revision(key.slice(CONTACT.length))
    if (key.startsWith(INSTANCE)) return instances.revision(key.slice(INSTANCE.length))
    if (key.startsWith(BROADCAST)) return broadcasts.revision(key.slice(BROADCAST.length))
    if (key.startsWith(ENTRIES)) return entries.revision(...moduleAndId(key.slice(ENTRIES.length)))
    return records.revision(...moduleAndId(key))
  }
}

function moduleAndId(key: string): [module: string, id: string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}
