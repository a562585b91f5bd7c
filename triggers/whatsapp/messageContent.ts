import { get, idText, text } from './payload.ts'

/** What people and rules read of a message. */
export interface MessageContent {
  text?: string | undefined
  payload?: string | undefined
  contextId?: string | undefined
}

/**
 * Reads text, payload and the message it answers out of any type. Types we do not know give what they have in common
 * with the others, or nothing: the raw message is kept anyway.
 * Source: Meta, WhatsApp Cloud API, "Webhooks", "messages".
 */
export function messageContent(message: unknown): MessageContent {
  const contextId = idText(get(message, 'context', 'id'))
  const type = get(message, 'type')
  switch (type) {
    case 'text':
      return { text: text(get(message, 'text', 'body')), contextId }
    case 'button':
      return { text: text(get(message, 'button', 'text')), payload: text(get(message, 'button', 'payload')), contextId }
    case 'interactive':
      return { ...interactiveContent(get(message, 'interactive')), contextId }
    case 'order':
      return { text: text(get(message, 'order', 'text')), contextId }
    case 'reaction':
      return { contextId: idText(get(message, 'reaction', 'message_id')) ?? contextId }
    case 'edit': {
      const edited = messageContent(get(message, 'edit', 'message'))
      return { ...edited, contextId: idText(get(message, 'edit', 'original_message_id')) ?? contextId }
    }
    case 'revoke':
      return { contextId: idText(get(message, 'revoke', 'original_message_id')) ?? contextId }
    default:
      return { text: typeof type === 'string' ? text(get(message, type, 'caption')) : undefined, contextId }
  }
}

function interactiveContent(interactive: unknown): MessageContent {
  const type = text(get(interactive, 'type')) ?? ''
  const reply = get(interactive, type)
  switch (type) {
    // The answers of a Flow or an address form arrive as JSON in a string.
    case 'nfm_reply':
      return { text: text(get(reply, 'body')), payload: text(get(reply, 'response_json')) }
    case 'call_permission_reply':
      return { payload: text(get(reply, 'response')) }
    default:
      return { text: text(get(reply, 'title')), payload: idText(get(reply, 'id')) }
  }
}

/**
 * Types with which a person writes to us. Reactions are disputed and count as not opening; system messages, edits,
 * deletions and `unsupported` ones, which may be any of these, do not, and neither does a type we do not know: an
 * agent then sends a template where free text might have passed, which is the cheaper mistake.
 * Source: Meta, WhatsApp Cloud API, "Customer service windows".
 */
const OPENING_TYPES: ReadonlySet<unknown> = new Set([
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'button',
  'interactive',
  'order',
])

/** Whether it opens a customer service window with this person. What is said in a group does not. */
export function opensWindow(message: unknown): boolean {
  return OPENING_TYPES.has(get(message, 'type')) && text(get(message, 'group_id')) === undefined
}
