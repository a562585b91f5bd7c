import type { Json } from '#definitions/json.ts'
import type { StatusEvent } from '#engine/trigger.ts'
import { fingerprint } from '../fingerprint.ts'
import { webhookInstant } from '../instant.ts'
import {
  addressOf,
  defined,
  get,
  idText,
  list,
  occurredAt,
  text,
  WHATSAPP_SOURCE,
  type Place,
  type Read,
} from './payload.ts'

const STATUSES: ReadonlySet<string> = new Set(['sent', 'delivered', 'read', 'played', 'failed'])

/** `<UUID>-<ordinal>`, as the engine names its messages. What other senders put there means nothing to us. */
const OUR_MESSAGE_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d{1,9}$/

/**
 * Reads one status. They come twice, late and in any order; only the status itself, the message and the recipient
 * make its id, so that coming again changes nothing.
 * Source: Meta, WhatsApp Cloud API, "Webhooks", "Status messages".
 *
 * @param contact the entry of `contacts` beside it, when there is one
 * @returns `recipient` is empty when WhatsApp names nobody; the message's id suffices then
 */
export function readStatus(
  status: unknown,
  contact: unknown,
  place: Place,
): Read<{ event: StatusEvent; doubt?: string }> {
  const wamid = idText(get(status, 'id'))
  if (wamid === undefined) return { problem: 'the status names no message' }
  const word = text(get(status, 'status'))
  if (word === undefined || !STATUSES.has(word)) return { problem: 'the status is not one of those known' }

  const isGroup = get(status, 'recipient_type') === 'group'
  const number = isGroup ? get(status, 'recipient_participant_id') : get(status, 'recipient_id')
  const userId = get(status, isGroup ? 'recipient_participant_user_id' : 'recipient_user_id')
  // Whose contact stands beside a group's status is not told.
  const beside = isGroup ? undefined : contact
  const named = idText(number) ?? text(userId) ?? idText(get(status, 'recipient_id')) ?? ''
  const callbackData = text(get(status, 'biz_opaque_callback_data'))
  const { at, doubt } = occurredAt(get(status, 'timestamp'), place)
  const errors = list(get(status, 'errors')).map(readError)
  const pricing = get(status, 'pricing')
  const event: StatusEvent = {
    kind: 'status',
    source: WHATSAPP_SOURCE,
    // Hashed, because an id outlives the person it names when they are erased.
    sourceId: `status:${fingerprint(wamid, word, named)}`,
    occurredAt: at,
    ...(callbackData !== undefined && OUR_MESSAGE_ID.test(callbackData) ? { messageId: callbackData } : {}),
    wamid,
    status: word as StatusEvent['status'],
    recipient: addressOf([number, get(beside, 'wa_id')], [userId, get(beside, 'user_id')]),
    ...(errors.length > 0 ? { errors } : {}),
    ...(pricing === undefined || pricing === null ? {} : { pricing: readPricing(pricing) }),
    ...freeEntryPoint(status),
    raw: status as Json,
  }
  return { event, ...(doubt === undefined ? {} : { doubt }) }
}

/**
 * A person who came through an advertisement is written to free for a while. Only the `sent` status says until when.
 * Source: Meta, WhatsApp Business Platform, "Pricing", "Free entry point conversations".
 */
function freeEntryPoint(status: unknown): Pick<StatusEvent, 'freeUntil'> {
  if (get(status, 'conversation', 'origin', 'type') !== 'referral_conversion') return {}
  const until = webhookInstant(get(status, 'conversation', 'expiration_timestamp'))
  return until === undefined ? {} : { freeUntil: until }
}

/** Code 0 when there is none that could be read: it is in no table, so it counts as unknown. */
function readError(error: unknown): { code: number; title: string; details?: string } {
  const code = Number(idText(get(error, 'code')) ?? 0)
  return defined({
    code: Number.isSafeInteger(code) ? code : 0,
    title: text(get(error, 'title')) ?? text(get(error, 'message')) ?? '',
    details: text(get(error, 'error_data', 'details')),
  })
}

function readPricing(pricing: unknown): NonNullable<StatusEvent['pricing']> {
  const billable = get(pricing, 'billable')
  return defined({
    billable: typeof billable === 'boolean' ? billable : undefined,
    model: text(get(pricing, 'pricing_model')),
    type: text(get(pricing, 'type')),
    category: text(get(pricing, 'category')),
    subtype: text(get(pricing, 'subtype')),
  })
}
