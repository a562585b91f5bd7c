import { describe, expect, test } from 'vitest'
import type { Json } from '#definitions/json.ts'
import { fieldType } from '#definitions/module.ts'
import { compileCondition } from '#engine/rules/condition.ts'
import { libraryOperator } from '#engine/rules/library.ts'
import { baseOperator, decoratorNames, operatorNames, operatorsFor } from '#engine/rules/operators.ts'
import { table } from '#test/table.ts'

const TOKYO = 'Asia/Tokyo'
// A Friday: in Tokyo it is 1 May 2026, 00:30; in UTC still Thursday.
const NOW = Date.parse('2026-05-01T00:30:00+09:00')

/** Cells are JSON where they can be, else text. */
function cell(text: string): Json | undefined {
  if (text === 'missing') return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function holds(fact: Json | undefined, operator: string, value: Json | undefined, zone = TOKYO): boolean {
  const facts: Record<string, Json | undefined> = { field: fact, other: value, now: NOW, zone }
  return compileCondition({ fact: 'field', operator, value: { fact: 'other' } })((name) => facts[name])
}

function cases(text: string) {
  return table<string>(text) as { fact: string; operator: string; value: string; holds: string }[]
}

describe('text, email, phone, url, multi-line', () => {
  test.each(
    cases(`
      fact             operator             value          | holds
      田中             equal                田中           | yes
      田中             equal                田中太郎       | no
      jp               equal                JP             | no    // exact, as the library has it
      田中             notEqual             田中           | no
      JP               in                   ["JP","IN"]    | yes
      JP               in                   JPIN           | no    // the library looks for the letters
      JP               in                   null           | no    // the library throws
      JP               notIn                null           | yes
      null             in                   [null,"JP"]    | yes
      null             in                   ["JP"]         | no
      ＡＢＣ商事       sameText             "abc商事 "     | yes
      ｶﾌﾞｼｷ            sameText             カブシキ       | yes
      ABC              notSameText          abc            | no
      Web広告          contains             広告           | yes   // the library: lists only
      Web広告          containsText         WEB            | yes
      Web広告          containsText         展示会         | no
      Web広告          doesNotContainText   展示会         | yes
      Web広告          doesNotContain       広告           | no
      12345            containsText         34             | yes   // a number, as its digits
      東京都港区       startsWith           東京           | yes
      東京都港区       doesNotStartWith     大阪           | yes
      a@example.jp     endsWith             .JP            | yes
      a@example.jp     doesNotEndWith       .jp            | no
      a                startsWith           ""             | no    // nothing to look for
      090-1234-5678    samePhone            ０９０１２３４５６７８  | yes
      +81 90-1234-5678  samePhone            090-1234-5678  | yes
      "(090) 1234 5678" samePhone           "+819012345678" | yes
      090-1234-5678    samePhone            +4490123456    | no
      080-1234-5678    samePhone            +819012345678  | no
      080-1234-5678    notSamePhone         +819012345678  | yes
    `),
  )('$fact $operator $value: $holds', (row) => {
    expect(holds(cell(row.fact), row.operator, cell(row.value))).toBe(row.holds === 'yes')
  })
})

describe('number, currency, percent, decimal', () => {
  test.each(
    cases(`
      fact       operator               value       | holds
      5          equal                  5           | yes
      5          equal                  "\\"5\\""   | no    // text is no number
      0          isEmpty                true        | no
      5          lessThan               6           | yes
      5          lessThan               5           | no
      5          lessThanInclusive      5           | yes
      5          greaterThan            4           | yes
      5          greaterThanInclusive   6           | no
      "\\"12\\""  lessThan               "\\"9\\""   | no    // the library compares letters
      "\\"12\\""  greaterThan            9           | yes
      12abc      greaterThan            9           | no    // the library reads 12
      5          greaterThan            null        | no    // the library: 5 > null
      5          between                [5,10]      | yes
      10         between                [5,10]      | yes
      11         between                [5,10]      | no
      5          between                [10,5]      | no
      5          between                5           | no
      11         notBetween             [5,10]      | yes
      5          notBetween             [5,10]      | no
      5          notBetween             [null,10]   | no    // no range, no answer
    `),
  )('$fact $operator $value: $holds', (row) => {
    expect(holds(cell(row.fact), row.operator, cell(row.value))).toBe(row.holds === 'yes')
  })
})

describe('multi-select, tags', () => {
  test.each(
    cases(`
      fact             operator          value           | holds
      ["VIP","東京"]   contains          VIP             | yes
      ["VIP","東京"]   contains          vip             | no
      ["VIP","東京"]   doesNotContain    大阪            | yes
      ["VIP","東京"]   containsAny       ["大阪","東京"] | yes
      ["VIP","東京"]   containsAll       ["東京","VIP"]  | yes
      ["VIP"]          containsAll       ["東京","VIP"]  | no
      ["VIP"]          excludesAny       ["東京","VIP"]  | yes   // 東京 is not there
      ["VIP","東京"]   excludesAny       ["東京","VIP"]  | no
      ["VIP"]          excludesAll       ["東京","大阪"] | yes
      ["VIP","東京"]   excludesAll       ["東京","大阪"] | no
      ["VIP","東京"]   equal             ["東京","VIP"]  | yes   // CRMs return any order
      ["VIP","VIP"]    equal             ["東京","VIP"]  | no
      VIP              containsAny       ["VIP"]         | yes   // one value is a list of one
      ["VIP"]          containsAny       VIP             | yes
      ["VIP"]          containsAll       []              | no
      []               isEmpty           true            | yes
    `),
  )('$fact $operator $value: $holds', (row) => {
    expect(holds(cell(row.fact), row.operator, cell(row.value))).toBe(row.holds === 'yes')
  })
})

describe('boolean, lookup, user', () => {
  test.each(
    cases(`
      fact                        operator   value        | holds
      true                        equal      true         | yes
      false                       equal      true         | no
      false                       isEmpty    true         | no
      "\\"55\\""                  equal      "\\"55\\""   | yes
      {"id":"55","name":"田中"}   equal      "\\"55\\""   | yes   // as some CRMs send a lookup
      {"id":"55","name":"田中"}   in         ["44","55"]  | yes
      {"id":"55","name":"田中"}   notEqual   "\\"44\\""   | yes
    `),
  )('$fact $operator $value: $holds', (row) => {
    expect(holds(cell(row.fact), row.operator, cell(row.value))).toBe(row.holds === 'yes')
  })
})

describe('date and date-time, absolute, in Tokyo', () => {
  test.each(
    cases(`
      fact                        operator          value                        | holds
      2026-05-01                  on                2026-05-01                   | yes
      2026-04-30T15:00:00Z        on                2026-05-01                   | yes   // midnight in Tokyo
      2026-04-30T14:59:59Z        on                2026-05-01                   | no
      2026-04-30T14:59:59Z        before            2026-05-01                   | yes
      2026-04-30T15:00:00Z        before            2026-05-01                   | no
      2026-05-02                  after             2026-05-01                   | yes
      2026-05-01T23:59+09:00      after             2026-05-01                   | no    // the same day
      2026-05-01                  onOrBefore        2026-05-01                   | yes
      2026-05-01                  onOrAfter         2026-05-02                   | no
      2026-05-01T10:00+09:00      after             2026-05-01T09:00+09:00       | yes   // instants
      2026-05-01T10:00+09:00      onOrBefore        2026-05-01T01:00Z            | yes
      2026-05-01T10:00            on                2026-05-01T01:00Z            | yes   // wall clock of Tokyo
      2026-05-01T10:00            before            2026-05-01T01:00:01Z         | yes
      2026-05-01 10:00:00         onOrAfter         2026-05-01T01:00:00Z         | yes
      2026-05-01T10:00:00+0900    onOrAfter         2026-05-01T01:00:00.000Z     | yes
      2026-05-15                  betweenDates      ["2026-05-01","2026-05-15"]  | yes
      2026-05-16                  betweenDates      ["2026-05-01","2026-05-15"]  | no
      2026-05-16                  notBetweenDates   ["2026-05-01","2026-05-15"]  | yes
      2026-05-16                  notBetweenDates   ["2026-05-01","soon"]        | no
      2026-02-30                  before            2026-05-01                   | no    // no such day
      2026-02-30                  after             2026-01-01                   | no
      2026-05-01T24:00            on                2026-05-01                   | no    // no such time
      soon                        before            2026-05-01                   | no
      2026-05-02                  greaterThan       2026-05-01                   | yes   // the library: by its letters
      2026-05-01T10:00+09:00      lessThan          2026-05-01T02:00Z            | yes
      2026-05-01T10:00+09:00      lessThan          2026-05-02                   | no    // needs a zone: use before
    `),
  )('$fact $operator $value: $holds', (row) => {
    expect(holds(cell(row.fact), row.operator, cell(row.value))).toBe(row.holds === 'yes')
  })

  test('an instant is compared with now', () => {
    expect(holds('2026-04-30T15:29:59Z', 'before', NOW)).toBe(true)
    expect(holds('2026-04-30T15:30:01Z', 'before', NOW)).toBe(false)
  })
})

describe('date and date-time, relative, on Friday 1 May 2026 in Tokyo', () => {
  test.each(
    cases(`
      fact                    operator    value                                | holds
      2026-05-01              during      today                                | yes
      2026-04-30T16:00:00Z    during      today                                | yes
      2026-04-30              during      yesterday                            | yes
      2026-05-02              during      tomorrow                             | yes
      2026-04-30              during      tillYesterday                        | yes
      2026-05-01              during      tillYesterday                        | no
      2026-05-01              during      tillToday                            | yes
      2026-05-01              during      startingToday                        | yes
      2026-05-01              during      startingTomorrow                     | no
      2026-04-27              during      thisWeek                             | yes   // Monday
      2026-05-03              during      thisWeek                             | yes
      2026-05-04              during      thisWeek                             | no
      2026-04-26              during      {"period":"thisWeek","weekStart":7}  | yes   // Sunday
      2026-05-03              during      {"period":"thisWeek","weekStart":7}  | no
      2026-04-20              during      lastWeek                             | yes
      2026-05-10              during      nextWeek                             | yes
      2026-05-31              during      thisMonth                            | yes
      2026-04-30              during      lastMonth                            | yes
      2026-06-30              during      nextMonth                            | yes
      2026-04-01              during      thisQuarter                          | yes
      2026-06-30              during      thisQuarter                          | yes
      2026-07-01              during      nextQuarter                          | yes
      2026-01-01              during      lastQuarter                          | yes
      2026-01-01              during      thisYear                             | yes
      2026-03-31              during      {"period":"thisYear","startMonth":4} | no
      2027-03-31              during      {"period":"thisYear","startMonth":4} | yes
      2026-03-31              during      {"period":"lastYear","startMonth":4} | yes
      2027-12-31              during      nextYear                             | yes
      2026-04-30              notDuring   thisMonth                            | yes
      2026-05-01              during      someday                              | no
      2026-05-01              notDuring   someday                              | no
      2026-05-01              inNext      3                                    | yes   // today counts
      2026-05-03              inNext      3                                    | yes
      2026-05-04              inNext      3                                    | no
      2026-05-07              inNext      P1W                                  | yes
      2026-05-08              inNext      P1W                                  | no
      2026-05-31              inNext      P1M                                  | yes
      2026-06-01              inNext      P1M                                  | no
      2026-04-30              inNext      3                                    | no
      2026-04-30T17:29:00Z    inNext      PT2H                                 | yes
      2026-04-30T17:30:00Z    inNext      PT2H                                 | no
      2026-05-01              inNext      PT2H                                 | no    // a day has no hours
      2026-05-01              inLast      1                                    | yes
      2026-04-30              inLast      1                                    | no
      2026-04-30              inLast      2                                    | yes
      2026-05-02              inLast      2                                    | no
      2026-04-30T14:00:00Z    inLast      PT2H                                 | yes
      2026-05-01              inNext      0                                    | no
      2026-05-01              inNext      P99999Y                              | no
      2026-04-28              ageInDays   3                                    | yes
      2026-04-28              ageInDays   {"min":3}                            | yes
      2026-04-28              ageInDays   {"min":1,"max":2}                    | no
      2026-04-28              ageInDays   {}                                   | no
      2026-05-04              dueInDays   3                                    | yes
      2026-05-04              dueInDays   {"max":3}                            | yes
      2026-04-30              dueInDays   -1                                   | yes   // overdue
    `),
  )('$fact $operator $value: $holds', (row) => {
    expect(holds(cell(row.fact), row.operator, cell(row.value))).toBe(row.holds === 'yes')
  })

  test('today is the day of the zone, not of UTC', () => {
    expect(holds('2026-05-01', 'during', 'today', TOKYO)).toBe(true)
    expect(holds('2026-05-01', 'during', 'today', 'UTC')).toBe(false)
    expect(holds('2026-04-30', 'during', 'today', 'UTC')).toBe(true)
  })

  test('in a zone that does not exist no date operator holds', () => {
    for (const operator of ['on', 'before', 'onOrAfter', 'during', 'notDuring', 'inNext', 'ageInDays']) {
      expect(holds('2026-05-01', operator, '2026-05-01', 'Nowhere/Land'), operator).toBe(false)
    }
  })

  test('days are days when the clocks change', () => {
    // New York goes to summer time on 8 March 2026: that day has 23 hours.
    const facts = (field: Json) => (fact: string) =>
      ({ field, now: Date.parse('2026-03-08T12:00:00-04:00'), zone: 'America/New_York' })[fact]
    const due = compileCondition({ fact: 'field', operator: 'dueInDays', value: 1 })
    expect(due(facts('2026-03-09T00:00:00-04:00'))).toBe(true)
    expect(due(facts('2026-03-09T23:59:59-04:00'))).toBe(true)
    expect(due(facts('2026-03-10T00:00:00-04:00'))).toBe(false)
    const ago = compileCondition({ fact: 'field', operator: 'ageInDays', value: 1 })
    expect(ago(facts('2026-03-07T00:00:00-05:00'))).toBe(true)
    // The wall clock time that the change skips is moved on.
    const today = compileCondition({ fact: 'field', operator: 'during', value: 'today' })
    expect(today(facts('2026-03-08T02:30:00'))).toBe(true)
  })
})

describe('blanks', () => {
  const asksForAbsence = /^(not(Equal|In|Same)|doesNot|excludes)/

  test.each([[undefined], [null], [''], ['　 '], [[]]])(
    '%j is blank: comparisons are false, absence is true',
    (blank) => {
      for (const operator of operatorNames) {
        if (operator === 'isEmpty' || operator === 'isNotEmpty') continue
        expect(holds(blank, operator, 'x'), operator).toBe(asksForAbsence.test(operator))
      }
      expect(holds(blank, 'isEmpty', true)).toBe(true)
      expect(holds(blank, 'isEmpty', false)).toBe(false)
      expect(holds(blank, 'isNotEmpty', true)).toBe(false)
      expect(holds(blank, 'isNotEmpty', false)).toBe(true)
    },
  )

  test.each([
    ['text', 'x'],
    ['number', 5],
    ['date', '2026-05-01'],
    ['list', ['x']],
  ])('no %s compares with a blank value', (_, fact) => {
    for (const operator of operatorNames) {
      if (operator === 'isEmpty' || operator === 'isNotEmpty') continue
      expect(holds(fact, operator, null), operator).toBe(asksForAbsence.test(operator))
    }
  })

  test('equal with null asks whether a field is empty', () => {
    expect(holds(undefined, 'equal', null)).toBe(true)
    expect(holds('', 'equal', null)).toBe(true)
    expect(holds(0, 'equal', null)).toBe(false)
    expect(holds(false, 'notEqual', null)).toBe(true)
  })
})

describe('decorators', () => {
  test.each(
    cases(`
      fact             operator                    value           | holds
      5                not:equal                   5               | no
      null             not:greaterThan             5               | yes   // turns any answer around
      ["a@b.jp","c"]   someFact:endsWith           .jp             | yes
      ["a@b.jp","c"]   everyFact:endsWith          .jp             | no
      c                someFact:endsWith           c               | no    // no list
      東京都           someValue:startsWith        ["大阪","東京"] | yes
      東京都           everyValue:contains         ["京","東"]     | yes
      東京都           someValue:startsWith        東京            | no    // the library throws
      2026-05-01       someValue:on                ["2026-05-01"]  | yes
      2026-05-01       swap:before                 2026-04-30      | yes
      2026-05-01       not:everyValue:after        ["2026-05-01"]  | yes
    `),
  )('$fact $operator $value: $holds', (row) => {
    expect(holds(cell(row.fact), row.operator, cell(row.value))).toBe(row.holds === 'yes')
  })

  test('the names that are offered exist', () => {
    for (const decorator of decoratorNames) expect(libraryOperator(`${decorator}:equal`)).not.toBeNull()
    expect(libraryOperator('never:equal')).toBeNull()
    expect(baseOperator('not:someFact:in')).toBe('in')
  })
})

test('every field type has operators, all of which exist, and can be asked whether it is empty', () => {
  for (const type of fieldType.options) {
    expect(operatorsFor(type), type).toContain('isEmpty')
    expect(new Set(operatorsFor(type)).size, type).toBe(operatorsFor(type).length)
    for (const operator of operatorsFor(type)) expect(operatorNames, type).toContain(operator)
  }
})
