import type { Json } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { DEPTH_MAX, isPlainObject, measureJson } from '../jsonSize.ts'
import { readNews } from './accountNews.ts'
import { contactOf, readMessage } from './message.ts'
import { get, idText, keep, list, unknownField, type Place, type Read } from './payload.ts'
import { readPreference } from './preference.ts'
import { readStatus } from './status.ts'
import { readTemplateUpdate, TEMPLATE_FIELDS } from './templateUpdate.ts'

export interface WebhookContext {
  now: Instant
  /** Our phone number ids. What is for another number is kept raw and does nothing. Left out: all are ours. */
  numberIds?: ReadonlySet<string>
  /** Our WhatsApp business accounts. A number of theirs that is not known yet was added since the last sync, and is ours. */
  accountIds?: ReadonlySet<string>
}

export interface ParsedWebhook {
  /** In the order of the webhook. */
  events: WorldEvent[]
  /** What did not fit, for the log: places and reasons, no content. */
  problems: string[]
}

/**
 * Reads a WhatsApp webhook whose signature has been verified. Every message, status and preference of every change of
 * every entry becomes one event; whatever is not understood becomes an `account` event with its raw value: under
 * Meta's name of the field, or under ours: `unparsed` (an item that could not be read), `other_number` (not one of our
 * numbers), `errors` (errors that belong to no message), `echo` (our own message coming back). One bad item never
 * harms the others, so that the answer can be 200 and nothing comes again for seven days.
 *
 * Echoes and history of a number shared with the WhatsApp Business app have fields of their own and are kept raw: they
 * must never set off rules or open windows. What becomes of the account and its numbers is read by `accountNews.ts`.
 * Source: Meta, WhatsApp Cloud API, "Webhooks".
 *
 * @throws InvalidInput when it is no webhook of a WhatsApp business account at all
 */
export function parseWebhook(body: unknown, context: WebhookContext): ParsedWebhook {
  const entries = get(body, 'entry')
  if (!Array.isArray(entries) || get(body, 'object') !== 'whatsapp_business_account') {
    throw new InvalidInput(
      'Not a WhatsApp webhook: "object" must be "whatsapp_business_account" and "entry" an array. Subscribe this address to the WhatsApp product only.',
      { pointer: Array.isArray(entries) ? '/object' : '/entry' },
    )
  }
  const { depth, isJson } = measureJson(body, Infinity)
  if (depth > DEPTH_MAX || !isJson) {
    throw new InvalidInput(`The webhook is not JSON of at most ${DEPTH_MAX} levels.`, { pointer: '' })
  }
  const found: ParsedWebhook = { events: [], problems: [] }
  entries.forEach((entry: unknown, index) => readEntry(entry, `/entry/${index}`, context, found))
  return found
}

function readEntry(entry: unknown, pointer: string, context: WebhookContext, found: ParsedWebhook): void {
  const place: Place = {
    now: context.now,
    accountId: idText(get(entry, 'id')) ?? '',
    entryTime: (get(entry, 'time') ?? null) as Json,
    field: '',
    pointer,
  }
  const changes = get(entry, 'changes')
  if (!Array.isArray(changes)) return unparsed(entry, 'the entry has no list of changes', place, found)
  changes.forEach((change: unknown, index) => {
    const field = get(change, 'field')
    const at = { ...place, pointer: `${pointer}/changes/${index}` }
    if (typeof field !== 'string' || !isPlainObject(change) || !('value' in change)) {
      return unparsed(change, 'the change has no field or no value', at, found)
    }
    readChange(change.value, { ...at, field }, context, found)
  })
}

function readChange(value: unknown, place: Place, context: WebhookContext, found: ParsedWebhook): void {
  if (place.field === 'messages' || place.field === 'user_preferences') return readPeople(value, place, context, found)
  const read = TEMPLATE_FIELDS.has(place.field) ? readTemplateUpdate(value, place) : null
  if (read === null) addNews(place.field, value, place, found)
  // A template without `entry.time` is dated by its arrival; that is worth no complaint.
  else if ('event' in read) found.events.push(read.event)
  else unparsed(value, read.problem, place, found)
}

function isOurs(numberId: string, accountOfEntry: string, { numberIds, accountIds }: WebhookContext): boolean {
  if (numberIds === undefined || numberIds.has(numberId)) return true
  return accountIds?.has(accountOfEntry) ?? false
}

/** Changes that are about one of our numbers and the people who write to it. */
function readPeople(value: unknown, place: Place, context: WebhookContext, found: ParsedWebhook): void {
  const numberId = idText(get(value, 'metadata', 'phone_number_id'))
  const lists = place.field === 'messages' ? ['messages', 'statuses', 'errors'] : ['user_preferences']
  const present = lists.filter((name) => get(value, name) !== undefined)
  const notLists = present.filter((name) => !Array.isArray(get(value, name)))
  if (notLists.length > 0) return unparsed(value, `${notLists.join(' and ')} is not a list`, place, found)
  if (present.every((name) => list(get(value, name)).length === 0)) {
    found.events.push(keep(place.field, value, place))
    return
  }
  if (numberId !== undefined && !isOurs(numberId, place.accountId, context)) {
    found.events.push(keep('other_number', value, place))
    found.problems.push(`${place.pointer}: for a phone number that is not one of ours; kept.`)
    return
  }
  const contacts = list(get(value, 'contacts'))
  const each = (name: string, read: (item: unknown, index: number, at: Place, count: number) => Read<Readable>) => {
    const items = list(get(value, name))
    items.forEach((item, index) => {
      const at = { ...place, pointer: `${place.pointer}/value/${name}/${index}` }
      addItem(item, read(item, index, at, items.length), at, found)
    })
  }
  each('messages', (message, index, at, count) => {
    if (numberId === undefined) return NO_NUMBER
    if (isEcho(message, value)) return { event: keep('echo', message, at) }
    return readMessage(message, contactOf(message, index, contacts, count), numberId, at)
  })
  each('statuses', (status, index, at, count) => {
    const naming = { from: get(status, 'recipient_id'), from_user_id: get(status, 'recipient_user_id') }
    return readStatus(status, contactOf(naming, index, contacts, count), at)
  })
  each('user_preferences', (item, index, at, count) => {
    if (numberId === undefined) return NO_NUMBER
    const naming = { from: get(item, 'wa_id'), from_user_id: get(item, 'user_id') }
    return readPreference(item, contactOf(naming, index, contacts, count), numberId, at)
  })
  if (place.field === 'messages' && list(get(value, 'errors')).length > 0) {
    const errors = { metadata: get(value, 'metadata') ?? null, errors: get(value, 'errors') }
    addNews('errors', errors, place, found)
  }
}

/** Kept raw, with what is understood of it. A field or an event that nobody knows is told too, once a day. */
function addNews(field: string, value: unknown, place: Place, found: ParsedWebhook): void {
  const kept = keep(field, value, place)
  const { says, accountId, unknown } = readNews(field, value, kept.occurredAt)
  found.events.push({
    ...kept,
    ...(accountId !== undefined && { accountId }),
    ...(says.length > 0 && { says }),
  })
  if (unknown !== undefined) found.events.push(unknownField(unknown, place))
}

interface Readable {
  event: WorldEvent
  doubt?: string
}
const NO_NUMBER = { problem: 'the change names no phone number id' }

/** Sent by the number it arrives at: taking it for a customer's would make automations answer themselves. */
function isEcho(message: unknown, value: unknown): boolean {
  const digits = (one: unknown) => (idText(one) ?? '').replace(/\D/g, '')
  const ours = digits(get(value, 'metadata', 'display_phone_number'))
  return ours !== '' && digits(get(message, 'from')) === ours
}

function addItem(item: unknown, read: Read<Readable>, place: Place, found: ParsedWebhook): void {
  if ('problem' in read) return unparsed(item, read.problem, place, found)
  found.events.push(read.event)
  if (read.doubt !== undefined) found.problems.push(`${place.pointer}: ${read.doubt}.`)
}

function unparsed(value: unknown, problem: string, place: Place, found: ParsedWebhook): void {
  found.events.push(keep('unparsed', value, place))
  found.problems.push(`${place.pointer}: ${problem}; kept raw.`)
}
