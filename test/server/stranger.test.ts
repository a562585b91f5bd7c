import { expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '#emulator/emulator.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import { defaultSettings } from '#definitions/settings.ts'
import { NOW, openServer, SECRETS } from './openServer.ts'

const NUMBER = '1055'

/** The whole way: an emulated WhatsApp, its webhooks over HTTP, the server, and back. Time moves by hand on both sides. */
async function openShop() {
  const emulator = await startEmulator({
    token: 'token',
    appSecret: SECRETS.WHATSAPP_APP_SECRET,
    verifyToken: SECRETS.WHATSAPP_VERIFY_TOKEN,
    schedule: virtualTime(NOW),
    numbers: [{ id: NUMBER, displayNumber: '+81 3-1234-5678', verifiedName: '伝令商店' }],
  })
  onTestFinished(() => emulator.close())
  const server = await openServer({
    started: false,
    env: { WHATSAPP_BASE_URL: emulator.url, WHATSAPP_TOKEN: 'token', WHATSAPP_ACCOUNT_ID: emulator.wabaId },
  })
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 })
  emulator.setWebhookUrl(`${url}/v1/whatsapp/webhook`)
  async function live(ms = 1000) {
    server.clock.at = emulator.now()
    await server.denrei.drain()
    await emulator.advance(ms)
    server.clock.at = emulator.now()
    await server.denrei.drain()
  }
  return { emulator, ...server, live }
}

const files = [
  {
    kind: 'template',
    name: 'shiryo_annai',
    language: 'ja',
    category: 'UTILITY',
    module: 'Leads',
    body: 'お世話になっております。{{name}}様、資料のご請求をありがとうございます。本日中にお送りいたします。',
    parameters: { name: { value: '$[Leads.Last_Name]', example: '山田' } },
  },
  {
    kind: 'workflow',
    name: 'shiryo',
    module: 'Leads',
    trigger: { on: 'message.received' },
    branches: [
      {
        when: { all: [{ fact: 'message', path: '$.text', operator: 'contains', value: '資料請求' }] },
        actions: [{ type: 'sendTemplate', template: 'shiryo_annai' }],
      },
    ],
  },
].map((json) => ({ file: `${json.name}.json`, json }))

test('S24 S26: a stranger asks for material, becomes a lead of whose turn it is, and is answered by the rule on messages', async () => {
  const { emulator, denrei, store, live } = await openShop()
  await denrei.syncAccount()
  await denrei.saveSettings({
    ...defaultSettings,
    integration: { ...defaultSettings.integration, active: true },
    defaultNumberId: NUMBER,
    intake: { registerAs: 'Leads', assignTo: { kind: 'user', ids: ['sato', 'takahashi'] } },
  })
  const applied = await denrei.apply(files, 'test')
  expect(applied.problems).toEqual([])
  await live(60_000)
  await live()
  expect(emulator.templates()).toMatchObject([{ name: 'shiryo_annai', status: 'APPROVED' }])

  await emulator.inbound({ numberId: NUMBER, from: '819012345678', name: '加藤 美香', text: '資料請求' })
  await live()
  await live()

  const { items } = await store.records('Leads', { limit: 10 })
  expect(items.map(({ values }) => values)).toEqual([
    { Last_Name: '加藤 美香', Mobile: '+819012345678', Lead_Source: 'WhatsApp', Owner: 'sato' },
  ])
  expect(emulator.messages()).toMatchObject([
    { to: '+819012345678', template: { name: 'shiryo_annai', language: 'ja' }, status: 'read' },
  ])
  expect(emulator.messages()[0]?.text).toContain('加藤 美香様、資料のご請求')
  const sent = (await store.messages({}, { limit: 10 })).items.filter(({ intent }) => intent.kind === 'sendTemplate')
  expect(sent.map(({ state, intent }) => [state, intent.definition])).toEqual([['read', 'workflow/shiryo@1']])

  // The next stranger is the other one's; who is known is registered no more.
  await emulator.inbound({ numberId: NUMBER, from: '819087654321', name: '鈴木', text: '資料請求をお願いします' })
  await emulator.inbound({ numberId: NUMBER, from: '819012345678', name: '加藤 美香', text: 'ありがとう' })
  await live()
  await live()
  const owners = (await store.records('Leads', { limit: 10 })).items.map(({ values }) => [
    values.Last_Name,
    values.Owner,
  ])
  expect(owners.sort()).toEqual([
    ['加藤 美香', 'sato'],
    ['鈴木', 'takahashi'],
  ])
  expect(emulator.messages()).toHaveLength(2)
})
