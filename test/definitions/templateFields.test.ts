import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import { context, module, template } from './problems/bases.ts'

const problemsOf = (...definitions: object[]) =>
  checkDefinitions(
    definitions.map((json, index) => ({ file: `${index}.json`, json })),
    context,
  ).problems.map(({ code, pointer, severity }) => `${severity} ${code} ${pointer}`)

describe('what a template is made of', () => {
  test('S48, S49, S50, S51, S57: of the category utility or marketing, as its text is', () => {
    expect(problemsOf(template({ category: 'UTILITY' }))).toEqual([])
    expect(problemsOf(template({ category: 'MARKETING' }))).toEqual([])
    expect(problemsOf(template({ category: 'PROMOTION' }))).toHaveLength(1)
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
