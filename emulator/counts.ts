import type { Account } from './account.ts'
import type { MessageStatus } from './messages.ts'
import type { WebhookCounts } from './webhooks.ts'

/** What the emulator has seen, to be compared with what the caller believes. */
export interface Counts {
  /** Sends answered (or to be answered) with 200. */
  accepted: number
  /** Messages by the status they stand at. */
  byStatus: Record<MessageStatus, number>
  /** Accepted sends by the caller's own id (`biz_opaque_callback_data`). More than 1: sent twice. */
  byOpaqueId: Map<string, number>
  /** Refused sends by error code. */
  refused: Record<string, number>
  /** Calls that a fault hit, by kind. */
  faults: Record<string, number>
  /** Messages from users. */
  inbound: number
  webhooks: WebhookCounts
}

export const countsOf = (account: Account): Counts => ({
  accepted: account.messages.size,
  byStatus: account.messages.byStatus(),
  byOpaqueId: new Map(account.messages.byOpaqueId),
  refused: Object.fromEntries(account.messages.refusals),
  faults: Object.fromEntries(account.faults.hits),
  inbound: account.inboundIds.size,
  webhooks: account.webhooks.counts(),
})
