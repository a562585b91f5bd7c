import type { Instant } from './clock.ts'
import type { Intent } from './message.ts'
import type { OutcomeEvent } from './trigger.ts'

/** What tells the rules of a message that ended without WhatsApp's word. The same end of a message is told once. */
export function outcomeEvent(
  { id, causedBy }: Pick<Intent, 'id' | 'causedBy'>,
  state: OutcomeEvent['state'],
  reason: string | null,
  at: Instant,
): OutcomeEvent {
  return {
    kind: 'outcome',
    source: 'denrei:outcome',
    sourceId: `${id}:${state}`,
    occurredAt: at,
    messageId: id,
    state,
    reason,
    causedBy,
  }
}
