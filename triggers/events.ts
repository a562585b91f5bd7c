import { z } from 'zod'
import { InvalidInput } from '#engine/errors.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { problemsOf, refusal, type InputProblem } from './inputProblem.ts'
import { isPlainObject } from './jsonSize.ts'
import {
  adder,
  checkMeaning,
  readableParts,
  recordEventBody,
  toRecordEvent,
  type EventContext,
  type Places,
} from './recordEvent.ts'

/** Most events of one request. */
export const EVENTS_MAX = 1_000

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
      const found = problemsOf(parsed.error, index, isCloudEvent ? CLOUD_EVENT_HINT : FIELD_HINT)
      checkMeaning(readableParts(item), ownPlaces, context, adder(index, found))
      problems.push(...found)
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

const ownPlaces: Places = {
  source: '/source',
  module: '/module',
  occurredAt: '/occurredAt',
  values: '/values',
  previous: '/previous',
}
