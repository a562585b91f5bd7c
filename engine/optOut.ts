import type { Settings } from '#definitions/settings.ts'
import { OPT_OUT_WORDS } from './data/optOutWords.ts'

/** What a message says about being written to. */
export interface OptOutWish {
  direction: 'out' | 'in'
  scope: 'marketing' | 'all'
}

/**
 * Reads a wish to be left alone, or to be written to again, out of a message that is nothing but that: "STOP", 「配信停止」.
 * Case, width, accents of typing (full-width letters), and marks around the words do not matter. A sentence that only
 * contains such a word is left to people. All languages count for everybody: nobody knows which one a person types in.
 *
 * @param settings.optOutWords the admin's own words, by language; they stop everything, the reading that is safe for the person
 */
export function readOptOut(text: string, settings: Pick<Settings, 'optOutWords'>): OptOutWish | null {
  if (text.length > TEXT_MAX) return null
  const words = plain(text)
  if (words === '') return null
  const own = Object.values(settings.optOutWords).flat()
  if (own.some((word) => plain(word) === words)) return { direction: 'out', scope: 'all' }
  return wishes.get(words) ?? null
}

const TEXT_MAX = 200

/** One spelling for all: NFKC, lower case, no marks around it, single spaces within. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}|\p{Variation_Selector}/gu, '')
    .toLowerCase()
    .replace(/^[\p{P}\p{S}\s]+|[\p{P}\p{S}\s]+$/gu, '')
    .replace(/\s+/g, ' ')
}

/** Later rows do not override earlier ones: where languages disagree, the wider opt-out wins. */
const wishes = new Map<string, OptOutWish>()
for (const [kind, wish] of [
  ['outOfAll', { direction: 'out', scope: 'all' }],
  ['outOfMarketing', { direction: 'out', scope: 'marketing' }],
  ['intoAll', { direction: 'in', scope: 'all' }],
  ['intoMarketing', { direction: 'in', scope: 'marketing' }],
] as const) {
  for (const list of Object.values(OPT_OUT_WORDS)) {
    for (const word of list[kind]) if (!wishes.has(plain(word))) wishes.set(plain(word), wish)
  }
}
