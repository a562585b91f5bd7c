import { WhatsAppClient } from '@kapso/whatsapp-cloud-api'
import { normalizeWebhook, verifySignature } from '@kapso/whatsapp-cloud-api/server'
import { expect, test } from 'vitest'
import { TINY_PNG } from '#emulator/media.ts'
import { NUMBER, openAccount, SECRET, TOKEN } from '../testAccount.ts'

const TO = '+819012345678'
type Account = Awaited<ReturnType<typeof openAccount>>
const clientOf = ({ emulator }: Account) =>
  new WhatsAppClient({ accessToken: TOKEN, baseUrl: emulator.url, graphVersion: 'v25.0' })

test('@kapso/whatsapp-cloud-api makes, lists, reads, sends and deletes a template', async () => {
  await using account = await openAccount()
  const client = clientOf(account)
  const businessAccountId = account.emulator.wabaId
  const made = await client.templates.create({
    businessAccountId,
    name: 'visit',
    language: 'ja',
    category: 'UTILITY',
    parameterFormat: 'NAMED',
    components: [
      {
        type: 'BODY',
        text: 'お客様 {{name}} 様、明日の {{time}} にお待ちしております。よろしくお願いします。',
        example: {
          body_text_named_params: [
            { param_name: 'name', example: '加藤' },
            { param_name: 'time', example: '10時' },
          ],
        },
      },
    ],
  })
  expect(made).toMatchObject({ status: 'PENDING', category: 'UTILITY' })
  await account.emulator.advance(2_000)
  const { data } = await client.templates.list({ businessAccountId, name: 'visit' })
  expect(data).toMatchObject([{ name: 'visit', language: 'ja', status: 'APPROVED' }])
  const sent = await client.messages.sendTemplate({
    phoneNumberId: NUMBER,
    to: TO,
    template: {
      name: 'visit',
      language: { code: 'ja' },
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', parameterName: 'name', text: '加藤' },
            { type: 'text', parameterName: 'time', text: '10時' },
          ],
        },
      ],
    },
  })
  expect(sent.messages[0]).toMatchObject({ id: expect.stringMatching(/^wamid\./) as string })
  expect(account.emulator.messages()[0]!.text).toContain('お客様 加藤 様、明日の 10時')
  expect(await client.templates.delete({ businessAccountId, name: 'visit' })).toMatchObject({ success: true })
  expect((await client.templates.list({ businessAccountId })).data).toEqual([])
})

test('@kapso/whatsapp-cloud-api answers a user, marks as read, and reads our webhooks', async () => {
  await using account = await openAccount()
  const client = clientOf(account)
  const messageId = await account.emulator.inbound({ from: TO, text: '予約したい😀', name: '美香' })
  const { raw, headers } = account.posts[0]!
  const signatureHeader = headers['x-hub-signature-256'] as string
  expect(verifySignature({ appSecret: SECRET, rawBody: raw, signatureHeader })).toBe(true)
  expect(verifySignature({ appSecret: 'other', rawBody: raw, signatureHeader })).toBe(false)
  const { messages } = normalizeWebhook(JSON.parse(raw.toString()))
  expect(messages).toMatchObject([{ type: 'text', text: { body: '予約したい😀' } }])
  expect(await client.messages.markRead({ phoneNumberId: NUMBER, messageId })).toMatchObject({ success: true })
  const sent = await client.messages.sendText({ phoneNumberId: NUMBER, to: TO, body: 'はい、承りました。' })
  expect(sent.contacts[0]).toMatchObject({ waId: '819012345678' })
  await account.emulator.settled()
  const { statuses } = normalizeWebhook(JSON.parse(account.posts[1]!.raw.toString()))
  expect(statuses).toMatchObject([{ status: 'sent', id: sent.messages[0]!.id }])
})

test('@kapso/whatsapp-cloud-api uploads, finds, downloads and deletes a file', async () => {
  await using account = await openAccount()
  const { media } = clientOf(account)
  const file = new Blob([new Uint8Array(TINY_PNG)], { type: 'image/png' })
  const { id: mediaId } = await media.upload({ phoneNumberId: NUMBER, type: 'image', file, fileName: 'a.png' })
  expect(await media.get({ mediaId })).toMatchObject({ id: mediaId, mimeType: 'image/png' })
  const bytes = (await media.download({ mediaId, auth: 'always' })) as ArrayBuffer
  expect(Buffer.from(bytes)).toEqual(TINY_PNG)
  expect(await media.delete({ mediaId })).toMatchObject({ success: true })
  await expect(media.get({ mediaId })).rejects.toMatchObject({ code: 100 })
})

test('@kapso/whatsapp-cloud-api puts a number into service', async () => {
  await using account = await openAccount({
    numbers: [
      { id: NUMBER, displayNumber: '+81 3-1111-1111', verifiedName: '一号店', status: 'PENDING', verified: false },
    ],
  })
  const { phoneNumbers } = clientOf(account)
  await phoneNumbers.requestCode({ phoneNumberId: NUMBER, codeMethod: 'SMS', language: 'ja' })
  await phoneNumbers.verifyCode({ phoneNumberId: NUMBER, code: account.emulator.codes()[0]!.code })
  expect(await phoneNumbers.register({ phoneNumberId: NUMBER, pin: '123456' })).toMatchObject({ success: true })
  await phoneNumbers.businessProfile.update({ phoneNumberId: NUMBER, about: '毎日営業' })
  expect((await phoneNumbers.businessProfile.get({ phoneNumberId: NUMBER })).data).toMatchObject([
    { about: '毎日営業' },
  ])
})
