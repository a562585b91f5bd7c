import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressVariants, readRecipient } from '#engine/phone.ts'
import { table } from '../table.ts'

describe('readRecipient', () => {
  const cases = table(`
    raw                              home | phone            country
    090-1234-5678                    JP   | +819012345678    JP
    ０９０−１２３４−５６７８         JP   | +819012345678    JP   // full-width digits, minus signs
    ０９０ー１２３４ー５６７８       JP   | +819012345678    JP   // the long vowel mark typed for a dash
    "+８１\\u3000９０\\u3000１２３４\\u3000５６７８"  JP   | +819012345678    JP   // ideographic spaces
    9012345678                       JP   | +819012345678    JP   // a spreadsheet ate the zero
    819012345678                     JP   | +819012345678    JP
    "\\u202a+81 90-1234-5678\\u202c" JP   | +819012345678    JP   // marks of direction, copied from a contact
    +81 (0)90-1234-5678              JP   | +819012345678    JP
    0081 90 1234 5678                US   | +819012345678    JP   // 00 is not dialled in the United States
    tel:+81-90-1234-5678             US   | +819012345678    JP
    090-1234-5678                    jp   | +819012345678    JP
    098765 43210                     IN   | +919876543210    IN
    0812-3456-7890                   ID   | +6281234567890   ID
    07400 123456                     GB   | +447400123456    GB
    0151 23456789                    DE   | +4915123456789   DE
    +55 11 91234-5678                JP   | +5511912345678   BR
    +55 11 8123-4567                 JP   | +5511981234567   BR   // noted before the ninth digit
    +52 55 1234 5678                 JP   | +525512345678    MX
    +52 1 55 1234 5678               JP   | +525512345678    MX   // noted before Mexico dropped the 1
    11 15-1234-5678                  AR   | +5491112345678   AR
    (202) 555-0123                   US   | +12025550123     US   // fixed line or mobile: nobody can tell
    +1 416 555 0123                  US   | +14165550123     CA
    +1 787 555 0123                  US   | +17875550123     PR
    +1 876 555 0123                  US   | +18765550123     JM
    +7 701 123 4567                  JP   | +77011234567     KZ
    +7 912 345 67 89                 JP   | +79123456789     RU
    +81 90 1234 5678                 ZZ   | +819012345678    JP   // a country that is none leaves international ones readable
  `)
  test.each(cases)('$raw at home in $home is $phone', ({ raw, home, phone, country }) => {
    expect(readRecipient(raw, home)).toEqual({ phone, country })
  })

  const wrong = table(`
    raw                            home | problem
    ""                             JP   | missing
    "  \\u3000\\t"                 JP   | missing
    "\\u200b"                      JP   | missing   // unseen characters only
    03-1234-5678                   JP   | invalid   // a fixed line in Tokyo
    +49 30 123456                  JP   | invalid   // a fixed line in Berlin
    0120-123-456                   JP   | invalid   // freephone
    090-1234-567                   JP   | invalid
    090-1234-56789                 JP   | invalid
    090-1234-5678 / 080-1111-2222  JP   | invalid   // which one?
    call 090-1234-5678             JP   | invalid
    5511912345678                  JP   | invalid   // another country's without +: not guessed
    090-1234-5678                  ZZ   | invalid
    佐藤                           JP   | invalid
    sato@example.com               JP   | invalid
    JPN.123                        JP   | invalid
    jp.123                         JP   | invalid
    JP.                            JP   | invalid
    +                              JP   | invalid
    00                             JP   | invalid
  `)
  test.each(wrong)('$raw at home in $home is $problem', ({ raw, home, problem }) => {
    expect(readRecipient(raw, home)).toEqual({ country: null, problem })
  })

  test('a business-scoped user id is kept as it is, and its first letters are the country', () => {
    expect(readRecipient(' JP.1300000000001 ', 'US')).toEqual({ bsuid: 'JP.1300000000001', country: 'JP' })
    expect(readRecipient('BR.ENT.15a', 'US')).toEqual({ bsuid: 'BR.ENT.15a', country: 'BR' })
  })

  test('any text is answered, the same each time, with an address or a problem but never both', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.constantFrom('JP', 'BR', 'US', ''),
        (raw, home) => {
          const recipient = readRecipient(raw, home)
          expect(readRecipient(raw, home)).toEqual(recipient)
          const address = recipient.phone ?? recipient.bsuid
          expect(address === undefined).toBe(recipient.problem !== undefined)
        },
      ),
    )
  })

  test('reading what was read gives the same number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10_000_000, max: 99_999_999 }),
        fc.constantFrom('070', '080', '090'),
        (rest, start) => {
          const first = readRecipient(`${start}${rest}`, 'JP')
          expect(first.phone).toBe(`+81${start.slice(1)}${rest}`)
          expect(readRecipient(first.phone ?? '', 'US')).toEqual(first)
        },
      ),
    )
  })
})

describe('addressVariants', () => {
  const cases = table(`
    digits         | variants
    819012345678   | 819012345678
    5511987654321  | 5511987654321 551187654321                              // Brazil with the ninth digit
    551187654321   | 551187654321 5511987654321                              // and without
    551134567890   | 551134567890                                            // a fixed line: no ninth digit
    5215512345678  | 5215512345678 525512345678
    525512345678   | 525512345678 5215512345678
    5491112345678  | 5491112345678 541112345678 54111512345678
    541112345678   | 541112345678 5491112345678 54111512345678
    54111512345678 | 54111512345678 5491112345678 541112345678
    5493411234567  | 5493411234567 543411234567 54341151234567 54341115234567  // the area code is 341 or 3411
    54341151234567 | 54341151234567 5493411234567 543411234567 54341115234567
  `)
  test.each(cases)('$digits may be written $variants', ({ digits, variants }) => {
    expect(addressVariants(digits)).toEqual(variants.split(' '))
  })

  test('what is a variant of a number has the number among its variants', () => {
    const digits = fc.oneof(
      fc.tuple(fc.constantFrom('5511', '55119'), fc.stringMatching(/^[2-9]\d{7}$/)).map((parts) => parts.join('')),
      fc.tuple(fc.constantFrom('52', '521'), fc.stringMatching(/^\d{10}$/)).map((parts) => parts.join('')),
      fc.tuple(fc.constantFrom('54', '549'), fc.stringMatching(/^[2-9]\d{9}$/)).map((parts) => parts.join('')),
      fc.stringMatching(/^[1-9]\d{6,14}$/),
    )
    fc.assert(
      fc.property(digits, (waId) => {
        for (const variant of addressVariants(waId)) expect(addressVariants(variant)).toContain(waId)
      }),
    )
  })
})
