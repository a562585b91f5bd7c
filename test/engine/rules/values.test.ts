import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '#definitions/json.ts'
import { compileCondition } from '#engine/rules/condition.ts'
import { operatorNames } from '#engine/rules/operators.ts'
import { valueFits, valueShape } from '#engine/rules/values.ts'
import { table } from '#test/table.ts'

test.each(
  table(`
    operator         value                                | fits
    equal            null                                 | yes
    greaterThan      5                                    | yes
    greaterThan      null                                 | no
    in               ["JP"]                               | yes
    in               []                                   | no
    not:in           "\\"JP\\""                           | no
    someValue:equal  5                                    | yes
    isEmpty          true                                 | yes
    isEmpty          "\\"yes\\""                          | no
    between          [1,2]                                | yes
    between          [1]                                  | no
    on               "\\"2026-05-01\\""                   | yes
    on               "\\"2026-02-30\\""                   | no
    betweenDates     ["2026-05-01","2026-05-31T10:00Z"]   | yes
    during           "\\"thisWeek\\""                     | yes
    during           {"period":"thisYear","startMonth":4} | yes
    during           {"period":"thisYear","startMonth":13} | no
    during           "\\"someday\\""                      | no
    inNext           7                                    | yes
    inNext           "\\"P1M\\""                          | yes
    inNext           -7                                   | no
    inNext           "\\"P\\""                            | no
    ageInDays        0                                    | yes
    ageInDays        {"min":3}                            | yes
    ageInDays        {"least":3}                          | no
    ageInDays        {}                                   | no
  `),
)('$operator $value: $fits', ({ operator, value, fits }) => {
  expect(valueFits(operator, JSON.parse(value) as Json)).toBe(fits === 'yes')
})

test('what does not fit is never true, and never false for the negated ones', () => {
  const value = fc.constantFrom<Json[]>(null, '', [], {}, 'x', -1, 0, 1.5, true, [1], ['2026-05-01'], { min: 'a' })
  const fact = fc.constantFrom<Json[]>('2026-05-01', 5, 'x', ['x'], 1_777_600_000_000)
  const asked = operatorNames.filter((name) => !['any', 'yes_or_no'].includes(valueShape(name)))
  fc.assert(
    fc.property(fc.constantFrom(...asked), value, fact, (operator, value, seen) => {
      fc.pre(!valueFits(operator, value))
      const facts: Record<string, Json> = { seen, now: 1_777_600_000_000, zone: 'Asia/Tokyo' }
      const negated = /^(not(In|Same)|doesNot|excludes)/.test(operator)
      expect(compileCondition({ fact: 'seen', operator, value })((name) => facts[name])).toBe(negated)
    }),
    { numRuns: 1_000 },
  )
})
