/**
 * Calling codes whose country the emulator names in a BSUID. Longest first is not needed: no code here begins another.
 * Unlisted ones get `ZZ`.
 */
const COUNTRY_BY_CALLING_CODE: readonly [string, string][] = [
  ['1', 'US'],
  ['27', 'ZA'],
  ['33', 'FR'],
  ['34', 'ES'],
  ['39', 'IT'],
  ['44', 'GB'],
  ['49', 'DE'],
  ['52', 'MX'],
  ['54', 'AR'],
  ['55', 'BR'],
  ['60', 'MY'],
  ['62', 'ID'],
  ['65', 'SG'],
  ['81', 'JP'],
  ['91', 'IN'],
  ['971', 'AE'],
]

/** ISO country of an international number without `+`. Numbers under +1 count as US unless the area code says otherwise. */
export function countryOf(digits: string): string {
  const found = COUNTRY_BY_CALLING_CODE.find(([code]) => digits.startsWith(code))
  if (found === undefined) return 'ZZ'
  return found[0] === '1' && NOT_US.has(digits.slice(1, 4)) ? 'CA' : found[1]
}

/** Area codes under +1 that are not of the United States: Canada, the Caribbean and others. */
const NOT_US = new Set(
  (
    '204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 474 506 514 519 548 579 ' +
    '581 584 587 600 604 613 622 633 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905 942 ' +
    '242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 787 809 829 849 868 869 876 939 340 670 671 684'
  ).split(' '),
)

/** Whether a marketing template cannot reach it. Source: Meta, Cloud API, "Per-user marketing template limits" (US pause). */
export const isUnitedStates = (digits: string): boolean => digits.startsWith('1') && countryOf(digits) === 'US'

/**
 * The digits a `to` stands for; null when it is no phone number. `+`, `-`, brackets, dots and spaces are dropped. A national-looking
 * number (a leading zero, or ten digits and fewer) gets the calling code of the business number, as Meta warns.
 *
 * @param businessDigits the sending number, for its calling code
 * Source: Meta, Cloud API, "Sending messages" (phone number formats).
 */
export function digitsOf(to: string, businessDigits: string): string | null {
  if (!/^\+?[\d\s().-]+$/.test(to.trim())) return null
  const digits = to.replace(/\D/g, '')
  const national = !to.trim().startsWith('+') && (digits.startsWith('0') || digits.length <= 10)
  const full = national ? callingCodeOf(businessDigits) + digits.replace(/^0+/, '') : digits
  return full.length >= 7 && full.length <= 15 && !full.startsWith('0') ? full : null
}

const callingCodeOf = (digits: string): string =>
  COUNTRY_BY_CALLING_CODE.find(([code]) => digits.startsWith(code))?.[0] ?? digits.slice(0, 2)

/**
 * The id WhatsApp knows a number by. It is not always the number dialled: Brazilian mobiles lose their ninth digit,
 * Mexican ones carry the old 1, Argentine ones the 9. Real accounts vary; the emulator always rewrites, the harder case.
 *
 * Source: Meta, Cloud API, "Sending messages" (the answer's `wa_id` may differ from the input).
 */
export function waIdOf(digits: string): string {
  if (/^55\d{2}9[6-9]\d{7}$/.test(digits)) return digits.slice(0, 4) + digits.slice(5)
  if (/^52[2-9]\d{9}$/.test(digits)) return `521${digits.slice(2)}`
  if (/^54[1-8]\d{9}$/.test(digits)) return `549${digits.slice(2)}`
  return digits
}

/** The business-scoped user id of a WhatsApp id. Reversible, so that no table of users is needed. */
export const bsuidOf = (waId: string): string => `${countryOf(waId)}.13${[...waId].reverse().join('')}`

/** The WhatsApp id behind an id made by `bsuidOf`; null for any other. */
export function waIdOfBsuid(bsuid: string): string | null {
  const digits = /^[A-Z]{2}\.13(\d{7,15})$/.exec(bsuid)?.[1]
  if (digits === undefined) return null
  const waId = [...digits].reverse().join('')
  return bsuidOf(waId) === bsuid ? waId : null
}
