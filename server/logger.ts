import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino'

/**
 * The server's log: JSON lines. Headers and bodies are never logged; what a caller puts into a URL or an object is
 * redacted by name, so that no key, token or signature can reach the log.
 *
 * @param stream where to, for tests; default: standard output
 */
export function createLogger(level: string, stream?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    serializers: {
      req: ({ method, url, ip }: { method: string; url: string; ip: string }) => ({
        method,
        url: withoutSecrets(url),
        ip,
      }),
      err: stdSerializers.err,
    },
  }
  return stream ? pino(options, stream) : pino(options)
}

const SECRET_NAMES = ['authorization', 'token', 'secret', 'password', 'key', 'apiKey', 'cookie']
const SECRET_PATHS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]).concat(
  ['x-api-key', 'x-hub-signature-256', 'x-denrei-secret'].flatMap((name) => [`["${name}"]`, `*["${name}"]`]),
)

/** Meta and Zoho put secrets into the query: its names may be logged, its values not. */
function withoutSecrets(url: string): string {
  const [path, query] = url.split('?', 2)
  if (query === undefined) return url
  return `${path}?${query.replace(/=[^&]*/g, '=…')}`
}
