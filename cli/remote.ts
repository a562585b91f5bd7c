import { AppError } from '#engine/errors.ts'

/** The server said no, in its own words, or could not be reached. */
export class ServerRefused extends AppError {
  readonly code: string
  readonly retryable: boolean

  constructor(code: string, message: string, retryable: boolean, details: Record<string, unknown> = {}) {
    super(message, details)
    this.code = code
    this.retryable = retryable
  }
}

/** A call to the server that a door was opened to. */
export type ServerCall = <T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  contentType?: string,
) => Promise<T>

/** One call to a running server. The key travels in the header only. @throws ServerRefused */
export async function callServer<T>(
  server: { url: string; key: string },
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  /** Of a body that is text already. */
  contentType?: string,
): Promise<T> {
  // A server inside another application has a prefix, which a path that begins with a slash would drop.
  const target = new URL(path.replace(/^\//, ''), server.url.endsWith('/') ? server.url : `${server.url}/`)
  let response: Response
  try {
    response = await fetch(target, {
      method,
      headers: {
        authorization: `Bearer ${server.key}`,
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: contentType === undefined ? JSON.stringify(body) : (body as string) }),
    })
  } catch (cause) {
    throw new ServerRefused(
      'ERR_SERVER_UNREACHABLE',
      `No server answers at ${target.origin}. Start it, or leave --url out.`,
      true,
      {
        cause: cause instanceof Error ? cause.message : String(cause),
      },
    )
  }
  const answer: unknown = await response.json().catch(() => ({}))
  if (response.ok) return answer as T
  const problem = answer as { code?: string; detail?: string; title?: string }
  throw new ServerRefused(
    problem.code ?? 'ERR_SERVER',
    problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
    response.status >= 500,
    { status: response.status, ...(typeof answer === 'object' ? (answer as Record<string, unknown>) : {}) },
  )
}
