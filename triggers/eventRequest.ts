import type { RecordEvent } from '#engine/trigger.ts'
import { parseCloudEvents } from './cloudEvents.ts'
import type { Headers } from './cloudEventHeaders.ts'
import { cloudEventsMode, mediaType, requireJson } from './contentType.ts'
import { parseEvents } from './events.ts'
import type { EventContext } from './recordEvent.ts'

/**
 * Reads whatever `POST /v1/events` takes: our own shape as JSON, or CloudEvents in any mode, as the headers tell.
 *
 * @param request headers with lower-case names; the body as JSON.parse gave it, undefined when it was empty
 * @throws InvalidInput, ContentTypeNotUnderstood
 */
export function parseEventRequest(request: { headers: Headers; body: unknown }, context: EventContext): RecordEvent[] {
  if (cloudEventsMode(request.headers) !== null) return parseCloudEvents(request, context)
  requireJson(mediaType(request.headers))
  return parseEvents(request.body, context)
}
