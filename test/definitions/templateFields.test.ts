import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import { context, module, template } from './problems/bases.ts'

const problemsOf = (...definitions: object[]) =>
  checkDefinitions(
    definitions.map((json, index) => ({ file: `${index}.json`, json })),
    context,
  ).problems.map(({ code, pointer, severity }) => `${severity} ${code} ${pointer}`)

describe('what a template is made of', () => {
  test('S48, S57: each has one category that there is, and none is guessed', () => {
    const { category: _, ...without } = template({})
    expect(problemsOf(without)).toEqual(['error missing_key '])
    expect(problemsOf(template({ category: 'PROMOTION' }))).toHaveLength(1)
    expect(problemsOf(template({ category: ['UTILITY', 'MARKETING'] }))).toHaveLength(1)
  })

  test.each([
    ['an order', 'いつもありがとうございます。{{name}} 様のご注文を承りました。'],
    ['a failed payment', 'ご案内です。{{name}} 様のお支払いが完了しませんでした。カードをご確認ください。'],
    ['a subscription', 'お知らせです。{{name}} 様がご契約中の定期便を明日お届けします。'],
  ])('S49, S50: %s is told by a template of the category utility', (_, body) => {
    expect(problemsOf(template({ category: 'UTILITY', body }))).toEqual([])
  })

  test.each([
    ['an offer', 'こんにちは、{{name}} 様。春の新商品を10%引きでご案内します。'],
    ['a survey', 'こんにちは、{{name}} 様。アンケートにご協力をお願いします。'],
  ])('S51: %s is made by a template of the category marketing', (_, body) => {
    expect(problemsOf(template({ category: 'MARKETING', body }))).toEqual([])
  })

  test('S54: a name that WhatsApp takes, at most 512 characters', () => {
    expect(problemsOf(template({ name: 'a'.repeat(512) }))).toEqual([])
    for (const name of ['a'.repeat(513), 'Welcome', '歓迎', 'a-b', '']) {
      expect(problemsOf(template({ name })), name).toHaveLength(1)
    }
  })

  test('S55, S59: standard and custom modules, and merge fields of that module alone', () => {
    const own = module()
    const visit = (value: string) => template({ module: 'Visits', parameters: { name: { value, example: '山田' } } })
    expect(problemsOf(own, visit('$[Visits.Name]'))).toEqual([])
    expect(problemsOf(own, visit('$[来店.Name]'))).toEqual([])
    expect(problemsOf(own, visit('$[Leads.Last_Name]'))).toEqual(['error foreign_merge_field /parameters/name/value'])
    expect(problemsOf(template({ module: 'Nowhere' }))).toContain('error unknown_module /module')
  })

  test('S56: a language that WhatsApp offers', () => {
    for (const language of ['ja', 'en_GB', 'zh_TW']) expect(problemsOf(template({ language }))).toEqual([])
    expect(problemsOf(template({ language: 'jp' }))).toEqual(['error template_language_unknown /language'])
    expect(problemsOf(template({ language: '日本語' }))).toHaveLength(1)
  })

  test('S58: a body of at most 1,024 characters with merge fields behind its variables', () => {
    const body = (length: number) => template({ body: `${'あ'.repeat(length - 10)}{{name}}様。`.padEnd(length, '。') })
    expect(problemsOf(body(1024))).toEqual([])
    expect(problemsOf(body(1025))).toEqual(['error too_long /body'])
    expect(problemsOf(template({ body: '$[Leads.Last_Name]様、{{name}}のご案内です。' }))).toContain(
      'error merge_field_in_template_text /body',
    )
  })

  test.each([
    ['a picture', { header: { type: 'image', example: '4::aW1hZ2U', link: '$[Leads.Website]' } }],
    ['a sample that is uploaded', { header: { type: 'video', example: 'https://example.com/a.mp4' } }],
    ['a place', { header: { type: 'location', latitude: '35.68', longitude: '139.76', name: '本店' } }],
    ['a flow', { buttons: [{ type: 'flow', text: '予約', flow: '77', screen: 'START', token: '$[Leads.Last_Name]' }] }],
    ['a request for the number', { buttons: [{ type: 'request_contact_info' }] }],
    [
      'a code',
      {
        category: 'AUTHENTICATION',
        body: '{{name}}が認証コードです。',
        authentication: { codeExpirationMinutes: 10 },
        parameters: { name: { value: '$[Leads.Last_Name]', example: '123456' } },
      },
    ],
  ])('%s has no problems', (_, changes) => {
    expect(problemsOf(template(changes)).filter((one) => one.startsWith('error'))).toEqual([])
  })

  test('a place that merges a field of another module is refused like any text (S59)', () => {
    const header = { type: 'location', latitude: '$[Deals.Amount]', longitude: '0' }
    expect(problemsOf(template({ header }))).toContain('error foreign_merge_field /header/latitude')
  })
})
