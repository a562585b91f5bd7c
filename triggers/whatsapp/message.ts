import type { Json } from '#definitions/json.ts'
import type { MessageEvent } from '#engine/trigger.ts'
import { readableId } from '../fingerprint.ts'
import { messageContent, opensWindow } from './messageContent.ts'
import { addressOf, defined, get, idText, occurredAt, text, WHATSAPP_SOURCE, type Place, type Read } from './payload.ts'

/**
 * Reads one inbound message of any type. The raw message goes along, so nothing that is not understood is lost. A
 * `system` message that a person changed number or user id is such a one: its raw part names the new one.
 *
 * @param contact the entry of `contacts` that is about its sender, if there is one
 * @returns also a doubt, when the time could not be believed
 */
export function readMessage(
  message: unknown,
  contact: unknown,
  numberId: string,
  place: Place,
): Read<{ event: MessageEvent; doubt?: string }> {
  const id = idText(get(message, 'id'))
  if (id === undefined) return { problem: 'the message has no id' }
  const address = addressOf(
    [get(message, 'from'), get(contact, 'wa_id')],
    [get(message, 'from_user_id'), get(contact, 'user_id')],
  )
  if (address.waId === undefined && address.bsuid === undefined) return { problem: 'the message names no sender' }

  const { at, doubt } = occurredAt(get(message, 'timestamp'), place)
  const event: MessageEvent = {
    kind: 'message',
    source: WHATSAPP_SOURCE,
    sourceId: readableId('message', id),
    occurredAt: at,
    numberId,
    from: defined({
      ...address,
      name: text(get(contact, 'profile', 'name')),
      username: text(get(contact, 'profile', 'username')) ?? text(get(contact, 'username')),
      country: text(get(contact, 'profile', 'country_code')) ?? text(get(contact, 'country_code')),
      raw: contact as Json | undefined,
    }),
    message: {
      id,
      type: text(get(message, 'type')) ?? 'unknown',
      ...defined(messageContent(message)),
      raw: message as Json,
    },
    // A message of unknown age could open a window that closed long ago.
    opensWindow: doubt === undefined && opensWindow(message),
  }
  return { event, ...(doubt === undefined ? {} : { doubt }) }
}

/**
 * Finds who sent the message at this place of the list: by number or user id, else by place, else the only one there
 * is, as long as nothing contradicts it.
 */
export function contactOf(message: unknown, index: number, contacts: readonly unknown[], messages: number): unknown {
  const from = text(get(message, 'from'))
  const userId = text(get(message, 'from_user_id'))
  const same = contacts.find((one) => {
    const sameUser = userId !== undefined && get(one, 'user_id') === userId
    return sameUser || (from !== undefined && get(one, 'wa_id') === from)
  })
  if (same !== undefined) return same
  const guess = contacts.length === messages ? contacts[index] : contacts.length === 1 ? contacts[0] : undefined
  const otherNumber = from !== undefined && text(get(guess, 'wa_id')) !== undefined
  const otherUser = userId !== undefined && text(get(guess, 'user_id')) !== undefined
  return otherNumber || otherUser ? undefined : guess
}
