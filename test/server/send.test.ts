import { expect, test } from 'vitest'
import { NUMBER_DEFAULTS, TEMPLATE_DEFAULTS, type NumberState, type TemplateState } from '#engine/state.ts'
import { ACTIVE_NUMBER, NOW, openServer } from './openServer.ts'

const template = {
  kind: 'template',
  name: 'welcome_lead',
  language: 'ja',
  category: 'UTILITY',
  module: 'Leads',
  body: 'こんにちは、{{name}}様。お問い合わせありがとうございます。',
  parameters: { name: { value: '$[Leads.Last_Name]', example: '山田' } },
}
const number: NumberState = {
  id: '1001',
  accountId: '2001',
  displayNumber: '+81 3-1234-5678',
  nickname: '東京本社',
  verifiedName: '株式会社テスト',
  status: 'CONNECTED',
  verified: true,
  quality: 'GREEN',
  throughput: 80,
  ...NUMBER_DEFAULTS,
  reachMax: null,
  updatedAt: NOW,
}
const state: TemplateState = {
  name: 'welcome_lead',
  language: 'ja',
  accountId: '2001',
  metaId: '3001',
  status: 'APPROVED',
  category: 'UTILITY',
  quality: null,
  reason: null,
  ...TEMPLATE_DEFAULTS,
  submittedHash: null,
  updatedAt: NOW,
}
const LEAD = '/v1/modules/Leads/records/L-1'

async function openSales(status = 'APPROVED') {
  const server = await openServer()
  const { call, store } = server
  const applied = await call('POST /v1/definitions/apply', { files: [{ file: 'welcome.json', json: template }] })
  expect(applied.status, applied.text).toBe(200)
  await store.saveNumbers([number], NOW)
  await store.saveTemplates([{ ...state, status }], NOW)
  await call('PUT /v1/modules/Leads/records/L-1', { values: { Last_Name: '山田', Mobile: '+819012345678' } })
  return server
}

test('the page of a record offers numbers, approved templates of the module and phone numbers (S69 to S72)', async () => {
  const { call } = await openSales()
  expect(await call(`GET ${LEAD}/send-options`, undefined, { role: 'agent' })).toMatchObject({
    status: 200,
    body: {
      numbers: [{ id: '1001', nickname: '東京本社' }],
      templates: [{ name: 'welcome_lead', language: 'ja', parameters: ['name'] }],
      to: [{ field: 'Mobile', value: '+819012345678' }],
    },
  })
})

test('a template that is not approved is not offered (S72)', async () => {
  const { call } = await openSales('PENDING')
  expect((await call(`GET ${LEAD}/send-options`)).body).toMatchObject({ templates: [] })
})

test('a preview shows what goes out, also when a name holds dollar signs or braces (S72)', async () => {
  const { call } = await openSales()
  const name = 'A$&B$$ {{name}} $1'
  await call('PUT /v1/modules/Leads/records/L-1', { values: { Last_Name: name, Mobile: '+819012345678' } })
  const { body } = await call(`POST ${LEAD}/preview`, { template: 'welcome_lead' })
  expect(body).toMatchObject({ body: `こんにちは、${name}様。お問い合わせありがとうございます。` })
})

test('a preview shows the text, the price and the verdict, and sends nothing', async () => {
  const { call } = await openSales()
  const { status, body } = await call(`POST ${LEAD}/preview`, { template: 'welcome_lead' })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    language: 'ja',
    body: 'こんにちは、山田様。お問い合わせありがとうございます。',
    to: { phone: '+819012345678' },
    verdict: { kind: 'hold', reason: 'credits_insufficient' },
  })
  expect((await call('GET /v1/messages?recordId=L-1')).body.items).toEqual([])
})

test('an agent sends, hears the guards at once, and the message can be read and explained in two languages (S73)', async () => {
  const { call } = await openSales()
  const sent = await call(`POST ${LEAD}/send`, { template: 'welcome_lead' }, { role: 'agent' })
  expect(sent).toMatchObject({
    status: 202,
    body: { message: { intent: { kind: 'sendTemplate', definition: 'send' } } },
  })
  const path = String(sent.headers.location)
  expect(await call(`GET ${path}`)).toMatchObject({
    status: 200,
    body: { message: { intent: { id: sent.body.messageId } } },
  })
  const [ja, en] = [await call(`GET ${path}/explain?language=ja`), await call(`GET ${path}/explain`)]
  expect(ja).toMatchObject({ status: 200, body: { trigger: { trigger: { kind: 'send', actor: 'agent for tests' } } } })
  expect(ja.text).toContain('テンプレート「welcome_lead」')
  expect(en.text).toContain('Template \\"welcome_lead\\"')
  expect((await call('GET /v1/messages?template=welcome_lead&module=Leads&recordId=L-1')).body.items).toHaveLength(1)
  expect((await call('GET /v1/messages?template=another')).body.items).toEqual([])
  expect((await call(`GET /v1/triggers/${sent.body.triggerId}`)).status).toBe(200)
  expect((await call(`GET /v1/triggers/${sent.body.triggerId}/explain?language=ja`)).status).toBe(200)
})

test('sending again with the same Idempotency-Key sends once', async () => {
  const { call } = await openSales()
  const headers = { 'idempotency-key': 'click-1' }
  const first = await call(`POST ${LEAD}/send`, { template: 'welcome_lead' }, { headers })
  const again = await call(`POST ${LEAD}/send`, { template: 'welcome_lead' }, { headers })
  expect(again.body.messageId).toBe(first.body.messageId)
  expect((await call('GET /v1/messages?recordId=L-1')).body.items).toHaveLength(1)
})

test.each([
  ['an unknown record', 'POST /v1/modules/Leads/records/L-404/send', { template: 'welcome_lead' }, 404],
  ['an unknown module', 'POST /v1/modules/Spaceships/records/1/send', { template: 'welcome_lead' }, 404],
  ['no template', `POST ${LEAD}/send`, {}, 400],
  ['a parameter that is no text', `POST ${LEAD}/send`, { template: 'welcome_lead', parameters: { name: 7 } }, 400],
  ['an unknown message', 'GET /v1/messages/nothing', undefined, 404],
  ['an unknown message to explain', 'GET /v1/messages/nothing/explain', undefined, 404],
  ['a language that no story is told in', 'GET /v1/messages/nothing/explain?language=fr', undefined, 400],
  ['an unknown trigger', 'GET /v1/triggers/nothing', undefined, 404],
  ['an unknown state', 'GET /v1/messages?state=lost', undefined, 400],
])('%s is refused', async (_, route, body, status) => {
  const { call } = await openSales()
  expect((await call(route, body)).status).toBe(status)
})

test('S37: credits are booked once, shown and listed', async () => {
  const { call, store } = await openServer()
  await store.saveNumbers([ACTIVE_NUMBER], NOW)
  const headers = { 'idempotency-key': 'invoice-7' }
  const purchase = { amountMicros: 5_000_000, memo: '請求書 7' }
  for (let n = 0; n < 2; n++) {
    expect(await call('POST /v1/credits/purchases', purchase, { headers })).toMatchObject({
      status: 201,
      body: { balance: { bought: 5_000_000, available: 5_000_000, held: 0, spent: 0 } },
    })
  }
  expect(await call('GET /v1/credits')).toMatchObject({ body: { available: 5_000_000 } })
  const { body } = await call('GET /v1/credits/postings')
  expect(body.items).toHaveLength(2)
  expect(body.items).toContainEqual(expect.objectContaining({ account: 'available', memo: '請求書 7' }))
  const other = await call('POST /v1/credits/purchases', { ...purchase, amountMicros: 1 }, { headers })
  expect(other).toMatchObject({ status: 409, body: { code: 'ERR_EVENT_ID_REUSED' } })
})

test.each([0, -1, 0.5, 1e15, '5'])('a purchase of %j micro-credits is refused', async (amountMicros) => {
  const { call } = await openServer()
  expect((await call('POST /v1/credits/purchases', { amountMicros, memo: 'a' })).status).toBe(400)
})

test('settings are replaced as a whole, and a wrong one changes nothing', async () => {
  const { call } = await openServer()
  expect(await call('PUT /v1/settings', { defaultCountry: 'IN', consent: { required: true } })).toMatchObject({
    status: 200,
    body: { defaultCountry: 'IN', consent: { required: true }, defaultLanguage: 'ja' },
  })
  for (const wrong of [{ defaultCountry: 'Japan' }, { unknown: 1 }, { quietHours: { from: '25:00', to: '09:00' } }]) {
    expect((await call('PUT /v1/settings', wrong)).status).toBe(400)
  }
  expect((await call('GET /v1/settings')).body).toMatchObject({ defaultCountry: 'IN' })
})

test('an account sync without an account says how to connect one', async () => {
  const { call } = await openServer()
  const { status, text } = await call('POST /v1/account/sync')
  expect(status).toBe(400)
  expect(text).toContain('denrei connect')
})
