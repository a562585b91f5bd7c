import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MARKETS } from '#engine/data/markets.ts'
import { RATE_CARDS } from '#engine/data/rateCards.ts'
import { POLICIES } from '#engine/data/policies.ts'
import { marketOf } from '#engine/market.ts'
import type { Category } from '#engine/message.ts'
import { readRecipient } from '#engine/phone.ts'
import { priceOf } from '#engine/pricing.ts'
import { cardAt, cardProblems, rateOf, type RateCard } from '#engine/rateCard.ts'
import { table } from '../table.ts'
import { NOW } from './builders.ts'

const CATEGORIES = ['UTILITY', 'MARKETING', 'AUTHENTICATION', 'SERVICE'] as const
const at = (date: string) => Date.parse(`${date}T00:00:00Z`)

describe('priceOf', () => {
  const cases = table(`
    day         category        market                window  entry  running | price   policy                           why
    2025-06-30  MARKETING       India                 no      no     no      | 11800   conversation                     regular
    2025-06-30  MARKETING       India                 no      no     yes     | 0       conversation                     conversation_open
    2025-06-30  UTILITY         India                 yes     no     no      | 1400    conversation                     regular
    2025-07-01  UTILITY         India                 no      no     no      | 1400    per-message                      regular
    2025-07-01  UTILITY         India                 yes     no     no      | 0       per-message                      service_window
    2025-07-01  UTILITY         India                 no      no     yes     | 1400    per-message                      regular           // conversations are over
    2025-07-01  MARKETING       India                 yes     no     no      | 11800   per-message                      regular           // the window frees utility only
    2025-07-01  AUTHENTICATION  India                 yes     no     no      | 1400    per-message                      regular
    2026-09-30  UTILITY         Rest of Asia Pacific  yes     no     no      | 0       per-message                      service_window
    2026-10-01  UTILITY         Rest of Asia Pacific  yes     no     no      | 11300   per-message with service charge  regular
    2026-10-01  MARKETING       Rest of Asia Pacific  no      no     no      | 84200   per-message with service charge  regular
    2026-09-30  MARKETING       Rest of Asia Pacific  no      no     no      | 73200   per-message                      regular           // the card before
    2025-06-30  SERVICE         India                 yes     no     no      | 0       conversation                     service_window
    2025-07-01  SERVICE         India                 yes     no     no      | 0       per-message                      service_window
    2026-09-30  SERVICE         Rest of Asia Pacific  yes     no     no      | 0       per-message                      service_window
    2026-10-01  SERVICE         Rest of Asia Pacific  yes     no     no      | 11300   per-message with service charge  regular           // the free 1,000 are WhatsApp's to count
    2026-10-01  SERVICE         India                 yes     yes    no      | 0       per-message with service charge  free_entry_point
    2026-11-22  MARKETING       Germany               no      yes    no      | 0       per-message with service charge  free_entry_point
    2026-11-22  AUTHENTICATION  Germany               no      yes    no      | 0       per-message with service charge  free_entry_point
    2026-11-22  MARKETING       Germany               no      no     no      | 136500  per-message with service charge  regular
    2026-11-22  UTILITY         -                     no      no     no      | 7700    per-message with service charge  regular           // nobody knows where: Other
    2026-11-22  UTILITY         Atlantis              no      no     no      | 7700    per-message with service charge  regular
  `)
  test.each(cases)('$day $category to $market, window $window: $price, $why', (row) => {
    const price = priceOf({
      category: row.category as Category,
      market: row.market === '-' ? null : row.market,
      at: at(row.day),
      inWindow: row.window === 'yes',
      freeEntryPoint: row.entry === 'yes',
      conversationOpen: row.running === 'yes',
      card: cardAt(at(row.day), 'UTC'),
      markupMicros: 0,
    })
    expect(price).toEqual({ priceMicros: Number(row.price), policy: row.policy, why: row.why })
  })

  test('policies and cards change at midnight where the account is', () => {
    const tokyoMidnight = Date.parse('2026-10-01T00:00:00+09:00')
    const question = (instant: number, zone: string) =>
      priceOf({
        category: 'UTILITY',
        market: 'Rest of Asia Pacific',
        at: instant,
        inWindow: true,
        freeEntryPoint: false,
        card: cardAt(instant, zone),
        markupMicros: 0,
        zone,
      }).priceMicros
    expect(question(tokyoMidnight - 1, 'Asia/Tokyo')).toBe(0)
    expect(question(tokyoMidnight, 'Asia/Tokyo')).toBe(11_300)
    expect(question(tokyoMidnight, 'UTC')).toBe(0)
  })

  test('every price is a whole number, and the markup lies on what is charged and on nothing else', () => {
    const market = fc.constantFrom(null, ...MARKETS.map((row) => row.market))
    const instant = fc.integer({ min: at('2024-01-01'), max: at('2030-01-01') })
    fc.assert(
      fc.property(
        fc.constantFrom(...CATEGORIES),
        market,
        instant,
        fc.boolean(),
        fc.boolean(),
        fc.nat({ max: 1_000_000 }),
        (category, market, at, inWindow, freeEntryPoint, markupMicros) => {
          const question = { category, market, at, inWindow, freeEntryPoint, card: cardAt(at, 'UTC') }
          const bare = priceOf({ ...question, markupMicros: 0 })
          const marked = priceOf({ ...question, markupMicros })
          expect(Number.isSafeInteger(marked.priceMicros)).toBe(true)
          expect(marked.priceMicros - bare.priceMicros).toBe(bare.why === 'regular' ? markupMicros : 0)
        },
      ),
    )
  })
})

describe('rate cards', () => {
  test('the shipped ones have every market and whole numbers only', () => {
    expect(cardProblems(RATE_CARDS)).toEqual([])
    expect(POLICIES.map(({ from }) => from)).toEqual(POLICIES.map(({ from }) => from).toSorted())
  })

  test('what is wrong with a card is said', () => {
    const [first] = RATE_CARDS
    const { India: _india, ...rates } = first!.rates
    const broken = [
      { from: '2027-01-01', currency: 'USD', rates: { ...rates, Peru: [0.5, 1], Atlantis: [1, 1] } },
      { from: '1 April', currency: 'USD', rates: first!.rates },
    ] as unknown as RateCard[]
    expect(cardProblems(broken)).toEqual([
      'The card of 2027-01-01 lacks India.',
      'The card of 2027-01-01 has a price for Peru that is not a whole number of micro-credits.',
      'The card of 2027-01-01 names Atlantis, which is no market.',
      '"1 April" is not a date.',
      'The card of 1 April stands after that of 2027-01-01.',
    ])
    expect(cardProblems([])).toEqual(['There is no rate card.'])
  })

  test('authentication costs what utility costs, unless a card says otherwise', () => {
    const card = cardAt(NOW, 'UTC')
    expect(rateOf(card, 'India', 'AUTHENTICATION')).toBe(rateOf(card, 'India', 'UTILITY'))
    const own = { ...card, rates: { ...card.rates, India: [11_800, 1_400, 30_400] as const } }
    expect(rateOf(own, 'India', 'AUTHENTICATION')).toBe(30_400)
    expect(rateOf(own, 'India', 'SERVICE')).toBe(1_400)
  })

  test('before the first card begins, the first holds', () => {
    expect(cardAt(at('2020-01-01'), 'UTC')).toBe(RATE_CARDS[0])
  })
})

describe('marketOf', () => {
  const cases = table(`
    day         phone           | market
    2026-11-22  +819012345678   | Rest of Asia Pacific
    2026-11-22  +919876543210   | India
    2026-11-22  +5511912345678  | Brazil
    2026-11-22  +12025550123    | North America
    2026-11-22  +14165550123    | North America
    2026-11-22  +17875550123    | Rest of Latin America  // Puerto Rico
    2026-11-22  +18095550123    | Rest of Latin America  // Dominican Republic
    2026-11-22  +18765550123    | Rest of Latin America  // Jamaica
    2026-11-22  +12424561234    | Other                  // Bahamas: +1, but no area code of a market
    2026-11-22  +77011234567    | Kazakhstan
    2026-09-30  +77011234567    | Russia
    2026-10-01  +77011234567    | Kazakhstan             // from the first instant of the day
    2026-11-22  +79123456789    | Russia
    2026-11-22  +85251234567    | Hong Kong
    2026-06-30  +85251234567    | Rest of Asia Pacific
    2026-11-22  +447400123456   | United Kingdom
    2026-11-22  +821023456789   | Other                  // South Korea is in no group
    2026-11-22  +22241234567    | Rest of Africa
    2026-11-22  BR.1502         | Brazil                 // no phone: the country of the id
    2026-11-22  US.1502         | North America
    2026-11-22  DO.1502         | Rest of Latin America
    2026-11-22  KZ.1502         | Kazakhstan
    2026-11-22  XX.1502         | Other
  `)
  test.each(cases)('on $day $phone is in $market', ({ day, phone, market }) => {
    expect(marketOf(readRecipient(phone, 'JP'), at(day), 'UTC')).toBe(market)
  })

  test('nobody known is nowhere', () => {
    expect(marketOf({ country: null }, NOW, 'UTC')).toBe(null)
  })

  test('no calling code stands in two rows, and a region that markets left exists', () => {
    const prefixes = MARKETS.flatMap((row): readonly string[] => row.prefixes)
    expect(prefixes).toHaveLength(new Set(prefixes).size)
    const names: string[] = MARKETS.map(({ market }) => market)
    for (const row of MARKETS) if ('before' in row) expect(names).toContain(row.before)
  })
})
