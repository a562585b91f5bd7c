import { randomInt } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { Random } from '../random.ts'
import { realTime, type Scheduler } from '../scheduler.ts'
import { StripeAccount } from './account.ts'
import type { CardBehaviour } from './cards.ts'
import { StripeEvents } from './events.ts'
import { StripeFault, type StripeTrouble } from './fault.ts'
import { readForm, type Form } from './form.ts'
import { IdempotencyKeys } from './idempotency.ts'
import type { Intent, StripeEvent } from './objects.ts'
import { DOORS, expand } from './routes.ts'

export interface StripeDoubleOptions {
  /** Default 0: any free port. */
  port?: number
  /** Default real time; `virtualTime(startAt)` for tests and simulations. */
  schedule?: Scheduler
  /** That callers must show. Default `sk_test_denrei`. */
  secretKey?: string
  /** Signs the webhooks. Default `whsec_denrei`. */
  webhookSecret?: string
  /** Where webhooks go; none are sent while it is null. */
  webhookUrl?: string | null
  /** Makes ids repeat. Default: different each time. */
  seed?: number
}

/** A running double of the part of Stripe's API that takes payments for credits. */
export interface StripeDouble {
  /** `http://127.0.0.1:PORT`: for STRIPE_BASE_URL. */
  readonly url: string
  readonly account: StripeAccount
  now(): number
  /** Oldest first. */
  events(): StripeEvent[]
  requests(): { method: string; path: string; idempotencyKey: string | null }[]
  setWebhook(url: string | null, secret?: string): void
  /** From now on each webhook is sent twice. */
  doubleWebhooks(): void
  resend(eventId: string): Promise<void>
  /** Goes wrong as often as it says. */
  trouble(trouble: StripeTrouble): void
  /** The payer, in the browser: pays with a card, and proves who they are if they are asked to. */
  pay(clientSecret: string, card?: string): Promise<Intent>
  /** The card that was kept behaves like this from now on. */
  changeKeptCard(behaviour: CardBehaviour): void
  /** Webhooks that are due are sent. Virtual time moves on by `ms`. */
  advance(ms: number): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
}

const API_VERSION = '2026-10-28.endive'
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Starts a double of Stripe's API on loopback: customers, payment methods, PaymentIntents, refunds, disputes, signed events,
 * idempotency keys, test cards. It refuses what Stripe refuses: unknown parameters, a key used for another request, an intent that
 * is not where it has to be.
 */
export async function startStripe(options: StripeDoubleOptions = {}): Promise<StripeDouble> {
  const scheduler = options.schedule ?? realTime()
  const random = new Random(options.seed ?? randomInt(2 ** 32))
  const newId = (prefix: string) =>
    `${prefix}_${Array.from({ length: 24 }, () => DIGITS[Math.floor(random.next() * DIGITS.length)]).join('')}`
  const events = new StripeEvents(scheduler, options.webhookUrl ?? null, options.webhookSecret ?? 'whsec_denrei')
  let asking: StripeEvent['request'] = { id: null, idempotency_key: null }
  const account = new StripeAccount(
    () => scheduler.now(),
    newId,
    (type, object) =>
      events.add({
        id: newId('evt'),
        object: 'event',
        api_version: API_VERSION,
        created: Math.floor(scheduler.now() / 1000),
        livemode: false,
        pending_webhooks: 1,
        request: asking,
        type,
        data: { object: structuredClone(object) },
      }),
  )
  const keys = new IdempotencyKeys()
  const troubles: Required<StripeTrouble>[] = []
  const requests: { method: string; path: string; idempotencyKey: string | null }[] = []
  const secretKey = options.secretKey ?? 'sk_test_denrei'

  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.setErrorHandler((error, _request, reply) => {
    const fault =
      error instanceof StripeFault ? error : new StripeFault(500, 'api_error', `The double failed: ${String(error)}`)
    return reply.code(fault.status).send(fault.body)
  })
  app.setNotFoundHandler((request) => unknownUrl(request))
  app.route({ method: ['GET', 'POST', 'DELETE'], url: '/v1/*', handler: answer })

  function answer(request: FastifyRequest, reply: FastifyReply): FastifyReply | object {
    const [path = '', query = ''] = request.url.split('?')
    const requestId = newId('req')
    void reply.headers({ 'request-id': requestId, 'stripe-version': API_VERSION })
    const idempotencyKey = one(request.headers['idempotency-key'])
    requests.push({ method: request.method, path, idempotencyKey })
    authorize(request)
    const text = request.method === 'GET' ? query : ((request.body as string | undefined) ?? '')
    const trouble = takeTrouble(path)
    if (trouble?.kind === 'close_before') return drop(reply)
    if (trouble?.kind === '429') {
      throw new StripeFault(429, 'invalid_request_error', 'Request rate limit exceeded.', { code: 'rate_limit' })
    }
    const asked = `${request.method} ${path} ${text}`
    const known = idempotencyKey === null ? null : keys.find(idempotencyKey, asked, scheduler.now())
    if (known !== null) {
      void reply.header('idempotent-replayed', 'true')
      return reply.code(known.status).send(known.body)
    }
    asking = { id: requestId, idempotency_key: idempotencyKey }
    const { status, body } =
      trouble?.kind === '500'
        ? new StripeFault(500, 'api_error', 'Something went wrong on our end.')
        : work(request, path, readForm(text))
    asking = { id: null, idempotency_key: null }
    if (idempotencyKey !== null) {
      void reply.header('idempotency-key', idempotencyKey)
      keys.keep(idempotencyKey, { asked, status, body, at: scheduler.now() })
    }
    return trouble?.kind === 'close_after' ? drop(reply) : reply.code(status).send(body)
  }

  function work(request: FastifyRequest, path: string, form: Form): { status: number; body: object } {
    try {
      const { door, id } = doorOf(request, path)
      const unknown = Object.keys(form).find((name) => name !== 'expand' && !door.parameters.includes(name))
      if (unknown !== undefined) {
        throw new StripeFault(400, 'invalid_request_error', `Received unknown parameter: ${unknown}`, {
          code: 'parameter_unknown',
          param: unknown,
        })
      }
      // As it is now: what happens later must not change an answer that is remembered.
      return { status: 200, body: structuredClone(expand(account, door.answer(account, id, form), form['expand'])) }
    } catch (error) {
      if (error instanceof StripeFault) return { status: error.status, body: structuredClone(error.body) }
      throw error
    }
  }

  function authorize(request: FastifyRequest): void {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (given === secretKey) return
    const message =
      given === undefined ? 'You did not provide an API key.' : `Invalid API Key provided: ${given.slice(0, 8)}****`
    throw new StripeFault(401, 'invalid_request_error', message)
  }

  function takeTrouble(path: string): StripeTrouble | null {
    const found = troubles.find((one) => one.count > 0 && path.includes(one.path))
    if (found === undefined) return null
    found.count--
    return found
  }

  await app.listen({ port: options.port ?? 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const flush = (): Promise<void> => (scheduler.virtual ? scheduler.advance(0) : settle())
  async function settle(): Promise<void> {
    await scheduler.advance(0)
    await events.deliver()
  }

  return {
    url: `http://127.0.0.1:${port}`,
    account,
    now: () => scheduler.now(),
    events: () => [...events.all],
    requests: () => [...requests],
    setWebhook(url, secret) {
      events.url = url
      if (secret !== undefined) events.secret = secret
    },
    doubleWebhooks: () => void (events.isDoubled = true),
    resend: (id) => events.resend(id),
    trouble: (trouble) => void troubles.push({ count: 1, ...trouble }),
    async pay(clientSecret, card = 'pm_card_visa') {
      const intent = account.intent(clientSecret.split('_secret_')[0] ?? '')
      if (intent.client_secret !== clientSecret) throw new TypeError('That is no client secret of this payment.')
      if (intent.status === 'requires_action') return account.authenticate(intent.id, true)
      const confirmed = account.confirm(intent.id, card, false)
      return confirmed.status === 'requires_action' ? account.authenticate(confirmed.id, true) : confirmed
    },
    changeKeptCard(behaviour) {
      for (const { id, customer } of account.methods.values()) if (customer !== null) account.change(id, behaviour)
    },
    advance: (ms) => scheduler.advance(ms),
    flush,
    async close() {
      scheduler.stop()
      await events.deliver()
      await app.close()
    },
  }
}

function doorOf(request: FastifyRequest, path: string) {
  for (const door of DOORS) {
    const match = door.method === request.method ? door.path.exec(path) : null
    if (match !== null) return { door, id: match[1] ?? '' }
  }
  return unknownUrl(request)
}

function unknownUrl({ method, url }: FastifyRequest): never {
  throw new StripeFault(404, 'invalid_request_error', `Unrecognized request URL (${method}: ${url.split('?')[0]}).`)
}

const one = (header: string | string[] | undefined): string | null => (typeof header === 'string' ? header : null)

/** Nothing more is said on this connection. */
function drop(reply: FastifyReply): FastifyReply {
  reply.hijack()
  reply.raw.destroy()
  return reply
}
