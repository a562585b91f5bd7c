import { expect, test } from 'vitest'
import { RATE_CARDS } from '#engine/data/rateCards.ts'
import { rateOf } from '#engine/rateCard.ts'
import type { TemplateView } from '#server/templates/desk.ts'
import { approved, WELCOME } from '../../engine/workbench.ts'
import { ACTIVE_NUMBER, NOW, openServer } from '../openServer.ts'

/** Japan has no market of its own. */
const JAPAN = 'Rest of Asia Pacific'
const card = RATE_CARDS.findLast(({ from, currency }) => currency === 'USD' && from <= '2026-08-12')!

async function priced() {
  const server = await openServer({ started: false })
  const read = async () =>
    (await server.call('GET /v1/templates/welcome_lead/ja')).body as unknown as TemplateView & { prices: object[] }
  await server.call('POST /v1/templates', { definition: WELCOME })
  return { ...server, read }
}

test('a template shows what it costs in the market of the settings and of each number, once each', async () => {
  const { denrei, store, read } = await priced()
  await store.saveNumbers(
    [
      ACTIVE_NUMBER,
      { ...ACTIVE_NUMBER, id: '3002', displayNumber: '+91 22 1234 5678' },
      { ...ACTIVE_NUMBER, id: '3003', displayNumber: '+1 212-555-0123' },
      { ...ACTIVE_NUMBER, id: '3004', displayNumber: '+81 6-1234-5678' },
    ],
    NOW,
  )
  await denrei.saveSettings({ ...(await denrei.settings()), markupMicros: 500 })
  const price = (market: string) => ({
    market,
    category: 'UTILITY',
    priceMicros: rateOf(card, market, 'UTILITY') + 500,
    card: card.from,
  })
  expect((await read()).prices).toEqual([price(JAPAN), price('India'), price('North America')])
})

test('by the category that WhatsApp made of it', async () => {
  const { store, read } = await priced()
  await store.saveTemplates(
    [
      {
        ...approved('welcome_lead', 'ja', 'APPROVED', 'MARKETING'),
        definition: 'welcome_lead',
        definitionVersion: 1,
      },
    ],
    NOW,
  )
  expect((await read()).prices).toEqual([
    { market: JAPAN, category: 'MARKETING', priceMicros: rateOf(card, JAPAN, 'MARKETING'), card: card.from },
  ])
})

test('a list of numbers shows what keeps them from sending, and what is known of them', async () => {
  const { store, call } = await openServer({ started: false })
  const trouble = { code: 'number_unregistered', stops: 'all', since: NOW, until: null, detail: '登録なし' } as const
  const more = { nameStatus: 'DECLINED', platform: 'CLOUD_API', troubles: [trouble] }
  await store.saveNumbers(
    [{ ...ACTIVE_NUMBER, ...more, intake: { registerAs: 'Leads', assignTo: { kind: 'user', ids: ['u1'] } } }],
    NOW,
  )
  expect((await call('GET /v1/numbers')).body.items).toMatchObject([{ ...more, intake: { registerAs: 'Leads' } }])
})
