import { oneAccount } from '#actions/whatsapp/accounts.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCloudClient, type CloudClient } from '#actions/whatsapp/client.ts'
import { createSubmitTemplate } from '#actions/submitTemplate.ts'
import { syncAccount } from '#actions/whatsapp/sync.ts'
import { template, type Template } from '#definitions/template.ts'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import type { Json } from '#definitions/json.ts'
import type { SendIntent } from '#engine/message.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { aSendIntent, aWorkIntent } from './intents.ts'

/** Our client against a WhatsApp that checks what it is sent as the real one does. */
const START = Date.parse('2026-11-22T12:00:00+09:00')
let emulator: Emulator
let client: CloudClient
const events: WorldEvent[] = []
beforeAll(async () => {
  emulator = await startEmulator({
    token: 'token',
    appSecret: 'secret',
    schedule: virtualTime(START),
    seed: 7,
    numbers: [
      { id: '1055', displayNumber: '+81 3-1234-5678', verifiedName: '伝令商店', throughput: 1000, tier: 'TIER_2K' },
    ],
  })
  client = createCloudClient({ baseUrl: emulator.url, token: () => 'token' })
})
afterAll(async () => {
  await client.close()
  await emulator.close()
})

const submit = (definition: Template) =>
  createSubmitTemplate({
    accounts: oneAccount(client, emulator.wabaId),
    clock: { now: () => emulator.now() },
    accept: async (more) => void events.push(...more),
  }).perform(
    aWorkIntent({ type: 'submitTemplate', payload: { definition: definition as unknown as Json } }),
    new AbortController().signal,
  )

const named = template.parse({
  kind: 'template',
  name: 'order_shipped',
  language: 'ja',
  category: 'UTILITY',
  module: 'Deals',
  header: { type: 'text', text: 'ご注文{{number}}' },
  body: 'いつもお世話になっております。{{name}}様、ご注文の品を{{day}}に発送いたしました。到着まで今しばらくお待ちください。',
  footer: '伝令商店',
  buttons: [
    { type: 'quick_reply', text: '確認しました', payload: 'ok' },
    { type: 'url', text: '追跡', url: 'https://example.test/track/{{suffix}}' },
  ],
  parameters: {
    number: { example: 'A-17' },
    name: { example: '山田' },
    day: { example: '月曜日' },
    suffix: { example: 'A-17' },
  },
})
const positional = template.parse({
  kind: 'template',
  name: 'coupon',
  language: 'ja',
  category: 'MARKETING',
  module: 'Leads',
  header: { type: 'image', example: '4::aW1hZ2U=' },
  body: 'いつもありがとうございます、{{1}}様。{{2}}まで使える割引券をお送りいたします。',
  buttons: [{ type: 'copy_code', code: 'SALE25', example: 'SALE25' }],
  parameters: { 1: { example: '山田' }, 2: { example: '月末' } },
})

test('definitions of both parameter formats pass the review; submitted again they are taken up', async () => {
  for (const definition of [named, positional]) {
    expect(await submit(definition)).toEqual({ kind: 'done', detail: 'PENDING.' })
    expect(await submit(definition)).toEqual({ kind: 'done', detail: 'PENDING.' })
  }
  expect(emulator.templates()).toHaveLength(2)
  await emulator.advance(10_000)
  expect(await submit(named)).toEqual({ kind: 'done', detail: 'APPROVED.' })
})

test('the account is read as it is', async () => {
  const { numbers, templates } = await syncAccount(client, emulator.wabaId, START)
  expect(numbers).toMatchObject([{ id: '1055', status: 'CONNECTED', verified: true, throughput: 1000, reachMax: 2000 }])
  expect(templates.map(({ name, status, category }) => [name, status, category]).sort()).toEqual([
    ['coupon', 'APPROVED', 'MARKETING'],
    ['order_shipped', 'APPROVED', 'UTILITY'],
  ])
  expect(await client.number('1055')).toMatchObject({ id: '1055' })
})

const orderShipped = (change: Partial<SendIntent> = {}) =>
  aSendIntent({
    template: { name: 'order_shipped', language: 'ja' },
    parameters: {
      format: 'NAMED',
      header: { type: 'text', parameters: [{ name: 'number', value: 'A-17' }] },
      body: [
        { name: 'day', value: '火曜日' },
        { name: 'name', value: '佐藤' },
      ],
      buttons: [
        { index: 0, subType: 'quick_reply', name: 'payload', value: 'ok:A-17' },
        { index: 1, subType: 'url', name: 'suffix', value: 'A-17' },
      ],
    },
    ...change,
  })
const coupon = aSendIntent({
  id: 'coupon-0',
  template: { name: 'coupon', language: 'ja' },
  to: { raw: '', phone: '+819012340000' },
  parameters: {
    format: 'POSITIONAL',
    header: { type: 'image', link: 'https://example.test/sale.png' },
    body: [
      { name: '2', value: '月末' },
      { name: '1', value: '佐藤' },
    ],
    buttons: [{ index: 0, subType: 'copy_code', name: 'code', value: 'SALE25' }],
  },
})

test('sends of both formats, with headers and buttons, are accepted and carry our id', async () => {
  expect(await client.send(orderShipped(), 'template')).toMatchObject({ kind: 'accepted', waId: '818012345678' })
  expect(await client.send(coupon, 'template')).toMatchObject({ kind: 'accepted' })
  expect(emulator.messages().map(({ opaqueId }) => opaqueId)).toEqual([orderShipped().id, 'coupon-0'])
})

test.each<[string, SendIntent, object]>([
  ['a recipient that refuses at once', orderShipped({ to: { raw: '', phone: '+819012340104' } }), { code: 131026 }],
  [
    'a template that is not there',
    orderShipped({ template: { name: 'order_shipped', language: 'en' } }),
    { code: 132001 },
  ],
  ['too few parameters', orderShipped({ parameters: { format: 'NAMED', body: [], buttons: [] } }), { code: 132000 }],
  ['a number that is not ours', orderShipped({ numberId: '999' }), { httpStatus: 400 }],
])('%s is refused', async (_name, intent, expected) => {
  expect(await client.send(intent, 'template')).toMatchObject({ kind: 'refused', ...expected })
})

test('pacing answers that the message is held', async () => {
  const held = orderShipped({ to: { raw: '', phone: '+819012340107' } })
  expect(await client.send(held, 'template')).toMatchObject({ kind: 'accepted', status: 'held_for_quality_assessment' })
})

test('a wrong token is refused with 190', async () => {
  const other = createCloudClient({ baseUrl: emulator.url, token: () => 'wrong' })
  expect(await other.send(orderShipped(), 'template')).toMatchObject({ kind: 'refused', code: 190, httpStatus: 401 })
  await other.close()
})
