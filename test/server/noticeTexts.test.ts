import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Json } from '#definitions/json.ts'
import { noticeCodes, noticeTemplates, noticeText, type Notice } from '#server/noticeTexts.ts'
import { fill, STOPS, TROUBLES, type Reader } from '#server/noticeWords.ts'

const AT = Date.parse('2026-11-22T09:00:00+09:00')
const ja: Reader = { language: 'ja', zone: 'Asia/Tokyo' }
const en: Reader = { language: 'en', zone: 'Asia/Tokyo' }

const JAPANESE = /[\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Han}]/u

test('every code that the engine may tell has words, and no other has', () => {
  const source = readFileSync(new URL('../../engine/notice.ts', import.meta.url), 'utf8')
  const codes = [...source.slice(source.indexOf('export type NoticeCode')).matchAll(/\| '(\w+)'/g)].map(
    ([, code]) => code,
  )
  expect([...noticeCodes].sort()).toEqual(codes.sort())
  expect(codes.length).toBeGreaterThan(30)
})

test('every code is told somewhere: words that nobody can read are none', () => {
  const written = ['actions', 'engine', 'server', 'triggers'].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/^notice\w*\.ts$/.test(basename(name)))
      .map((name) => readFileSync(join(room, name), 'utf8')),
  )
  expect(noticeCodes.filter((code) => !written.some((text) => text.includes(`'${code}'`)))).toEqual([])
})

test.each(noticeCodes)('%s is told in both languages, and both name the same details', (code) => {
  const [english, japanese] = noticeTemplates[code]
  expect(english).not.toMatch(JAPANESE)
  expect(japanese).toMatch(JAPANESE)
  const keysOf = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, key]) => key))].sort()
  expect(keysOf(japanese)).toEqual(keysOf(english))
})

test.each(noticeCodes)('%s makes a clean sentence with no details at all, and with those of the wrong kind', (code) => {
  const strange: Record<string, Json> = Object.fromEntries(
    ['what', 'name', 'until', 'amountMicros', 'troubles', 'trouble', 'stops', 'to', 'from'].map((key) => [
      key,
      { a: [1] },
    ]),
  )
  for (const reader of [ja, en]) {
    expect(noticeText({ code, severity: 'info', details: {} }, reader)).not.toMatch(/[{}[\]|]|undefined|null|NaN/)
    expect(noticeText({ code, severity: 'info', details: strange }, reader)).not.toMatch(/undefined|NaN|object Object/)
  }
})

test('every trouble and what it stops is told in both languages, with what to do', () => {
  for (const { what, todo } of Object.values(TROUBLES)) {
    for (const [english, japanese] of [what, todo]) {
      expect(english).not.toMatch(JAPANESE)
      expect(japanese).toMatch(JAPANESE)
    }
  }
  for (const [english, japanese] of Object.values(STOPS))
    expect([english !== '', JAPANESE.test(japanese)]).toEqual([true, true])
})

const told = (code: Notice['code'], details: Record<string, Json>) =>
  [en, ja].map((reader) => noticeText({ code, severity: 'info', details }, reader))

describe('in words', () => {
  test('a trouble tells what happened, what stands still and until when, what WhatsApp says, and what to do', () => {
    const account = { accountId: '20001', account: '伝令商店' }
    expect(
      told('account_trouble', {
        ...account,
        trouble: 'account_restricted',
        stops: 'initiated',
        until: AT,
        detail: 'RESTRICTED_BIZ_INITIATED_MESSAGING',
      }),
    ).toEqual([
      'Account 伝令商店: WhatsApp restricts the account. Messages outside an open window are held until 22 Nov 2026, 09:00. WhatsApp says: RESTRICTED_BIZ_INITIATED_MESSAGING. See in the Meta Business Support Home what the restriction is for; a review can be asked for there.',
      'アカウント「伝令商店」:WhatsAppがアカウントを制限しています。応対期間外のメッセージは保留されます(2026/11/22 9:00まで)。WhatsApp:RESTRICTED_BIZ_INITIATED_MESSAGING。Metaビジネスサポートホームで制限の理由を確認し、必要なら審査を請求してください。',
    ])
    expect(
      told('account_trouble', { ...account, trouble: 'token_invalid', stops: 'all', until: null, detail: '' }),
    ).toEqual([
      'Account 伝令商店: the access token is invalid or has expired. Nothing is sent. Enter a new token under "connect".',
      'アカウント「伝令商店」:アクセストークンが無効または期限切れです。送信はすべて停止しています。「接続」で新しいトークンを登録してください。',
    ])
  })

  test('a number, its limit, its quality and its name', () => {
    const number = { numberId: '3001', number: '+81 3-1234-5678' }
    expect(
      told('number_trouble', { ...number, trouble: 'status', stops: 'all', until: null, detail: 'BANNED' })[0],
    ).toBe(
      'Number +81 3-1234-5678: the number is not connected. Nothing is sent. WhatsApp says: BANNED. See its state in the WhatsApp Manager.',
    )
    expect(told('number_limit_changed', { what: 'reach', from: 250, to: null })).toEqual([
      'The limit "reach" is now without limit, it was 250. Sending keeps to it by itself.',
      '上限「reach」が250から無制限に変わりました。送信は自動的に上限に従います。',
    ])
    expect(told('number_quality_changed', { ...number, from: 'GREEN', to: 'RED' })[1]).toBe(
      '番号 +81 3-1234-5678 の品質が高(緑)から低(赤)になりました。低いときはマーケティングを控え、希望した人だけに送信してください。',
    )
    expect(told('number_name_decided', { ...number, decision: 'DECLINED', name: '商店', reason: 'X' })[0]).toBe(
      'The display name "商店" of number +81 3-1234-5678 was decided: DECLINED (X). A declined name can be changed in the WhatsApp Manager.',
    )
    expect(told('number_mended', { ...number, troubles: ['spam_limited', 'maintenance'] })[1]).toContain(
      '(多くの人にブロックまたは報告されたため、WhatsAppが番号を制限しています, WhatsAppが番号をより速い回線に移行中です)',
    )
  })

  test('a template paused until then, or for as long as nobody does something', () => {
    const template = { name: 'welcome_lead', language: 'ja', status: 'PAUSED', from: 'APPROVED' }
    expect(told('template_paused', { ...template, reason: 'FIRST_PAUSE', until: AT })[1]).toContain(
      '「welcome_lead」(ja)を2026/11/22 9:00まで一時停止しました:FIRST_PAUSE',
    )
    expect(told('template_paused', { ...template, reason: null, until: null })[1]).toContain(
      '「welcome_lead」(ja)を一時停止しました。',
    )
  })

  test('money in credits, never in micro-credits', () => {
    expect(told('balance_low', { availableMicros: 1_234_567, alertBelowMicros: 5_000_000 })).toEqual([
      'Only 1.23 credits are left, fewer than 5.00. Buy more, so that messages are not held.',
      'クレジット残高が1.23です(通知の基準 5.00)。送信が保留されないよう、購入してください。',
    ])
  })

  test('a detail is never read as a pattern of ours', () => {
    expect(told('webhook_field_unknown', { field: 'a{name}[b]$&' })[0]).toContain('does not know: a{name}[b]$&.')
    expect(fill('[({x})]{y}', { x: '{y}[z]$&', y: 'own' }, en)).toBe('({y}[z]$&)own')
    expect(fill('{x}', { toString: 'own', x: 'y' }, en)).toBe('y')
    expect(fill('{constructor}', {}, en)).toBe('–')
  })
})
