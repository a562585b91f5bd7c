import assert from 'node:assert/strict'
import type { Instant } from '#engine/clock.ts'
import type { Intent } from '#engine/message.ts'
import { outcomeEvent } from '#engine/outcome.ts'
import type { Inbox } from './inbox.ts'
import type { OutboxRow } from './outboxRow.ts'

/** Tells the rules, through the inbox, how a message ended that WhatsApp will say nothing about. */
export type Outcomes = ReturnType<typeof createOutcomes>

export function createOutcomes(inbox: Inbox) {
  return {
    /** @param row as it stands after its end; work ends without an event */
    tell(row: OutboxRow, at: Instant, newId: () => string): void {
      if (row.kind === 'work') return
      const { id, state, reason } = row
      assert(state === 'blocked' || state === 'failed' || state === 'gave_up', `${state} is no end to tell of`)
      const { causedBy } = JSON.parse(row.intent) as Intent
      inbox.follow(newId(), outcomeEvent({ id, causedBy }, state, reason, at), at)
    },
  }
}
