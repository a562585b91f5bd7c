import { expect, test } from 'vitest'
import { virtualTime } from '#emulator/scheduler.ts'
import { NOON, NUMBER, openAccount } from './testAccount.ts'

const TO = '+819012345678'
const HOUR_MS = 3_600_000
const DAY_S = 86_400
type Account = Awaited<ReturnType<typeof openAccount>>

async function points(account: Account, filters: string): Promise<Record<string, unknown>[]> {
  const path = `/v25.0/${account.emulator.wabaId}?fields=id,pricing_analytics${filters}`
  const { body } = await account.call('GET', path)
  return (body['pricing_analytics'] as { data: [{ data_points: Record<string, unknown>[] }] }).data[0].data_points
}

test('pricing analytics tells what was delivered and what it cost, by what is asked for', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  await account.approve({
    name: 'sale',
    category: 'MARKETING',
    components: [{ type: 'BODY', text: '本日よりセールです。' }],
  })
  await account.sendTemplate(TO)
  await account.sendTemplate('+5511912345678')
  await account.sendTemplate(TO, { template: { name: 'sale', language: { code: 'ja' } } })
  await account.sendTemplate('+819012340026') // fails
  await account.sendTemplate('+819012340101') // sent, never delivered
  await account.emulator.inbound({ from: TO, text: 'こんにちは' })
  await account.send({ to: TO, text: { body: 'はい' } })
  await account.emulator.settled()
  const day = Math.floor(NOON / 1000 / DAY_S) * DAY_S
  const span = `.start(${day}).end(${day + DAY_S}).granularity(DAILY)`
  const all = await points(account, `${span}.dimensions(["COUNTRY","PRICING_CATEGORY","PRICING_TYPE"])`)
  const at = { start: day, end: day + DAY_S }
  expect(new Set(all)).toEqual(
    new Set([
      { ...at, country: 'JP', pricing_type: 'REGULAR', pricing_category: 'UTILITY', volume: 1, cost: 0.0113 },
      { ...at, country: 'BR', pricing_type: 'REGULAR', pricing_category: 'UTILITY', volume: 1, cost: 0.0068 },
      { ...at, country: 'JP', pricing_type: 'REGULAR', pricing_category: 'MARKETING', volume: 1, cost: 0.0842 },
      { ...at, country: 'JP', pricing_type: 'FREE_CUSTOMER_SERVICE', pricing_category: 'SERVICE', volume: 1, cost: 0 },
    ]),
  )
  expect(await points(account, span)).toEqual([{ ...at, volume: 4, cost: 0.1023 }])
  expect(
    await points(account, `${span}.dimensions([PHONE]).metric_types([VOLUME]).pricing_categories([MARKETING])`),
  ).toEqual([{ ...at, phone_number: '81345678901', volume: 1 }])
  expect(await points(account, `.start(${day + DAY_S}).end(${day + 2 * DAY_S}).granularity(DAILY)`)).toEqual([])
  const month = await points(account, `.start(${day - 40 * DAY_S}).end(${day + 40 * DAY_S}).granularity(MONTHLY)`)
  expect(month).toMatchObject([{ start: Date.UTC(2026, 10) / 1000, end: Date.UTC(2026, 11) / 1000, volume: 4 }])
})

test.each([
  '.start(2).end(1).granularity(DAILY)',
  '.start(1).granularity(DAILY)',
  '.start(1).end(2).granularity(WEEKLY)',
])('a question about prices that cannot be answered is refused: %s', async (filters) => {
  await using account = await openAccount()
  const { body } = await account.call('GET', `/v25.0/${account.emulator.wabaId}?fields=pricing_analytics${filters}`)
  expect(body.error?.code).toBe(100)
})

test('the message history tells each step of a message, in pages', async () => {
  await using account = await openAccount({ readRate: 1 })
  await account.approve()
  for (let index = 0; index < 3; index++) await account.sendTemplate(`+8190123456${70 + index}`)
  await account.emulator.settled()
  const get = async (query: string) =>
    (await account.call('GET', `/v25.0/${NUMBER}/message_history?${query}`)).body as {
      data: { id: string; message_id: string; events: { data: { delivery_status: string }[] } }[]
      paging: { cursors: { after: string } }
    }
  const { wamid } = account.emulator.messages()[1]!
  const { data } = await get(`message_id=${encodeURIComponent(wamid)}`)
  expect(data).toMatchObject([{ message_id: wamid }])
  expect(data[0]!.events.data).toMatchObject([
    { delivery_status: 'SENT', webhook_update_state: 'DELIVERED', webhook_uri: account.webhookUrl },
    { delivery_status: 'DELIVERED' },
    { delivery_status: 'READ' },
  ])
  const first = await get('limit=2')
  const second = await get(`limit=2&after=${first.paging.cursors.after}`)
  expect([first.data.length, second.data.length]).toEqual([2, 1])
  const { body } = await account.call('GET', `/v25.0/${data[0]!.id}/events?status_filter=READ`)
  expect(body['data']).toMatchObject([{ delivery_status: 'READ' }])
})

test('a user who came by an ad is free for 72 hours from the first answer, templates too', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  await account.emulator.inbound({ from: TO, text: '広告を見ました', referral: { source_type: 'ad' } })
  await account.emulator.advance(23 * HOUR_MS)
  await account.send({ to: TO, text: { body: 'ありがとうございます' } })
  const until = String(Math.floor((account.emulator.now() + 72 * HOUR_MS) / 1000))
  await account.emulator.advance(71 * HOUR_MS)
  await account.sendTemplate(TO)
  await account.emulator.advance(HOUR_MS)
  await account.sendTemplate(TO)
  await account.emulator.settled()
  const sent = account.statuses().filter(({ status }) => status === 'sent')
  const free = { pricing: { billable: false, type: 'free_entry_point' } }
  const conversation = { origin: { type: 'referral_conversion' }, expiration_timestamp: until }
  expect(sent).toMatchObject([
    { ...free, conversation },
    { ...free, conversation },
    { pricing: { billable: true, type: 'regular' } },
  ])
})

test('an ad that was not answered within 24 hours gives nothing free, whatever the user writes later', async () => {
  await using account = await openAccount({ readRate: 0 })
  await account.approve()
  await account.emulator.inbound({ from: TO, text: '広告を見ました', referral: { source_type: 'ad' } })
  await account.emulator.advance(20 * HOUR_MS)
  await account.emulator.inbound({ from: TO, text: 'もしもし' })
  await account.emulator.advance(4 * HOUR_MS)
  await account.sendTemplate(TO)
  await account.emulator.settled()
  expect(account.statuses()[0]).toMatchObject({ pricing: { billable: true, type: 'regular' } })
})

test.each([
  [23, Date.UTC(2026, 10, 2), true],
  [24, Date.UTC(2026, 10, 2), false],
  [25, Date.UTC(2026, 10, 2), false],
] as const)(
  'webhooks of v%i: a status of a paid message has a conversation: %s',
  async (webhookVersion, startAt, has) => {
    await using account = await openAccount({ webhookVersion, schedule: virtualTime(startAt) })
    await account.approve()
    await account.sendTemplate(TO)
    await account.emulator.settled()
    expect(account.statuses()[0]!.conversation !== undefined).toBe(has)
  },
)
