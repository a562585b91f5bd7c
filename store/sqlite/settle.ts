import type { Instant } from '#engine/clock.ts'
import { release } from '#engine/ledger.ts'
import type { MessageState, SendIntent } from '#engine/message.ts'
import type { Settlement } from '#engine/claim.ts'
import type { Contacts } from './contacts.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import { heldUntil, type OutboxRow } from './outboxRow.ts'
import type { Outcomes } from './outcomes.ts'
import type { Parking } from './parking.ts'

interface Parts {
  contacts: Contacts
  ledger: Ledger
  outbox: Outbox
  outcomes: Outcomes
  parking: Parking
}

type SettlementOf<K extends Settlement['kind']> = Settlement & { kind: K }

/** States only WhatsApp can tell of: whoever is there has been accepted, whatever our own answer says. */
const TOLD: ReadonlySet<MessageState> = new Set(['accepted', 'sent', 'delivered', 'read', 'failed'])

/** Writes how attempts ended. Runs inside the caller's transaction. */
export function createSettle({ contacts, ledger, outbox, outcomes, parking }: Parts) {
  /** Gives the credits back when some are held. */
  function giveBack(row: OutboxRow, at: Instant): Pick<OutboxRow, 'holdState'> {
    if (row.holdState !== 'held') return { holdState: row.holdState }
    ledger.post(release(row.id, row.fence, row.priceMicros, at))
    return { holdState: 'released' }
  }

  /** A status can come before our own answer is stored. Then the answer only fills in what is missing. */
  function accepted(row: OutboxRow, settlement: SettlementOf<'accepted'>, newId: () => string): void {
    const { wamid, at, held = false } = settlement
    const contactId = learn(row, settlement)
    const told = TOLD.has(row.state)
    // What was told of a text that was refused gives way to what is told of the template that took its place.
    const before = row.form === 'fallback' && !told ? { wamid: null, acceptedAt: null } : row
    const filled = {
      ...(contactId !== row.contactId && { contactId }),
      wamid: before.wamid ?? wamid,
      acceptedAt: before.acceptedAt ?? at,
      leasedUntil: null,
    }
    if (told) outbox.fill(row, filled)
    else {
      const detail = held ? 'held_for_quality_assessment' : null
      outbox.put(row, { ...filled, state: 'accepted', reason: null, detail, waitsFor: null }, at)
    }
    if (contactId !== null) contacts.touchConversation(row.lane, contactId, { outboundAt: at })
    parking.release(wamid, at, newId)
  }

  /** What the answer tells of the recipient. An id that was another contact's proves the two to be one. */
  function learn(row: OutboxRow, { waId, bsuid }: SettlementOf<'accepted'>): string | null {
    const id = row.contactId ?? contacts.find((outbox.intentOf(row) as SendIntent).to)
    const contact = id === null ? null : contacts.byId(id)
    if (contact === null) return row.contactId
    if ((waId ?? contact.waId) === contact.waId && (bsuid ?? contact.bsuid) === contact.bsuid) return contact.id
    for (const address of [waId, bsuid]) {
      const other = address === undefined ? null : contacts.idAt(address)
      if (other !== null) contacts.merge(other, contact.id)
    }
    const known = contacts.byId(contact.id) ?? contact
    contacts.save({ ...known, waId: waId ?? known.waId, bsuid: bsuid ?? known.bsuid })
    return contact.id
  }

  function settleOne(settlement: Settlement, newId: () => string): boolean {
    const row = outbox.get(settlement.id)
    if (row === null || !isOpen(row, settlement.fence)) return false
    const { at } = settlement
    if (settlement.kind === 'accepted') {
      accepted(row, settlement, newId)
      return true
    }
    if (TOLD.has(row.state)) {
      outbox.fill(row, { leasedUntil: null })
      return true
    }
    switch (settlement.kind) {
      case 'done':
        outbox.put(row, { state: 'done', reason: null, detail: settlement.detail ?? null, leasedUntil: null }, at)
        return true
      case 'failed': {
        const { reason, detail } = settlement
        const ended = { state: 'failed', reason, detail, failedAt: at, leasedUntil: null } as const
        outcomes.tell(outbox.put(row, { ...ended, ...giveBack(row, at) }, at), at, newId)
        return true
      }
      case 'retry': {
        const { reason, detail, dueAt, form = row.form } = settlement
        const again = { state: 'queued', reason, detail, dueAt, form, leasedUntil: null } as const
        outbox.put(row, { ...again, ...giveBack(row, at) }, at)
        return true
      }
      case 'held': {
        const { reason, detail, waitsFor = null } = settlement
        const waits = {
          state: 'held',
          reason,
          detail,
          dueAt: heldUntil(settlement, at),
          waitsFor,
          leasedUntil: null,
        } as const
        outbox.put(row, { ...waits, ...giveBack(row, at) }, at)
        return true
      }
      case 'unknown': {
        const { detail, dueAt } = settlement
        outbox.put(row, { state: 'unknown', reason: null, detail, dueAt, leasedUntil: null }, at)
        return true
      }
      default:
        throw new TypeError(`Unknown settlement: ${(settlement satisfies never as Settlement).kind}`)
    }
  }

  return {
    settle: (settlements: Settlement[], newId: () => string): boolean[] =>
      settlements.map((one) => settleOne(one, newId)),
    /** A worker died or hangs: nobody knows whether the message went out. Work may simply be done again. */
    expire(row: OutboxRow, now: Instant, unknownWaitMs: number): void {
      if (row.kind === 'work') outbox.put(row, { state: 'queued', dueAt: now, detail: 'lease_expired' }, now)
      else outbox.put(row, { state: 'unknown', dueAt: now + unknownWaitMs, detail: 'lease_expired' }, now)
    },
    /** No status came in time. The fence grows, because from here on a late answer would be told to another attempt. */
    resolve(row: OutboxRow, now: Instant, newId: () => string): 'requeued' | 'gaveUp' {
      const intent = outbox.intentOf(row)
      const closed = { ...giveBack(row, now), fence: row.fence + 1, leasedUntil: null }
      if (intent.kind === 'work' || intent.delivery === 'at-least-once') {
        outbox.put(row, { ...closed, state: 'queued', dueAt: now, detail: 'answer_lost' }, now)
        return 'requeued'
      }
      outcomes.tell(
        outbox.put(row, { ...closed, state: 'gave_up', reason: 'answer_lost', detail: null }, now),
        now,
        newId,
      )
      return 'gaveUp'
    },
  }
}

/**
 * Whether the claim with this fence is still unanswered. A lease that ran out does not close it as long as nobody else
 * took the row: a late answer is better than none.
 */
function isOpen(row: OutboxRow, fence: number): boolean {
  return row.fence === fence && (row.leasedUntil !== null || row.state === 'unknown')
}
