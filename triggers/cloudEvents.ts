import { z } from 'zod'
import { InvalidInput } from '#engine/errors.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { attributesOf, type Headers } from './cloudEventHeaders.ts'
import { cloudEventsMode, mediaType, notUnderstood, requireJson } from './contentType.ts'
import { refuseTooMany } from './events.ts'
import {
  actorInput,
  adder,
  checkMeaning,
  eventId,
  eventSource,
  modeInput,
  moduleInput,
  recordEventBody,
  readableParts,
  recordIdInput,
  toRecordEvent,
  valuesInput,
  type EventContext,
  type Places,
  type RecordEventBody,
} from './recordEvent.ts'
import { problemsOf, refusal, type InputProblem } from './inputProblem.ts'
import { isoInstant } from './instant.ts'
import { isPlainObject } from './jsonSize.ts'

// The `cloudevents` package is not used here. Its `HTTP.toEvent` (10.0) validates nothing, makes up an id when there is
// none (which ends idempotency), does not percent-decode headers, and costs 22 µs an event and 25 ms at start. What we
// need of the format is four required attributes and three modes.
// Source: CNCF, "CloudEvents 1.0.2", "JSON Event Format" and "HTTP Protocol Binding".

/** `crm.record.created`, or any type that ends in `record.created`. */
const eventType = z
  .string()
  .max(512)
  .regex(/(?:^|\.)record\.(?:created|updated|saved|deleted)$/, {
    error: 'Use crm.record.created, crm.record.updated, crm.record.saved or crm.record.deleted.',
  })

const attribute = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** The attributes; those we do not know are extensions, allowed and not used. */
export const cloudEventAttributes = z
  .object({
    specversion: z.literal('1.0', { error: 'Only "1.0" is understood.' }),
    id: eventId,
    source: eventSource,
    type: eventType,
    subject: z.string().nullish().describe('`Deals/5725`, for data that does not name module and record.'),
    time: isoInstant.nullish(),
    datacontenttype: z.string().nullish(),
    dataschema: z.string().nullish(),
  })
  .catchall(attribute)

/** The `data` of a record event. */
export const cloudEventData = z.strictObject({
  module: moduleInput.optional(),
  recordId: recordIdInput.optional(),
  changed: z
    .record(z.string(), z.strictObject({ from: z.unknown().optional(), to: z.unknown() }))
    .optional()
    .describe('Changed fields, old and new: `{ "Stage": { "from": "Demo", "to": "Won" } }`.'),
  record: valuesInput.optional().describe('The whole record; replaces what is known of it.'),
  values: valuesInput.optional().describe('Some fields, as in our own shape.'),
  previous: valuesInput.optional(),
  mode: modeInput.optional(),
  actor: actorInput.optional(),
})
type Data = z.infer<typeof cloudEventData>

/** A structured CloudEvent, for the documentation of the API. */
export const cloudEventBody = cloudEventAttributes.extend({
  data: cloudEventData.optional(),
  data_base64: z.string().optional(),
})

/**
 * Reads CloudEvents 1.0 in structured, batch or binary mode. All or nothing.
 *
 * @param request headers with lower-case names; the body as JSON.parse gave it, undefined when it was empty
 * @throws InvalidInput with every problem in `details.problems`; ContentTypeNotUnderstood
 */
export function parseCloudEvents(request: { headers: Headers; body: unknown }, context: EventContext): RecordEvent[] {
  const mode = cloudEventsMode(request.headers)
  if (mode === null) throw notUnderstood(mediaType(request.headers))
  const problems: InputProblem[] = []
  const envelopes = mode === 'binary' ? [binaryEnvelope(request, problems)] : envelopesOf(mode, request.body)
  const events = envelopes.map((envelope, index) => read(envelope, mode === 'binary', index, context, problems))
  if (problems.length > 0) throw refusal(problems, envelopes.length)
  return events.filter((event) => event !== null)
}

function envelopesOf(mode: 'structured' | 'batch', body: unknown): unknown[] {
  if (mode === 'structured') return [body]
  if (!Array.isArray(body)) throw new InvalidInput('A batch of CloudEvents is a JSON array.', { pointer: '' })
  refuseTooMany(body)
  return body as unknown[]
}

/** Attributes from the headers, data from the body: the same envelope as in structured mode. */
function binaryEnvelope({ headers, body }: { headers: Headers; body: unknown }, problems: InputProblem[]): unknown {
  const type = mediaType(headers)
  if (body !== undefined && body !== null) requireJson(type)
  const { attributes, problems: found } = attributesOf(headers)
  problems.push(...found)
  return { ...attributes, ...(body === undefined || body === null ? {} : { data: body }) }
}

function read(
  envelope: unknown,
  isBinary: boolean,
  index: number,
  context: EventContext,
  problems: InputProblem[],
): RecordEvent | null {
  if (!isPlainObject(envelope)) {
    problems.push({ index, pointer: '', code: 'invalid', message: 'A CloudEvent is a JSON object.' })
    return null
  }
  const { data: plain, data_base64: base64, ...rest } = envelope
  const attributes = cloudEventAttributes.safeParse(rest, { reportInput: true })
  const badNames = Object.keys(rest).filter((name) => !/^[a-z0-9]+$/.test(name))
  const found = attributes.success ? [] : problemsOf(attributes.error, index)
  found.push(...badNames.map((name) => badName(name, index)))
  problems.push(...(isBinary ? found.map(inHeader) : found))

  const data = readData(base64 === undefined ? plain : fromBase64(base64), index)
  const dataPlace = isBinary ? '' : base64 === undefined ? '/data' : '/data_base64'
  problems.push(...data.problems.map((problem) => ({ ...problem, pointer: dataPlace + problem.pointer })))
  const places = isBinary ? binaryPlaces : structuredPlaces
  if (!attributes.success || data.value === null || badNames.length > 0) {
    const parts = { ...(isPlainObject(plain) ? plain : {}), source: rest.source, occurredAt: rest.time }
    checkMeaning(readableParts(parts), places, context, adder(index, problems))
    return null
  }
  const { datacontenttype: dataType } = attributes.data
  if (typeof dataType === 'string') requireJson(mediaType({ 'content-type': dataType }))

  const body = recordEventBody.safeParse(ownShape(attributes.data, data.value), { reportInput: true })
  if (!body.success) {
    problems.push(...problemsOf(body.error, index).map((problem) => outOfSubject(problem, dataPlace)))
    return null
  }
  return toRecordEvent(body.data, places, index, context, problems)
}

function readData(given: unknown, index: number): { value: Data | null; problems: InputProblem[] } {
  const parsed = cloudEventData.safeParse(given ?? {}, { reportInput: true })
  if (parsed.success) return { value: parsed.data, problems: [] }
  return { value: null, problems: problemsOf(parsed.error, index, FIELDS_HINT) }
}

const FIELDS_HINT = ' Fields of the record go under "values", "record" or "changed".'

/** Data that is binary to the sender: JSON all the same, or a problem of the data. */
function fromBase64(base64: unknown): unknown {
  if (typeof base64 !== 'string') return base64
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as unknown
  } catch {
    return 'not JSON' // no object, so the data schema names it as a problem
  }
}

function ownShape(attributes: z.infer<typeof cloudEventAttributes>, data: Data): Record<string, unknown> {
  const [, module, recordId] = /^([^/]+)\/(.+)$/s.exec(attributes.subject ?? '') ?? []
  const { values, previous, mode } = fieldsOf(data)
  const shape: { [Key in keyof RecordEventBody]: unknown } = {
    id: attributes.id,
    source: attributes.source,
    type: attributes.type.slice(attributes.type.lastIndexOf('record.')),
    module: data.module ?? module,
    recordId: data.recordId ?? recordId,
    occurredAt: attributes.time ?? undefined,
    values,
    previous,
    mode,
    actor: data.actor,
  }
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined))
}

/**
 * `record` is the whole record unless it is empty, which senders write when they mean "not included"; taking it at its
 * word would wipe what we know.
 */
function fieldsOf({ changed, record, values, previous, mode }: Data) {
  const whole = record !== undefined && Object.keys(record).length > 0
  const entries = Object.entries(changed ?? {})
  const to = Object.fromEntries(entries.map(([field, change]) => [field, change.to]))
  const from = Object.fromEntries(
    entries.flatMap(([field, change]) => ('from' in change ? [[field, change.from]] : [])),
  )
  const known = { ...from, ...previous }
  return {
    values:
      changed === undefined && record === undefined && values === undefined
        ? undefined
        : { ...to, ...values, ...record },
    previous: Object.keys(known).length > 0 ? known : undefined,
    mode: mode ?? (whole ? 'replace' : undefined),
  }
}

const structuredPlaces: Places = {
  source: '/source',
  module: '/data/module',
  occurredAt: '/time',
  values: '/data',
  previous: '/data/previous',
}
const binaryPlaces: Places = {
  source: 'header ce-source',
  module: '/module',
  occurredAt: 'header ce-time',
  values: '',
  previous: '/previous',
}

/** Module and record id may come from the subject, so a problem with them is told for both places. */
function outOfSubject(problem: InputProblem, dataPlace: string): InputProblem {
  const pointer = dataPlace + problem.pointer
  if (problem.pointer !== '/module' && problem.pointer !== '/recordId') return { ...problem, pointer }
  return { ...problem, pointer, message: `${problem.message} Give it in the data, or in the subject as "Deals/5725".` }
}

function inHeader(problem: InputProblem): InputProblem {
  return { ...problem, pointer: `header ce-${problem.pointer.slice(1)}` }
}

function badName(name: string, index: number): InputProblem {
  const message = 'Attribute names are lower-case letters and digits.'
  return { index, pointer: `/${name.slice(0, 100)}`, code: 'invalid', message }
}
