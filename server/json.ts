import type { FastifyInstance } from 'fastify'
import { MalformedJson } from './errors.ts'

/** `application/json` and everything that ends in `+json`: CloudEvents, JSON:API. */
const JSON_TYPES = /^application\/(?:[\w.+-]+\+)?json\b/

/**
 * Reads JSON bodies in this scope only, so that a foreign app keeps its own parsers, and says where a malformed one
 * breaks. A body that sets `__proto__` or `constructor.prototype` is refused.
 */
export function parseJsonBodies(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.addContentTypeParser(JSON_TYPES, { parseAs: 'string' }, (request, body, done) => {
    // An empty body is left to the route: CloudEvents in binary mode may have none.
    if (body.length === 0) return done(null, undefined)
    return parse(request, body as string, (error, value) => done(error && explain(body as string), value))
  })
}

function explain(text: string): MalformedJson {
  const position = faultPosition(text)
  if (position === null) {
    return new MalformedJson('The body sets "__proto__" or "constructor.prototype", which is refused.')
  }
  const before = text.slice(0, position)
  const line = before.split('\n').length
  const column = position - before.lastIndexOf('\n')
  return new MalformedJson(`The body is not JSON: it breaks at line ${line}, column ${column}.`, {
    position,
    line,
    column,
  })
}

/**
 * Where JSON breaks, as an offset into the text; null when it is well formed. V8 tells for most faults. For an
 * unexpected token it does not: then the longest prefix that is only unfinished, not wrong, ends there.
 */
export function faultPosition(text: string): number | null {
  const message = parseFault(text)
  if (message === null) return null
  const told = / at position (\d+)/.exec(message)
  if (told) return Number(told[1])
  if (!message.startsWith('Unexpected token')) return text.length
  let sound = 0
  let wrong = text.length
  while (sound < wrong) {
    const middle = (sound + wrong + 1) >> 1
    if (parseFault(text.slice(0, middle))?.startsWith('Unexpected token')) wrong = middle - 1
    else sound = middle
  }
  return sound
}

function parseFault(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return (error as Error).message
  }
}
