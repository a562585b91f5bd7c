import { expect, test } from 'vitest'
import { codeOf, NUMBER, openAccount } from './testAccount.ts'

const TO = '+819012345678'
const reply = (id: string, title: string): object => ({ type: 'reply', reply: { id, title } })
const buttons = (...all: object[]): object => ({
  type: 'interactive',
  interactive: { type: 'button', body: { text: 'ご予約を確認してください。' }, action: { buttons: all } },
})
const list = (...sections: object[]): object => ({
  type: 'interactive',
  interactive: { type: 'list', body: { text: '日を選んでください。' }, action: { button: '選ぶ', sections } },
})
const rows = (count: number, from = 0): object[] =>
  Array.from({ length: count }, (_, index) => ({ id: `r${from + index}`, title: `${from + index}日` }))

test.each<[string, object, string]>([
  ['text', { type: 'text', text: { body: 'こんにちは', preview_url: false } }, '200'],
  ['text without type', { text: { body: 'こんにちは' } }, '200'],
  ['text of 4096', { type: 'text', text: { body: 'x'.repeat(4096) } }, '200'],
  ['text of 4097', { type: 'text', text: { body: 'x'.repeat(4097) } }, '100'],
  ['empty text', { type: 'text', text: { body: '' } }, '131009'],
  ['text without body', { type: 'text', text: {} }, '131008'],
  ['no text', { type: 'text' }, '131008'],
  ['a misspelt field', { type: 'text', text: { boddy: 'x', body: 'y' } }, '100'],
  ['a misspelt envelope field', { type: 'text', text: { body: 'x' }, bizOpaque: 'x' }, '100'],
  ['an unknown type', { type: 'hologram', hologram: {} }, '131051'],
  ['a type that is no text', { type: 7 }, '131051'],
  ['callback data of 512', { text: { body: 'x' }, biz_opaque_callback_data: 'x'.repeat(512) }, '200'],
  ['callback data of 513', { text: { body: 'x' }, biz_opaque_callback_data: 'x'.repeat(513) }, '100'],
  ['a group', { recipient_type: 'group', text: { body: 'x' } }, '131009'],
  ['an individual', { recipient_type: 'individual', text: { body: 'x' } }, '200'],
  ['a quoted message', { text: { body: 'x' }, context: { message_id: 'wamid.AAA' } }, '200'],
  ['a quote of nothing', { text: { body: 'x' }, context: {} }, '131009'],
  ['image by link', { type: 'image', image: { link: 'https://example.test/a.jpg', caption: '秋' } }, '200'],
  [
    'caption of 1025',
    { type: 'image', image: { link: 'https://example.test/a.jpg', caption: 'x'.repeat(1025) } },
    '131009',
  ],
  ['image by unknown id', { type: 'image', image: { id: '1' } }, '100'],
  ['image without source', { type: 'image', image: {} }, '131008'],
  ['audio with caption', { type: 'audio', audio: { link: 'https://example.test/a.ogg', caption: 'x' } }, '100'],
  ['voice note', { type: 'audio', audio: { link: 'https://example.test/a.ogg', voice: true } }, '200'],
  ['document', { type: 'document', document: { link: 'https://example.test/a.pdf', filename: '請求書.pdf' } }, '200'],
  ['sticker', { type: 'sticker', sticker: { link: 'https://example.test/a.webp' } }, '200'],
  ['location', { type: 'location', location: { latitude: 35.68, longitude: '139.76', name: '東京' } }, '200'],
  ['half a location', { type: 'location', location: { latitude: 35.68 } }, '131008'],
  ['contacts', { type: 'contacts', contacts: [{ name: { formatted_name: '佐藤 花', first_name: '花' } }] }, '200'],
  ['a contact with one name part', { type: 'contacts', contacts: [{ name: { formatted_name: '佐藤 花' } }] }, '131009'],
  ['reaction', { type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '👍' } }, '200'],
  ['reaction taken back', { type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '' } }, '200'],
  ['three buttons', buttons(reply('1', 'はい'), reply('2', 'いいえ'), reply('3', '後で')), '200'],
  ['four buttons', buttons(reply('1', 'a'), reply('2', 'b'), reply('3', 'c'), reply('4', 'd')), '131009'],
  ['no button', buttons(), '131009'],
  ['a button title of 20', buttons(reply('1', 'x'.repeat(20))), '200'],
  ['a button title of 21', buttons(reply('1', 'x'.repeat(21))), '131009'],
  ['a button id of 257', buttons(reply('x'.repeat(257), 'a')), '131009'],
  ['two buttons of one title', buttons(reply('1', 'a'), reply('2', 'a')), '131009'],
  ['a list of 10 rows', list({ title: '前半', rows: rows(5) }, { title: '後半', rows: rows(5, 5) }), '200'],
  ['a list of 11 rows', list({ title: '前半', rows: rows(6) }, { title: '後半', rows: rows(5, 6) }), '131009'],
  ['two sections without title', list({ rows: rows(1) }, { rows: rows(1, 1) }), '131009'],
  ['a row title of 25', list({ rows: [{ id: '1', title: 'x'.repeat(25) }] }), '131009'],
  ['an interactive of unknown kind', { type: 'interactive', interactive: { type: 'dial' } }, '131009'],
  [
    'a link button',
    {
      type: 'interactive',
      interactive: {
        type: 'cta_url',
        body: { text: '請求書です。' },
        action: { name: 'cta_url', parameters: { display_text: '開く', url: 'https://example.test/i/1' } },
      },
    },
    '200',
  ],
  [
    'a request for the location',
    {
      type: 'interactive',
      interactive: {
        type: 'location_request_message',
        body: { text: 'どちらですか。' },
        action: { name: 'send_location' },
      },
    },
    '200',
  ],
])('inside the window, %s', async (_, message, code) => {
  await using account = await openAccount()
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  expect(codeOf(await account.send({ to: TO, ...message }))).toBe(code)
  expect(account.emulator.counts().accepted).toBe(code === '200' ? 1 : 0)
})

test.each<[string, unknown, string]>([
  ['no product', { to: TO, type: 'text', text: { body: 'x' } }, '100'],
  ['an array', [1], '100'],
  ['nobody to send to', { messaging_product: 'whatsapp', text: { body: 'x' } }, '131008'],
  ['a number for a phone', { messaging_product: 'whatsapp', to: 81901234, text: { body: 'x' } }, '131009'],
  ['no JSON', '{"messaging_product":', '100'],
  ['nothing', '', '100'],
])('a body with %s is refused', async (_, body, code) => {
  await using account = await openAccount()
  expect(codeOf(await account.call('POST', `/v25.0/${NUMBER}/messages`, body))).toBe(code)
})

test.each([
  ['+81 90-1234-5678', '819012345678'],
  ['819012345678', '819012345678'],
  ['090-1234-5678', '819012345678'], // national: the calling code of the business number is put before it
  ['+55 11 98765-4321', '551187654321'], // without the ninth digit
  ['+52 55 1234 5678', '5215512345678'], // with the old 1
  ['+5215512345678', '5215512345678'],
  ['+54 11 1234 5678', '5491112345678'],
  ['+1 (202) 555-0143', '12025550143'],
])('a message to %s reaches the WhatsApp id %s', async (to, waId) => {
  await using account = await openAccount()
  await account.approve()
  const { body } = await account.sendTemplate(to)
  expect(body['contacts']).toEqual([{ input: to, wa_id: waId }])
})

test.each([
  ['こんにちは', '131009'],
  ['', '131009'],
  ['+12', '131009'],
  ['+0901234567890123', '131009'],
  ['+81 3-4567-8901', '131021'], // the sender
])('a message to "%s" is refused with %s', async (to, code) => {
  await using account = await openAccount()
  await account.approve()
  expect(codeOf(await account.sendTemplate(to))).toBe(code)
})

test('a user is reached by the business-scoped id that statuses tell, and a foreign one is refused', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  await account.sendTemplate(TO)
  await account.emulator.settled()
  const { recipient_user_id: bsuid } = account.statuses()[0]!
  expect(bsuid).toMatch(/^JP\.\d+$/)
  const template = { type: 'template', template: { name: 'hello', language: { code: 'ja' } } }
  await account.emulator.advance(10_000)
  expect((await account.send({ recipient: bsuid, ...template })).body['contacts']).toEqual([
    { input: bsuid, wa_id: '819012345678' },
  ])
  expect(codeOf(await account.send({ recipient: 'JP.99999', ...template }))).toBe('131009')
  expect(codeOf(await account.send({ recipient: 5, ...template }))).toBe('131009')
})

test('a user with a username has no number: it is answered by its id, and statuses leave the number empty', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.emulator.inbound({ bsuid: 'JP.777', username: '@mika', text: 'こんにちは' })
  const { value } = account.changes('messages')[0]!
  expect(value.contacts).toMatchObject([{ wa_id: '', user_id: 'JP.777', profile: { username: '@mika' } }])
  expect(value.messages).toMatchObject([{ from: '', from_user_id: 'JP.777' }])
  const { body } = await account.send({ recipient: 'JP.777', text: { body: 'はい' } })
  expect(body['contacts']).toEqual([{ input: 'JP.777', user_id: 'JP.777' }])
  await account.emulator.settled()
  expect(account.statuses()[0]).toMatchObject({ recipient_id: '', recipient_user_id: 'JP.777' })
})

test('to wins over recipient', async () => {
  await using account = await openAccount()
  await account.approve()
  const { body } = await account.sendTemplate(TO, { recipient: 'JP.99999' })
  expect(body['contacts']).toEqual([{ input: TO, wa_id: '819012345678' }])
})

test('a message of a user can be marked read, and no other', async () => {
  await using account = await openAccount()
  const id = await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  const typing = { typing_indicator: { type: 'text' } }
  expect((await account.send({ status: 'read', message_id: id, ...typing })).body).toEqual({ success: true })
  expect(codeOf(await account.send({ status: 'read', message_id: 'wamid.X' }))).toBe('131009')
  expect(codeOf(await account.send({ status: 'read' }))).toBe('131008')
  expect(codeOf(await account.send({ status: 'deleted', message_id: id }))).toBe('131009')
})

test('the history of a message tells what became of it', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.sendTemplate('+819012340103')
  await account.emulator.settled()
  const { wamid } = account.emulator.messages()[0]!
  const { body } = await account.call('GET', `/v25.0/${NUMBER}/message_history?message_id=${encodeURIComponent(wamid)}`)
  const [{ events }] = body['data'] as [{ events: { data: { delivery_status: string }[] } }]
  expect(events.data.map((event) => event.delivery_status)).toEqual(['SENT', 'DELIVERED', 'FAILED'])
  const { body: none } = await account.call('GET', `/v25.0/${NUMBER}/message_history?message_id=wamid.X`)
  expect(none).toEqual({ data: [] })
})
