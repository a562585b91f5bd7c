import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '#definitions/json.ts'
import { modulesByName } from '#definitions/modules.ts'
import { compileMerge, fillText, resolveJson, resolveText } from '#engine/merge.ts'
import { table } from '#test/table.ts'

const modules = modulesByName([
  {
    kind: 'module',
    name: 'Visits',
    labels: { ja: '来店', en: 'Visits' },
    title: 'Name',
    fields: {
      Name: { type: 'text', labels: { ja: '名前' } },
      At: { type: 'datetime' },
      Day: { type: 'date' },
      Guests: { type: 'integer' },
      Price: { type: 'currency' },
      Weight: { type: 'decimal' },
      Rate: { type: 'percent' },
      First: { type: 'boolean' },
      Wishes: { type: 'multiselect' },
      Host: { type: 'user' },
      Guest: { type: 'lookup', module: 'Contacts', labels: { ja: 'お客様' } },
      Phone: { type: 'phone' },
    },
  },
])
const values: Record<string, Json> = {
  Name: '田中',
  At: '2026-05-01T00:30:00+09:00',
  Day: '2026-05-01',
  Guests: 1200,
  Price: 12345.5,
  Weight: 0.1 + 0.2,
  Rate: 15,
  First: true,
  Wishes: ['窓際', '禁煙', '個室'],
  Host: { id: '7', name: '佐藤' },
  Guest: '55',
  Phone: 819012345678,
  Undeclared: 'そのまま',
  Empty: '　',
  'Guest.Full_Name': '山田 花子',
  'Guest.Mobile': '090-1111-2222',
  'Guest.Account_Name.Account_Name': '山田商店',
}
const source = (path: string[]) => values[path.join('.')]
const text = (merge: string, language = 'ja', zone = 'Asia/Tokyo') =>
  resolveText(merge, 'Visits', { modules }, source, { language, zone })
const json = (value: Json) => resolveJson(value, 'Visits', { modules }, source, { language: 'ja', zone: 'Asia/Tokyo' })

describe('in text, a value speaks the language by the type of its field (S58)', () => {
  test.each(
    table(`
      field      language  | text
      Name       ja        | 田中
      Day        ja        | 2026/05/01
      Day        en        | "May 1, 2026"
      Day        en_GB     | 1 May 2026
      Day        pt_BR     | 1 de mai. de 2026
      At         ja        | 2026/05/01 0:30
      At         en_US     | "May 1, 2026, 12:30 AM"
      Guests     ja        | 1200
      Price      ja        | "12,345.5"
      Price      de        | "12.345,5"
      Weight     en        | 0.3
      Rate       en        | 15%
      Rate       de        | 15 %
      First      ja        | はい
      First      en        | Yes
      Wishes     ja        | 窓際、禁煙、個室
      Wishes     en        | "窓際, 禁煙, and 個室"
      Host       ja        | 佐藤
      Guest      ja        | 55
      Phone      ja        | 819012345678
      Undeclared  ja       | そのまま
      Day  xx_not_a_language_tag | "May 1, 2026"
    `),
  )('$field in $language: $text', (row) => {
    expect(text(`$[Visits.${row.field}]`, row.language)?.replaceAll('\u00a0', ' ')).toBe(row.text)
  })
})

describe('with a format', () => {
  test.each(
    table(`
      merge                          language  | text
      $[Visits.Day:date.long]        ja        | 2026年5月1日
      $[Visits.Day:date.short]       en_GB     | 01/05/2026
      $[Visits.At:date]              ja        | 2026/05/01
      $[Visits.At:time]              ja        | 0:30
      $[Visits.At:time]              en        | 12:30 AM
      $[Visits.At:datetime]          ja        | 2026/05/01 0:30
      $[Visits.Guests:number]        en        | "1,200"
      $[Visits.Price:currency.JPY]   ja        | ￥12,346
      $[Visits.Price:currency.EUR]   de        | "12.345,50 €"
      $[Visits.Rate:percent]         en        | 15%
      $[Visits.Host:upper]           en        | 佐藤
      $[来店.名前:date]  ja  | 田中  // no date: as it is
    `),
  )('$merge in $language: $text', (row) => {
    expect(text(row.merge, row.language)?.replaceAll('\u00a0', ' ')).toBe(row.text)
  })

  test('a day has no time, so the fallback is told', () => {
    expect(text('$[Visits.Day:time|終日]')).toBe('終日')
    expect(text('$[Visits.Day:time]')).toBeNull()
  })
})

describe('dates', () => {
  test('an instant is told by the clocks of the zone, a day is the same day everywhere', () => {
    expect(text('$[Visits.At]', 'ja', 'America/New_York')).toBe('2026/04/30 11:30')
    expect(text('$[Visits.Day]', 'ja', 'America/New_York')).toBe('2026/05/01')
    expect(text('$[Visits.Day]', 'ja', 'Pacific/Kiritimati')).toBe('2026/05/01')
  })

  test.each([
    ['2026-03-08T06:59:00Z', '1:59'], // New York, a minute before the clocks skip an hour
    ['2026-03-08T07:00:00Z', '3:00'],
    ['2026-11-01T05:30:00Z', '1:30'], // the hour that comes twice
    ['2026-11-01T06:30:00Z', '1:30'],
    ['2026-03-08T02:30:00', '3:30'], // a wall clock time that does not exist is moved on
  ])('%s in New York is %s', (at, time) => {
    const words = { language: 'ja', zone: 'America/New_York' }
    expect(resolveText('$[Visits.At:time]', 'Visits', { modules }, () => at, words)).toBe(time)
  })

  test('a zone that does not exist is UTC', () => {
    expect(text('$[Visits.At]', 'ja', 'Nowhere/Land')).toBe('2026/04/30 15:30')
  })
})

describe('names', () => {
  test('are API names or labels in any language, through lookups (S59)', () => {
    expect(text('$[来店.名前]様')).toBe('田中様')
    expect(text('$[来店.お客様.携帯番号]')).toBe('090-1111-2222')
    expect(text('$[Visits.Guest.Mobile]')).toBe('090-1111-2222')
    expect(text('$[Visits.Guest.Account_Name.Account_Name]')).toBe('山田商店')
    expect(resolveText('$[見込み客.姓]様', 'Leads', { modules }, () => '田中', { language: 'ja', zone: 'UTC' })).toBe(
      '田中様',
    )
  })

  test('of another module have no value: the record at hand is none of it', () => {
    expect(text('$[Leads.Last_Name|お客様]')).toBe('お客様')
    expect(
      resolveText('$[Leads.Last_Name]', 'Contacts', { modules }, () => '田中', { language: 'ja', zone: 'UTC' }),
    ).toBeNull()
    expect(text('$[Nobody.Name]')).toBeNull()
  })

  test('are found once: the compiled text is kept', () => {
    expect(compileMerge('$[Visits.Name]様', 'Visits', modules)).toBe(
      compileMerge('$[Visits.Name]様', 'Visits', modules),
    )
    expect(compileMerge('$[Visits.Name]様', 'Leads', modules)).not.toBe(
      compileMerge('$[Visits.Name]様', 'Visits', modules),
    )
  })
})

describe('a lookup', () => {
  test('reads as the title of the record behind it, else by the name it brought, else by its id', () => {
    const title = modules.get('Contacts')!.title
    const read = (known: Record<string, Json>) =>
      resolveText('$[Visits.Guest]', 'Visits', { modules }, (path) => known[path.join('.')], {
        language: 'ja',
        zone: 'UTC',
      })
    expect(read({ Guest: '55', [`Guest.${title}`]: '山田 花子' })).toBe('山田 花子')
    expect(read({ Guest: { id: '55', name: '山田' } })).toBe('山田')
    expect(read({ Guest: '55' })).toBe('55')
    expect(compileMerge('$[Visits.Guest]', 'Visits', modules).lookups).toEqual([['Guest']])
  })
})

describe('a missing value', () => {
  test('gives the fallback, else null, so that the guard can say parameter_missing', () => {
    expect(text('$[Visits.Missing|お客様]様')).toBe('お客様様')
    expect(text('$[Visits.Empty|お客様]')).toBe('お客様')
    expect(text('$[Visits.Missing|]')).toBe('')
    expect(text('$[Visits.Missing]')).toBeNull()
    expect(text('こんにちは $[Visits.Missing]')).toBeNull()
  })

  test('leaves nothing in a text for people', () => {
    const words = { language: 'ja', zone: 'Asia/Tokyo' }
    const fill = (merge: string) => fillText(merge, 'Visits', { modules }, source, words)
    expect(fill('$[Visits.Name]様 $[Visits.Missing]に電話')).toBe('田中様 に電話')
    expect(fill('$[Visits.Missing]')).toBe('')
    expect(fill('$[Visits.Price]')).toBe('12,345.5')
  })

  test('is what every object has and no record', () => {
    const words = { language: 'ja', zone: 'UTC' }
    const naive = (path: string[]) => ({})[path[0] as never] as Json | undefined
    expect(resolveText('$[Visits.constructor]', 'Visits', { modules }, naive, words)).toBeNull()
    expect(resolveText('$[Visits.__proto__]', 'Visits', { modules }, naive, words)).toBeNull()
  })

  test('zero and false are values', () => {
    const read = (value: Json) =>
      resolveText('$[Visits.Guests|なし]', 'Visits', { modules }, () => value, { language: 'ja', zone: 'UTC' })
    expect(read(0)).toBe('0')
    expect(read(false)).toBe('いいえ')
  })
})

describe('in JSON', () => {
  test('a field alone keeps its type, unless a format asks for text', () => {
    expect(
      json({
        amount: '$[Visits.Price]',
        first: '$[Visits.First]',
        wishes: '$[Visits.Wishes]',
        guest: '$[Visits.Guest]',
        shown: '$[Visits.Price:currency.JPY]',
        nested: [{ text: '$[Visits.Name]様', number: 5, nothing: null, flag: true }],
      }),
    ).toEqual({
      amount: 12345.5,
      first: true,
      wishes: ['窓際', '禁煙', '個室'],
      guest: '55',
      shown: '￥12,346',
      nested: [{ text: '田中様', number: 5, nothing: null, flag: true }],
    })
  })

  test('a missing field is null alone, its fallback where it has one, and nothing inside a text', () => {
    expect(json(['$[Visits.Missing]', '$[Visits.Missing|0]', '[$[Visits.Missing]]', ''])).toEqual([null, '0', '[]', ''])
  })

  test('keys are not merged, nor is a name like __proto__ special', () => {
    const input = JSON.parse('{"$[Visits.Name]": 1, "__proto__": {"x": "$[Visits.Name]"}}') as Json
    expect(JSON.stringify(json(input))).toBe('{"$[Visits.Name]":1,"__proto__":{"x":"田中"}}')
  })
})

test('a value is never read as merge text again', () => {
  const read = () => '$[Visits.Name] $$[ {{1}}'
  expect(resolveText('$[Visits.Name]', 'Visits', { modules }, read, { language: 'ja', zone: 'UTC' })).toBe(read())
})

test('text without merge fields stays as it is, and no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (any) => {
      expect(json(any)).toBeTypeOf('string')
      if (!any.includes('$')) expect(text(any)).toBe(any)
    }),
  )
  fc.assert(
    fc.property(fc.stringMatching(/^[$[\]|.:a-zVisits]{0,20}$/), (any) => {
      expect([null, 'string', 'object', 'number', 'boolean']).toContain(typeof json(any))
    }),
  )
})
