import { Pool, type Dispatcher } from 'undici'
import { z } from 'zod'
import type { CallGate } from './callGate.ts'

/** How one HTTP call to the Graph API ended. Every end is a value: the caller has to look at each of them. */
export type GraphAnswer =
  | { kind: 'ok'; httpStatus: number; body: unknown }
  | GraphRefused
  /**
   * No answer we can read. `written` false: not one byte of the request left this process, so calling again is safe.
   * True: the other side may have done it.
   */
  | { kind: 'lost'; why: string; written: boolean }

/** WhatsApp said no, in its own words or with nothing but an HTTP status. */
export interface GraphRefused {
  kind: 'refused'
  /** Null when the answer carried no Graph error: then only `httpStatus` tells. */
  code: number | null
  subcode: number | null
  details: string
  transient: boolean
  /** 0 when the request was never made because it could not be written down. */
  httpStatus: number
  retryAfterMs?: number
}

export interface GraphOptions {
  /** Default `https://graph.facebook.com`. May end in a path. */
  baseUrl?: string
  /** Default `v25.0`. Source: Meta, Graph API, "Changelog": v25.0 lives until 2028-07-29. */
  apiVersion?: string
  /** Asked at each call, so that a token may be replaced while the server runs. */
  token: () => string
  /** Sockets kept open at most. */
  connections?: number
  /** From the call to the last byte of its answer, waiting for a socket included. Keep it well below the lease. */
  timeoutMs?: number
  connectTimeoutMs?: number
  /** A longer answer is cut off and counts as unreadable. */
  answerBytesMax?: number
  /** The way to the other side, instead of sockets of its own; who gives it closes it. For proxies and simulations. */
  dispatcher?: Dispatcher
  /** Counts the calls that are not messages. */
  gate?: CallGate
}

export interface Graph {
  /**
   * @param path after the version, such as `/123/messages`
   * @param body sent as JSON when given
   * @param onWritten called when the request is given to a socket
   */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown, onWritten?: () => void): Promise<GraphAnswer>
  /**
   * Sends the bytes of a file, which the Resumable Upload API alone takes as they are.
   *
   * @param path after the version, such as `/upload:…`
   */
  upload(path: string, bytes: Uint8Array): Promise<GraphAnswer>
  /** Lets calls under way finish, then closes every socket. */
  close(): Promise<void>
}

/**
 * HTTP to the Graph API over kept-alive sockets.
 *
 * undici's `dispatch` instead of `request`, because only its handler tells the moment a request is given to a socket.
 * That moment decides whether a message may be sent again.
 */
export function createGraph(options: GraphOptions): Graph {
  const base = new URL(options.baseUrl ?? 'https://graph.facebook.com')
  const prefix = `${base.pathname.replace(/\/+$/, '')}/${options.apiVersion ?? 'v25.0'}`
  const timeoutMs = options.timeoutMs ?? 30_000
  const answerBytesMax = options.answerBytesMax ?? 4_000_000
  const dispatcher = options.dispatcher ?? openPool(base.origin, options)
  function dispatch(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    content: { body: string | Uint8Array | null; headers: (token: string) => Record<string, string> },
    onWritten?: () => void,
  ): Promise<GraphAnswer> {
    return new Promise<GraphAnswer>((resolve) => {
      const gate = path.endsWith('/messages') ? undefined : options.gate
      const waitMs = gate?.take() ?? 0
      if (waitMs > 0) return resolve(tooMany(waitMs))
      const token = options.token()
      const call = new Call((answer) => resolve(withoutSecret(answer, token)), timeoutMs, answerBytesMax, {
        onWritten,
        onUsage: (header) => gate?.learn(header),
      })
      try {
        const headers = { accept: 'application/json', ...content.headers(token) }
        dispatcher.dispatch({ origin: base.origin, method, path: prefix + path, headers, body: content.body }, call)
      } catch (error) {
        // A closed pool and a token that is no legal header end here, before anything was written.
        call.onResponseError(null, error)
      }
    })
  }
  return {
    call: (method, path, body, onWritten) =>
      dispatch(
        method,
        path,
        {
          body: body === undefined ? null : JSON.stringify(body),
          headers: (token) => ({
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          }),
        },
        onWritten,
      ),
    upload: (path, bytes) =>
      dispatch('POST', path, {
        body: bytes,
        // Source: Meta, Graph API, "Resumable Upload API": here the scheme is OAuth, and the offset is a header.
        headers: (token) => ({
          authorization: `OAuth ${token}`,
          file_offset: '0',
          'content-type': 'application/octet-stream',
        }),
      }),
    close: async () => {
      if (dispatcher instanceof Pool && dispatcher !== options.dispatcher && !dispatcher.closed)
        await dispatcher.close()
    },
  }
}

/** Tokens of Meta begin so. Some refusals repeat the token that was refused. */
const META_TOKEN = /EAA[A-Za-z0-9]{16,}/g

/** What is refused is stored with the message and logged: no token may stand in it. */
function withoutSecret(answer: GraphAnswer, token: string): GraphAnswer {
  if (answer.kind !== 'refused') return answer
  const clean = token === '' ? answer.details : answer.details.replaceAll(token, '[secret]')
  // Cut short only now: half a token is not recognised.
  return { ...answer, details: clip(clean.replace(META_TOKEN, '[secret]')) }
}

function openPool(origin: string, { connections, connectTimeoutMs }: GraphOptions): Pool {
  return new Pool(origin, {
    // As many as a number of 1,000 messages a second needs; opened only when all others are busy.
    connections: connections ?? 1024,
    pipelining: 1,
    // One deadline over the whole call replaces undici's two, which restart with every chunk.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs ?? 10_000 },
  })
}

/** WhatsApp would refuse it, so it is not called. Source: Meta, Cloud API, "Error codes", 80007. */
const tooMany = (waitMs: number): GraphRefused => ({
  kind: 'refused',
  code: 80007,
  subcode: null,
  details: 'Not called: the calls to this WhatsApp account in an hour are used up.',
  transient: true,
  httpStatus: 429,
  retryAfterMs: waitMs,
})

interface Hooks {
  onWritten: (() => void) | undefined
  onUsage: (header: string) => void
}

/** Follows one request from the queue to the last byte, and answers exactly once. */
class Call implements Dispatcher.DispatchHandler {
  #resolve: ((answer: GraphAnswer) => void) | null
  #controller: Dispatcher.DispatchController | null = null
  #deadline: NodeJS.Timeout
  #bytesMax: number
  #httpStatus = 0
  #retryAfterMs: number | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #hooks: Hooks

  constructor(resolve: (answer: GraphAnswer) => void, timeoutMs: number, bytesMax: number, hooks: Hooks) {
    this.#resolve = resolve
    this.#hooks = hooks
    this.#bytesMax = bytesMax
    this.#deadline = setTimeout(() => this.#cut(`no answer within ${timeoutMs} ms`), timeoutMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // The deadline passed while the request stood in the queue: it was called lost and unwritten, so it must stay so.
    if (this.#resolve === null) controller.abort(new Error('deadline passed before the request was written'))
    else this.#hooks.onWritten?.()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200) return
    this.#httpStatus = statusCode
    this.#retryAfterMs = retryAfterMs(headers['retry-after'])
    const usage = headers['x-business-use-case-usage']
    if (typeof usage === 'string') this.#hooks.onUsage(usage)
    const length = headers['content-length']
    if (typeof length === 'string' && Number(length) > this.#bytesMax) this.#tooLong(controller)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#bytesMax) this.#tooLong(controller)
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const [first] = this.#chunks
    const text = this.#chunks.length === 1 && first ? first.toString() : Buffer.concat(this.#chunks).toString()
    this.#answer(readAnswer(this.#httpStatus, text, this.#retryAfterMs))
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    const why = (error as { code?: string } | null)?.code ?? (error instanceof Error ? error.message : 'unknown fault')
    this.#answer({ kind: 'lost', why, written: this.#controller !== null })
  }

  /** An error status is an answer however long its body; a success whose body is cut tells nothing. */
  #tooLong(controller: Dispatcher.DispatchController): void {
    const why = `answer longer than ${this.#bytesMax} bytes`
    if (this.#httpStatus >= 300) this.#answer(readAnswer(this.#httpStatus, '', this.#retryAfterMs))
    controller.abort(new Error(why))
    this.#answer({ kind: 'lost', why, written: true })
  }

  #cut(why: string): void {
    const controller = this.#controller
    this.#answer({ kind: 'lost', why, written: controller !== null })
    controller?.abort(new Error(why))
  }

  #answer(answer: GraphAnswer): void {
    if (this.#resolve === null) return
    clearTimeout(this.#deadline)
    this.#resolve(answer)
    this.#resolve = null
  }
}

/** Source: Meta, Cloud API, "Error codes": every refusal carries this envelope. Unknown keys are let through. */
const errorEnvelope = z.object({
  error: z.object({
    message: z.string().catch(''),
    code: z.coerce.number(),
    error_subcode: z.coerce.number().optional().catch(undefined),
    is_transient: z.boolean().optional().catch(undefined),
    error_data: z.object({ details: z.string() }).optional().catch(undefined),
    error_user_msg: z.string().optional().catch(undefined),
  }),
})

/** Gateways that say these did not pass the request on. Any other 5xx without a Graph error leaves the outcome open. */
const SURELY_NOT_DONE = new Set([429, 503])

function readAnswer(httpStatus: number, text: string, retryAfter: number | undefined): GraphAnswer {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  const refused = errorEnvelope.safeParse(body)
  if (refused.success) {
    const { message, code, error_subcode, error_data, error_user_msg, is_transient } = refused.data.error
    return {
      kind: 'refused',
      code,
      subcode: error_subcode ?? null,
      details: [message, error_data?.details ?? error_user_msg].filter(Boolean).join(': '),
      transient: is_transient ?? false,
      httpStatus,
      ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    }
  }
  if (httpStatus >= 200 && httpStatus < 300) {
    return body === undefined
      ? { kind: 'lost', why: `HTTP ${httpStatus} with a body that is not JSON`, written: true }
      : { kind: 'ok', httpStatus, body }
  }
  if (httpStatus >= 500 && !SURELY_NOT_DONE.has(httpStatus)) {
    return { kind: 'lost', why: `HTTP ${httpStatus} without a Graph error`, written: true }
  }
  return {
    kind: 'refused',
    code: null,
    subcode: null,
    details: `HTTP ${httpStatus} without a Graph error`,
    transient: SURELY_NOT_DONE.has(httpStatus),
    httpStatus,
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
  }
}

const DETAILS_CHARACTERS_MAX = 1000
const clip = (text: string): string =>
  text.length > DETAILS_CHARACTERS_MAX ? `${text.slice(0, DETAILS_CHARACTERS_MAX)}…` : text

/** Only the form in seconds: the form with a date needs a clock both sides agree on. */
export function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const value = Array.isArray(header) ? header[0] : header
  return value !== undefined && /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1000 : undefined
}
