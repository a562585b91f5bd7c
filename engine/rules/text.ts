import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max'
import type { Json } from '#definitions/json.ts'

/** Text as people compare it: case does not matter, nor does full or half width (`ＡＢＣ` is `abc`, `ｶﾅ` is `カナ`). */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}

/**
 * Applies a test to the folded texts of two values. Numbers count as their digits, so that a customer number can be
 * looked at as text. False when either is blank or no text.
 */
export function compareText(
  a: Json | undefined,
  b: Json | undefined,
  test: (text: string, wanted: string) => boolean,
): boolean {
  const text = textOf(a)
  const wanted = textOf(b)
  return text !== '' && wanted !== '' && test(text, wanted)
}

/**
 * Whether two phone numbers are one, whatever their format. A number without a calling code is read in the country of
 * the other one; when neither has one, the digits decide.
 */
export function isSamePhone(a: Json | undefined, b: Json | undefined): boolean {
  const left = dialled(a)
  const right = dialled(b)
  if (left === '' || right === '') return false
  if (left === right) return true
  // Numbers of one person end alike in every format: most pairs need no parsing.
  if (left.slice(-4) !== right.slice(-4)) return false
  const known = international(left) ?? international(right)
  if (known === undefined) return false
  const other = international(left) === undefined ? left : right
  return parsePhoneNumberFromString(other, known.country)?.number === known.number
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return foldText(value)
  return typeof value === 'number' ? String(value) : ''
}

function dialled(value: Json | undefined): string {
  const text = textOf(value)
  const digits = text.replace(/\D/g, '')
  return digits === '' ? '' : text.startsWith('+') ? `+${digits}` : digits
}

function international(digits: string): (PhoneNumber & { country?: CountryCode }) | undefined {
  return digits.startsWith('+') ? parsePhoneNumberFromString(digits) : undefined
}
