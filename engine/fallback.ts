import type { Instant } from './clock.ts'
import type { MessageMove, Posting } from './decision.ts'
import { release } from './ledger.ts'
import type { Message, MessageState } from './message.ts'
import type { StatusEvent } from './trigger.ts'

/** Source: Meta, Cloud API, "Error codes": more than 24 hours have passed since the person's last message. */
const WINDOW_CLOSED = 131047

/** A message with this behind it may still go out as its template. */
const UNDER_WAY: ReadonlySet<MessageState> = new Set(['queued', 'held', 'sending', 'unknown', 'accepted', 'sent'])

/** States that only WhatsApp's word leads to. */
const TAKEN: ReadonlySet<MessageState> = new Set(['accepted', 'sent', 'failed', 'delivered', 'read'])

/**
 * WhatsApp accepted a text and tells later that the window was closed: the message goes back into the queue, for good as its
 * template. Its credits are given back; the next claim holds what the template costs.
 *
 * @returns null when it is not that, or there is no template: then the failure stands
 */
export function fallBack(
  message: Message,
  { status, errors, wamid }: StatusEvent,
  now: Instant,
): { move: MessageMove; postings: Posting[] } | null {
  const { intent, form, state, holdState, priceMicros, fence } = message
  const [error] = errors ?? []
  if (status !== 'failed' || error?.code !== WINDOW_CLOSED) return null
  if (form !== 'text' || !UNDER_WAY.has(state) || intent.kind !== 'sendTemplate' || intent.template === null)
    return null
  const isHeld = holdState === 'held'
  return {
    move: {
      id: intent.id,
      state: 'queued',
      form: 'fallback',
      reason: `whatsapp_${WINDOW_CLOSED}`,
      detail: error.title,
      dueAt: now,
      waitsFor: null,
      // By it the text's own late statuses are known.
      wamid: message.wamid ?? wamid,
      ...(isHeld && { holdState: 'released' }),
    },
    postings: isHeld ? release(intent.id, fence, priceMicros, now) : [],
  }
}

/**
 * Is this a late word on the text that was refused, while the template takes its place? That it failed, or was sent before it
 * failed, is known. That it arrived is news all the same.
 */
export function isOfRefusedText({ form, state, wamid }: Message, event: StatusEvent): boolean {
  if (form !== 'fallback' || (event.status !== 'sent' && event.status !== 'failed')) return false
  // The id we know is the text's until WhatsApp has taken the template.
  return TAKEN.has(state) ? event.wamid !== wamid : event.wamid === wamid
}

/** The id at WhatsApp that a status leaves: the first one told, or the template's instead of the text's. */
export function wamidAfter({ form, state, wamid }: Message, event: StatusEvent): string {
  return wamid === null || (form === 'fallback' && !TAKEN.has(state)) ? event.wamid : wamid
}
