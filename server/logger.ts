import { destination, pino, stdSerializers, type DestinationStream, type Logger } from 'pino'

/**
 * The server's log: JSON lines. Headers, bodies and queries are never logged, and what carries the name of a secret is
 * redacted, so that no key, token or signature can reach it.
 *
 * @param stream where to, for tests; default: standard error, because standard output belongs to the command's answer
 */
export function createLogger(level: string, stream?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: url.split('?', 1)[0] }),
      err: stdSerializers.err,
    },
  }
  return pino(options, stream ?? destination(2))
}

const SECRET_NAMES = ['authorization', 'token', 'secret', 'password', 'key', 'apiKey', 'cookie']
const SECRET_PATHS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]).concat(
  ['x-api-key', 'x-hub-signature-256', 'x-denrei-secret'].flatMap((name) => [`["${name}"]`, `*["${name}"]`]),
)
