import fc from 'fast-check'
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import { expect, test } from 'vitest'
import { MAGIC } from '#emulator/magic.ts'
import { bsuidOf, countryOf, digitsOf, isUnitedStates, waIdOf, waIdOfBsuid } from '#emulator/phone.ts'

test.each([
  ['JP', '+81 90 1234 '],
  ['US', '+1 202 555 '],
  ['BR', '+55 11 98765 '],
  ['IN', '+91 98123 4'],
  ['GB', '+44 7400 12'],
  ['DE', '+49 1512 345'],
  ['MX', '+52 55 1234 '],
  ['ID', '+62 812 3456 '],
])(
  'every magic ending makes a valid mobile number in %s, and stays the ending of its WhatsApp id',
  (country, prefix) => {
    for (const digits of Object.keys(MAGIC)) {
      const number = parsePhoneNumberFromString(prefix + digits)
      expect(number?.isValid(), prefix + digits).toBe(true)
      expect(number!.country).toBe(country)
      expect(number!.getType()).toMatch(/MOBILE/)
      expect(waIdOf(number!.number.slice(1)).endsWith(digits)).toBe(true)
    }
  },
)

test('an area code is of the United States exactly when the numbering plan says so', () => {
  const territories = new Set<CountryCode | undefined>(['PR', 'VI', 'GU', 'AS', 'MP'])
  let seen = 0
  for (let area = 201; area <= 989; area++) {
    const number = parsePhoneNumberFromString(`+1${area}5550143`) ?? undefined
    const other = parsePhoneNumberFromString(`+1${area}2340143`) ?? undefined
    const country = number?.country ?? other?.country
    if (country === undefined || territories.has(country)) continue
    seen++
    expect(isUnitedStates(`1${area}5550143`), `${area} ${country}`).toBe(country === 'US')
  }
  expect(seen).toBeGreaterThan(350)
})

test.each([
  ['819012345678', 'JP'],
  ['14165550143', 'CA'],
  ['971501234567', 'AE'],
  ['99912345678', 'ZZ'],
])('the country of %s is %s', (digits, country) => expect(countryOf(digits)).toBe(country))

test('a business-scoped id leads back to its user, and no other text does', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[1-9]\d{7,14}$/), (waId) => {
      expect(waIdOfBsuid(bsuidOf(waId))).toBe(waId)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      const waId = waIdOfBsuid(text)
      expect(waId === null || bsuidOf(waId) === text).toBe(true)
    }),
  )
})

test('a WhatsApp id is its own WhatsApp id', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^(55|52|54|81|1)\d{8,12}$/), (digits) => {
      expect(waIdOf(waIdOf(digits))).toBe(waIdOf(digits))
    }),
  )
})

test('what is no phone number has no digits', () => {
  for (const to of ['', '+', 'abc', '+81-90-abcd', '0', '+0123456789', '+1234567890123456']) {
    expect(digitsOf(to, '81345678901'), to).toBeNull()
  }
})
