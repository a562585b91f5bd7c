import { expect, test } from 'vitest'
import { WhatsAppAPI } from 'whatsapp-api-js'
import { BodyComponent, BodyParameter, Image, Language, Template, Text } from 'whatsapp-api-js/messages'
import { TINY_PNG } from '#emulator/media.ts'
import { NUMBER, openAccount, SECRET, TOKEN } from '../testAccount.ts'

const TO = '819012345678'
type Account = Awaited<ReturnType<typeof openAccount>>

/** It has no setting for the address, so its calls are sent here instead. */
const clientOf = ({ emulator }: Account) =>
  new WhatsAppAPI({
    token: TOKEN,
    appSecret: SECRET,
    webhookVerifyToken: 'test-verify',
    v: 'v25.0',
    ponyfill: {
      fetch: (url: string | URL, init?: RequestInit) =>
        fetch(String(url).replace('https://graph.facebook.com', emulator.url), init),
      subtle: crypto.subtle,
    },
  } as ConstructorParameters<typeof WhatsAppAPI>[0])

test('whatsapp-api-js sends a template, a text and a picture', async () => {
  await using account = await openAccount()
  const client = clientOf(account)
  await account.approve({
    components: [{ type: 'BODY', text: 'お客様 {{1}} 様、お待ちしております。', example: { body_text: [['加藤']] } }],
  })
  const template = new Template('hello', new Language('ja'), new BodyComponent(new BodyParameter('加藤')))
  expect(await client.sendMessage(NUMBER, TO, template)).toMatchObject({ contacts: [{ wa_id: TO }] })
  const inbound = await account.emulator.inbound({ from: `+${TO}`, text: 'こんにちは' })
  expect(await client.markAsRead(NUMBER, inbound, 'text')).toEqual({ success: true })
  await client.sendMessage(NUMBER, TO, new Text('はい'), undefined, 'tracker-1')
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(TINY_PNG)], { type: 'image/png' }), 'a.png')
  const uploaded = await client.uploadMedia(NUMBER, form)
  if (!('id' in uploaded)) throw new Error(JSON.stringify(uploaded))
  await client.sendMessage(NUMBER, TO, new Image(uploaded.id, true, '地図'))
  expect(account.emulator.messages()).toMatchObject([
    { text: 'お客様 加藤 様、お待ちしております。' },
    { text: 'はい', opaqueId: 'tracker-1' },
    { type: 'image' },
  ])
})

test('whatsapp-api-js finds, downloads and deletes a file', async () => {
  await using account = await openAccount()
  const client = clientOf(account)
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(TINY_PNG)], { type: 'image/png' }), 'a.png')
  const { id } = (await client.uploadMedia(NUMBER, form)) as { id: string }
  const found = (await client.retrieveMedia(id, NUMBER)) as { url: string }
  const file = await client.fetchMedia(found.url)
  expect(Buffer.from(await file.arrayBuffer())).toEqual(TINY_PNG)
  expect(await client.deleteMedia(id, NUMBER)).toEqual({ success: true })
})

test('whatsapp-api-js makes links, and blocks who wrote', async () => {
  await using account = await openAccount()
  const client = clientOf(account)
  const made = (await client.createQR(NUMBER, '予約したい', 'png')) as { code: string }
  expect(await client.retrieveQR(NUMBER)).toMatchObject({
    data: [{ code: made.code, prefilled_message: '予約したい' }],
  })
  expect(await client.updateQR(NUMBER, made.code, '相談したい')).toMatchObject({ prefilled_message: '相談したい' })
  expect(await client.deleteQR(NUMBER, made.code)).toEqual({ success: true })
  await account.emulator.inbound({ from: `+${TO}`, text: 'x' })
  expect(await client.blockUser(NUMBER, TO)).toMatchObject({ block_users: { added_users: [{ wa_id: TO }] } })
})

test('whatsapp-api-js hears of messages and statuses, signed', async () => {
  await using account = await openAccount()
  const client = clientOf(account)
  const heard: unknown[] = []
  client.on.message = ({ from, message }) => void heard.push([from, message.type])
  client.on.status = ({ status }) => void heard.push(status)
  await account.emulator.inbound({ from: `+${TO}`, text: 'こんにちは' })
  await client.sendMessage(NUMBER, TO, new Text('はい'))
  await account.emulator.settled()
  for (const { raw, headers, body } of account.posts)
    await client.post(body as never, raw.toString(), headers['x-hub-signature-256'] as string)
  expect(heard.slice(0, 3)).toEqual([[TO, 'text'], 'sent', 'delivered'])
  const forged = client.post(
    account.posts[0]!.body as never,
    '{}',
    account.posts[0]!.headers['x-hub-signature-256'] as string,
  )
  await expect(forged).rejects.toThrow()
})
