import type { Module } from '#definitions/definitions.ts'
import type { Json, Values } from '#definitions/json.ts'
import type { Intake, Settings } from '#definitions/settings.ts'
import { recordKey, type Contact, type NumberState, type RecordState } from '../state.ts'
import type { MessageEvent, Trigger, WorldEvent } from '../trigger.ts'
import type { WorkingSet } from '../facts.ts'
import { allKeys } from './contact.ts'
import type { Draft } from './draft.ts'
import { lookupId } from './recordSource.ts'

type Registered = NonNullable<MessageEvent['registered']>

/** What becomes of unknown people who write to this number. */
export function intakeOf(number: NumberState | undefined, settings: Settings): Intake {
  return number?.intake ?? settings.intake
}

/** The event that makes a record of somebody. */
export const intakeSourceId = (contactId: string): string => `intake:${contactId}`

/** Of whom this event makes a record; null for any other event. */
export function registeredContact({ kind, source, sourceId }: WorldEvent): string | null {
  return kind === 'record' && source === 'denrei' && sourceId.startsWith('intake:') ? sourceId.slice(7) : null
}

/**
 * Registers somebody whom no record knows, in the module that the number or the settings name, and gives them to whose turn it is
 * (S24 to S26, S74). Whoever is known in any module is no stranger: a lead, a contact, and a colleague among the users too.
 *
 * The record is an event of our own, named after the contact: two messages at once make one record, and a record that was deleted
 * is not made again.
 *
 * The message itself meets no rule before the record is there, so it is told once more after it: see {@link decideAgain}. Another
 * message that comes in between is told again too.
 */
export function registerUnknown(draft: Draft<MessageEvent & Trigger>, contact: Contact): void {
  const { trigger, known, definitions } = draft
  const intake = intakeOf(
    known.numbers.find(({ id }) => id === trigger.numberId),
    known.settings,
  )
  if (intake.registerAs === null) return
  const looked = allKeys(trigger.from).map((key) => known.registered.get(key))
  // Not looked for, or known.
  if (looked.every((keys) => keys === undefined) || looked.some((keys) => keys !== undefined && keys.length > 0)) return
  const making = known.registering.get(contact.id)
  if (making !== undefined) {
    tellAgain(draft, making)
    return
  }
  const module = definitions.modules.get(intake.registerAs)
  const address = contact.phone ?? contact.bsuid
  if (module?.phone === undefined || address === null) {
    draft.notes.push('intake_impossible')
    return
  }
  const recordId = `wa-${contact.id}`
  const owner = assignee(draft, intake, trigger.numberId)
  const values: Values = {
    ...optional(module, 'Lead_Source', 'WhatsApp'),
    ...optional(module, 'Owner', owner),
    [module.phone]: address,
    [module.title]: contact.name ?? trigger.from.username ?? address,
  }
  draft.changes.push({
    kind: 'accept',
    at: draft.now,
    event: {
      kind: 'record',
      source: 'denrei',
      sourceId: intakeSourceId(contact.id),
      occurredAt: trigger.occurredAt,
      op: 'created',
      mode: 'merge',
      module: module.name,
      recordId,
      values,
      actor: 'intake',
    },
  })
  tellAgain(draft, { module: module.name, recordId })
  draft.notes.push(`registered ${recordKey(module.name, recordId)}`)
  if (owner === null && intake.assignTo !== null) {
    const { kind, ids } = intake.assignTo
    const details = { module: module.name, recordId, name: contact.name ?? address, kind, ids }
    draft.changes.push({
      kind: 'notify',
      to: { role: 'admin' },
      message: '',
      notice: { code: 'intake_without_assignee', severity: 'warning', details },
      module: module.name,
      recordId,
      at: draft.now,
    })
  }
}

/** After the record: events of our own are decided in the order in which they were made. Its name is ours, so it is told once. */
function tellAgain({ changes, trigger, now }: Draft<MessageEvent & Trigger>, registered: Registered): void {
  const { id, occurredAt, numberId, from, message, opensWindow } = trigger
  changes.push({
    kind: 'accept',
    at: now,
    event: {
      kind: 'message',
      source: 'denrei',
      sourceId: `stranger:${id}`,
      occurredAt,
      numberId,
      from,
      message: { ...message, raw: null },
      opensWindow,
      registered,
    },
  })
}

/** A field that a module of one's own may lack. */
function optional(module: Module, field: string, value: Json): Values {
  return value === null || !Object.hasOwn(module.fields, field) ? {} : { [field]: value }
}

/** Whose turn it is, counted for the number; null when there is nobody. */
function assignee(draft: Draft, { assignTo }: Intake, numberId: string): string | null {
  if (assignTo === null) return null
  const users = usersOf(draft.known, assignTo)
  if (users.length === 0) return null
  const counter = `intake#${numberId}`
  const turn = draft.known.counters.get(counter) ?? 0
  if (users.length > 1) draft.changes.push({ kind: 'count', counter, value: turn + 1 })
  return users[turn % users.length] ?? null
}

/**
 * The users behind a choice, those of groups and roles in the order of their ids. A user whose record says that they are gone or
 * not active is passed over; one without a record is believed, because the choice names them.
 */
function usersOf({ records }: Pick<WorkingSet, 'records'>, { kind, ids }: NonNullable<Intake['assignTo']>): string[] {
  switch (kind) {
    case 'user':
      return ids.filter((id) => isThere(records.get(recordKey(USERS, id)) ?? null))
    case 'group': {
      const members = ids.flatMap((id) => membersOf(records.get(recordKey(GROUPS, id)) ?? null))
      return [...new Set(members)].sort().filter((id) => isThere(records.get(recordKey(USERS, id)) ?? null))
    }
    case 'role': {
      const users = [...records.values()].filter((one) => one !== null && one.module === USERS && isThere(one))
      const wanted = new Set(ids)
      const having = users.filter((one) => wanted.has(lookupId(one?.values.Role) ?? ''))
      return having.flatMap((one) => one?.id ?? []).sort()
    }
  }
}

export const USERS = 'Users'
export const GROUPS = 'Groups'

function isThere(user: RecordState | null): boolean {
  return user === null || (!user.deleted && user.values.Active !== false)
}

/** Ids, or `{ "id": … }` as some CRMs write them. */
export function membersOf(group: RecordState | null): string[] {
  const members = group === null || group.deleted ? null : group.values.Members
  return Array.isArray(members) ? members.flatMap((one) => lookupId(one) ?? []) : []
}
