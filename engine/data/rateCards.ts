import type { RateCard, Rates } from '../rateCard.ts'

/**
 * Micro-credits (a millionth of a US dollar) for one delivered message: marketing, utility. Authentication costs what
 * utility costs. List prices, before volume tiers and tax.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing", USD rate card effective 2026-10-01, as two independent public
 * transcriptions of the file give it.
 */
const OCTOBER_2026: Rates = {
  Argentina: [61_800, 26_000],
  Bangladesh: [73_200, 3_700],
  Brazil: [62_500, 6_800],
  Chile: [88_900, 20_000],
  Colombia: [12_500, 800],
  Egypt: [64_400, 3_600],
  France: [85_900, 30_000],
  Germany: [136_500, 55_000],
  'Hong Kong': [73_200, 26_000],
  Hungary: [86_000, 35_000],
  India: [11_800, 1_400],
  Indonesia: [41_100, 25_000],
  Iraq: [34_100, 7_900],
  Israel: [35_300, 5_300],
  Italy: [79_500, 30_000],
  Kazakhstan: [60_400, 18_000],
  Kuwait: [79_200, 44_000],
  Malaysia: [86_000, 14_000],
  Mexico: [39_700, 8_500],
  Morocco: [41_400, 23_000],
  Nepal: [73_200, 3_400],
  Netherlands: [159_700, 50_000],
  Nigeria: [51_600, 6_700],
  'North America': [25_000, 3_400],
  Oman: [34_100, 24_700],
  Pakistan: [47_300, 15_000],
  Peru: [70_300, 30_000],
  Poland: [36_600, 12_200],
  Qatar: [34_100, 12_000],
  Romania: [86_000, 29_000],
  Russia: [80_200, 40_000],
  'Saudi Arabia': [57_600, 10_700],
  Singapore: [73_200, 16_000],
  'South Africa': [37_900, 9_500],
  Spain: [70_700, 20_000],
  'Sri Lanka': [73_200, 2_000],
  Turkey: [10_900, 900],
  Ukraine: [86_000, 29_800],
  'United Arab Emirates': [57_600, 15_700],
  'United Kingdom': [63_500, 22_000],
  'Rest of Africa': [22_500, 4_000],
  'Rest of Asia Pacific': [84_200, 11_300],
  'Rest of Central & Eastern Europe': [86_000, 21_200],
  'Rest of Latin America': [74_000, 11_300],
  'Rest of Middle East': [39_200, 9_100],
  'Rest of Western Europe': [59_200, 17_100],
  Other: [60_400, 7_700],
}

/**
 * The card of January 2026, as far as it is known: the rows that October changed, the others as October has them.
 * Source: one public transcription of Meta's USD rate card effective 2026-01-01.
 */
const JANUARY_2026: Rates = {
  ...OCTOBER_2026,
  'United Kingdom': [52_900, 22_000],
  Italy: [69_100, 30_000],
  Spain: [61_500, 20_000],
  Mexico: [30_500, 8_500],
  'Saudi Arabia': [45_500, 10_700],
  'United Arab Emirates': [49_900, 15_700],
  'Rest of Asia Pacific': [73_200, 11_300],
  'Rest of Middle East': [34_100, 9_100],
  Pakistan: [47_300, 5_400],
  Turkey: [10_900, 5_300],
  'South Africa': [37_900, 7_600],
  Peru: [70_300, 20_000],
}

/**
 * In order of the day they begin. Before the first of them nothing is known, and the first is used.
 *
 * Of the card of July 2026 only euro figures of a few markets are public. They say that the United Kingdom had its
 * new price by then, and Rest of Asia Pacific still the old one.
 */
export const RATE_CARDS: readonly RateCard[] = [
  { from: '2026-01-01', currency: 'USD', rates: JANUARY_2026 },
  { from: '2026-07-01', currency: 'USD', rates: { ...JANUARY_2026, 'United Kingdom': [63_500, 22_000] } },
  { from: '2026-10-01', currency: 'USD', rates: OCTOBER_2026 },
]
