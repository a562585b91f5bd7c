import { beforeAll, describe, expect, test } from 'vitest'
import { payments, playAccount } from '#cli/demo/account.ts'
import { timelineLines } from '#cli/demo/timeline.ts'
import { LIBRARY } from '#cli/places.ts'
import { readFolder } from '#cli/readFolder.ts'
import type { Purchase } from '#engine/state.ts'

type Played = Awaited<ReturnType<typeof playAccount>>
let ja: Played
let again: Played
let en: Played
beforeAll(async () => {
  const files = await readFolder(LIBRARY)
  for (const one of ['ja', 'again', 'en'] as const) {
    const played = await playAccount(files, one === 'en' ? 'en' : 'ja')
    if (one === 'ja') ja = played
    else if (one === 'again') again = played
    else en = played
  }
}, 120_000)

test('a day of the account is the same each time, and the same in both languages', () => {
  expect(again).toEqual(ja)
  expect(en.account).toEqual(ja.account)
  expect(en.timeline.map(({ at }) => at)).toEqual(ja.timeline.map(({ at }) => at))
  expect(ja.wrong).toEqual([])
})

test('S38, S40: credits are refused before a number is active, bought with a card, and then by themselves', () => {
  const lines = timelineLines(ja.timeline, 'ja')
  expect(lines.slice(0, 5)).toEqual([
    '2026年12月7日月曜日',
    '  09:00  管理者  まだクレジットを購入できません: 有効な番号がありません  -- ERR_NUMBER_NOT_ACTIVE',
    '  09:10  管理者  カードで1.00クレジットを購入(1.00米ドル)',
    '  09:36  伝令  残高が少ないため1.00クレジットを自動購入(1.00米ドル)',
    '  10:36  伝令  残高が少ないため1.00クレジットを自動購入(1.00米ドル)',
  ])
  const { purchases, chargedMinor, credits } = ja.account
  expect(purchases).toEqual({ byHand: 1, automatic: 3 })
  expect(chargedMinor).toBe(400)
  // Thirty marketing messages at the price of Japan's market.
  expect(credits).toEqual({ bought: 4_000_000, spent: 30 * 84_200, held: 0, available: 4_000_000 - 30 * 84_200 })
})

test('a paused template holds its messages until the time that WhatsApp told, and then they go on', () => {
  expect(ja.account.messages).toEqual({ accepted: 30, heldWhilePaused: 6 })
  const lines = timelineLines(en.timeline, 'en')
  expect(lines.filter((line) => line.includes('held until'))).toHaveLength(6)
  expect(lines).toContain('  11:20  鈴木  welcome_lead held until 14:10  -- WhatsApp paused the template')
  const from = lines.findIndex((line) => line.includes('may be sent again'))
  expect(lines.slice(from, from + 2)).toEqual([
    '  14:10  To admins  Template welcome_lead (ja) may be sent again. Its messages go on by themselves.',
    '  14:10  WhatsApp  accepts the 6 messages that were held',
  ])
})

describe('the demo is not content with', () => {
  const paid = { state: 'succeeded', price: { amountMinor: 100, currency: 'usd' } } as Purchase
  const outcome = (bought: number) => ({ credits: { bought } }) as Parameters<typeof payments>[3]

  test.each<[string, string[], RegExp]>([
    [
      'a charge that we do not know of',
      payments([paid], 2, 200, outcome(2_000_000)),
      /2 charges at Stripe, 1 purchase/,
    ],
    ['another price', payments([paid], 1, 90, outcome(900_000)), /charged 90, our purchases cost 100/],
    ['credits that were not booked', payments([paid], 1, 100, outcome(0)), /0 micro-credits were booked for 100 cents/],
  ])('%s', (_, compared, words) => {
    expect(compared.join('\n')).toMatch(words)
  })

  test('nothing when both agree', () => {
    expect(payments([paid], 1, 100, outcome(1_000_000))).toEqual([])
  })
})
