import type { Instant } from '../clock.ts'
import type { SendIntent, Verdict } from '../message.ts'
import type { Conversation } from '../state.ts'
import { allow } from './verdict.ts'

export const WINDOW_MS = 24 * 60 * 60 * 1000

/**
 * Is the customer service window of this (number, contact) pair open? It opens with each message of the contact, counted
 * from WhatsApp's own timestamp, and never with ours.
 *
 * @param conversation.lastInboundAt epoch ms of the contact's latest message to us; null when there is none
 * Source: Meta, Cloud API, "Customer service windows" (24 hours).
 */
export function isWindowOpen(conversation: Pick<Conversation, 'lastInboundAt'> | null, now: Instant): boolean {
  return typeof conversation?.lastInboundAt === 'number' && now < conversation.lastInboundAt + WINDOW_MS
}

/** May this kind of message go out now? A template always may; it is for outside the window. */
export function checkWindow({ kind }: Pick<SendIntent, 'kind'>): Verdict {
  switch (kind) {
    case 'sendTemplate':
      return allow
  }
}
