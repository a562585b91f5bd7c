import { describe, expect, test } from 'vitest'
import { importCard } from '#engine/cardImport.ts'
import type { Cell, Sheet } from '#engine/cardSheet.ts'
import { MARKETS } from '#engine/data/markets.ts'
import { RATE_CARDS } from '#engine/data/rateCards.ts'
import { cardAt, cardProblems, cardsIn, rateOf } from '#engine/rateCard.ts'

const OCTOBER = RATE_CARDS.at(-1)!
const HEADER = [
  'Market',
  'Currency',
  'Marketing',
  'Utility',
  'Authentication',
  'Authentication-International',
  'Service',
]

/** Meta's card as a table; the changes are by market. */
function sheet(changes: Record<string, Cell[] | null> = {}, more: Cell[][] = [], header: Cell[] = HEADER): Sheet[] {
  const rows = MARKETS.flatMap(({ market }): Cell[][] => {
    if (market in changes) return changes[market] === null ? [] : [changes[market]!]
    const [marketing, utility] = OCTOBER.rates[market]
    return [[market, '$US', marketing / 1e6, utility / 1e6, utility / 1e6, 'n/a', utility / 1e6]]
  })
  return [{ name: 'WhatsApp rate card', rows: [['WhatsApp Business Platform'], [], header, ...rows, ...more] }]
}
const wanted = { from: '2026-10-01', currency: 'USD', acceptNewMarkets: false }

describe('S43: the rate card of Meta', () => {
  test('is read whole, and is what is shipped', () => {
    const outcome = importCard(sheet(), wanted)
    expect(outcome).toMatchObject({ kind: 'card', newMarkets: [] })
    if (outcome.kind !== 'card') return
    expect(outcome.card.rates).toEqual(OCTOBER.rates)
    expect(cardProblems([outcome.card])).toEqual([])
  })

  test('its columns are found by their words, in any order, and names however they are written', () => {
    const header = ['utility rate', 'MARKETING (USD)', ' Authentication ', 'market']
    const rows = MARKETS.map(({ market }): Cell[] => {
      const [marketing, utility] = OCTOBER.rates[market]
      const written = market.toUpperCase().replace(' & ', ' and ').replace(' ', '  ')
      return [`$${(utility / 1e6).toFixed(4)}`, (marketing / 1e6).toFixed(4).replace('.', ','), 'n/a', written]
    })
    const outcome = importCard([{ name: '料金', rows: [header, ...rows, ['* Source: Meta']] }], wanted)
    expect(outcome.kind === 'card' && outcome.card.rates).toEqual(OCTOBER.rates)
  })

  test('own prices of authentication, service and authentication from abroad are kept', () => {
    const outcome = importCard(sheet({ India: ['India', 'USD', 0.0118, 0.0014, 0.002, 0.0304, 0.001] }), wanted)
    if (outcome.kind !== 'card') throw new TypeError('refused')
    const { card } = outcome
    expect(rateOf(card, 'India', 'AUTHENTICATION')).toBe(2_000)
    expect(rateOf(card, 'India', 'SERVICE')).toBe(1_000)
    expect(rateOf(card, 'Japan', 'SERVICE')).toBe(rateOf(card, 'Other', 'UTILITY'))
    expect(card.authenticationInternational).toEqual({ India: 30_400 })
  })

  test('a market that is its own only later costs what its region costs', () => {
    const outcome = importCard(sheet({ Kazakhstan: null }), { ...wanted, from: '2026-04-01' })
    if (outcome.kind !== 'card') throw new TypeError('refused')
    expect(outcome.card.rates.Kazakhstan).toEqual(outcome.card.rates.Russia)
  })

  const bad: [string, Sheet[], string, RegExp][] = [
    ['a missing market', sheet({ Japan: null, Germany: null }), 'market_missing', /no row for Germany/],
    [
      'an unknown market',
      sheet({ Germany: ['Germny', 'USD', 0.1, 0.1] }),
      'market_unknown',
      /row 12, column A: "Germny".*did you mean "Germany"/,
    ],
    ['a market twice', sheet({}, [['india', 'USD', 0.1, 0.1]]), 'market_twice', /India stands in row \d+ already/],
    [
      'a price below zero',
      sheet({ Chile: ['Chile', 'USD', -0.0889, 0.02] }),
      'price_invalid',
      /column C: "-0.0889" is no price for Chile/,
    ],
    ['a word for a price', sheet({ Chile: ['Chile', 'USD', 0.0889, 'free'] }), 'price_invalid', /column D: "free"/],
    ['a price of two readings', sheet({ Chile: ['Chile', 'USD', '1,234,5', 0.02] }), 'price_invalid', /column C/],
    [
      'no price for marketing',
      sheet({ Chile: ['Chile', 'USD', 'n/a', 0.02] }),
      'price_missing',
      /Chile has no price for marketing/,
    ],
    [
      'another currency',
      sheet({ Argentina: ['Argentina', 'EUR', 0.1, 0.1] }),
      'currency_differs',
      /in "EUR", and USD was asked for/,
    ],
    [
      'another file',
      [
        {
          name: 'Sheet1',
          rows: [
            ['Name', 'Phone'],
            ['田中', '090'],
          ],
        },
      ],
      'no_price_table',
      /"Sheet1"/,
    ],
    ['nothing', [], 'no_price_table', /this file/],
    ['two tables', [...sheet(), ...sheet()], 'several_price_tables', /both hold/],
  ]
  test.each(bad)('%s: nothing is taken, and the place is named', (_, sheets, code, words) => {
    const outcome = importCard(sheets, wanted)
    expect(outcome.kind === 'refused' && outcome.problems[0]?.code).toBe(code)
    expect(outcome.kind === 'refused' && outcome.problems[0]?.message).toMatch(words)
  })

  test('every wrong cell is told at once', () => {
    const outcome = importCard(
      sheet({ Chile: ['Chile', 'USD', 'x', 'y'], India: ['India', 'USD', -1, 0.1], Peru: null }),
      wanted,
    )
    expect(outcome.kind === 'refused' && outcome.problems.map(({ code }) => code)).toEqual([
      'price_invalid',
      'price_invalid',
      'price_invalid',
      'market_missing',
    ])
  })

  test('a new market of Meta is told, and kept when it is accepted', () => {
    const sheets = sheet({}, [['Atlantis', 'USD', 0.05, 0.01]])
    expect(importCard(sheets, wanted)).toMatchObject({ kind: 'refused', problems: [{ code: 'market_unknown' }] })
    const outcome = importCard(sheets, { ...wanted, acceptNewMarkets: true })
    expect(outcome).toMatchObject({ kind: 'card', newMarkets: ['Atlantis'] })
    expect(outcome.kind === 'card' && rateOf(outcome.card, 'Atlantis', 'MARKETING')).toBe(60_400)
  })

  test('volume tiers are kept where the file has them', () => {
    const tiers: Sheet = {
      name: 'Volume tiers',
      rows: [
        ['Market', 'Category', 'From', 'To', 'Rate'],
        ['India', 'Utility', '0', '25,000,000', 0.0014],
        ['India', 'Utility', 25_000_001, 'unlimited', 0.0013],
        ['India', 'Marketing', 1, 2, 0.1],
      ],
    }
    const outcome = importCard([...sheet(), tiers], wanted)
    expect(outcome.kind === 'card' && outcome.card.tiers).toEqual([
      { market: 'India', category: 'UTILITY', from: 0, until: 25_000_000, rateMicros: 1_400 },
      { market: 'India', category: 'UTILITY', from: 25_000_001, until: null, rateMicros: 1_300 },
    ])
  })
})

test('S43: an imported card stands in the place of the shipped one of its day; messages are priced in dollars', () => {
  const own = { ...OCTOBER, rates: { ...OCTOBER.rates, India: [1, 2] as const } }
  const later = { ...own, from: '2027-01-01' }
  const euro = { ...own, currency: 'EUR' }
  const imported = [own, later, euro]
  const at = (day: string) => cardAt(Date.parse(`${day}T00:00:00Z`), 'UTC', imported)
  expect(at('2026-09-30')).toBe(RATE_CARDS[1])
  expect(at('2026-10-01')).toBe(own)
  expect(at('2027-01-01')).toBe(later)
  expect(cardsIn('EUR', imported)).toEqual([euro])
  expect(cardsIn('JPY', imported)).toEqual([])
})
