import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  mergeFieldsIn,
  parseMergeText,
  printMergeText,
  soleMergeField,
  type MergeField,
  type MergePart,
} from '#definitions/mergeField.ts'

const fields = (text: string) => parseMergeText(text).parts.filter((part) => typeof part === 'object')

describe('a merge field', () => {
  test.each<[string, Partial<MergeField>]>([
    ['$[Leads.Last_Name]', { module: 'Leads', path: ['Last_Name'] }],
    ['$[Deals.Contact_Name.Mobile]', { module: 'Deals', path: ['Contact_Name', 'Mobile'] }],
    ['$[見込み客.姓]', { module: '見込み客', path: ['姓'] }],
    ['$[ Sales Orders . Due Date ]', { module: 'Sales Orders', path: ['Due Date'] }],
    ['$[Leads.Last_Name|お客様]', { path: ['Last_Name'], fallback: 'お客様' }],
    ['$[Leads.Last_Name|]', { fallback: '' }],
    ['$[Leads.Note|a|b:c]', { path: ['Note'], fallback: 'a|b:c' }],
    ['$[Deals.Closing_Date:date.long|未定]', { path: ['Closing_Date'], format: 'date.long', fallback: '未定' }],
    ['$[Deals.Amount:currency.JPY|—]', { path: ['Amount'], format: 'currency.JPY', fallback: '—' }],
    ['$[商談.完了予定日 : date]', { module: '商談', path: ['完了予定日'], format: 'date' }],
    ['$[Leads.Size: 2 or more]', { path: ['Size: 2 or more'] }],
    ['$[Leads.No. of Employees]', { path: ['No', 'of Employees'] }],
  ])('%s is read in its pieces', (text, expected) => {
    const { parts, problems } = parseMergeText(text)
    expect(problems).toEqual([])
    expect(parts).toHaveLength(1)
    expect(parts[0]).toMatchObject({ raw: text, index: 0, ...expected })
  })

  test('has neither format nor fallback when none is written', () => {
    expect(fields('$[Leads.Last_Name]')).toEqual([
      { module: 'Leads', path: ['Last_Name'], raw: '$[Leads.Last_Name]', index: 0 },
    ])
  })

  test('stands among words in its place', () => {
    const { parts } = parseMergeText('こんにちは、$[Leads.Last_Name]様。$[Leads.Company]')
    expect(parts.map((part) => (typeof part === 'string' ? part : part.path[0]))).toEqual([
      'こんにちは、',
      'Last_Name',
      '様。',
      'Company',
    ])
    expect(fields('ab$[Leads.X]')[0]).toMatchObject({ index: 2 })
  })

  test.each([
    ['$$[Leads.X]', ['$[Leads.X]']],
    ['cost: $5 [net]', ['cost: $5 [net]']],
    ['$$ and $ and [', ['$$ and $ and [']],
    ['$$$$[x]', ['$$[x]']],
    ['', []],
  ])('is not written by %j', (text, parts) => {
    expect(parseMergeText(text)).toEqual({ parts, problems: [] })
  })

  test('may follow a dollar sign, which is then doubled', () => {
    const { parts } = parseMergeText('$$$[Deals.Amount]')
    expect(parts).toEqual(['$', { module: 'Deals', path: ['Amount'], raw: '$[Deals.Amount]', index: 2 }])
  })

  test.each([
    ['Hello $[Leads.Last_Name', 'merge_field_unclosed', 6, '$['],
    ['$[Leads.Last_Name and $[Leads.Company]', 'merge_field_unclosed', 0, '$['],
    ['$[]', 'merge_field_empty', 0, '$[]'],
    ['x$[ |お客様]', 'merge_field_empty', 1, '$[ |お客様]'],
    ['$[Leads]', 'merge_field_incomplete', 0, '$[Leads]'],
    ['$[.Last_Name]', 'merge_field_incomplete', 0, '$[.Last_Name]'],
    ['$[Leads.]', 'merge_field_incomplete', 0, '$[Leads.]'],
    ['$[Deals.Amount:money]', 'merge_format_unknown', 0, '$[Deals.Amount:money]'],
    ['$[Deals.Amount:currency]', 'merge_format_unknown', 0, '$[Deals.Amount:currency]'],
    ['$[Deals.Amount:currency.yen]', 'merge_format_unknown', 0, '$[Deals.Amount:currency.yen]'],
  ])('%j is %s, and stays as text', (text, code, index, raw) => {
    const { parts, problems } = parseMergeText(text)
    expect(problems).toEqual([{ code, index, raw }])
    expect(parts.map((part) => (typeof part === 'string' ? part : part.raw)).join('')).toBe(text)
  })

  test('after an unclosed one is still read', () => {
    expect(fields('$[Leads.Last_Name and $[Leads.Company]')).toMatchObject([{ path: ['Company'], index: 22 }])
  })
})

test('a text that is one field and nothing else is told from one that only holds a field', () => {
  expect(soleMergeField('$[Leads.Amount]')).toMatchObject({ path: ['Amount'] })
  expect(soleMergeField('$[Leads.Amount] ')).toBeNull()
  expect(soleMergeField('$[Leads.A]$[Leads.B]')).toBeNull()
  expect(soleMergeField('')).toBeNull()
})

test('fields are found anywhere in JSON with a JSON pointer, also under keys with slashes, but not in keys', () => {
  const { fields: found, problems } = mergeFieldsIn({
    set: { 'a/b~c': ['x', { deep: '$[Leads.Last_Name]様 $[Leads.Company]' }], '$[Leads.X]': 1 },
    other: [null, true, 'broken $['],
  })
  expect(found.map(({ pointer, field }) => [pointer, field.path[0]])).toEqual([
    ['/set/a~1b~0c/1/deep', 'Last_Name'],
    ['/set/a~1b~0c/1/deep', 'Company'],
  ])
  expect(problems).toMatchObject([{ pointer: '/other/2', problem: { code: 'merge_field_unclosed', index: 7 } }])
})

describe('parsing and printing', () => {
  const name = fc.constantFrom('Leads', '見込み客', 'Last_Name', '姓', 'Due Date', 'Contact_Name', 'q$')
  const aField = fc
    .record({
      names: fc.array(name, { minLength: 2, maxLength: 4 }),
      format: fc.constantFrom('', ':date.long', ':currency.JPY', ':upper'),
      fallback: fc.option(
        fc.string().map((text) => `|${text.replaceAll(']', '').replaceAll('$[', '')}`),
        { nil: '' },
      ),
    })
    .map(({ names, format, fallback }) => `$[${names.join('.')}${format}${fallback}]`)
  const words = fc.string({ unit: fc.constantFrom('$', '[', ']', 'a', '様', ' ', '|', '.') })

  test('what was printed parses to the same parts', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            words,
            aField.map((raw) => ({ raw })),
          ),
          { maxLength: 8 },
        ),
        (wanted) => {
          const parts: MergePart[] = []
          for (const part of wanted) {
            const last = parts.at(-1)
            if (typeof part === 'object') parts.push(fields(part.raw)[0]!)
            else if (typeof last === 'string') parts[parts.length - 1] = last + part
            else if (part !== '') parts.push(part)
          }
          const shape = (list: MergePart[]) =>
            list.map((part) => (typeof part === 'string' ? part : { ...part, index: 0 }))
          const parsed = parseMergeText(printMergeText(parts))
          expect(parsed.problems).toEqual([])
          expect(shape(parsed.parts)).toEqual(shape(parts))
        },
      ),
    )
  })

  test('a text without problems is printed as it was written, and any text is taken without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '[', ']', 'L', '.', '|', ':', 'x') }), (text) => {
        const { parts, problems } = parseMergeText(text)
        if (problems.length === 0) expect(printMergeText(parts)).toBe(text)
        for (const part of parts) {
          if (typeof part === 'object') expect(text.slice(part.index, part.index + part.raw.length)).toBe(part.raw)
        }
      }),
    )
  })
})
