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

/** Of accounts of one business together, at least one. */
export function countsOf(...accounts: [Account, ...Account[]]): Counts {
  const [{ faults, webhooks }] = accounts
  const counts: Counts = {
    accepted: 0,
    byStatus: { accepted: 0, sent: 0, delivered: 0, read: 0, failed: 0 },
    byOpaqueId: new Map(),
    refused: {},
    faults: Object.fromEntries(faults.hits),
    inbound: 0,
    webhooks: webhooks.counts(),
  }
  for (const { messages, inboundIds } of accounts) {
    counts.accepted += messages.size
    counts.inbound += inboundIds.size
    for (const [status, count] of Object.entries(messages.byStatus())) counts.byStatus[status as MessageStatus] += count
    for (const [id, count] of messages.byOpaqueId) counts.byOpaqueId.set(id, (counts.byOpaqueId.get(id) ?? 0) + count)
    for (const [code, count] of messages.refusals) counts.refused[code] = (counts.refused[code] ?? 0) + count
  }
  return counts
}
