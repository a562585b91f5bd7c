import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OPT_OUT_WORDS } from '#engine/data/optOutWords.ts'
import { readOptOut, readOptOutOf } from '#engine/optOut.ts'
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
  もう結構です              | -              // the admin's word is another
  配信を停止してください    | out marketing
  配信停止をお願いします。  | out marketing
  配信停止でお願いします    | out marketing
  配信停止お願い致します    | out marketing
  配信停止を希望します      | out marketing
  "配信 停止"               | out marketing
  配信を停止して下さい！    | out marketing
  配信停止したいです        | out marketing
  停止してください          | out all
  ﾊｲｼﾝｦﾃｲｼ                  | -              // no list has it in kana
  ﾒｯｾｰｼﾞを送らないで下さい  | out all
  もう送らないでください    | out all
  やめてください            | out all
  配信再開をお願いします    | in marketing
  "Please stop"             | out all
  "Stop, please!"           | out all
  "Don’t message me."       | out all
  OPT-OUT                   | out marketing
  Un-subscribe              | out marketing
  "Por favor, darme de baja" | out marketing
  No más mensajes           | out all
  NO MAS MENSAJES           | out all
  Cancelar inscricao        | out marketing
  Não quero mais receber mensagens | out all
  "Tolong berhenti berlangganan" | out marketing
  Jangan hubungi saya lagi  | out all
  कृपया बंद करें।                | out all
  संदेश न भेजें                | out all
  Message mat bhejo         | out all
  kripya band karo          | out all
  प्रचार बंद करो               | out marketing
  Shuru karo                | in all
  お願いします              | -              // please, and nothing else
  ください                  | -
  please                    | -
  停止します                | -              // who stops what?
  再開します                | -
  配信停止の方法を教えてください | -
  予約を停止してください    | -
  退会                      | -              // a membership, perhaps
  no quiero baja calidad    | -
  que no pare               | -
  don't stop                | -
  non-stop                  | -
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
      const { direction, scope } = readOptOut(word, settings)!
      expect(`${word} ${direction}${scope === 'all' ? 'OfAll' : 'OfMarketing'}`).toBe(
        `${word} ${kind.replace(/^into/, 'inOf')}`,
      )
    }
  })

  test.each(Object.entries(OPT_OUT_WORDS))('"%s" has a word of every kind', (_language, lists) => {
    for (const list of Object.values<readonly string[]>({ ...lists })) expect(list.length).toBeGreaterThan(1)
  })

  test('a tapped quick reply counts by its label and by its payload, typed words only by themselves', () => {
    const tapped = (text: string, payload: string, type = 'button') => readOptOutOf({ text, payload, type }, settings)
    expect(tapped('配信停止', 'q1')).toEqual({ direction: 'out', scope: 'marketing' })
    expect(tapped('もういりません', 'STOP')).toEqual({ direction: 'out', scope: 'all' })
    expect(tapped('興味なし', 'unsubscribe', 'interactive')).toEqual({ direction: 'out', scope: 'marketing' })
    expect(tapped('詳しく', 'more')).toBe(null)
    expect(tapped('詳しく', 'STOP', 'text')).toBe(null)
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
