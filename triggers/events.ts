import { z } from 'zod'
import type { Values } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { problemsOf, refusal, type InputProblem } from './inputProblem.ts'
import { instantInput, instantOf } from './instant.ts'
import { DEPTH_MAX, isPlainObject, measureJson } from './jsonSize.ts'

/** Most events of one request. */
export const EVENTS_MAX = 1_000
/** Most characters of keys and values of one record in one event. */
export const VALUES_SIZE_MAX = 256 * 1024
/** Sources that only we speak for: an event of a client must never take the id of one of theirs. */
const RESERVED_SOURCES = /^(?:whatsapp|denrei(?:[:/].*)?)$/i

/** What a door needs to know to judge record events. */
export interface EventContext {
  now: Instant
  /** Whether a module of that API name is defined. */
  modules: (name: string) => boolean
  /** How far ahead of ours a sender's clock may be. */
  futureToleranceMs: number
  /** The source of events that name none. */
  defaultSource: string
}

const text = (max: number) =>
  z
    .string()
    .min(1, 'Must not be empty.')
    .max(max, `At most ${max} characters.`)
    .refine((value) => value.isWellFormed() && !hasControl(value), 'Control characters are not allowed here.')

export const eventId = text(512).describe('Unique in its source. Posting the same id again is safe.')
export const eventSource = text(512).describe('Who says so. With the id it is the idempotency key.')
export const recordIdInput = z.string('Write the record id as a string: numbers lose digits.').pipe(text(200))
export const moduleInput = text(100).describe('API name of the module: `Leads`.')
export const actorInput = text(200).describe('Who changed the record, as the CRM names the person.')
export const modeInput = z
  .enum(['merge', 'replace'])
  .describe('`merge` (default): `values` are some of the fields. `replace`: they are the whole record.')
/** Fields by API name. That they are JSON of a sane size is checked apart, because a recursive schema is slow. */
export const valuesInput = z.record(z.string(), z.unknown()).describe('Fields of the record by API name.')

/** One record event in our own shape. */
export const recordEventBody = z
  .strictObject({
    id: eventId,
    source: eventSource.optional(),
    type: z.enum(['record.created', 'record.updated', 'record.saved', 'record.deleted']),
    module: moduleInput,
    recordId: recordIdInput,
    occurredAt: instantInput.optional().describe('When it happened; the time of arrival when left out.'),
    values: valuesInput.optional().describe('New values by API name. Required unless the record was deleted.'),
    previous: valuesInput.optional().describe('Old values, when the sender knows them.'),
    mode: modeInput.optional(),
    actor: actorInput.optional(),
  })
  .refine((event) => event.type === 'record.deleted' || event.values !== undefined, {
    path: ['values'],
    error: 'Required: the fields of the record, or those that changed.',
  })
export type RecordEventBody = z.infer<typeof recordEventBody>

/** What `POST /v1/events` takes: one event, or an array of at most {@link EVENTS_MAX}. */
export const eventsBody = z.union([recordEventBody, z.array(recordEventBody).min(1).max(EVENTS_MAX)])

/**
 * Reads events in our own shape. All or nothing.
 *
 * @param body what JSON.parse gave: one event, or an array of them
 * @throws InvalidInput with every problem of every event in `details.problems`
 */
export function parseEvents(body: unknown, context: EventContext): RecordEvent[] {
  const items = boundedItems(body)
  const problems: InputProblem[] = []
  const events = items.map((item, index) => {
    const parsed = recordEventBody.safeParse(item, { reportInput: true })
    if (!parsed.success) {
      const isCloudEvent = isPlainObject(item) && 'specversion' in item
      problems.push(...problemsOf(parsed.error, index, isCloudEvent ? CLOUD_EVENT_HINT : FIELD_HINT))
      return null
    }
    return toRecordEvent(parsed.data, ownPlaces, index, context, problems)
  })
  if (problems.length > 0) throw refusal(problems, items.length)
  return events.filter((event) => event !== null)
}

const FIELD_HINT = ' Fields of the record go under "values".'
const CLOUD_EVENT_HINT = ' A CloudEvent is sent with the content type application/cloudevents+json.'

/** @throws InvalidInput when there are none, or more than {@link EVENTS_MAX} */
function boundedItems(body: unknown): unknown[] {
  const items = Array.isArray(body) ? (body as unknown[]) : [body]
  if (items.length === 0) throw new InvalidInput('The array holds no event. Send at least one.', { pointer: '' })
  refuseTooMany(items)
  return items
}

/** @throws InvalidInput when there are more than {@link EVENTS_MAX} */
export function refuseTooMany(items: readonly unknown[]): void {
  if (items.length <= EVENTS_MAX) return
  throw new InvalidInput(
    `${items.length} events in one request; at most ${EVENTS_MAX} are taken. Send them in parts.`,
    {
      pointer: '',
      max: EVENTS_MAX,
    },
  )
}

/** Where in the sender's format the parts of an event stand, for the pointers of problems. */
export interface Places {
  source: string
  module: string
  occurredAt: string
  values: string
  previous: string
}
const ownPlaces: Places = {
  source: '/source',
  module: '/module',
  occurredAt: '/occurredAt',
  values: '/values',
  previous: '/previous',
}

/** Checks what a schema cannot say and makes the event. Problems are added to the list; then the event is not to be used. */
export function toRecordEvent(
  body: RecordEventBody,
  places: Places,
  index: number,
  context: EventContext,
  problems: InputProblem[],
): RecordEvent {
  const add = (pointer: string, code: string, message: string) => problems.push({ index, pointer, code, message })
  const occurredAt = body.occurredAt === undefined ? context.now : instantOf(body.occurredAt)
  if (body.source !== undefined && RESERVED_SOURCES.test(body.source)) {
    add(places.source, 'reserved_source', 'This source is reserved. Choose another, such as "crm".')
  }
  if (!context.modules(body.module)) {
    add(places.module, 'unknown_module', 'No such module. Use the API name of a built-in module, or define it first.')
  }
  if (occurredAt > context.now + context.futureToleranceMs) {
    add(places.occurredAt, 'from_the_future', futureMessage(occurredAt, context))
  }
  checkValues(body.values, places.values, add)
  checkValues(body.previous, places.previous, add)
  return {
    kind: 'record',
    source: body.source ?? context.defaultSource,
    sourceId: body.id,
    occurredAt,
    op: OPS[body.type],
    module: body.module,
    recordId: body.recordId,
    values: (body.values ?? {}) as Values,
    mode: body.mode ?? 'merge',
    ...(body.previous === undefined ? {} : { previous: body.previous as Values }),
    ...(body.actor === undefined ? {} : { actor: body.actor }),
  }
}

const OPS = {
  'record.created': 'created',
  'record.updated': 'updated',
  'record.saved': 'saved',
  'record.deleted': 'deleted',
} as const

export function futureMessage(occurredAt: Instant, context: Pick<EventContext, 'now' | 'futureToleranceMs'>): string {
  const seconds = Math.round((occurredAt - context.now) / 1000)
  const tolerance = Math.round(context.futureToleranceMs / 1000)
  return `Lies ${seconds} s in the future; ${tolerance} s are tolerated. Set the sender's clock, or send it when it has happened.`
}

/** Checks that fields are JSON, not too deep and not too large. */
export function checkValues(
  values: Record<string, unknown> | undefined,
  place: string,
  add: (pointer: string, code: string, message: string) => void,
): void {
  if (values === undefined) return
  const { size, depth, isJson } = measureJson(values, VALUES_SIZE_MAX)
  if (!isJson) add(place, 'invalid', 'Holds something that has no JSON form.')
  if (depth > DEPTH_MAX) add(place, 'too_deep', `Nested deeper than ${DEPTH_MAX} levels.`)
  if (size > VALUES_SIZE_MAX) {
    add(place, 'too_large', `More than ${VALUES_SIZE_MAX} characters in one record. Leave out long texts and files.`)
  }
}

function hasControl(value: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(value)
}
