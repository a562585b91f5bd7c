import type { WorldEvent } from '#engine/trigger.ts'
import { parseWebhook, type ParsedWebhook } from '#triggers/whatsapp/webhook.ts'

/** 2026-08-12 12:10 in Tokyo. */
export const NOW = Date.parse('2026-08-12T03:10:00Z')
/** A minute earlier, as message webhooks write it. */
export const STAMP = String(NOW / 1000 - 60)
export const STAMP_AT = NOW - 60_000

export const metadata = { display_phone_number: '81312345678', phone_number_id: '3001' }
export const mika = {
  profile: { name: '美香', username: '@mika', country_code: 'JP' },
  wa_id: '818012345678',
  user_id: 'JP.1300000000001',
  parent_user_id: 'JP.ENT.99',
}

/** One webhook with one change, as JSON.parse gives it: without the keys that are undefined. */
export function envelope(field: string, value: unknown, entry: object = {}): unknown {
  const body = { object: 'whatsapp_business_account', entry: [{ id: '9001', ...entry, changes: [{ field, value }] }] }
  return JSON.parse(JSON.stringify(body))
}

export function parse(body: unknown, numberIds?: ReadonlySet<string>): ParsedWebhook {
  return parseWebhook(body, { now: NOW, ...(numberIds === undefined ? {} : { numberIds }) })
}

/** The events of one change of the field `messages`. */
export function messagesValue(value: object): ParsedWebhook {
  return parse(envelope('messages', { messaging_product: 'whatsapp', metadata, ...value }))
}

/** One inbound message of Mika's. */
export function inbound(message: object, contacts: unknown = [mika]): ParsedWebhook {
  const base = { id: 'wamid.IN', from: mika.wa_id, from_user_id: mika.user_id, timestamp: STAMP }
  return messagesValue({ contacts, messages: [{ ...base, ...message }] })
}

/** The only event of a kind; fails when there are others or more problems than none. */
export function only<Kind extends WorldEvent['kind']>(kind: Kind, parsed: ParsedWebhook) {
  const [event] = parsed.events
  if (parsed.events.length !== 1 || event?.kind !== kind) {
    throw new Error(`Expected one ${kind}, found ${JSON.stringify(parsed)}`)
  }
  return event as Extract<WorldEvent, { kind: Kind }>
}
