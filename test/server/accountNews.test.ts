import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { ACCOUNT_DEFAULTS, NUMBER_DEFAULTS } from '#engine/state.ts'
import { NOW, openServer, SECRETS } from './openServer.ts'

const NUMBER = {
  id: '1001',
  accountId: '2001',
  displayNumber: '+81 3-1234-5678',
  nickname: '営業',
  verifiedName: '伝令商店',
  status: 'CONNECTED',
  verified: true,
  quality: 'GREEN',
  throughput: 80,
  ...NUMBER_DEFAULTS,
  reachMax: 250,
  updatedAt: NOW - 1000,
}

async function open(setup: Parameters<typeof openServer>[0] = {}) {
  const server = await openServer(setup)
  await server.store.saveAccounts([{ id: '2001', ...ACCOUNT_DEFAULTS, name: '伝令商店', updatedAt: NOW - 1000 }], NOW)
  await server.store.saveNumbers([NUMBER], NOW)
  /** A webhook as Meta signs it, decided when it returns. */
  async function hear(field: string, value: object, time = NOW / 1000) {
    const body = { object: 'whatsapp_business_account', entry: [{ id: '2001', time, changes: [{ field, value }] }] }
    const bytes = JSON.stringify(body)
    const signature = createHmac('sha256', SECRETS.WHATSAPP_APP_SECRET).update(bytes).digest('hex')
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` }
    const answer = await server.call('POST /v1/whatsapp/webhook', bytes, { role: null, headers })
    expect(answer.status).toBe(200)
    await server.denrei.drain()
  }
  async function told(language: 'ja' | 'en') {
    const { body } = await server.call(`GET /v1/notifications?language=${language}`)
    return body.items as unknown as { text: string; notice: { code: string; severity: string } | null }[]
  }
  return { ...server, hear, told }
}

test('a restriction told by a webhook stands in the account, is told in both languages, and ends with the word that it is over', async () => {
  const lines: string[] = []
  const { hear, told, store } = await open({ log: (line) => lines.push(line) })
  const ban = (state: string) => ({ event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: state } })
  await hear('account_update', ban('DISABLE'))
  expect((await store.accounts())[0]?.troubles).toMatchObject([{ code: 'account_banned', stops: 'all', since: NOW }])
  const [japanese] = await told('ja')
  expect(japanese).toMatchObject({
    text: 'アカウント「伝令商店」:WhatsAppがアカウントを無効にします。送信はすべて停止しています。WhatsApp:DISABLE。Metaビジネスサポートホームで審査を請求してください。',
    notice: { code: 'account_trouble', severity: 'critical' },
  })
  expect((await told('en'))[0]?.text).toContain('Account 伝令商店: WhatsApp disables the account. Nothing is sent.')

  await hear('account_update', ban('REINSTATE'), NOW / 1000 + 60)
  expect((await store.accounts())[0]?.troubles).toEqual([])
  expect((await told('en')).map(({ notice }) => notice?.code)).toEqual(['account_mended', 'account_trouble'])
})

test('a webhook that comes twice tells once, and one that comes late undoes nothing', async () => {
  const { hear, told, store } = await open()
  const flagged = { display_phone_number: '81312345678', event: 'FLAGGED' }
  await hear('phone_number_quality_update', flagged, NOW / 1000)
  await hear('phone_number_quality_update', flagged, NOW / 1000)
  await hear('phone_number_quality_update', { ...flagged, event: 'UNFLAGGED' }, NOW / 1000 - 3600)
  expect((await store.numbers())[0]?.quality).toBe('RED')
  expect((await told('en')).map(({ notice }) => notice?.code)).toEqual(['number_quality_changed'])
})

test('a field of Meta’s next change is kept, and told once a day', async () => {
  const { hear, told, call } = await open()
  await hear('something_of_2030', { a: 1 })
  await hear('something_of_2030', { a: 2 })
  const { body } = await call('GET /v1/account/events?field=something_of_2030')
  expect((body.items as unknown as { value: object }[]).map(({ value }) => value)).toEqual([{ a: 2 }, { a: 1 }])
  expect((await told('en')).map(({ text }) => text)).toEqual([
    'WhatsApp told something that this version does not know: something_of_2030. It is kept; a newer version may read it.',
  ])
})

test('a reach limit told by a webhook holds from the next claim on', async () => {
  const { hear, store } = await open()
  await hear('business_capability_update', { max_daily_conversations_per_business: 'TIER_2K' })
  expect((await store.numbers())[0]?.reachMax).toBe(2000)
})

test('an automation’s own words stay as they are written', async () => {
  const { denrei, told } = await open()
  const file = {
    file: 'a.json',
    json: {
      kind: 'workflow',
      name: 'a',
      module: 'Leads',
      trigger: { on: 'record.created' },
      branches: [{ actions: [{ type: 'notify', role: 'manager', message: '新しい見込み客です' }] }],
    },
  }
  await denrei.apply([file], 'test')
  await denrei.accept([
    {
      kind: 'record',
      source: 'crm',
      sourceId: 'e1',
      occurredAt: NOW,
      op: 'created',
      module: 'Leads',
      recordId: '1',
      values: { Last_Name: '田中' },
      mode: 'merge',
    },
  ])
  await denrei.drain()
  expect((await told('en'))[0]).toMatchObject({ text: '新しい見込み客です', notice: null })
})

test('only languages that there are can be asked for', async () => {
  const { call } = await open()
  expect((await call('GET /v1/notifications?language=fr')).status).toBe(400)
})
