import type { ConsentEvent } from '#engine/trigger.ts'
import type { Json } from '#definitions/json.ts'
import { fingerprint } from '../fingerprint.ts'
import { addressOf, get, occurredAt, text, WHATSAPP_SOURCE, type Place, type Read } from './payload.ts'

/** `signup`: the person asked for marketing messages on WhatsApp's own form. */
const DIRECTIONS = new Map<string, ConsentEvent['direction']>([
  ['stop', 'out'],
  ['resume', 'in'],
  ['signup', 'in'],
])

/**
 * Reads one item of `user_preferences`: a person used WhatsApp's own switch for marketing messages.
 * Source: Meta, WhatsApp Cloud API, "Webhooks", "user_preferences".
 */
export function readPreference(
  item: unknown,
  contact: unknown,
  numberId: string,
  place: Place,
): Read<{ event: ConsentEvent; doubt?: string }> {
  const direction = DIRECTIONS.get(text(get(item, 'value')) ?? '')
  if (direction === undefined || get(item, 'category') !== 'marketing_messages') {
    return { problem: 'the preference is not one of those known' }
  }
  const who = addressOf([get(item, 'wa_id'), get(contact, 'wa_id')], [get(item, 'user_id'), get(contact, 'user_id')])
  if (who.waId === undefined && who.bsuid === undefined) return { problem: 'the preference names nobody' }
  const { at, doubt } = occurredAt(get(item, 'timestamp'), place)
  return {
    event: {
      kind: 'consent',
      source: WHATSAPP_SOURCE,
      sourceId: `consent:${fingerprint(numberId, item as Json)}`,
      occurredAt: at,
      who,
      scope: 'marketing',
      direction,
      by: 'whatsapp',
      channel: 'whatsapp',
      proof: JSON.stringify(item),
    },
    ...(doubt === undefined ? {} : { doubt }),
  }
}
