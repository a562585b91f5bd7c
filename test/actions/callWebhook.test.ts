import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { createCallWebhook, type CallWebhookOptions } from '#actions/callWebhook.ts'
import type { Json } from '#definitions/json.ts'
import { aWorkIntent } from './intents.ts'
import { json, loopback, type Answer, type Loopback } from './loopback.ts'

const SECRET = `whsec_${Buffer.from('伝令の署名の鍵、二十四バイト以上').toString('base64')}`
let server: Loopback
beforeEach(async () => {
  server = await loopback(json(200, { ok: true }))
})
afterEach(() => server.close())

const call = (
  payload: Record<string, Json> = {},
  options: Partial<CallWebhookOptions> = {},
  signal = new AbortController().signal,
) =>
  createCallWebhook({ signingSecret: SECRET, mayBePrivate: () => true, timeoutMs: 300, ...options }).perform(
    aWorkIntent({ payload: { type: 'callWebhook', url: `${server.url}/hook`, body: { 名前: '山田' }, ...payload } }),
    signal,
  )

test('posts type, timestamp and data, signed so that a receiver can verify it', async () => {
  expect(await call()).toEqual({ kind: 'done', detail: 'HTTP 200' })
  const [request] = server.received
  const body = new Webhook(SECRET).verify(request?.body ?? '', request?.headers as Record<string, string>)
  expect(body).toMatchObject({ type: 'workflow.tell-the-warehouse', data: { 名前: '山田' } })
  expect(request).toMatchObject({ method: 'POST', url: '/hook' })
  expect(request?.headers['webhook-id']).toBe(aWorkIntent().id)
  expect(request?.headers['content-type']).toBe('application/json')
})

test('without a secret there is no signature', async () => {
  await call({}, { signingSecret: null })
  expect(server.received[0]?.headers).not.toHaveProperty('webhook-signature')
  expect(server.received[0]?.headers).toHaveProperty('webhook-id')
})

test('headers of the action are sent, but not those that are ours', async () => {
  await call({
    headers: { 'X-Shop': 'a', Host: 'evil.test', 'Webhook-Signature': 'v1,forged', 'Content-Type': 'text/plain' },
  })
  expect(server.received[0]?.headers).toMatchObject({ 'x-shop': 'a', 'content-type': 'application/json' })
  expect(server.received[0]?.headers.host).not.toBe('evil.test')
  expect(server.received[0]?.headers['webhook-signature']).not.toBe('v1,forged')
})

test('a header that is no legal header fails for good', async () => {
  expect(await call({ headers: { 'X-Shop': 'a\r\nX-Evil: b' } })).toMatchObject({
    kind: 'failed',
    reason: 'header_invalid',
  })
  expect(server.received).toHaveLength(0)
})

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end('x')

test.each<[number, Record<string, string>, object]>([
  [204, {}, { kind: 'done' }],
  [301, { location: 'http://127.0.0.1:1/' }, { kind: 'failed', reason: 'webhook_http_301' }],
  [308, { location: 'http://127.0.0.1:1/' }, { kind: 'failed', reason: 'webhook_http_308' }],
  [400, {}, { kind: 'failed', reason: 'webhook_http_400' }],
  [404, {}, { kind: 'failed', reason: 'webhook_http_404' }],
  [410, {}, { kind: 'failed', reason: 'webhook_gone' }],
  [408, {}, { kind: 'retry', reason: 'webhook_http_408' }],
  [429, { 'retry-after': '30' }, { kind: 'retry', reason: 'webhook_http_429', afterMs: 30_000 }],
  [429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, { kind: 'retry', reason: 'webhook_http_429' }],
  [500, {}, { kind: 'retry', reason: 'webhook_http_500' }],
  [502, {}, { kind: 'retry' }],
  [503, { 'retry-after': '5' }, { kind: 'retry', afterMs: 5000 }],
  [504, {}, { kind: 'retry' }],
])('HTTP %i %o: %o', async (code, headers, expected) => {
  server.answer = status(code, headers)
  expect(await call()).toMatchObject(expected)
  expect(server.received).toHaveLength(1)
})

describe('a receiver that misbehaves is tried again', () => {
  test.each<[string, Answer, string]>([
    ['hangs', () => undefined, 'webhook_timeout'],
    ['closes the socket', ({ socket }) => socket.destroy(), 'webhook_unreachable'],
  ])('%s', async (_name, answer, reason) => {
    server.answer = answer
    expect(await call()).toMatchObject({ kind: 'retry', reason })
  })

  test('is not there', async () => {
    await server.close()
    expect(await call()).toMatchObject({ kind: 'retry', reason: 'webhook_unreachable', detail: 'ECONNREFUSED' })
  })

  test('answers for ever', async () => {
    server.answer = (_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'.repeat(32_000)), 1)
      response.on('close', () => clearInterval(timer))
    }
    // It had said 200: the call is done, and only so much of the rest is read.
    expect(await call()).toMatchObject({ kind: 'done' })
  })

  test('when the server stops, the call is given up and tried again', async () => {
    server.answer = () => undefined
    const stop = new AbortController()
    const outcome = call({}, { timeoutMs: 20_000 }, stop.signal)
    await expect.poll(() => server.received.length).toBe(1)
    stop.abort(new Error('stop'))
    expect(await outcome).toMatchObject({ kind: 'retry' })
  })
})

describe('what may not be called', () => {
  test('loopback, unless the setting allows it', async () => {
    expect(await call({}, { mayBePrivate: () => false })).toMatchObject({ kind: 'failed', reason: 'url_private' })
    expect(server.received).toHaveLength(0)
  })

  test('a name that leads to loopback', async () => {
    const { port } = new URL(server.url)
    const outcome = await call(
      { url: `http://hook.example.test:${port}/` },
      {
        mayBePrivate: () => false,
        resolve: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      },
    )
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'url_private' })
    expect(server.received).toHaveLength(0)
  })

  test('the socket goes to the address that was checked: a second answer of the name is never asked for', async () => {
    const { port } = new URL(server.url)
    let asked = 0
    const outcome = await call(
      { url: `http://hook.example.test:${port}/` },
      {
        resolve: (_host, done) => done(null, [{ address: asked++ === 0 ? '127.0.0.1' : '10.255.255.1', family: 4 }]),
      },
    )
    expect(outcome).toMatchObject({ kind: 'done' })
    expect(asked).toBe(1)
  })

  test.each([
    ['ftp://example.test/', 'url_scheme'],
    ['https://user:secret@example.test/', 'url_credentials'],
  ])('%s', async (url, reason) => {
    const outcome = await call({ url })
    expect(outcome).toMatchObject({ kind: 'failed', reason })
    expect(JSON.stringify(outcome)).not.toContain('secret')
  })

  test('a payload without a URL', async () => {
    expect(await call({ url: 7 })).toMatchObject({ kind: 'failed', reason: 'payload_invalid' })
  })

  test('a redirect to a private address is not followed', async () => {
    server.answer = status(302, { location: 'http://169.254.169.254/latest/meta-data/' })
    expect(await call()).toMatchObject({ kind: 'failed', reason: 'webhook_http_302' })
  })
})
