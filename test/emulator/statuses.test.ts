import { expect, test } from 'vitest'
import { MAGIC } from '#emulator/magic.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import { openAccount } from './testAccount.ts'

const HOUR_MS = 3_600_000

test('a message is sent, delivered and read, each after its delay, and each echoes the id of the caller', async () => {
  await using account = await openAccount({ readRate: 1, statusDelaysMs: { sent: 100, delivered: 200, read: 300 } })
  await account.approve()
  const { body } = await account.sendTemplate('+819012345678', { biz_opaque_callback_data: 'outbox-1' })
  const [{ id }] = body['messages'] as [{ id: string }]
  expect(body).toMatchObject({
    messaging_product: 'whatsapp',
    contacts: [{ input: '+819012345678', wa_id: '819012345678' }],
    messages: [{ message_status: 'accepted' }],
  })
  await account.emulator.advance(99)
  expect(account.statuses()).toEqual([])
  const begun = account.emulator.now() - 99
  await account.emulator.advance(1_000)
  expect(account.posts.map(({ at }) => at - begun)).toEqual([100, 300, 600])
  expect(account.statuses().map(({ status }) => status)).toEqual(['sent', 'delivered', 'read'])
  for (const status of account.statuses()) {
    expect(status).toMatchObject({ id, recipient_id: '819012345678', biz_opaque_callback_data: 'outbox-1' })
    expect(status.timestamp).toMatch(/^\d{10}$/)
  }
})

test('the price is told with sent and with exactly one of delivered and read', async () => {
  await using account = await openAccount({ readRate: 1 })
  await account.approve()
  await account.sendTemplate('+819012345678')
  await account.sendTemplate('+819012340102')
  await account.emulator.settled()
  const priced = account
    .statuses()
    .map(({ recipient_id, status, pricing }) => [recipient_id.slice(-4), status, pricing !== undefined])
  expect(priced).toEqual(
    expect.arrayContaining([
      ['5678', 'sent', true],
      ['5678', 'delivered', true],
      ['5678', 'read', false],
      ['0102', 'sent', true],
      ['0102', 'read', true],
    ]),
  )
  expect(priced).toHaveLength(5)
})

// The last four digits decide, whatever the country: the rest of the number is of Japan, Brazil and the United Kingdom.
const lives: [digits: string, category: string, statuses: string][] = [
  ['0026', 'UTILITY', 'failed 131026'],
  ['0042', 'UTILITY', 'failed 131042'],
  ['0047', 'UTILITY', 'sent delivered read'],
  ['0049', 'MARKETING', 'failed 131049'],
  ['0049', 'UTILITY', 'sent delivered read'],
  ['0050', 'MARKETING', 'failed 131050'],
  ['0050', 'UTILITY', 'sent delivered read'],
  ['0053', 'UTILITY', 'failed 131053'],
  ['0472', 'MARKETING', 'failed 130472'],
  ['0472', 'UTILITY', 'sent delivered read'],
  ['0100', 'UTILITY', 'failed 131000'],
  ['0101', 'UTILITY', 'sent'],
  ['0102', 'UTILITY', 'sent read'],
  ['0103', 'UTILITY', 'sent delivered failed 131026'],
  ['0105', 'UTILITY', 'sent delivered'],
  ['0106', 'UTILITY', 'sent delivered read'],
  ['0107', 'UTILITY', 'sent delivered'],
  ['0108', 'UTILITY', 'failed 132015'],
  ['0109', 'UTILITY', ''],
]
test.each(lives)('a %s recipient of a %s template: %s', async (digits, category, expected) => {
  await using account = await openAccount({ readRate: 1 })
  await account.approve({ category })
  for (const prefix of ['+81 90-1234-', '+55 11 91234-', '+44 7400 12']) {
    account.posts.length = 0
    const { status } = await account.sendTemplate(prefix + digits)
    expect(status).toBe(200)
    await account.emulator.settled()
    const told = account.statuses().map(({ status, errors }) => (errors ? `${status} ${errors[0]!.code}` : status))
    expect(told.join(' ')).toBe(expected)
  }
})

test('every magic number but the refused one has a life of its own in the table above', () => {
  expect(new Set(lives.map(([digits]) => digits))).toEqual(
    new Set(Object.keys(MAGIC).filter((digits) => digits !== '0104')),
  )
})

test('a 0104 recipient is refused at once, and nothing is accepted', async () => {
  await using account = await openAccount()
  await account.approve()
  const { status, body } = await account.sendTemplate('+819012340104')
  expect([status, body.error?.code]).toEqual([400, 131026])
  expect(account.emulator.counts()).toMatchObject({ accepted: 0, refused: { 131026: 1 } })
})

test('a held message says so in the answer', async () => {
  await using account = await openAccount()
  await account.approve()
  const { body } = await account.sendTemplate('+819012340107')
  expect(body['messages']).toMatchObject([{ message_status: 'held_for_quality_assessment' }])
})

test('a 0047 recipient takes a text in the window, which fails with 131047 afterwards', async () => {
  await using account = await openAccount({ readRate: 1 })
  await account.emulator.inbound({ from: '+819012340047', text: '営業時間を教えてください' })
  const { status } = await account.send({ to: '+819012340047', text: { body: '9 時から 18 時です。' } })
  expect(status).toBe(200)
  account.posts.length = 0
  await account.emulator.settled()
  expect(account.statuses().map(({ status, errors }) => [status, errors?.[0]?.code])).toEqual([['failed', 131047]])
})

test('magic can be switched off', async () => {
  await using account = await openAccount({ magic: false, readRate: 0 })
  await account.approve()
  await account.sendTemplate('+819012340026')
  await account.emulator.settled()
  expect(account.emulator.counts().byStatus.delivered).toBe(1)
})

test('a failure tells title and message alike, with details', async () => {
  await using account = await openAccount()
  await account.approve()
  await account.sendTemplate('+819012340026')
  await account.emulator.settled()
  const [error] = account.statuses()[0]!.errors!
  expect(error).toMatchObject({ code: 131026, title: 'Message Undeliverable', message: 'Message Undeliverable' })
  expect(error!.error_data.details).not.toBe('')
})

test.each([
  ['+12025550143', 'MARKETING', '131049'], // Washington
  ['+12025550143', 'UTILITY', null],
  ['+14165550143', 'MARKETING', null], // Toronto
  ['+819012345678', 'MARKETING', null],
])('a template to %s in category %s: %s, because marketing to US numbers is paused', async (to, category, code) => {
  await using account = await openAccount()
  await account.approve({ category })
  await account.sendTemplate(to)
  await account.emulator.settled()
  expect(account.emulator.messages()[0]!.errorCode).toBe(code === null ? null : Number(code))
})

test.each([
  ['2025-06-15', 'UTILITY', { pricing_model: 'CBP', billable: true, category: 'utility' }],
  ['2025-08-01', 'UTILITY', { pricing_model: 'PMP', billable: true, type: 'regular', category: 'utility' }],
  ['2026-10-01', 'MARKETING', { pricing_model: 'PMP', billable: true, type: 'regular', category: 'marketing' }],
])('on %s a %s template outside a window is priced by the regime of the day', async (day, category, pricing) => {
  await using account = await openAccount({ schedule: virtualTime(Date.parse(day)) })
  await account.approve({ category })
  await account.sendTemplate('+819012340105')
  await account.emulator.settled()
  expect(account.statuses()[0]!.pricing).toEqual(pricing)
})

test.each([
  ['2025-06-15', 'utility template', { pricing_model: 'CBP', billable: true, category: 'utility' }],
  ['2025-06-15', 'text', { pricing_model: 'CBP', billable: false, category: 'service' }],
  ['2026-09-29', 'utility template', { type: 'free_customer_service', billable: false, category: 'utility' }],
  ['2026-09-29', 'text', { type: 'free_customer_service', billable: false, category: 'service' }],
  ['2026-10-02', 'utility template', { type: 'regular', billable: true, category: 'utility' }],
  ['2026-10-02', 'text', { type: 'free_customer_service', billable: false, category: 'service' }],
])('on %s a %s inside the window is priced by the regime of the day', async (day, what, pricing) => {
  await using account = await openAccount({ schedule: virtualTime(Date.parse(day)) })
  await account.approve()
  await account.emulator.inbound({ from: '+819012340105', text: 'こんにちは' })
  if (what === 'text') await account.send({ to: '+819012340105', text: { body: 'はい' } })
  else await account.sendTemplate('+819012340105')
  await account.emulator.settled()
  expect(account.statuses()[0]!.pricing).toMatchObject(pricing)
})

test('the free service messages of a number run out in a month and come back in the next', async () => {
  await using account = await openAccount({
    schedule: virtualTime(Date.parse('2026-10-31T22:00:00Z')),
    limits: { freeServiceMessages: 2 },
  })
  const send = async (): Promise<unknown> => {
    account.posts.length = 0
    await account.send({ to: '+819012340105', text: { body: 'はい' } })
    await account.emulator.advance(10_000)
    return account.statuses()[0]!.pricing!['type']
  }
  await account.emulator.inbound({ from: '+819012340105', text: 'こんにちは' })
  expect([await send(), await send(), await send()]).toEqual([
    'free_customer_service',
    'free_customer_service',
    'regular',
  ])
  await account.emulator.advance(2 * HOUR_MS)
  expect(await send()).toBe('free_customer_service')
})

test('a conversation comes with every status up to v23, and from v24 only with a free entry point', async () => {
  for (const [webhookVersion, has] of [
    [23, true],
    [24, false],
  ] as const) {
    await using account = await openAccount({ webhookVersion })
    await account.approve()
    await account.sendTemplate('+819012340105')
    await account.emulator.settled()
    expect(account.statuses().map(({ conversation }) => conversation !== undefined)).toEqual([has, has])
    if (has)
      expect(account.statuses().map(({ conversation }) => 'expiration_timestamp' in conversation!)).toEqual([
        true,
        false,
      ])
  }
})

test('the answer to a user who came by an ad opens a free entry point for 72 hours', async () => {
  await using account = await openAccount()
  await account.approve({ category: 'MARKETING' })
  await account.emulator.inbound({
    from: '+819012340105',
    text: '広告を見ました',
    referral: { source_type: 'ad', source_id: '1', headline: '秋の特売' },
  })
  const priceAfter = async (ms: number): Promise<unknown> => {
    await account.emulator.advance(ms)
    account.posts.length = 0
    await account.sendTemplate('+819012340105')
    await account.emulator.advance(5_000)
    return account.statuses()[0]
  }
  expect(await priceAfter(HOUR_MS)).toMatchObject({
    pricing: { billable: false, type: 'free_entry_point', category: 'referral_conversion' },
    conversation: { origin: { type: 'referral_conversion' } },
  })
  expect(await priceAfter(71 * HOUR_MS)).toMatchObject({ pricing: { type: 'free_entry_point' } })
  expect(await priceAfter(2 * HOUR_MS)).toMatchObject({ pricing: { type: 'regular', category: 'marketing' } })
})

test('who reads is a matter of the seed and the id of the caller, not of order', async () => {
  const readBy = async (ids: string[]): Promise<string[]> => {
    await using account = await openAccount({ readRate: 0.5, seed: 11 })
    await account.approve()
    for (const id of ids) await account.sendTemplate(`+81901234${id}`, { biz_opaque_callback_data: id })
    await account.emulator.settled()
    return account.emulator
      .messages()
      .filter(({ status }) => status === 'read')
      .map(({ opaqueId }) => opaqueId!)
      .sort()
  }
  const ids = Array.from({ length: 40 }, (_, index) => String(5000 + index))
  const read = await readBy(ids)
  expect(read.length).toBeGreaterThan(8)
  expect(read.length).toBeLessThan(32)
  expect(await readBy(ids.toReversed())).toEqual(read)
})
