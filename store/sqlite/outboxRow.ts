import type { Instant } from '#engine/clock.ts'
import type { Category, Form, GuardReason, Intent, Message, MessageState } from '#engine/message.ts'
import type { WaitsFor } from '#engine/trigger.ts'
import type { outbox } from './schema/outbox.ts'

/** One row of the outbox, with the texts of the schema narrowed to the engine's words. */
export type OutboxRow = Omit<typeof outbox.$inferSelect, 'state' | 'waitsFor' | 'holdState' | 'category' | 'form'> & {
  state: MessageState
  waitsFor: WaitsFor | null
  holdState: Message['holdState']
  category: Category | null
  form: Form | null
}

/** `dueAt` of a row that waits for an event and not for a time: the last instant that `Date` can tell. */
export const NEVER_AT: Instant = 8_640_000_000_000_000
/** The lane of all work that is no message. */
export const WORK_LANE = 'work'

/** A hold that names neither a time nor an event is looked at again after this long, so that nothing waits for ever. */
const HOLD_RECHECK_MS = 15 * 60_000

/** When a held row is looked at again. */
export function heldUntil(hold: { until?: Instant; waitsFor?: WaitsFor }, now: Instant): Instant {
  return hold.until ?? (hold.waitsFor === undefined ? now + HOLD_RECHECK_MS : NEVER_AT)
}

/** The lane an intent belongs to; '' while nobody can tell the number. */
export function laneOf(intent: Intent): string {
  return intent.kind === 'work' ? WORK_LANE : (intent.numberId ?? '')
}

/** A row as it begins. */
export function newRow(
  intent: Intent,
  contactId: string | null,
  stands: { state: 'queued' | 'held' | 'blocked'; reason: GuardReason | null; detail: string | null } & Pick<
    OutboxRow,
    'dueAt' | 'waitsFor' | 'queue'
  >,
  at: Instant,
): OutboxRow {
  const template = intent.kind === 'sendTemplate' ? intent.template : null
  return {
    id: intent.id,
    kind: intent.kind,
    lane: laneOf(intent),
    definition: intent.definition,
    module: intent.module,
    recordId: intent.recordId,
    template: template?.as ?? template?.name ?? '',
    language: template?.language ?? '',
    intent: JSON.stringify(intent),
    contactId,
    instanceId: intent.kind === 'sendTemplate' ? (intent.instanceId ?? null) : null,
    ...stands,
    attempts: 0,
    fence: 0,
    form: null,
    leasedUntil: null,
    wamid: null,
    priceMicros: 0,
    market: null,
    category: null,
    holdState: 'none',
    revision: 1,
    createdAt: at,
    claimedAt: null,
    acceptedAt: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    failedAt: null,
    plainSteps: 0,
  }
}

/** @param intent when it has been read already */
export function toMessage(row: OutboxRow, intent = JSON.parse(row.intent) as Intent): Message {
  return {
    intent,
    state: row.state,
    reason: row.reason,
    detail: row.detail,
    dueAt: row.dueAt,
    waitsFor: row.waitsFor,
    attempts: row.attempts,
    fence: row.fence,
    form: row.form,
    contactId: row.contactId,
    wamid: row.wamid,
    priceMicros: row.priceMicros,
    market: row.market,
    holdState: row.holdState,
    createdAt: row.createdAt,
    acceptedAt: row.acceptedAt,
    sentAt: row.sentAt,
    deliveredAt: row.deliveredAt,
    readAt: row.readAt,
    failedAt: row.failedAt,
  }
}
