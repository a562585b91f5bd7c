/**
 * What a message costs by country, in micro-units of USD: marketing, and everything else. Only for the countries that `countryOf` names; other
 * ones pay what `ZZ` says.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing" (rate card effective 2026-10-01).
 */
const RATES: Record<string, readonly [marketing: number, other: number]> = {
  US: [25_000, 3_400],
  CA: [25_000, 3_400],
  ZA: [37_900, 9_500],
  FR: [85_900, 30_000],
  ES: [70_700, 20_000],
  IT: [79_500, 30_000],
  GB: [63_500, 22_000],
  DE: [136_500, 55_000],
  MX: [39_700, 8_500],
  AR: [61_800, 26_000],
  BR: [62_500, 6_800],
  MY: [86_000, 14_000],
  ID: [41_100, 25_000],
  SG: [73_200, 16_000],
  JP: [84_200, 11_300],
  IN: [11_800, 1_400],
  AE: [57_600, 15_700],
  ZZ: [60_400, 7_700],
}

/** @param category lower case, as in the `pricing` object; @returns micro-units of USD for one message */
export function rateOf(country: string, category: string): number {
  const [marketing, other] = RATES[country] ?? RATES['ZZ']!
  return category === 'marketing' ? marketing : other
}
