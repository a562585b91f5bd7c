import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OPT_OUT_WORDS } from '#engine/data/optOutWords.ts'
import { readOptOut } from '#engine/optOut.ts'
import { table } from '../table.ts'
import { someSettings } from './builders.ts'

const cases = table(`
  text                      | wish
  STOP                      | out all
  stop                      | out all
  ＳＴＯＰ                  | out all        // full width
  " Stop. "                 | out all
  "*STOP*"                  | out all        // bold in WhatsApp
  Stop 🙏                   | out all
  STOP ALL                  | out all
  "stop  all"               | out all
  UNSUBSCRIBE               | out marketing
  停止                      | out all
  「停止」                  | out all
  ｽﾄｯﾌﾟ                     | out all        // half-width kana
  配信停止                  | out marketing
  配信停止。                | out marketing
  解除                      | out marketing
  BAJA                      | out marketing
  ¡Baja!                    | out marketing
  Cancelar suscripción      | out marketing
  PARAR                     | out all
  SAIR                      | out marketing
  cancelar inscrição        | out marketing
  Berhenti                  | out all
  berhenti berlangganan     | out marketing
  रोकें                       | out all
  बंद करें।                    | out all
  START                     | in all
  再開                      | in all
  配信再開                  | in marketing
  ALTA                      | in marketing
  शुरू करें                     | in all
  もう結構                  | out all        // the admin's own
  もう結構！                | out all
  please stop calling me    | -              // a sentence is for people
  停止ボタンはどこですか    | -
  配信停止しないで          | -
  cancel                    | -              // a booking, perhaps
  はい                      | -
  no                        | -
  ""                        | -
  "  \\n "                  | -
  "!!!"                     | -
  👍                        | -
`)
const settings = someSettings({ optOutWords: { ja: ['もう結構'] } })

test.each(cases)('"$text" says: $wish', ({ text, wish }) => {
  const read = readOptOut(text, settings)
  expect(read === null ? '-' : `${read.direction} ${read.scope}`).toBe(wish)
})

describe('the lists', () => {
  const words = Object.values(OPT_OUT_WORDS).flatMap((lists) =>
    Object.entries<readonly string[]>({ ...lists }).flatMap(([kind, list]) => list.map((word) => ({ word, kind }))),
  )

  test('every word is understood, and means out or in as its list says', () => {
    for (const { word, kind } of words)
      expect(`${word} ${readOptOut(word, settings)?.direction}`).toBe(
        `${word} ${kind.startsWith('out') ? 'out' : 'in'}`,
      )
  })

  test('no word means two different things in two languages', () => {
    const kinds = new Map<string, string>()
    for (const { word, kind } of words) {
      expect(`${word} ${kinds.get(word) ?? kind}`).toBe(`${word} ${kind}`)
      kinds.set(word, kind)
    }
  })

  test('an admin may turn a word that means agreement into an opt-out', () => {
    expect(readOptOut('START', someSettings({ optOutWords: { en: ['start'] } }))).toEqual({
      direction: 'out',
      scope: 'all',
    })
  })

  test('no text breaks it, and a long one is no wish', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        readOptOut(text, settings)
      }),
    )
    expect(readOptOut(`STOP${' '.repeat(300)}`, settings)).toBe(null)
  })
})
