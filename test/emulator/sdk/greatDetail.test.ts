import Client, { MessageType } from '@great-detail/whatsapp'
import { expect, test } from 'vitest'
import { TINY_PNG } from '#emulator/media.ts'
import { NUMBER, openAccount, SECRET, TOKEN } from '../testAccount.ts'

const TO = '+819012345678'
type Account = Awaited<ReturnType<typeof openAccount>>
const clientOf = ({ emulator }: Account) =>
  new Client({ baseUrl: emulator.url, request: { headers: { Authorization: `Bearer ${TOKEN}` } } })

test('@great-detail/whatsapp makes, lists, edits, sends and deletes a template', async () => {
  await using account = await openAccount()
  const { template, message } = clientOf(account)
  const { wabaId } = account.emulator
  const made = await template
    .create(wabaId, {
      name: 'thanks',
      language: 'ja',
      category: 'UTILITY',
      parameter_format: 'POSITIONAL',
      components: [{ type: 'BODY' as const, text: 'ご来店ありがとうございます。' }],
    })
    .json<{ id: string; status: string }>()
  expect(made).toMatchObject({ status: 'PENDING' })
  await account.emulator.advance(2_000)
  const list = await template.list(wabaId, { status: ['APPROVED'], fields: ['name', 'status'] }).json()
  expect(list).toMatchObject({ data: [{ id: made.id, name: 'thanks', status: 'APPROVED' }] })
  const sent = await message
    .createMessage({
      phoneNumberID: NUMBER,
      to: TO,
      type: MessageType.Template,
      template: { name: 'thanks', language: { code: 'ja', policy: 'deterministic' }, components: [] },
    })
    .json()
  expect(sent).toMatchObject({ contacts: [{ wa_id: '819012345678' }], messages: [{ message_status: 'accepted' }] })
  expect(await template.delete(wabaId, { name: 'thanks' }).json()).toEqual({ success: true })
})

test('@great-detail/whatsapp subscribes, lists numbers, and checks our signatures', async () => {
  await using account = await openAccount()
  const { subscribedApps, phoneNumbers, webhook } = clientOf(account)
  const businessAccountID = account.emulator.wabaId
  expect(await subscribedApps.createSubscription({ businessAccountID }).json()).toEqual({ success: true })
  expect(await subscribedApps.listSubscriptions({ businessAccountID }).json()).toMatchObject({ data: [{}] })
  expect(await phoneNumbers.listPhoneNumbers({ businessAccountID }).json()).toMatchObject({ data: [{ id: NUMBER }] })
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  const { raw, headers } = account.posts[0]!
  const told = await webhook.eventNotification({
    method: 'POST',
    query: {},
    headers: { 'x-hub-signature-256': headers['x-hub-signature-256'] as string },
    body: raw.toString(),
  })
  expect([await told.checkSignature(SECRET), await told.checkSignature('other')]).toEqual([true, false])
})

test('@great-detail/whatsapp uploads, finds and deletes a file', async () => {
  await using account = await openAccount()
  const { media } = clientOf(account)
  const file = new Blob([new Uint8Array(TINY_PNG)], { type: 'image/png' })
  const { id } = await media
    .upload({ phoneNumberID: NUMBER, file, filename: 'a.png', mimeType: 'image/png' })
    .json<{ id: string }>()
  expect(await media.getURL({ mediaID: id, phoneNumberID: NUMBER }).json()).toMatchObject({ mime_type: 'image/png' })
  expect(await media.delete({ mediaID: id }).json()).toEqual({ success: true })
})

test('@great-detail/whatsapp answers a user and marks as read', async () => {
  await using account = await openAccount()
  const { message } = clientOf(account)
  const id = await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  expect(await message.createStatus({ phoneNumberID: NUMBER, status: 'read', message_id: id }).json()).toEqual({
    success: true,
  })
  await message.createMessage({ phoneNumberID: NUMBER, to: TO, type: MessageType.Text, text: { body: 'はい' } }).json()
  expect(account.emulator.messages()).toMatchObject([{ text: 'はい' }])
})
