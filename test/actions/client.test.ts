import { Pool } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCloudClient, type CloudClient } from '#actions/whatsapp/client.ts'
import { WhatsAppAnswerInvalid, WhatsAppRefused, WhatsAppUnreachable } from '#actions/whatsapp/faults.ts'
import type { Form, SendIntent } from '#engine/message.ts'
import { aSendIntent } from './intents.ts'
import { accepted, graphError, json, loopback, type Answer, type Loopback } from './loopback.ts'

const TOKEN = 'EAAG-secret-token'
let server: Loopback
let client: CloudClient
const clientTo = (url: string, more = {}) =>
  createCloudClient({ baseUrl: url, token: () => TOKEN, timeoutMs: 300, answerBytesMax: 20_000, ...more })

beforeEach(async () => {
  server = await loopback(accepted('wamid.A'))
  client = clientTo(server.url)
})
afterEach(async () => {
  await server.close()
  await client.close()
})

test('a send answers with the wamid, the wa_id and the status, and carries our id and the token', async () => {
  expect(await client.send(aSendIntent(), 'template')).toEqual({
    kind: 'accepted',
    wamid: 'wamid.A',
    waId: '818012345678',
    status: 'accepted',
  })
  const [request] = server.received
  expect(request).toMatchObject({ method: 'POST', url: '/v25.0/1055/messages' })
  expect(request?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    to: '+818012345678',
    biz_opaque_callback_data: aSendIntent().id,
    template: { components: [{ type: 'body', parameters: [{ parameter_name: 'name', text: '山田様' }] }] },
  })
})

test('a text goes out word for word, without a preview of what it links to', async () => {
  const body = '佐藤様\n\nご予約は 15 時です。 https://example.test/r/17'
  await client.send(aSendIntent({ text: { body } }), 'text')
  expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '+818012345678',
    type: 'text',
    text: { body, preview_url: false },
    biz_opaque_callback_data: aSendIntent().id,
  })
})

test.each(['template', 'fallback'] as const)('a message that has a text too goes out as its %s', async (form) => {
  await client.send(aSendIntent({ text: { body: 'はい' } }), form)
  const body = JSON.parse(server.received[0]?.body ?? '') as object
  expect(body).toMatchObject({ type: 'template', template: { name: 'welcome_lead' } })
  expect(body).not.toHaveProperty('text')
})

test('a send to a BSUID names the recipient and answers with the user id', async () => {
  server.answer = json(200, { contacts: [{ input: 'JP.13', user_id: 'JP.13' }], messages: [{ id: 'wamid.B' }] })
  const answer = await client.send(aSendIntent({ to: { raw: 'JP.13', bsuid: 'JP.13' } }), 'template')
  expect(answer).toEqual({ kind: 'accepted', wamid: 'wamid.B', userId: 'JP.13' })
  const body = JSON.parse(server.received[0]?.body ?? '') as object
  expect(body).toMatchObject({ recipient: 'JP.13' })
  expect(body).not.toHaveProperty('to')
})

test('the token is asked for at each call, so a rotated one is used at once', async () => {
  let token = 'first'
  await client.close()
  client = clientTo(server.url, { token: () => token })
  await client.send(aSendIntent(), 'template')
  token = 'second'
  await client.send(aSendIntent(), 'template')
  expect(server.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second'])
})

test('the base URL may end in a path and the version is a setting', async () => {
  await client.close()
  client = clientTo(`${server.url}/proxy/`, { apiVersion: 'v26.0' })
  await client.send(aSendIntent(), 'template')
  expect(server.received[0]?.url).toBe('/proxy/v26.0/1055/messages')
})

test('a refusal tells code, subcode, details and whether it is transient', async () => {
  server.answer = graphError(131000, 500, {
    error_subcode: 2494010,
    is_transient: true,
    error_data: { messaging_product: 'whatsapp', details: '送信できません' },
  })
  expect(await client.send(aSendIntent(), 'template')).toEqual({
    kind: 'refused',
    code: 131000,
    subcode: 2494010,
    details: '(#131000) refused: 送信できません',
    transient: true,
    httpStatus: 500,
  })
})

test('what cannot be written down is refused without a call', async () => {
  const unsendable: [Partial<SendIntent>, Form][] = [
    [{ to: { raw: '' } }, 'template'],
    [{ to: { raw: '' }, text: { body: 'はい' } }, 'text'],
    [{ parameters: null }, 'template'],
    [{ template: null }, 'template'],
    [{ numberId: null }, 'template'],
    [{}, 'text'],
    [{ text: { body: null } }, 'text'],
  ]
  for (const [change, form] of unsendable)
    expect(await client.send(aSendIntent(change), form)).toMatchObject({ kind: 'refused', httpStatus: 0 })
  expect(server.received).toHaveLength(0)
})

describe('an answer that tells nothing is lost, and says whether the request had left', () => {
  const hang: Answer = () => undefined
  const closeNow: Answer = ({ socket }) => socket.destroy()
  const closeInBody: Answer = ({ socket }, response) => {
    response.writeHead(200, { 'content-length': '500' })
    response.write('{"messages":[')
    setImmediate(() => socket.destroy())
  }
  const dribble: Answer = (_request, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  }
  const garbage: Answer = (_request, response) => response.writeHead(200).end('<html>Bad Gateway</html>')
  const huge: Answer = (_request, response) => response.writeHead(200).end('x'.repeat(50_000))
  const hugeChunked: Answer = (_request, response) => {
    response.writeHead(200)
    response.write('x'.repeat(15_000))
    response.end('x'.repeat(15_000))
  }
  test.each<[string, Answer]>([
    ['a server that hangs', hang],
    ['a socket closed before the answer', closeNow],
    ['a socket closed inside the answer', closeInBody],
    ['an answer that dribbles past the deadline', dribble],
    ['garbage instead of JSON', garbage],
    ['an answer longer than the bound, as announced', huge],
    ['an answer longer than the bound, unannounced', hugeChunked],
    ['a success without a message id', json(200, { messages: [] })],
    ['a 500 without a Graph error', json(500, { oops: true })],
    ['a gateway that gave up waiting', (_request, response) => response.writeHead(504).end('timeout')],
  ])('%s: written', async (_name, answer) => {
    server.answer = answer
    expect(await client.send(aSendIntent(), 'template')).toMatchObject({ kind: 'lost', written: true })
  })

  test('an answer after the deadline comes to nothing, and the next call is not mixed up with it', async () => {
    server.answer = (_request, response) => void setTimeout(() => accepted('wamid.late')(_request, response), 400)
    expect(await client.send(aSendIntent(), 'template')).toMatchObject({ kind: 'lost', written: true })
    server.answer = accepted('wamid.next')
    expect(await client.send(aSendIntent(), 'template')).toMatchObject({ kind: 'accepted', wamid: 'wamid.next' })
  })

  test('a refused connection: nothing written', async () => {
    const { url } = server
    await server.close()
    const other = clientTo(url)
    expect(await other.send(aSendIntent(), 'template')).toEqual({ kind: 'lost', why: 'ECONNREFUSED', written: false })
    await other.close()
  })

  test('a name that does not resolve: nothing written', async () => {
    const other = clientTo('http://does-not-exist.invalid', { timeoutMs: 5_000 })
    expect(await other.send(aSendIntent(), 'template')).toMatchObject({ kind: 'lost', written: false })
    await other.close()
  })

  test('a closed client: nothing written', async () => {
    await client.close()
    expect(await client.send(aSendIntent(), 'template')).toMatchObject({ kind: 'lost', written: false })
  })

  test('a token that is no legal header: nothing written, and the token is not told', async () => {
    const other = clientTo(server.url, { token: () => `${TOKEN}\n` })
    const answer = await other.send(aSendIntent(), 'template')
    expect(answer).toMatchObject({ kind: 'lost', written: false })
    expect(JSON.stringify(answer)).not.toContain(TOKEN)
    await other.close()
  })

  test('a request still in the queue at its deadline is never written later', async () => {
    const socket = new Pool(server.url, { connections: 1, pipelining: 1 })
    const patient = clientTo(server.url, { dispatcher: socket, timeoutMs: 2000 })
    const hasty = clientTo(server.url, { dispatcher: socket, timeoutMs: 50 })
    server.answer = (request, response) => void setTimeout(() => accepted('wamid.C')(request, response), 400)
    const first = patient.send(aSendIntent({ id: 'first' }), 'template')
    expect(await hasty.send(aSendIntent({ id: 'second' }), 'template')).toMatchObject({ kind: 'lost', written: false })
    expect(await first).toMatchObject({ kind: 'accepted' })
    expect(await patient.send(aSendIntent({ id: 'third' }), 'template')).toMatchObject({ kind: 'accepted' })
    const ids = server.received.map(
      ({ body }) => (JSON.parse(body) as Record<string, unknown>).biz_opaque_callback_data,
    )
    expect(ids).toEqual(['first', 'third'])
    await socket.close()
  })
})

test.each([
  [401, { kind: 'refused', code: null, transient: false, httpStatus: 401 }],
  [404, { kind: 'refused', code: null, transient: false, httpStatus: 404 }],
  [302, { kind: 'refused', code: null, transient: false, httpStatus: 302 }],
  [429, { kind: 'refused', code: null, transient: true, httpStatus: 429, retryAfterMs: 7000 }],
  [503, { kind: 'refused', code: null, transient: true, httpStatus: 503, retryAfterMs: 7000 }],
])('HTTP %i without a Graph error is a refusal by status', async (status, expected) => {
  server.answer = (_request, response) =>
    response.writeHead(status, { 'retry-after': '7', location: 'http://127.0.0.1:1/' }).end('nothing to read')
  expect(await client.send(aSendIntent(), 'template')).toMatchObject(expected)
  expect(server.received).toHaveLength(1)
})

test('a refusal whose body is too long is still a refusal', async () => {
  server.answer = (_request, response) => response.writeHead(400).end('x'.repeat(50_000))
  expect(await client.send(aSendIntent(), 'template')).toMatchObject({ kind: 'refused', httpStatus: 400 })
})

describe('lists', () => {
  const node = (i: number) => ({
    id: String(i),
    name: `t${i}`,
    language: 'ja',
    status: 'APPROVED',
    category: 'UTILITY',
    surprise: { new: true },
  })
  const paged =
    (pages: unknown[][]): Answer =>
    ({ url }, response) => {
      const at = Number(new URL(url, 'http://x').searchParams.get('after') ?? 0)
      json(200, {
        data: pages[at] ?? [],
        paging: {
          cursors: { before: String(at), after: String(at + 1) },
          next: `http://127.0.0.1:1/?access_token=${TOKEN}`,
        },
      })({} as never, response)
    }

  test('every page is read by cursor, and paging.next is never followed', async () => {
    server.answer = paged([[node(1), node(2)], [node(3)]])
    const found = await client.listTemplates('2001', { name: 't' })
    expect(found.map(({ name }) => name)).toEqual(['t1', 't2', 't3'])
    const first = new URL(server.received[0]?.url ?? '', 'http://x')
    expect(first.pathname).toBe('/v25.0/2001/message_templates')
    expect(Object.fromEntries(first.searchParams)).toMatchObject({ limit: '100', name: 't' })
    expect(first.searchParams.get('fields')).toContain('rejected_reason')
  })

  test('a list that does not heed the cursor is read once', async () => {
    server.answer = json(200, { data: [node(1), node(2)], paging: { cursors: { before: 'a', after: 'b' } } })
    expect((await client.listTemplates('2001')).map(({ id }) => id)).toEqual(['1', '2'])
  })

  test('a list without end is cut off with an error', async () => {
    server.answer = ({ url }, response) => {
      const at = Number(new URL(url, 'http://x').searchParams.get('after') ?? 0)
      json(200, { data: [node(at)], paging: { cursors: { after: String(at + 1) } } })({} as never, response)
    }
    await expect(client.listTemplates('2001')).rejects.toThrow(WhatsAppAnswerInvalid)
  })

  test('one odd template does not hide the others', async () => {
    server.answer = json(200, { data: [node(1), { ...node(2), status: 7, category: null }] })
    expect((await client.listTemplates('2001')).map(({ status }) => status)).toEqual(['APPROVED', 'UNKNOWN'])
  })

  test.each([
    ['v25.0', 'whatsapp_business_manager_messaging_limit'],
    ['v23.0', 'messaging_limit_tier'],
  ])('numbers of %s are asked for %s', async (apiVersion, field) => {
    const other = clientTo(server.url, { apiVersion })
    server.answer = json(200, { data: [{ id: '1055', status: 'CONNECTED' }] })
    expect(await other.listNumbers('2001')).toMatchObject([{ id: '1055', status: 'CONNECTED' }])
    expect(new URL(server.received[0]?.url ?? '', 'http://x').searchParams.get('fields')).toContain(field)
    await other.close()
  })

  test('refused, unreachable and unreadable reads are faults with codes, without the token', async () => {
    server.answer = graphError(190, 401)
    const refused = await client.number('1055').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(WhatsAppRefused)
    expect(refused).toMatchObject({ code: 'ERR_WHATSAPP_REFUSED', retryable: false, details: { code: 190 } })
    server.answer = ({ socket }) => socket.destroy()
    await expect(client.number('1055')).rejects.toThrow(WhatsAppUnreachable)
    server.answer = json(200, { id: 7 })
    await expect(client.number('1055')).rejects.toThrow(WhatsAppAnswerInvalid)
    expect(String(refused) + JSON.stringify(refused)).not.toContain(TOKEN)
  })
})

test('a created template answers with its category, a cut one with lost', async () => {
  server.answer = json(200, { id: '77', status: 'PENDING', category: 'MARKETING' })
  expect(await client.createTemplate('2001', { name: 'a' })).toEqual({
    kind: 'created',
    template: { id: '77', status: 'PENDING', category: 'MARKETING' },
  })
  server.answer = json(200, { success: true })
  expect(await client.createTemplate('2001', { name: 'a' })).toMatchObject({ kind: 'lost', written: true })
})

test('sockets are kept alive between calls', async () => {
  for (let i = 0; i < 10; i++) await client.send(aSendIntent(), 'template')
  // Two, not one: undici frees a socket a moment after its answer ended.
  expect(new Set(server.received.map(({ socket }) => socket.remotePort)).size).toBeLessThanOrEqual(2)
})
