import { z } from 'zod'
import type { Values } from '#definitions/json.ts'
import type { Instant } from '#engine/clock.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import type { InputProblem } from './inputProblem.ts'
import { instantInput, instantOf } from './instant.ts'
import { DEPTH_MAX, isPlainObject, measureJson } from './jsonSize.ts'

/** Most characters of keys and values of one record in one event. */
export const VALUES_SIZE_MAX = 256 * 1024
/** Sources that only we speak for: an event of a client must never take the id of one of theirs. */
const RESERVED_SOURCES = /^(?:whatsapp|api|denrei(?:[:/].*)?)$/i

/** What a door needs to know to judge record events. */
export interface EventScope {
  now: Instant
  /** Whether a module of that API name is defined. */
  modules: (name: string) => boolean
  /** How far ahead of ours a sender's clock may be. */
  futureToleranceMs: number
}

export interface EventContext extends EventScope {
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
    // Also when something else is wrong, so that all problems are told at once.
    when: ({ value }) => isPlainObject(value),
  })
export type RecordEventBody = z.infer<typeof recordEventBody>

/** Where in the sender's format the parts of an event stand, for the pointers of problems. */
export interface Places {
  source: string
  module: string
  occurredAt: string
  values: string
  previous: string
}
/** Checks what a schema cannot say and makes the event. Problems are added to the list; then the event is not to be used. */
export function toRecordEvent(
  body: RecordEventBody,
  places: Places,
  index: number,
  context: EventContext,
  problems: InputProblem[],
): RecordEvent {
  const occurredAt = body.occurredAt === undefined ? context.now : instantOf(body.occurredAt)
  checkMeaning({ ...body, occurredAt }, places, context, adder(index, problems))
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

/** Adds a problem of one event to a list, unless that place has one already. */
type Add = (pointer: string, code: string, message: string) => void

export function adder(index: number, problems: InputProblem[]): Add {
  return (pointer, code, message) => {
    if (problems.some((problem) => problem.index === index && problem.pointer === pointer)) return
    problems.push({ index, pointer, code, message })
  }
}

/** The parts of an event whose meaning can be judged. */
export interface Parts {
  source?: string | undefined
  module?: string | undefined
  occurredAt?: Instant | undefined
  values?: Record<string, unknown> | undefined
  previous?: Record<string, unknown> | undefined
}

/** @param places where the sender's format has these parts */
export function checkMeaning(parts: Parts, places: Places, context: EventScope, add: Add): void {
  const { source, module, occurredAt, values, previous } = parts
  if (source !== undefined && RESERVED_SOURCES.test(source)) {
    add(places.source, 'reserved_source', 'This source is reserved. Choose another, such as "crm".')
  }
  if (module !== undefined && !context.modules(module)) {
    add(places.module, 'unknown_module', 'No such module. Use the API name of a built-in module, or define it first.')
  }
  if (occurredAt !== undefined && occurredAt > context.now + context.futureToleranceMs) {
    const message = `Lies ${seconds(occurredAt - context.now)} in the future; ${seconds(context.futureToleranceMs)} are tolerated.`
    add(places.occurredAt, 'from_the_future', `${message} Set the sender's clock, or send it when it has happened.`)
  }
  checkSize(values, places.values, add)
  checkSize(previous, places.previous, add)
}

/** What of a refused event (in our own shape) can still be judged, so that its sender learns all at once. */
export function readableParts(item: unknown): Parts {
  if (!isPlainObject(item)) return {}
  const { source, module, occurredAt, values, previous } = item
  const instant = instantInput.safeParse(occurredAt)
  return {
    source: typeof source === 'string' ? source : undefined,
    module: typeof module === 'string' ? module : undefined,
    occurredAt: instant.success ? instantOf(instant.data) : undefined,
    values: isPlainObject(values) ? values : undefined,
    previous: isPlainObject(previous) ? previous : undefined,
  }
}

/** Checks that fields are JSON, not too deep and not too large. */
function checkSize(values: Record<string, unknown> | undefined, place: string, add: Add): void {
  if (values === undefined) return
  const { size, depth, isJson } = measureJson(values, VALUES_SIZE_MAX)
  if (!isJson) add(place, 'invalid', 'Holds something that has no JSON form.')
  if (depth > DEPTH_MAX) add(place, 'too_deep', `Nested deeper than ${DEPTH_MAX} levels.`)
  if (size > VALUES_SIZE_MAX) {
    add(place, 'too_large', `More than ${VALUES_SIZE_MAX} characters in one record. Leave out long texts and files.`)
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

function hasControl(value: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(value)
}
