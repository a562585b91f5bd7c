import { Agent, request } from 'undici'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'
import type { Clock } from '#engine/clock.ts'
import type { WorkIntent } from '#engine/message.ts'
import type { Performer, WorkOutcome } from './performer.ts'
import { AddressRefused, checkUrl, guardedLookup, type Resolve } from './ssrf.ts'
import { retryAfterMs } from './whatsapp/graph.ts'

export interface CallWebhookOptions {
  /** `whsec_...` or bare base64; null sends unsigned. */
  signingSecret: string | null
  /** The setting `webhooksMayBePrivate`, asked at each call. */
  mayBePrivate: () => boolean
  /** For the timestamp in the signature. Default: the machine's time, because the receiver compares it with its own. */
  clock?: Clock
  resolve?: Resolve
  /** From the call to the end of the answer. Source: Standard Webhooks, "Request timeouts" (15 to 30 s). */
  timeoutMs?: number
}

const payload = z.looseObject({
  url: z.string(),
  body: z.record(z.string(), z.json()).default({}),
  headers: z.record(z.string(), z.string()).default({}),
})

/** Set by us, or by HTTP itself. */
const OWN_HEADERS = new Set(['host', 'content-length', 'content-type', 'connection', 'transfer-encoding', 'user-agent'])
/** Bytes of an answer that are read at most, only so that the socket can be used again. */
const ANSWER_BYTES_MAX = 64 * 1024

/**
 * Posts JSON to a URL, as Standard Webhooks says: `webhook-id` is the intent's id, the same at each try, so a receiver can
 * tell a repetition; the signature covers id, timestamp and body.
 *
 * 2xx is done. 410 means stop for good; 408, 425, 429, 5xx and a network fault are tried again; everything else, a redirect
 * too, has failed.
 *
 * Source: Standard Webhooks specification, "Webhook headers", "Deliverability and reliability".
 */
export function createCallWebhook(options: CallWebhookOptions): Performer {
  const clock = options.clock ?? { now: Date.now }
  const signer = options.signingSecret === null ? null : new Webhook(options.signingSecret)
  const agents = { strict: agent(false, options.resolve), lax: agent(true, options.resolve) }

  return {
    type: 'callWebhook',
    async perform(intent, signal) {
      const parsed = payload.safeParse(intent.payload)
      if (!parsed.success) return failed('payload_invalid', z.prettifyError(parsed.error))
      const mayBePrivate = options.mayBePrivate()
      const checked = checkUrl(parsed.data.url, mayBePrivate)
      if ('refused' in checked) return failed(checked.refused, `The webhook's URL may not be called.`)

      const body = bodyOf(intent, parsed.data.body, clock.now())
      try {
        const answer = await request(checked.url, {
          method: 'POST',
          headers: { ...chosen(parsed.data.headers), ...signed(signer, intent, body, clock.now()) },
          body,
          // Sockets opened while private addresses were allowed are not used once they no longer are.
          dispatcher: mayBePrivate ? agents.lax : agents.strict,
          signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 15_000)]),
        })
        await answer.body.dump({ limit: ANSWER_BYTES_MAX }).catch(() => undefined)
        return outcomeOf(answer.statusCode, answer.headers['retry-after'])
      } catch (error) {
        return faultOf(error)
      }
    },
  }
}

function agent(mayBePrivate: boolean, resolve: Resolve | undefined): Agent {
  return new Agent({
    connect: { lookup: guardedLookup(() => mayBePrivate, resolve), timeout: 10_000 },
    connections: 16,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

function bodyOf({ definition }: WorkIntent, data: object, now: number): string {
  return JSON.stringify({ type: typeOf(definition), timestamp: new Date(now).toISOString(), data })
}

/** `workflow/welcome-web-lead@3` is of the type `workflow.welcome-web-lead`: the version is nothing a receiver routes by. */
const typeOf = (definition: string) => definition.replace(/@\d+$/, '').replaceAll('/', '.')

function chosen(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !OWN_HEADERS.has(name) && !name.startsWith('webhook-')),
  )
}

function signed(signer: Webhook | null, { id }: WorkIntent, body: string, now: number): Record<string, string> {
  const at = new Date(now)
  return {
    'content-type': 'application/json',
    'user-agent': 'Denrei',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    ...(signer === null ? {} : { 'webhook-signature': signer.sign(id, at, body) }),
  }
}

/** 4xx that say "not now". */
const RETRIED = new Set([408, 425, 429])

function outcomeOf(status: number, retryAfter: string | string[] | undefined): WorkOutcome {
  if (status >= 200 && status < 300) return { kind: 'done', detail: `HTTP ${status}` }
  const detail = `The webhook answered HTTP ${status}.`
  if (status === 410) return failed('webhook_gone', detail)
  if (status >= 500 || RETRIED.has(status)) {
    const afterMs = retryAfterMs(retryAfter)
    return { kind: 'retry', reason: `webhook_http_${status}`, detail, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  return failed(`webhook_http_${status}`, detail)
}

function faultOf(error: unknown): WorkOutcome {
  if (error instanceof AddressRefused) return failed('url_private', error.message)
  const { code, name, message } = error as { code?: string; name?: string; message?: string }
  if (code === 'UND_ERR_INVALID_ARG') return failed('header_invalid', 'A header of the webhook is not legal in HTTP.')
  if (name === 'TimeoutError')
    return { kind: 'retry', reason: 'webhook_timeout', detail: 'The webhook did not answer.' }
  return { kind: 'retry', reason: 'webhook_unreachable', detail: code ?? message ?? 'unknown fault' }
}

const failed = (reason: string, detail: string): WorkOutcome => ({ kind: 'failed', reason, detail })
