import { allKeys } from '#engine/decide/contact.ts'
import { GROUPS, intakeOf, intakeSourceId, membersOf, USERS } from '#engine/decide/intake.ts'
import type { WorkingSet } from '#engine/facts.ts'
import { recordKey } from '#engine/state.ts'
import type { MessageEvent } from '#engine/trigger.ts'
import type { Inbox } from './inbox.ts'
import type { Records } from './records.ts'

/** Users of a CRM; of more than these, those with the first ids share the work. */
const USERS_MAX = 1000

/**
 * Reads whether anybody knows the sender of a message, where unknown people are to be registered; and for a stranger, whom they
 * could be given to.
 */
export function readIntake(
  known: WorkingSet,
  { from, numberId, opensWindow }: MessageEvent,
  { records, inbox }: { records: Pick<Records, 'allAt' | 'idsAfter'>; inbox: Pick<Inbox, 'find'> },
  readRecord: (module: string, id: string) => void,
): void {
  const intake = intakeOf(
    known.numbers.find(({ id }) => id === numberId),
    known.settings,
  )
  if (intake.registerAs === null || !opensWindow) return
  const keys = allKeys(from)
  const found = records.allAt(keys).map(({ module, recordId }) => recordKey(module, recordId))
  const contactId = keys.map((key) => known.contactByAddress.get(key)).find((id) => id !== undefined)
  const made = contactId === undefined ? null : inbox.find('denrei', intakeSourceId(contactId))
  // A record was made, and is gone: that was somebody's wish.
  if (found.length === 0 && made?.state === 'done') return
  for (const key of keys) known.registered.set(key, [...found])
  if (contactId !== undefined && made?.event.kind === 'record' && made.state === 'pending') {
    known.registering.set(contactId, { module: made.event.module, recordId: made.event.recordId })
  }
  if (found.length > 0 || intake.assignTo === null) return
  const { kind, ids } = intake.assignTo
  switch (kind) {
    case 'user':
      for (const id of ids) readRecord(USERS, id)
      return
    case 'group':
      for (const id of ids) {
        readRecord(GROUPS, id)
        for (const user of membersOf(known.records.get(recordKey(GROUPS, id)) ?? null)) readRecord(USERS, user)
      }
      return
    case 'role':
      for (const id of records.idsAfter(USERS, '', USERS_MAX)) readRecord(USERS, id)
      return
  }
}
