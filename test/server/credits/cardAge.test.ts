import { expect, test } from 'vitest'
import { RATE_CARDS } from '#engine/data/rateCards.ts'
import type { RateCard } from '#engine/rateCard.ts'
import { ACCOUNT_DEFAULTS } from '#engine/state.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { cardAge } from '#server/credits/cardAge.ts'
import { noticeText } from '#server/noticeTexts.ts'
import type { Json } from '#definitions/json.ts'
import { openServer } from '../openServer.ts'

const day = (date: string) => Date.parse(`${date}T12:00:00+09:00`)
const NEWEST = RATE_CARDS.findLast(({ currency }) => currency === 'USD')!
const INSIDE = day('2026-11-22')
const NEXT = day('2027-01-01')

async function shop() {
  const { denrei, store } = await openServer({ started: false })
  await store.saveAccounts([{ ...ACCOUNT_DEFAULTS, id: '2001', zone: 'Asia/Tokyo', updatedAt: INSIDE }], INSIDE)
  const duty = cardAge({ store, accept: (events: WorldEvent[]) => denrei.accept(events) })
  const notices = async () => {
    await denrei.decide()
    const { items } = await store.notifications({ limit: 10 })
    return items.flatMap(({ notice }) => (notice === null ? [] : [notice]))
  }
  return { store, duty, notices }
}

test('a card of this quarter is no news; in the next one that it is old is told, once in each', async () => {
  expect(NEWEST.from).toBe('2026-10-01')
  const { duty, notices } = await shop()
  await duty.run(INSIDE)
  await duty.run(NEXT - 13 * 3_600_000)
  expect(await notices()).toEqual([])
  await duty.run(NEXT)
  await duty.run(NEXT + 60 * 86_400_000)
  const told = await notices()
  expect(told).toMatchObject([
    {
      code: 'rate_card_missing',
      severity: 'warning',
      details: { currency: 'USD', from: '2027-01-01', inForce: '2026-10-01' },
    },
  ])
  expect(noticeText(told[0]!, { language: 'ja', zone: 'Asia/Tokyo' })).toBe(
    '料金表がありません(USD)(2027-01-01からの四半期)。2026-10-01のものを使っています。Metaの料金表を取り込んでください。',
  )
  await duty.run(day('2027-04-02'))
  expect(await notices()).toHaveLength(2)
})

test('an imported card of the quarter is enough', async () => {
  const { store, duty, notices } = await shop()
  const card: RateCard = { ...NEWEST, from: '2027-01-01' }
  await store.saveDocument('rateCard/USD/2027-01-01', card as unknown as Json, INSIDE)
  await duty.run(NEXT)
  expect(await notices()).toEqual([])
})

test('nothing is told before there is an account', async () => {
  const { denrei, store } = await openServer({ started: false })
  const told: WorldEvent[] = []
  await cardAge({ store, accept: async (events) => void told.push(...events) }).run(NEXT)
  await denrei.decide()
  expect(told).toEqual([])
})
