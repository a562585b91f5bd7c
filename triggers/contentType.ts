import type { Headers } from './cloudEventHeaders.ts'
import { ContentTypeNotUnderstood } from './errors.ts'

/**
 * How a request carries CloudEvents; null when it carries none.
 *
 * @throws ContentTypeNotUnderstood for CloudEvents in another format than JSON
 */
export function cloudEventsMode(headers: Headers): 'structured' | 'batch' | 'binary' | null {
  const type = mediaType(headers)
  if (type === 'application/cloudevents+json') return 'structured'
  if (type === 'application/cloudevents-batch+json') return 'batch'
  if (type.startsWith('application/cloudevents')) throw notUnderstood(type)
  return Object.keys(headers).some((name) => name.startsWith('ce-')) ? 'binary' : null
}

/** @throws ContentTypeNotUnderstood unless it is JSON (`application/json`, `application/vnd.acme+json`) */
export function requireJson(type: string): void {
  if (!/^[a-z]+\/(?:[a-z0-9.+-]+\+)?json$/.test(type)) throw notUnderstood(type)
}

/** Without parameters, lower-case; '' when there is none. */
export function mediaType(headers: Headers): string {
  const [header] = [headers['content-type'] ?? ''].flat()
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** The fault, naming what is understood. */
export function notUnderstood(type: string): ContentTypeNotUnderstood {
  return new ContentTypeNotUnderstood(
    `Content type ${JSON.stringify(type.slice(0, 100))} is not understood. Send application/json, application/cloudevents+json or application/cloudevents-batch+json.`,
    { contentType: type.slice(0, 100) },
  )
}
