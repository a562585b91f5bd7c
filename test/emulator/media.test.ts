import { createHash } from 'node:crypto'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { TINY_PNG } from '#emulator/media.ts'
import type { Emulator } from '#emulator/emulator.ts'
import { codeOf, NUMBER, openAccount, TOKEN, type GraphAnswer } from './testAccount.ts'

const authorization = `Bearer ${TOKEN}`

async function upload(
  emulator: Emulator,
  bytes: Uint8Array,
  type: string,
  fields: Record<string, string> = {},
): Promise<GraphAnswer> {
  const form = new FormData()
  for (const [key, value] of Object.entries({ messaging_product: 'whatsapp', type, ...fields })) form.set(key, value)
  form.set('file', new Blob([new Uint8Array(bytes)], { type }), 'file')
  const answer = await fetch(`${emulator.url}/v25.0/${NUMBER}/media`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  })
  return { status: answer.status, body: (await answer.json()) as GraphAnswer['body'] }
}

const download = async (
  url: string,
  headers: Record<string, string> = { authorization },
): Promise<[number, Buffer]> => {
  const answer = await request(url, { headers })
  return [answer.statusCode, Buffer.from(await answer.body.arrayBuffer())]
}

test('an uploaded file is told by its id, comes back from an address for five minutes, and only with the token', async () => {
  await using account = await openAccount()
  const { body } = await upload(account.emulator, TINY_PNG, 'image/png')
  const id = body['id'] as string
  const { body: node } = await account.call('GET', `/v25.0/${id}?phone_number_id=${NUMBER}`)
  expect(node).toEqual({
    messaging_product: 'whatsapp',
    url: expect.stringContaining(account.emulator.url) as unknown,
    mime_type: 'image/png',
    sha256: createHash('sha256').update(TINY_PNG).digest('hex'),
    file_size: String(TINY_PNG.length),
    id,
  })
  const url = node['url'] as string
  expect(await download(url)).toEqual([200, TINY_PNG])
  expect((await download(url, {}))[0]).toBe(401)
  await account.emulator.advance(5 * 60_000)
  expect((await download(url))[0]).toBe(404)
  expect(codeOf(await account.call('GET', `/v25.0/${id}?phone_number_id=999`))).toBe('100/33')
})

test('an uploaded file can be sent, until it is deleted or 30 days old', async () => {
  await using account = await openAccount()
  const first = (await upload(account.emulator, TINY_PNG, 'image/png')).body['id'] as string
  const second = (await upload(account.emulator, TINY_PNG, 'image/png')).body['id'] as string
  const send = async (id: string): Promise<string> => {
    await account.emulator.inbound({ from: '+819012345678', text: 'x' })
    return codeOf(await account.send({ to: '+819012345678', type: 'image', image: { id } }))
  }
  expect(await send(first)).toBe('200')
  expect((await account.call('DELETE', `/v25.0/${first}`)).body).toEqual({ success: true })
  expect(codeOf(await account.call('DELETE', `/v25.0/${first}`))).toBe('100/33')
  expect(await send(first)).toBe('100')
  await account.emulator.advance(30 * 86_400_000)
  expect(await send(second)).toBe('100')
})

test.each<[string, Uint8Array, string, Record<string, string>, string]>([
  ['a picture that is a text', Buffer.from('hello'), 'image/png', {}, '131053'],
  ['a PDF', Buffer.from('%PDF-1.7 ...'), 'application/pdf', {}, '200'],
  ['a browser voice note', Buffer.from('x'), 'audio/webm', {}, '100'],
  ['an OGG file that is not Opus', Buffer.from('OggS...vorbis'), 'audio/ogg', {}, '131053'],
  ['an OGG file that is Opus', Buffer.from('OggS...OpusHead'), 'audio/ogg', {}, '200'],
  ['nothing', Buffer.alloc(0), 'text/plain', {}, '131053'],
  ['a picture over 5 MB', Buffer.concat([TINY_PNG, Buffer.alloc(5 * 1024 * 1024)]), 'image/png', {}, '131053'],
  ['no product', TINY_PNG, 'image/png', { messaging_product: '' }, '100'],
])('uploading %s', async (_, bytes, type, fields, code) => {
  await using account = await openAccount()
  expect(codeOf(await upload(account.emulator, bytes, type, fields))).toBe(code)
})

test('an upload that is no form is refused', async () => {
  await using account = await openAccount()
  expect(codeOf(await account.call('POST', `/v25.0/${NUMBER}/media`, { file: 'x' }))).toBe('100')
  const broken = await request(`${account.emulator.url}/v25.0/${NUMBER}/media`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'multipart/form-data; boundary=x' },
    body: 'not a form',
  })
  expect(codeOf({ status: broken.statusCode, body: (await broken.body.json()) as GraphAnswer['body'] })).toBe('100')
})

test('a picture of a user can be fetched by the id in its webhook, for seven days', async () => {
  await using account = await openAccount()
  await account.emulator.inbound({ from: '+819012345678', media: { type: 'image' } })
  const [message] = account.changes('messages')[0]!.value.messages as [{ image: { id: string } }]
  const { body } = await account.call('GET', `/v25.0/${message.image.id}`)
  expect((await download(body['url'] as string))[1]).toEqual(TINY_PNG)
  await account.emulator.advance(7 * 86_400_000)
  expect(codeOf(await account.call('GET', `/v25.0/${message.image.id}`))).toBe('100/33')
})
