import { describe, expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { judge } from '#engine/judge.ts'
import type { Message } from '#engine/message.ts'
import type { Candidate } from '#engine/claim.ts'
import { table } from '../table.ts'
import { aContact, aMessage, anIntent, aTemplate, someFacts } from './builders.ts'
import { approved, createWorkbench, inbound, NOW, NUMBER, recordEvent, WELCOME, type Workbench } from './workbench.ts'

/*
 * How messages are charged, as Meta changed it: S42 of the seed page (a conversation of 24 hours for each pair and category), then
 * each message, then free text too. Source: Meta, WhatsApp Business Platform, "Pricing".
 */

const HOUR = 3_600_000
const PROMO: Definition = { ...WELCOME, name: 'promo', category: 'MARKETING' } as Definition

const rule = (name: string, template: string, status: string): Definition => ({
  kind: 'workflow',
  name,
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [
    {
      when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: status }] },
      actions: [{ type: 'sendTemplate', template }],
    },
  ],
})

/** An engine whose clock stands at that time in Tokyo. */
async function benchAt(time: string): Promise<Workbench> {
  const bench = await createWorkbench(
    [WELCOME, PROMO, rule('a', 'welcome_lead', 'New'), rule('b', 'promo', 'Contacted')],
    {
      templates: [approved('welcome_lead'), approved('promo', 'ja', 'APPROVED', 'MARKETING')],
    },
  )
  bench.advance(Date.parse(`${time}+09:00`) - NOW)
  return bench
}

let count = 0
/** Sends to a person and says what the message cost, after it was delivered. */
async function priceOfSend(bench: Workbench, category: string, phone = '+819012345678'): Promise<number> {
  const status = category === 'MARKETING' ? 'Contacted' : 'New'
  const occurredAt = bench.now()
  await bench.happen(
    recordEvent(
      'created',
      'Leads',
      `r${count++}`,
      { Last_Name: '田中', Mobile: phone, Lead_Status: status },
      { occurredAt },
    ),
  )
  const claimed = await bench.store.claim(
    { lane: NUMBER.id, worker: 'w', now: bench.now(), leaseMs: 1000, limit: 10 },
    judge,
    bench.shell.newId,
  )
  const [{ message, fence } = { message: null, fence: 0 }] = claimed
  if (message === null || claimed.length !== 1) throw new TypeError('not one message')
  const wamid = `wamid.${message.intent.id}`
  await bench.store.settle(
    [{ id: message.intent.id, fence, at: bench.now(), kind: 'accepted', wamid }],
    bench.shell.newId,
  )
  await bench.happen({
    kind: 'status',
    source: 'whatsapp',
    sourceId: wamid,
    occurredAt: bench.now(),
    messageId: message.intent.id,
    wamid,
    status: 'delivered',
    recipient: {},
  })
  return ((await bench.store.message(message.intent.id)) as Message).priceMicros
}

describe('S42: until June 2025 a conversation is charged, once in 24 hours for each pair and category', () => {
  // Of the cards that are shipped the first holds for all that was before it.
  const UTILITY = 11_300
  const MARKETING = 73_200

  test('its first message pays for all of the same category to the same person', async () => {
    const bench = await benchAt('2025-06-20T10:00:00')
    expect(await priceOfSend(bench, 'UTILITY')).toBe(UTILITY)
    bench.advance(23 * HOUR)
    expect(await priceOfSend(bench, 'UTILITY')).toBe(0)
    // Not from the last message: from the one that was paid.
    bench.advance(2 * HOUR)
    expect(await priceOfSend(bench, 'UTILITY')).toBe(UTILITY)
  })

  test('it ends after 24 hours, to the millisecond', async () => {
    const bench = await benchAt('2025-06-20T10:00:00')
    await priceOfSend(bench, 'UTILITY')
    bench.advance(24 * HOUR - 1)
    expect(await priceOfSend(bench, 'UTILITY')).toBe(0)
    bench.advance(1)
    expect(await priceOfSend(bench, 'UTILITY')).toBe(UTILITY)
  })

  test('each category has its own, and so has each person', async () => {
    const bench = await benchAt('2025-06-20T10:00:00')
    expect(await priceOfSend(bench, 'UTILITY')).toBe(UTILITY)
    expect(await priceOfSend(bench, 'MARKETING')).toBe(MARKETING)
    expect(await priceOfSend(bench, 'UTILITY', '+819011112222')).toBe(UTILITY)
    expect(await priceOfSend(bench, 'MARKETING')).toBe(0)
    expect(await priceOfSend(bench, 'UTILITY')).toBe(0)
  })

  test('what was running when the policy ended frees nothing any more', async () => {
    const bench = await benchAt('2025-06-30T23:30:00')
    expect(await priceOfSend(bench, 'UTILITY')).toBe(UTILITY)
    expect(await priceOfSend(bench, 'UTILITY')).toBe(0)
    bench.advance(HOUR)
    expect(await priceOfSend(bench, 'UTILITY')).toBe(UTILITY)
  })

  test('an open window frees no conversation that we begin', async () => {
    const bench = await benchAt('2025-06-20T10:00:00')
    await bench.happen(inbound('予約したい', { occurredAt: bench.now() }))
    expect(await priceOfSend(bench, 'UTILITY')).toBe(UTILITY)
  })
})

const policies = table(`
  time                 window  category   | first  second
  2025-06-30T23:00:00  no      UTILITY    | 11300  0        // a conversation
  2025-06-30T23:00:00  no      MARKETING  | 73200  0
  2025-07-01T00:00:00  no      UTILITY    | 11300  11300    // each message
  2025-07-01T00:00:00  yes     UTILITY    | 0      0        // the window frees utility
  2025-07-01T00:00:00  yes     MARKETING  | 73200  73200
  2026-09-30T23:00:00  yes     UTILITY    | 0      0
  2026-10-01T00:00:00  yes     UTILITY    | 11300  11300    // and no longer does
  2026-10-01T00:00:00  no      MARKETING  | 84200  84200
`)
test.each(policies)('$time, window $window: two $category messages cost $first and $second', async (row) => {
  const bench = await benchAt(row.time)
  if (row.window === 'yes') await bench.happen(inbound('はい', { occurredAt: bench.now() - 1 }))
  const prices = [await priceOfSend(bench, row.category), await priceOfSend(bench, row.category)]
  expect(prices.map(String)).toEqual([row.first, row.second])
})

describe('messages that are claimed together', () => {
  const then = Date.parse('2025-06-20T10:00:00+09:00')
  const candidate = (id: string, contactId: string, category: 'UTILITY' | 'MARKETING', more = {}): Candidate => ({
    message: aMessage({ intent: anIntent({ id, category }), form: null, contactId }),
    facts: someFacts({
      now: then,
      template: aTemplate({ category }),
      contact: aContact({ id: contactId }),
      conversationOpen: {},
      ...more,
    }),
  })
  const prices = (candidates: Candidate[]) =>
    judge(candidates).map((one) => (one.kind === 'send' ? one.priceMicros : one.kind))

  test('S42: begin one conversation and not two', () => {
    expect(
      prices([
        candidate('a', '佐藤', 'UTILITY'),
        candidate('b', '佐藤', 'UTILITY'),
        candidate('c', '佐藤', 'MARKETING'),
        candidate('d', '鈴木', 'UTILITY'),
        candidate('e', '佐藤', 'MARKETING'),
        candidate('f', '高橋', 'UTILITY', { conversationOpen: { UTILITY: true } }),
      ]),
    ).toEqual([11_300, 0, 73_200, 11_300, 0, 0])
  })

  test('share the free messages of the month: the thousandth is free, the next is not', () => {
    const now = Date.parse('2026-11-22T12:00:00+09:00')
    const conversation = {
      numberId: '10001',
      contactId: '佐藤',
      lastInboundAt: now - HOUR,
      lastOutboundAt: null,
      freeUntil: null,
    }
    const facts = { now, conversation, conversationOpen: null, serviceThisMonth: 998 }
    const texts = ['a', 'b', 'c'].map((id): Candidate => {
      const { message, facts: some } = candidate(id, '佐藤', 'UTILITY', facts)
      return { message: { ...message, intent: anIntent({ id, text: { body: 'はい' } }) }, facts: some }
    })
    expect(prices(texts)).toEqual([0, 0, 11_300])
  })
})
