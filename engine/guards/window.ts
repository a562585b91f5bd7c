import type { Instant } from '../clock.ts'
import type { SendFacts } from '../facts.ts'
import type { Form, SendIntent, Verdict } from '../message.ts'
import type { Conversation } from '../state.ts'
import { allow, block, type Outlook } from './verdict.ts'

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

/**
 * As what a message would go out now: as its text while the window is open, else as its template. Without a template it stays
 * a text, which the closed window blocks.
 *
 * @param before as what it went out last; once WhatsApp has refused the text, nothing brings it back, so that our clock and
 *   WhatsApp's cannot send it to and fro
 */
export function formOf(
  { text, template }: Pick<SendIntent, 'text' | 'template'>,
  inWindow: boolean,
  before: Form | null,
): Form {
  if (text === undefined) return 'template'
  if (template === null) return 'text'
  return before === 'fallback' ? 'fallback' : inWindow ? 'text' : 'template'
}

/**
 * May this kind of message go out now? A template always may; it is for outside the window. Free text may while the
 * window is open; waiting never opens it, only the contact does.
 *
 * Source: Meta, Cloud API, "Customer service windows", error 131047.
 */
export function checkWindow(
  _intent: SendIntent,
  _facts: SendFacts,
  { form, inWindow }: Pick<Outlook, 'form' | 'inWindow'>,
): Verdict {
  return form !== 'text' || inWindow ? allow : block('window_closed')
}
