import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max'
import { startOfDate } from './calendar.ts'
import type { Instant } from './clock.ts'
import { MARKETS, type Market } from './data/markets.ts'

interface Entry {
  market: Market
  /** Before this day the market's numbers belonged to the region `before`. */
  from?: string
  before?: Market
}
const entries = new Map<string, Entry>(MARKETS.flatMap((row) => row.prefixes.map((prefix) => [prefix, row] as const)))
const PREFIX_MAX = Math.max(...[...entries.keys()].map((prefix) => prefix.length))

/** Countries inside a calling code they share with another market; by number they are told by a longer prefix. */
const sharedCodes: Readonly<Record<string, string>> = { KZ: '77', DO: '1809', JM: '1876', PR: '1787' }

/**
 * The market whose price a message to this person costs.
 *
 * @param who.phone E.164; when it is missing (a BSUID) the country decides
 * @param zone of the WhatsApp account: markets are parted and joined on calendar days
 * @returns null when neither phone nor country is known
 */
export function marketOf(
  who: { phone?: string | undefined; country: string | null },
  at: Instant,
  zone: string,
): Market | null {
  const digits = who.phone?.slice(1) ?? callingCodeOf(who.country)
  if (digits === null) return null
  const entry = longestPrefix(digits)
  if (!entry) return 'Other'
  // +1 alone says little: the islands of the Caribbean and the Pacific have it too.
  if (entry.market === 'North America' && who.country !== 'US' && who.country !== 'CA') return 'Other'
  return entry.from !== undefined && entry.before !== undefined && at < startOfDate(entry.from, zone)
    ? entry.before
    : entry.market
}

function callingCodeOf(country: string | null): string | null {
  if (country === null) return null
  return sharedCodes[country] ?? (isSupportedCountry(country) ? getCountryCallingCode(country) : '')
}

function longestPrefix(digits: string): Entry | undefined {
  for (let length = Math.min(PREFIX_MAX, digits.length); length > 0; length--) {
    const entry = entries.get(digits.slice(0, length))
    if (entry) return entry
  }
  return undefined
}
