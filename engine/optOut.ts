import type { Settings } from '#definitions/settings.ts'
import { OPT_OUT_WORDS } from './data/optOutWords.ts'

/** What a message says about being written to. */
export interface OptOutWish {
  direction: 'out' | 'in'
  scope: 'marketing' | 'all'
}

/**
 * Reads a wish to be left alone, or to be written to again, out of a message that is nothing but that: "STOP", 「配信を停止してください」.
 * Case, width (full-width letters, half-width kana), accents, spaces, marks and polite words around it do not matter. A sentence that
 * only contains such a word is left to people. All languages count for everybody: nobody knows which one a person types in.
 *
 * @param settings.optOutWords the admin's own words, by language; they stop everything, the reading that is safe for the person
 */
export function readOptOut(text: string, settings: Pick<Settings, 'optOutWords'>): OptOutWish | null {
  if (text.length > TEXT_MAX) return null
  const words = plain(text)
  if (words === '') return null
  const bare = withoutManners(words)
  const own = Object.values(settings.optOutWords).flat().map(plain)
  if (own.some((word) => word === words || (bare !== '' && word === bare))) return { direction: 'out', scope: 'all' }
  return wishes.get(words) ?? wishes.get(bare) ?? null
}

/** The same of a tapped button: what it carries for programs counts beside what it says to people. */
export function readOptOutOf(
  { text, payload, type }: { text?: string; payload?: string; type: string },
  settings: Pick<Settings, 'optOutWords'>,
): OptOutWish | null {
  const said = text === undefined ? null : readOptOut(text, settings)
  if (said !== null || payload === undefined) return said
  return type === 'button' || type === 'interactive' ? readOptOut(payload, settings) : null
}

const TEXT_MAX = 200

/** The accents of Latin letters. Those of kana and of Indian scripts make other letters, and stay. */
const ACCENTS = /[\u0300-\u036f]/g

const MARKS_AROUND = /^[\p{P}\p{S}\p{Emoji_Modifier}\s]+|[\p{P}\p{S}\p{Emoji_Modifier}\s]+$/gu

/** One spelling for all: NFKC, lower case, no accents, no marks around it, and no spaces, hyphens or apostrophes within. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}|\p{Variation_Selector}/gu, '')
    .toLowerCase()
    .normalize('NFD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(MARKS_AROUND, '')
    .replace(/[\s\p{Pd}_'’]+/gu, '')
}

/** Please, in the languages of the lists; each only where people put it. */
const BEFORE = /^(?:please|pls|plz|kindly|porfavor|tolong|mohon|कृपया|kripya|krupaya)/u
const AFTER =
  /(?:please|pls|plz|thanks|thankyou|porfavor|gracias|obrigado|obrigada|tolong|terimakasih|जी|धन्यवाद|(?:を|して|で)?(?:お願い|おねがい)(?:します|いたします|致します|いたしたいです)?|を?願います|を?希望(?:します|です)?|して(?:ください|下さい|くださいませ|欲しいです?|ほしいです?|もらえますか)|したい(?:です)?|ください|下さい|くださいませ)$/u

function withoutManners(words: string): string {
  return words.replace(BEFORE, '').replace(AFTER, '').replace(MARKS_AROUND, '')
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
