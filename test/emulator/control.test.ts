import { expect, test } from 'vitest'
import { MAGIC } from '#emulator/magic.ts'
import { banner, magicTable, runEmulator } from '#emulator/standalone.ts'
import { openAccount } from './testAccount.ts'

const TO = '+819012345678'

test('the control API tells what was counted and what was sent', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  await account.sendTemplate(TO, { biz_opaque_callback_data: 'a' })
  await account.sendTemplate(TO, { biz_opaque_callback_data: 'a' })
  await account.sendTemplate('+819012340104')
  await account.emulator.settled()
  const { body } = await account.call('GET', '/_emulator/counts')
  expect(body).toMatchObject({
    accepted: 2,
    byStatus: { accepted: 0, sent: 0, delivered: 2, read: 0, failed: 0 },
    byOpaqueId: { a: 2 },
    refused: { 131026: 1 },
    inbound: 0,
    webhooks: { waiting: 0 },
  })
  const { body: page } = await account.call('GET', '/_emulator/messages?limit=1')
  expect(page).toMatchObject({
    total: 2,
    next: 1,
    data: [{ to: TO, text: 'ご来店ありがとうございます。', status: 'delivered' }],
  })
  const { body: rest } = await account.call('GET', '/_emulator/messages?after=1')
  expect(rest).toMatchObject({ next: null, data: [{ opaqueId: 'a' }] })
})

test('the control API switches faults, writes as a user, and moves time', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  const post = (path: string, body: object) => account.call('POST', `/_emulator/${path}`, body)
  const { body: fault } = await post('faults', { kind: '131057', match: { to: '5678' } })
  expect((await account.sendTemplate(TO)).body.error?.code).toBe(131057)
  expect((await account.call('GET', '/_emulator/faults')).body['data']).toMatchObject([{ id: fault['id'], hits: 1 }])
  await account.call('DELETE', `/_emulator/faults?id=${String(fault['id'])}`)
  expect((await account.sendTemplate(TO)).status).toBe(200)
  await post('faults', { kind: '500' })
  await account.call('DELETE', '/_emulator/faults')
  const { body: inbound } = await post('inbound', { from: TO, text: 'こんにちは' })
  expect(account.changes('messages')[0]!.value.messages).toMatchObject([{ id: inbound['id'] }])
  const before = account.emulator.now()
  expect((await post('advance', { ms: 60_000 })).body['now']).toBe(before + 60_000)
  expect(account.statuses().map(({ status }) => status)).toEqual(['sent', 'delivered'])
  await post('emit', { field: 'account_alerts', value: { entity_type: 'BUSINESS' } })
  expect((await account.call('GET', '/_emulator/health')).body).toMatchObject({ status: 'ok', virtual: true })
  expect((await account.call('GET', '/_emulator/magic')).body).toEqual(MAGIC)
})

test('the control API decides about templates', async () => {
  await using account = await openAccount()
  await account.approve()
  const act = async (name: string, what: string, body?: object): Promise<unknown> => {
    const { body: answer, status } = await account.call('POST', `/_emulator/templates/${name}/${what}`, body)
    return status === 200 ? (answer['templates'] as { status: string; category: string }[])[0]!.status : status
  }
  expect(await act('hello', 'pause')).toBe('PAUSED')
  expect(await act('hello', 'unpause')).toBe('APPROVED')
  expect(await act('hello', 'reject', { reason: 'PROMOTIONAL' })).toBe('REJECTED')
  expect(account.emulator.templates()[0]!.rejectedReason).toBe('PROMOTIONAL')
  expect(await act('hello', 'approve', { language: 'ja' })).toBe('APPROVED')
  expect(await act('hello', 'recategorize', { category: 'MARKETING' })).toBe('APPROVED')
  expect(account.emulator.templates()[0]).toMatchObject({ category: 'MARKETING', previousCategory: 'UTILITY' })
  expect(await act('hello', 'disable')).toBe('DISABLED')
  expect(await act('hello', 'frobnicate')).toBe(404)
  expect(await act('hello', 'approve', { language: 'en' })).toBe(404)
  expect(await act('nothing', 'approve')).toBe(404)
  expect((await account.call('GET', '/_emulator/templates')).body['data']).toMatchObject([{ name: 'hello' }])
})

test('the control API sets where webhooks go and how, after a handshake when asked', async () => {
  await using account = await openAccount({ webhookUrl: null })
  const set = async (body: object): Promise<number> => (await account.call('POST', '/_emulator/webhook', body)).status
  expect(await set({ url: 'http://127.0.0.1:9/', verify: true })).toBe(400)
  expect(await set({ url: account.webhookUrl, verify: true, duplicateRate: 1, batchMax: 2 })).toBe(200)
  await account.emulator.inbound({ from: TO, text: 'x' })
  await account.emulator.settled()
  expect(account.posts).toHaveLength(2)
})

test.each([
  ['faults', { kind: 'meteor' }, 400],
  ['inbound', { text: 'x' }, 400],
  ['inbound', { from: TO, text: 'x', numberId: '9' }, 404],
  ['advance', { ms: -1 }, 400],
  ['webhook', { url: 'nowhere' }, 400],
  ['emit', { field: 'x' }, 400],
  ['horoscope', {}, 400],
])('the control API refuses %s %j', async (path, body, status) => {
  await using account = await openAccount()
  expect((await account.call('POST', `/_emulator/${path}`, body)).status).toBe(status)
})

test.each(['ja', 'en'] as const)('the table for people names every magic number, in %s', (language) => {
  const table = magicTable(language)
  for (const [digits, magic] of Object.entries(MAGIC)) expect(table).toContain(`…${digits}  ${magic[language]}`)
})

test('the stand-alone emulator says where it is, and refuses a port that is no number', async () => {
  const said: string[] = []
  const emulator = await runEmulator(['--port', '0', '--language', 'ja', '--seed', '1'], (text) => said.push(text))
  expect(said.join('\n')).toContain(emulator.url)
  expect(banner(emulator, 'en')).toContain('106540352242922')
  await Promise.all([emulator.close(), emulator.close()])
  await expect(runEmulator(['--port', 'x'])).rejects.toThrow('--port must be a number')
})
