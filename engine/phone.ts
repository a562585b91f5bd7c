import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** Where a message may go, read out of a record's field. */
export interface Recipient {
  /** E.164 with `+`. */
  phone?: string
  /** Business-scoped user id. */
  bsuid?: string
  /** ISO 3166 country of the number or the id; null when unknown. */
  country: string | null
  problem?: 'missing' | 'invalid'
}

/**
 * `CC.` and letters or digits, with `ENT.` between them for the id that several portfolios share.
 * Source: Meta, Cloud API, "Business-scoped user IDs".
 */
const BSUID = /^([A-Z]{2})\.(?:ENT\.)?[A-Za-z0-9]{1,256}$/
const RAW_MAX = 300
const SCHEME = /^(?:tel|whatsapp):/i
/** Marks of writing direction and other unseen characters that come along when a number is copied. */
const UNSEEN = /\p{Cf}/gu
const CACHE_MAX = 20_000
let young = new Map<string, Recipient>()
let old = new Map<string, Recipient>()

/**
 * Reads a phone number or a business-scoped user id as people write them: full-width digits, national format,
 * brackets and dashes, `00` or `+` in front. Only what can be a mobile phone passes: a number that is surely a
 * fixed line is `invalid`, and so is text with more in it than one number. Nothing is guessed: digits of another
 * country need their `+`, for a wrong guess would write to a stranger.
 *
 * @param defaultCountry ISO 3166 country of numbers that carry no calling code
 */
export function readRecipient(raw: string, defaultCountry: string): Recipient {
  const key = `${defaultCountry}|${raw}`
  const known = young.get(key) ?? old.get(key)
  if (known) return known
  const recipient = read(raw, defaultCountry)
  // Two generations: bounded, and what is asked for often stays.
  if (young.size >= CACHE_MAX) {
    old = young
    young = new Map()
  }
  young.set(key, recipient)
  return recipient
}

function read(raw: string, defaultCountry: string): Recipient {
  if (raw.length > RAW_MAX) return { country: null, problem: 'invalid' }
  const text = raw.normalize('NFKC').replace(UNSEEN, '').trim().replace(SCHEME, '').trim()
  if (text === '') return { country: null, problem: 'missing' }
  const bsuid = BSUID.exec(text)
  if (bsuid) return { bsuid: text, country: bsuid[1] ?? null }
  return (
    readPhone(text, defaultCountry) ??
    // `00` is dialled for `+` in most of the world, though not in Japan or the United States.
    (text.startsWith('00') ? readPhone(`+${text.slice(2)}`, defaultCountry) : null) ?? {
      country: null,
      problem: 'invalid',
    }
  )
}

function readPhone(text: string, defaultCountry: string): Recipient | null {
  const country = defaultCountry.toUpperCase()
  const number = parsePhoneNumberFromString(asDialledToday(text), {
    ...(isSupportedCountry(country) && { defaultCountry: country }),
    extract: false,
  })
  const type = number?.getType()
  if (!number || (type !== 'MOBILE' && type !== 'FIXED_LINE_OR_MOBILE')) return null
  return { phone: number.number, country: number.country ?? null }
}

/**
 * Numbers noted before 2016 lack the 9 that Brazil put in front of all mobile numbers; those noted before 2019 have the
 * 1 that Mexico dropped.
 */
function asDialledToday(text: string): string {
  if (!text.startsWith('+')) return text
  const digits = text.replace(/\D/g, '')
  const brazilian = /^55(\d{2})([6-9]\d{7})$/.exec(digits)
  if (brazilian) return `+55${brazilian[1]}9${brazilian[2]}`
  const mexican = /^521(\d{10})$/.exec(digits)
  return mexican ? `+52${mexican[1]}` : text
}

/**
 * All the ways WhatsApp may write one person's number, the given one first. WhatsApp's own id is not always the
 * number that was dialled: Brazil's ninth digit, Mexico's 1 and Argentina's 9 or 15 come and go.
 *
 * @param waIdDigits digits with the calling code, without `+`
 * Source: Meta, Cloud API, "Phone numbers", section "Brazil and Mexico"; for Argentina, reports of users.
 */
export function addressVariants(waIdDigits: string): string[] {
  return [...new Set([waIdDigits, ...brazil(waIdDigits), ...mexico(waIdDigits), ...argentina(waIdDigits)])]
}

function brazil(digits: string): string[] {
  const match = /^55(\d{2})9?([6-9]\d{7})$/.exec(digits)
  return match ? [`55${match[1]}9${match[2]}`, `55${match[1]}${match[2]}`] : []
}

function mexico(digits: string): string[] {
  const match = /^521?(\d{10})$/.exec(digits)
  return match ? [`52${match[1]}`, `521${match[1]}`] : []
}

/** Area codes have 2 (only 11), 3 or 4 digits, and with the rest they make 10; 15 stands between the two. */
function argentina(digits: string): string[] {
  const national =
    /^549?(\d{10})$/.exec(digits)?.[1] ?? /^54(?=\d{12}$)(11|\d{3}|\d{4})15(\d+)$/.exec(digits)?.slice(1).join('')
  if (national === undefined) return []
  const areas = national.startsWith('11') ? [2] : [3, 4]
  return [
    `549${national}`,
    `54${national}`,
    ...areas.map((length) => `54${national.slice(0, length)}15${national.slice(length)}`),
  ]
}
