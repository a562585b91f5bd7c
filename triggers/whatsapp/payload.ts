import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { AccountEvent, Address, NoticeEvent } from '#engine/trigger.ts'
import { fingerprint, readableId } from '../fingerprint.ts'
import { webhookInstant } from '../instant.ts'
import { isPlainObject } from '../jsonSize.ts'

export const WHATSAPP_SOURCE = 'whatsapp'

/** How far ahead of ours WhatsApp's clock may be before we do not believe it. */
const FUTURE_TOLERANCE_MS = 5 * 60_000

/** Where we are in a webhook. */
export interface Place {
  now: Instant
  /** WhatsApp business account id; '' when the entry names none. */
  accountId: string
  /** `entry[].time`, in messages usually absent. */
  entryTime: Json
  /** The change's field. */
  field: string
  /** JSON pointer, for problems. */
  pointer: string
}

/** An event, or why the item could not be read. */
export type Read<Event> = Event | { problem: string }

/** A key's value; undefined when there is no such object or key. */
export function get(value: unknown, ...keys: readonly string[]): unknown {
  let at = value
  for (const key of keys) at = isPlainObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  return at
}

/** A text that is not empty; undefined for everything else. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** An id that Meta writes as text in one place and as a number in another; undefined if the number has lost digits. */
export function idText(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : text(value)
}

/** The items of a list; none when it is missing or no list. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

/** Leaves out what is undefined, so that the same webhook always makes the same event. */
export function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never
}

/**
 * How WhatsApp names a person here. Since usernames came, the number may be missing or empty and the business-scoped
 * user id stands alone. Source: Meta, WhatsApp Cloud API, "Business-scoped user IDs".
 *
 * @param numbers candidates for the number, best first; a user id standing where a number is expected is understood
 * @param userIds candidates for the user id, best first
 */
export function addressOf(numbers: readonly unknown[], userIds: readonly unknown[]): Address {
  const candidates = numbers.map((one) => idText(one)?.replace(/^\+/, '') ?? '')
  const waId = candidates.find((one) => /^\d{3,20}$/.test(one))
  const bsuid =
    userIds.map(text).find((one) => one !== undefined) ?? candidates.find((one) => /^[A-Z]{2}\.\S+$/.test(one))
  return defined({ waId, bsuid })
}

/**
 * When it happened, by WhatsApp's word. A time in the future is not believed, because it would hold a customer
 * service window open too long.
 *
 * @returns the instant, and what was wrong with the one given
 */
export function occurredAt(value: unknown, place: Pick<Place, 'now'>): { at: Instant; doubt?: string } {
  const at = webhookInstant(value)
  if (at === undefined) return { at: place.now, doubt: 'has no readable timestamp; the time of arrival was taken' }
  if (at > place.now + FUTURE_TOLERANCE_MS) {
    return { at: place.now, doubt: 'has a timestamp in the future; the time of arrival was taken' }
  }
  return { at }
}

/**
 * Keeps something raw. Such webhooks carry no id, so their content is their id.
 *
 * @param field Meta's name of the field, or ours: `unparsed`, `other_number`, `errors`, `echo`
 */
export function keep(field: string, value: unknown, place: Place): AccountEvent {
  return {
    kind: 'account',
    source: WHATSAPP_SOURCE,
    sourceId: `account:${fingerprint(field, place.field, place.accountId, place.entryTime, value as Json)}`,
    occurredAt: occurredAt(place.entryTime, place).at,
    accountId: place.accountId,
    field,
    value: value as Json,
  }
}

const DAY_MS = 24 * 60 * 60_000

/**
 * Tells that WhatsApp says something new, once a day for each: a newer version of this product may know it.
 *
 * @param field Meta's name of the field, or with a space the field and its event
 */
export function unknownField(field: string, place: Place): NoticeEvent {
  const day = Math.floor(place.now / DAY_MS)
  return {
    kind: 'notice',
    source: WHATSAPP_SOURCE,
    sourceId: readableId('unknown-field', field, String(day)),
    occurredAt: day * DAY_MS,
    code: 'webhook_field_unknown',
    severity: 'info',
    details: { field },
  }
}
