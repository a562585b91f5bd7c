import { expect, test } from 'vitest'
import { pricingAnalyticsAnswer, pricingPoints } from '#actions/whatsapp/pricingAnalytics.ts'
import { defaultSettings } from '#definitions/settings.ts'
import { MARKETS } from '#engine/data/markets.ts'
import { RATE_CARDS } from '#engine/data/rateCards.ts'
import { compare } from '#server/credits/reconcile.ts'
import { credits, statementCsv } from '#server/credits/statement.ts'
import { ACTIVE_NUMBER, NOW, openServer } from '../openServer.ts'
import { openShop } from './shop.ts'
import { spreadsheet } from './spreadsheet.ts'

const OCTOBER = RATE_CARDS.at(-1)!
const cardRows = (name = (market: string) => market): (string | number | null)[][] => [
  ['Rates as of October 2026', null, null],
  ['Market', 'Currency', 'Marketing', 'Utility', 'Authentication', 'Authentication-International', 'Service'],
  ...MARKETS.map(({ market }) => {
    const [marketing, utility] = OCTOBER.rates[market]
    return [name(market), '$US', marketing / 1e6, utility / 1e6, utility / 1e6, 'n/a', 'n/a']
  }),
]
const csv = (rows: (string | number | null)[][]) =>
  rows.map((row) => row.map((cell) => `"${String(cell ?? '')}"`).join(',')).join('\r\n')

const FILES: [string, Buffer, string][] = [
  ['a spreadsheet', spreadsheet('Rates', cardRows()), 'application/octet-stream'],
  ['a spreadsheet that is called .csv', spreadsheet('Rates', cardRows()), 'text/csv'],
  ['CSV', Buffer.from(csv(cardRows())), 'text/csv'],
  ['CSV of Excel, with a byte order mark', Buffer.from(`\uFEFF${csv(cardRows())}`), 'text/csv'],
  ['CSV with semicolons', Buffer.from(csv(cardRows()).replaceAll('","', '";"')), 'text/plain'],
]
test.each(FILES)('S43: the rate card as %s is imported, listed and in force', async (_, bytes, type) => {
  const { call, store } = await openServer()
  const { status, body } = await call('POST /v1/credits/rates?from=2026-12-01', bytes, {
    headers: { 'content-type': type },
  })
  expect([status, body]).toMatchObject([201, { newMarkets: [], card: { origin: 'imported', markets: MARKETS.length } }])
  const { body: listed } = await call('GET /v1/credits/rates')
  expect(listed.items.map((one) => (one as unknown as { from: string; origin: string }).origin)).toEqual([
    'shipped',
    'shipped',
    'shipped',
    'imported',
  ])
  const known = await store.load({ triggers: [], lookups: {}, lookupModules: {}, phoneModules: [], pageMax: 0 }, NOW)
  expect(known.cards).toMatchObject([{ from: '2026-12-01', currency: 'USD', rates: OCTOBER.rates }])
})

const WRONG: [string, Buffer, string, RegExp][] = [
  ['an empty file', Buffer.alloc(0), '', /empty/],
  ['a web page', Buffer.from('<!doctype html><p>Sign in'), '', /web page/],
  ['a PDF', Buffer.from('%PDF-1.7'), '', /PDF/],
  ['an old spreadsheet', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]), '', /\.xls/],
  ['a broken spreadsheet', spreadsheet('Rates', cardRows()).subarray(0, 2_000), '', /cannot be read/],
  ['bytes of no kind', Buffer.from([1, 0, 2, 0]), '', /neither/],
  ['another table', Buffer.from('名前,電話\n田中,090\n'), '', /"CSV"/],
  [
    'a card with a missing market',
    spreadsheet(
      'Rates',
      cardRows().filter(([market]) => market !== 'India'),
    ),
    '',
    /"Rates" has no row for India/,
  ],
  [
    'a misspelt market',
    spreadsheet(
      'Rates',
      cardRows((one) => (one === 'India' ? 'Indai' : one)),
    ),
    '',
    /row \d+, column A: "Indai"/,
  ],
  ['a wrong day', Buffer.from(csv(cardRows())), 'from=2026-13-01', /2026-13-01/],
  ['a wrong currency', Buffer.from(csv(cardRows())), 'from=2026-12-01&currency=yen', /yen/],
  ['another currency', Buffer.from(csv(cardRows())), 'from=2026-12-01&currency=EUR', /EUR was asked for/],
]
test.each(WRONG)('%s is refused with the way out, and nothing is stored', async (_, bytes, query, words) => {
  const { call, store } = await openServer()
  const { status, text } = await call(`POST /v1/credits/rates?${query || 'from=2026-12-01'}`, bytes, {
    headers: { 'content-type': 'application/octet-stream' },
  })
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(500)
  expect((JSON.parse(text) as { detail: string }).detail).toMatch(words)
  expect(await store.documents('rateCard/')).toEqual([])
})

test('S32: a statement is asked by dates and parts; wrong ones are refused', async () => {
  const { call } = await openServer()
  const ask = (query: string) => call(`GET /v1/credits/statement?${query}`)
  expect(await ask('from=2026-08-01&until=2026-08-31&by=day,template')).toMatchObject({
    status: 200,
    body: { by: ['day', 'template'], rows: [], total: { charged: 0, free: 0, spentMicros: 0 } },
  })
  const table = await ask('from=2026-08-01&until=2026-08-31&by=market&format=csv&bom=true')
  expect(table.headers['content-type']).toContain('text/csv')
  expect(table.text.replace('\uFEFF', '')).toBe('market,charged,free,credits\r\n')
  for (const query of [
    'from=2026-08-31&until=2026-08-01',
    'from=2026-02-30&until=2026-08-01',
    'from=2026-08-01&until=2026-08-31&by=weather',
    'from=1999-01-01&until=2026-08-31',
    'until=2026-08-31',
  ]) {
    expect([query, (await ask(query)).status]).toEqual([query, 400])
  }
})

test('a statement as CSV is exact, is Japanese, and holds no formula', () => {
  const rows = [{ parts: ['=cmd()', '見込み客「ようこそ」'], charged: 2, free: 1, spentMicros: 1_000_001 }]
  const made = {
    from: '',
    until: '',
    by: ['template', 'definition'] as const,
    rows,
    total: { charged: 0, free: 0, spentMicros: 0 },
  }
  const text = statementCsv({ ...made, by: [...made.by] }, true)
  expect(text.startsWith('\uFEFF')).toBe(true)
  expect(text).toContain("'=cmd(),見込み客「ようこそ」,2,1,1.000001")
  expect([credits(-1), credits(0), credits(12_345_678)]).toEqual(['-0.000001', '0.000000', '12.345678'])
})

test('S33: a low balance is told once, and again after it was above', async () => {
  const shop = await openShop({ alertBelowMicros: 3_000_000 })
  await shop.buy(5_000_000)
  const low = async () => (await shop.notices()).filter(({ code }) => code === 'balance_low').length
  await shop.pass(3_600_000)
  const first = await low()
  await shop.spend(3_000_000)
  for (let hour = 0; hour < 3; hour++) await shop.pass(3_600_000)
  expect(await low()).toBe(first + 1)
  await shop.buy(5_000_000)
  await shop.pass(3_600_000)
  await shop.spend(5_000_000)
  await shop.pass(3_600_000)
  expect(await low()).toBe(first + 2)
})

const row = (market: string, category: string, charged: number, spentMicros: number) => ({
  parts: [ACTIVE_NUMBER.id, market, category],
  charged,
  free: 3,
  spentMicros,
})
const point = (country: string, category: string, volume: number, cost: number, type = 'REGULAR') => ({
  country,
  pricing_type: type,
  pricing_category: category,
  volume,
  cost,
})
const against = (own: ReturnType<typeof row>[], points: object[], currency: string | null = null) =>
  compare(
    own,
    pricingPoints(pricingAnalyticsAnswer.parse({ pricing_analytics: { data: [{ data_points: points }] } })),
    {
      settings: { ...defaultSettings, markupMicros: 1_000 },
      account: { currency },
      cards: [{ ...OCTOBER, currency: 'INR' }],
      at: Date.parse('2026-10-01T00:00:00Z'),
      zone: 'UTC',
    },
  )

test('S32: a month agrees with WhatsApp when messages and costs do, without our markup and what is free', () => {
  const made = against(
    [row('Rest of Asia Pacific', 'MARKETING', 100, 100 * 85_200), row('India', 'UTILITY', 10, 10 * 2_400)],
    [
      point('JP', 'MARKETING', 60, 60 * 0.0842),
      point('AU', 'MARKETING', 40, 40 * 0.0842),
      point('IN', 'UTILITY', 10, 0.014),
      point('IN', 'SERVICE', 900, 0, 'FREE_CUSTOMER_SERVICE'),
    ],
  )
  expect(made).toMatchObject({ differs: false, ours: { volume: 110 }, theirs: { volume: 110 }, currency: 'USD' })
  expect(made.ours.costMicros).toBe(made.theirs.costMicros)
})

test.each([
  ['messages', [row('India', 'UTILITY', 100, 240_000)], [point('IN', 'UTILITY', 120, 0.168)]],
  ['prices', [row('India', 'UTILITY', 100, 240_000)], [point('IN', 'UTILITY', 100, 0.2)]],
  ['what WhatsApp does not know', [row('India', 'UTILITY', 100, 240_000)], []],
  ['what we do not know', [], [point('IN', 'UTILITY', 100, 0.14)]],
])('S32: other %s are a difference', (_, own, points) => {
  expect(against(own, points).differs).toBe(true)
})

test('S32: in another currency our messages count at the prices of its card, or without cost where there is none', () => {
  const own = [row('India', 'UTILITY', 100, 240_000)]
  expect(against(own, [point('IN', 'UTILITY', 100, 0.14)], 'INR')).toMatchObject({
    differs: false,
    ours: { costMicros: 140_000 },
  })
  expect(against(own, [point('IN', 'UTILITY', 100, 99)], 'JPY')).toMatchObject({
    differs: false,
    ours: { costMicros: null },
  })
})
