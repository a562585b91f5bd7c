import { NUMBER_DEFAULTS } from '#engine/state.ts'
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { NOW, openServer, SECRETS } from './openServer.ts'

const PATH = 'POST /v1/whatsapp/webhook'
const JSON_TYPE = { 'content-type': 'application/json' }

function webhook(text = 'こんにちは', numberId = '1001') {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '81312345678', phone_number_id: numberId },
    contacts: [{ wa_id: '819012345678', profile: { name: '山田' } }],
    messages: [
      { from: '819012345678', id: `wamid.${text}`, timestamp: String(NOW / 1000), type: 'text', text: { body: text } },
    ],
  }
  return { object: 'whatsapp_business_account', entry: [{ id: '2001', changes: [{ field: 'messages', value }] }] }
}
/** Escaped as Meta does it, so that a body that is parsed and written again has another signature. */
const bytesOf = (body: unknown) =>
  JSON.stringify(body).replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
const sign = (bytes: string, secret = SECRETS.WHATSAPP_APP_SECRET) => ({
  ...JSON_TYPE,
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`,
})
const nobody = { role: null }

test('the handshake answers the challenge as plain text when the token is ours', async () => {
  const { call } = await openServer({ started: false })
  const handshake = (token: string) =>
    call(
      `GET /v1/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`,
      undefined,
      nobody,
    )
  const good = await handshake(SECRETS.WHATSAPP_VERIFY_TOKEN)
  expect(good).toMatchObject({ status: 200, text: '1158201444' })
  expect(good.headers['content-type']).toContain('text/plain')
  expect((await handshake('another')).status).toBe(401)
})

test('a signed webhook is on disk when it is answered 200', async () => {
  const { call, store } = await openServer({ started: false })
  const bytes = bytesOf(webhook())
  expect(await call(PATH, bytes, { ...nobody, headers: sign(bytes) })).toMatchObject({
    status: 200,
    body: { received: 1 },
  })
  const [trigger] = await store.pending(10, NOW)
  expect(trigger).toMatchObject({ kind: 'message', source: 'whatsapp', message: { text: 'こんにちは' } })
  expect((await call(PATH, bytes, { ...nobody, headers: sign(bytes) })).status).toBe(200)
  expect((await store.totals()).triggers).toBe(1)
})

test.each([
  ['no signature', () => JSON_TYPE],
  ['a signature with another secret', (bytes: string) => sign(bytes, 'not-ours')],
  ['a signature of other bytes', (bytes: string) => sign(`${bytes} `)],
  [
    'a signature cut short',
    (bytes: string) => ({ ...JSON_TYPE, 'x-hub-signature-256': sign(bytes)['x-hub-signature-256'].slice(0, 20) }),
  ],
])('%s is refused with 401, and nothing is taken', async (_, headers) => {
  const { call, store } = await openServer({ started: false })
  const bytes = bytesOf(webhook())
  const answer = await call(PATH, bytes, { ...nobody, headers: headers(bytes) })
  expect(answer).toMatchObject({ status: 401, body: { code: 'ERR_NOT_AUTHENTIC' } })
  expect((await store.totals()).triggers).toBe(0)
})

test('either secret is good while one is replaced', async () => {
  const { call } = await openServer({ started: false, env: { WHATSAPP_APP_SECRET: 'old-secret,new-secret' } })
  for (const secret of ['old-secret', 'new-secret']) {
    const bytes = bytesOf(webhook(secret))
    expect((await call(PATH, bytes, { ...nobody, headers: sign(bytes, secret) })).status).toBe(200)
  }
})

test('without a secret configured nothing is accepted', async () => {
  const { call } = await openServer({ started: false, env: { WHATSAPP_APP_SECRET: '' } })
  const bytes = bytesOf(webhook())
  expect((await call(PATH, bytes, { ...nobody, headers: sign(bytes, '') })).status).toBe(401)
})

test('a webhook of 2 MB is read, one above 3 MB is refused', async () => {
  const { call } = await openServer({ started: false })
  const large = bytesOf({ ...webhook(), padding: 'x'.repeat(2_000_000) })
  expect((await call(PATH, large, { ...nobody, headers: sign(large) })).status).toBe(200)
  const larger = bytesOf({ ...webhook(), padding: 'x'.repeat(3_200_000) })
  expect(await call(PATH, larger, { ...nobody, headers: sign(larger) })).toMatchObject({
    status: 413,
    body: { details: { maxBytes: 3_145_728 } },
  })
})

test('a webhook for another number is kept raw and opens no window', async () => {
  const { call, store, denrei } = await openServer({ started: false })
  const number = { displayNumber: '+81', nickname: null, verifiedName: null, status: 'CONNECTED', verified: true }
  await store.saveNumbers(
    [
      {
        id: '1001',
        accountId: '2001',
        quality: 'GREEN',
        throughput: 80,
        ...NUMBER_DEFAULTS,
        reachMax: null,
        updatedAt: NOW,
        ...number,
      },
    ],
    NOW,
  )
  const bytes = bytesOf(webhook('hello', '9999'))
  expect((await call(PATH, bytes, { ...nobody, headers: sign(bytes) })).status).toBe(200)
  await denrei.drain()
  const { body } = await call('GET /v1/account/events?field=other_number')
  expect(body.items).toHaveLength(1)
})

test.each([
  ['not JSON', 'nonsense', 'ERR_MALFORMED_JSON'],
  ['no webhook', '{"hello":"world"}', 'ERR_INVALID_INPUT'],
])('a signed body that is %s is refused with 400', async (_, bytes, code) => {
  const { call } = await openServer({ started: false })
  expect(await call(PATH, bytes, { ...nobody, headers: sign(bytes) })).toMatchObject({ status: 400, body: { code } })
})

const notification = {
  server_time: NOW,
  module: 'Deals',
  operation: 'update',
  channel_id: '1000000068001',
  token: SECRETS.ZOHO_CHANNEL_TOKEN,
  resource_uri: 'https://www.zohoapis.com/crm/v8/Deals',
  ids: ['5725010', '5725020'],
  affected_fields: [],
  affected_values: [{ record_id: '5725010', values: { Stage: '受注' } }],
  query_params: {},
}

test('a Zoho notification is one event for each record it names, recognised when it comes again', async () => {
  const { call, store } = await openServer({ started: false })
  const first = await call('POST /v1/zoho/notifications', notification, nobody)
  expect(first).toMatchObject({ status: 202, body: { events: [{ status: 'accepted' }, { status: 'accepted' }] } })
  expect(await store.trigger(first.body.events[0].triggerId)).toMatchObject({
    trigger: { source: 'zoho', op: 'updated', recordId: '5725010', values: { Stage: '受注' }, mode: 'merge' },
  })
  const again = await call('POST /v1/zoho/notifications', notification, nobody)
  expect(again).toMatchObject({ status: 202, body: { events: [{ status: 'duplicate' }, { status: 'duplicate' }] } })
})

test('a Zoho notification with a wrong token is refused, and its token is not repeated', async () => {
  const { call } = await openServer({ started: false })
  const { status, text } = await call('POST /v1/zoho/notifications', { ...notification, token: 'guess-guess' }, nobody)
  expect(status).toBe(401)
  expect(text).not.toContain('guess-guess')
})

test.each([
  ['JSON', JSON.stringify({ module: 'Leads', recordId: '1', Last_Name: '山田' }), 'application/json'],
  [
    'a form',
    new URLSearchParams({ module: 'Leads', id: '1', Last_Name: '山田' }).toString(),
    'application/x-www-form-urlencoded',
  ],
])('a Zoho workflow posts %s with its secret in a header', async (_, payload, type) => {
  const { call, store } = await openServer({ started: false })
  const post = (secret: string) =>
    call('POST /v1/zoho/workflow', payload, { ...nobody, headers: { 'content-type': type, 'x-denrei-secret': secret } })
  expect((await post('guess')).status).toBe(401)
  const { status, body } = await post(SECRETS.ZOHO_WEBHOOK_SECRET)
  expect(status).toBe(202)
  expect(await store.trigger(body.events[0].triggerId)).toMatchObject({
    trigger: { source: 'zoho', op: 'saved', recordId: '1', values: { Last_Name: '山田' } },
  })
})

test('a Zoho workflow that cannot set a header may carry its secret in the query', async () => {
  const { call } = await openServer({ started: false })
  const body = { module: 'Leads', recordId: '1', Last_Name: '山田' }
  expect((await call(`POST /v1/zoho/workflow?secret=${SECRETS.ZOHO_WEBHOOK_SECRET}`, body, nobody)).status).toBe(202)
  expect((await call('POST /v1/zoho/workflow?secret=guess', body, nobody)).status).toBe(401)
})
