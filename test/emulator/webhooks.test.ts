import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { realTime } from '#emulator/scheduler.ts'
import { startEmulator } from '#emulator/emulator.ts'
import { codeOf, HELLO, NOON, openAccount, SECRET, TOKEN } from './testAccount.ts'

const TO = '+819012345678'

test('every POST is signed with the app secret over its exact bytes, and the bytes are ASCII', async () => {
  await using account = await openAccount()
  await account.emulator.inbound({ from: TO, name: '佐藤 花', text: 'こんにちは👍 é' })
  const [{ raw, headers, body }] = account.posts as [(typeof account.posts)[0]]
  const signature = createHmac('sha256', SECRET).update(raw).digest('hex')
  expect(headers['x-hub-signature-256']).toBe(`sha256=${signature}`)
  expect(raw.every((byte) => byte < 0x80)).toBe(true)
  expect(raw.toString()).toContain('\\u4f50\\u85e4')
  expect(raw.toString()).toContain('\\ud83d\\udc4d')
  expect(body.entry[0]!.changes[0]!.value.messages).toMatchObject([{ text: { body: 'こんにちは👍 é' } }])
  // A receiver that serialises again gets other bytes, and another signature.
  const again = createHmac('sha256', SECRET).update(JSON.stringify(body)).digest('hex')
  expect(again).not.toBe(signature)
})

test('statuses that are due together share a POST, at most batchMax of them, by number', async () => {
  await using account = await openAccount({
    readRate: 0,
    delivery: { batchMax: 4 },
    numbers: [
      { id: '1', displayNumber: '+81 3-1111-1111', verifiedName: '一号店' },
      { id: '2', displayNumber: '+81 3-2222-2222', verifiedName: '二号店' },
    ],
  })
  await account.approve()
  for (let index = 0; index < 6; index++) {
    const template = { name: 'hello', language: { code: 'ja' } }
    await account.send({ to: `+8190123450${10 + index}`, type: 'template', template }, index % 2 === 0 ? '1' : '2')
  }
  await account.emulator.advance(150)
  const sizes = account.posts.map(({ body }) =>
    body.entry.flatMap(({ changes }) =>
      changes.map(({ value }) => [
        (value['metadata'] as { phone_number_id: string }).phone_number_id,
        value.statuses!.length,
      ]),
    ),
  )
  expect(sizes).toEqual([
    [
      ['1', 2],
      ['2', 2],
    ],
    [
      ['1', 1],
      ['2', 1],
    ],
  ])
})

test('anything but 200 is repeated with growing gaps, with the same bytes', async () => {
  await using account = await openAccount()
  account.answers.push(500, 503, 302, 202, 'close')
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  await account.emulator.advance(60_000)
  expect(account.posts.map(({ at }) => at - NOON)).toEqual([0, 50, 150, 350, 750, 1550])
  expect(new Set(account.posts.map(({ raw }) => raw.toString()))).toHaveLength(1)
  expect(account.emulator.counts().webhooks).toMatchObject({
    posts: 6,
    delivered: 1,
    refused: 5,
    events: 1,
    waiting: 0,
  })
})

test('a webhook is given up after the retry span, and counted', async () => {
  await using account = await openAccount({ delivery: { retry: { firstMs: 1_000, maxMs: 10_000, forMs: 60_000 } } })
  account.answers.push(...Array.from({ length: 100 }, () => 500))
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  await account.emulator.advance(3_600_000)
  expect(account.posts.at(-1)!.at - NOON).toBeLessThanOrEqual(60_000)
  expect(account.emulator.counts().webhooks).toMatchObject({ abandoned: 1, delivered: 0, waiting: 0 })
})

test('a receiver that was killed and comes back at another port gets what it missed', async () => {
  await using account = await openAccount({
    schedule: realTime(),
    readRate: 0,
    statusDelaysMs: { sent: 1, delivered: 1 },
  })
  const { emulator } = account
  const ids = new Set<string>()
  emulator.setWebhookUrl('http://127.0.0.1:9') // nobody listens there
  await account.call('POST', `/v25.0/${emulator.wabaId}/message_templates`, HELLO)
  await emulator.advance(2_000)
  for (let index = 0; index < 20; index++) {
    const { body } = await account.sendTemplate(`+81901234${5000 + index}`)
    ids.add((body['messages'] as [{ id: string }])[0].id)
  }
  expect(account.posts).toEqual([])
  emulator.setWebhookUrl(account.webhookUrl)
  await emulator.settled()
  const delivered = account.statuses().filter(({ status }) => status === 'delivered')
  expect(new Set(delivered.map(({ id }) => id))).toEqual(ids)
  expect(account.changes('message_template_status_update')).toHaveLength(1)
})

test('duplicates come later, with the same bytes, and are counted apart', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  account.emulator.setDelivery({ duplicateRate: 1 })
  await account.sendTemplate(TO)
  await account.emulator.settled()
  expect(account.statuses().map(({ status }) => status)).toHaveLength(4)
  expect(new Set(account.posts.map(({ raw }) => raw.toString()))).toHaveLength(2)
  expect(account.emulator.counts().webhooks.duplicates).toBe(2)
})

test('reordering lets later statuses overtake earlier ones, and loses none', async () => {
  await using account = await openAccount({ readRate: 1, delivery: { reorderRate: 0.5, reorderMs: 10_000 } })
  await account.approve()
  for (let index = 0; index < 30; index++) await account.sendTemplate(`+81901234${5000 + index}`)
  await account.emulator.settled()
  const orders = account.emulator.messages().map(({ wamid }) =>
    account
      .statuses()
      .filter(({ id }) => id === wamid)
      .map(({ status }) => status),
  )
  expect(orders.every((order) => order.toSorted().join() === 'delivered,read,sent')).toBe(true)
  expect(orders.some((order) => order.join() !== 'sent,delivered,read')).toBe(true)
})

test('a status can be delivered before the answer to the send', async () => {
  await using account = await openAccount({ readRate: 0, delivery: { beforeAnswerRate: 1 } })
  await account.approve()
  const { body } = await account.sendTemplate(TO)
  expect(account.statuses()).toMatchObject([{ id: (body['messages'] as [{ id: string }])[0].id, status: 'sent' }])
  await account.emulator.settled()
  expect(account.statuses().map(({ status }) => status)).toEqual(['sent', 'delivered'])
})

test('a forged POST has a wrong signature and is not repeated', async () => {
  await using account = await openAccount({ delivery: { forgedRate: 1 } })
  account.answers.push(401)
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  await account.emulator.advance(60_000)
  const [{ raw, headers }, ...more] = account.posts as [(typeof account.posts)[0]]
  expect(more).toEqual([])
  expect(headers['x-hub-signature-256']).not.toBe(`sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`)
})

test('unknown fields, unknown types and value-level errors can be sent', async () => {
  await using account = await openAccount()
  await account.emulator.emit('smell_update', { smell: '桜' })
  await account.emulator.inbound({ from: TO, raw: { type: 'hologram', hologram: { id: '1' } } })
  const error = { code: 130429, title: 'Rate limit hit', message: 'Rate limit hit' }
  await account.emulator.emit('messages', { messaging_product: 'whatsapp', metadata: {}, errors: [error] })
  expect(account.changes('smell_update')).toEqual([{ field: 'smell_update', value: { smell: '桜' } }])
  expect(account.changes('messages')).toMatchObject([
    { value: { messages: [{ type: 'hologram' }] } },
    { value: { errors: [{ code: 130429 }] } },
  ])
  // Messages tell no time of the entry, everything else does.
  expect(account.posts.map(({ body }) => typeof body.entry[0]!.time)).toEqual(['number', 'undefined', 'undefined'])
})

test.each([
  ['a text', { text: 'こんにちは' }, { type: 'text', text: { body: 'こんにちは' } }],
  ['a tap', { button: { payload: 'confirm:1', text: '確認' } }, { type: 'button', button: { payload: 'confirm:1' } }],
  [
    'a chosen row',
    { interactive: { type: 'list_reply', list_reply: { id: 'mon', title: '月曜' } } },
    { type: 'interactive', interactive: { list_reply: { id: 'mon' } } },
  ],
  [
    'a picture',
    { media: { type: 'image', caption: '庭' } },
    { type: 'image', image: { caption: '庭', mime_type: 'image/png' } },
  ],
  ['a reaction', { reaction: { message_id: 'wamid.A', emoji: '👍' } }, { type: 'reaction', reaction: { emoji: '👍' } }],
  ['an answer', { text: 'はい', contextId: 'wamid.Q' }, { context: { from: '81345678901', id: 'wamid.Q' } }],
  ['a visit by an ad', { text: 'はい', referral: { source_type: 'ad' } }, { referral: { source_type: 'ad' } }],
] as const)('%s of a user arrives as a message', async (_, content, expected) => {
  await using account = await openAccount()
  const id = await account.emulator.inbound({ from: '+81 90-1234-5678', name: '佐藤', ...content })
  const { value } = account.changes('messages')[0]!
  expect(value.messages).toMatchObject([{ id, from: '819012345678', timestamp: String(NOON / 1000), ...expected }])
  expect(value.contacts).toMatchObject([{ wa_id: '819012345678', profile: { name: '佐藤', country_code: 'JP' } }])
  expect(value['metadata']).toEqual({ display_phone_number: '81345678901', phone_number_id: '106540352242922' })
})

test('an inbound message says who writes and exactly one content', async () => {
  await using account = await openAccount()
  const { emulator } = account
  await expect(emulator.inbound({ text: 'x' })).rejects.toThrow('Say who writes')
  await expect(emulator.inbound({ from: TO })).rejects.toThrow('exactly one')
  await expect(emulator.inbound({ from: TO, text: 'x', reaction: { message_id: 'a', emoji: 'b' } })).rejects.toThrow(
    'exactly one',
  )
  await expect(emulator.inbound({ from: TO, text: 'x', numberId: '5' })).rejects.toThrow('no number 5')
})

test('without an address, and without a subscription, events are dropped and counted', async () => {
  await using account = await openAccount({ webhookUrl: null })
  await account.emulator.inbound({ from: TO, text: 'x' })
  account.emulator.setWebhookUrl(account.webhookUrl)
  const path = `/v25.0/${account.emulator.wabaId}/subscribed_apps`
  await account.call('DELETE', path)
  expect((await account.call('GET', path)).body['data']).toEqual([])
  await account.emulator.inbound({ from: TO, text: 'x' })
  expect(account.emulator.counts().webhooks.dropped).toBe(2)
  expect((await account.call('POST', path, '')).body).toEqual({ success: true })
  await account.emulator.inbound({ from: TO, text: 'x' })
  expect(account.posts).toHaveLength(1)
})

test('a callback is taken over only after it answered the challenge, and given back without body', async () => {
  await using account = await openAccount()
  const path = `/v25.0/${account.emulator.wabaId}/subscribed_apps`
  const uri = `${account.webhookUrl}/other`
  const take = (token: string) => account.call('POST', path, { override_callback_uri: uri, verify_token: token })
  expect(codeOf(await take('wrong'))).toBe('100')
  expect(codeOf(await take('test-verify'))).toBe('200')
  expect((await account.call('GET', path)).body['data']).toMatchObject([{ override_callback_uri: uri }])
  await account.call('POST', path)
  expect((await account.call('GET', path)).body['data']).toEqual([
    { whatsapp_business_api_data: expect.anything() as unknown },
  ])
  expect(await account.emulator.verifyWebhook()).toBe(true)
  account.emulator.setWebhookUrl('http://127.0.0.1:9/')
  expect(await account.emulator.verifyWebhook()).toBe(false)
})

test('closing does not wait for a receiver that never answers', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const emulator = await startEmulator({
    token: TOKEN,
    appSecret: SECRET,
    webhookUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
  })
  const delivery = emulator.inbound({ from: TO, text: 'x' })
  await new Promise((resolve) => silent.once('request', resolve))
  await emulator.close()
  await delivery
  silent.closeAllConnections()
  silent.close()
})
