import { readFileSync } from 'node:fs'
import { Engine } from 'json-rules-engine'
import { describe, expect, test } from 'vitest'
import type { Condition } from '#definitions/condition.ts'
import type { Json } from '#definitions/json.ts'
import type { LeafTrace } from '#engine/decision.ts'
import { compileCondition, ConditionInvalid } from '#engine/rules/condition.ts'

const lead: Record<string, Json> = {
  Last_Name: '田中',
  Lead_Source: 'Web',
  No_of_Employees: 120,
  Discount_Limit: 100,
  previous: { Lead_Source: 'Phone' },
  message: { text: 'はい', buttons: [{ id: 'yes' }, { id: 'no' }] },
}
const facts = (fact: string) => lead[fact]
const leaf = (fact: string, operator: string, value: Json) => ({ fact, operator, value })
const yes = leaf('Lead_Source', 'equal', 'Web')
const no = leaf('Lead_Source', 'equal', 'Phone')

function looked(condition: Condition, named: Record<string, Condition> = {}, pointer?: string) {
  const trace: LeafTrace[] = []
  const answer = compileCondition(condition, named, pointer)(facts, trace)
  return { answer, trace, pointers: trace.map((one) => one.pointer) }
}

// What is compiled stands on a map that the library's types do not show. Another version needs a look at its sources.
test('the version of json-rules-engine is pinned, and its operators can be reached', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> }
  const installed = JSON.parse(readFileSync('node_modules/json-rules-engine/package.json', 'utf8')) as {
    version: string
  }
  expect(dependencies['json-rules-engine']).toBe('7.3.1')
  expect(installed.version).toBe('7.3.1')
  const { operators } = new Engine() as unknown as {
    operators: { get(name: string): { evaluate(fact: unknown, value: unknown): unknown } | null }
  }
  expect(operators.get('not:in')?.evaluate('JP', ['IN'])).toBe(true)
  expect(operators.get('nothing')).toBeNull()
})

describe('groups', () => {
  test('stop at the leaf that settles the answer', () => {
    expect(looked({ all: [yes, no, yes] })).toMatchObject({ answer: false, pointers: ['/all/0', '/all/1'] })
    expect(looked({ any: [no, yes, no] })).toMatchObject({ answer: true, pointers: ['/any/0', '/any/1'] })
  })

  test('look at high priority first, and keep the order of writing among equals', () => {
    const condition = { all: [yes, { ...yes, priority: 5 }, { any: [yes], priority: 5 }, { ...yes, priority: 9 }] }
    expect(looked(condition).pointers).toEqual(['/all/3', '/all/1', '/all/2/any/0', '/all/0'])
  })

  test.each([
    ['an empty all', { all: [] }, true],
    ['an empty any, as in the library', { any: [] }, true],
    ['not an empty all', { not: { all: [] } }, false],
    ['a leaf alone', yes, true],
  ])('%s', (_, condition, answer) => {
    expect(looked(condition).answer).toBe(answer)
  })

  test('leave the condition as it was, also when it is frozen', () => {
    const condition = Object.freeze({
      all: Object.freeze([Object.freeze({ ...yes, priority: 2 })]),
    }) as unknown as Condition
    const before = JSON.stringify(condition)
    expect(looked(condition).answer).toBe(true)
    expect(JSON.stringify(condition)).toBe(before)
  })
})

describe('leaves', () => {
  test('tell the trace what they saw, what they wanted and what they said', () => {
    const { trace } = looked({ all: [yes, leaf('Fax', 'isEmpty', true)] }, {}, '/branches/0/when')
    expect(trace).toEqual([
      { pointer: '/branches/0/when/all/0', ...leafTrace('Lead_Source', 'equal', 'Web', 'Web', true) },
      { pointer: '/branches/0/when/all/1', ...leafTrace('Fax', 'isEmpty', undefined, true, true) },
    ])
  })

  test('compare with another fact, and with a place in one', () => {
    expect(looked({ fact: 'No_of_Employees', operator: 'greaterThan', value: { fact: 'Discount_Limit' } }).answer).toBe(
      true,
    )
    const other = { fact: 'previous', path: '$.Lead_Source' }
    expect(looked({ fact: 'Lead_Source', operator: 'notEqual', value: other }).trace[0]).toMatchObject({
      expected: 'Phone',
      result: true,
    })
  })

  test.each([
    ['$.text', 'equal', 'はい', true],
    ['$.buttons[1].id', 'equal', 'no', true],
    ['$.buttons[*].id', 'equal', ['yes', 'no'], true],
    ["$['text']", 'equal', 'はい', true],
    ['$.buttons[7].id', 'isEmpty', true, true],
    ['$.constructor.name', 'isEmpty', true, true],
    ['$.toString', 'isEmpty', true, true],
  ])('read %s', (path, operator, value, answer) => {
    expect(looked({ fact: 'message', path, operator, value }).answer).toBe(answer)
  })

  test('with a path into what is no object see the fact itself, as in the library', () => {
    expect(looked({ fact: 'Last_Name', path: '$.first', operator: 'equal', value: '田中' }).answer).toBe(true)
  })

  test('see a missing fact as blank', () => {
    expect(looked(leaf('Nobody_Knows', 'equal', 'x')).answer).toBe(false)
    expect(looked(leaf('Nobody_Knows', 'notEqual', 'x')).answer).toBe(true)
  })
})

describe('named conditions', () => {
  const named = { isWeb: yes, isBig: { all: [leaf('No_of_Employees', 'greaterThan', 100), { condition: 'isWeb' }] } }

  test('stand for what they name, and are traced where they are written', () => {
    expect(looked({ all: [{ condition: 'isBig' }, { condition: 'isWeb' }] }, named, '/branches/0/when')).toMatchObject({
      answer: true,
      pointers: ['/conditions/isBig/all/0', '/conditions/isWeb', '/conditions/isWeb'],
    })
  })

  test.each([
    ['one that does not exist', { condition: 'isOdd' }, {}, '"isOdd"'],
    ['one of the names every object has', { condition: 'constructor' }, {}, '"constructor"'],
    ['one that refers to itself', { condition: 'a' }, { a: { not: { condition: 'a' } } }, 'refers to itself'],
    ['a ring', { condition: 'a' }, { a: { condition: 'b' }, b: { all: [{ condition: 'a' }] } }, 'refers to itself'],
  ])('are refused for %s', (_, condition, these, message) => {
    expect(() => compileCondition(condition, these as Record<string, Condition>)).toThrow(ConditionInvalid)
    expect(() => compileCondition(condition, these as Record<string, Condition>)).toThrow(message)
  })
})

describe('a condition is refused with the place', () => {
  test.each([
    ['an unknown operator', { all: [yes, leaf('a', 'isNice', 1)] }, '/all/1', 'There is no operator "isNice".'],
    ['an unknown decorator', leaf('a', 'never:equal', 1), '', 'There is no operator "never:equal".'],
    ['a script in a path', { fact: 'message', path: '$..[?(@.id)]', operator: 'equal', value: 1 }, '', 'script'],
    ['a script in the path of a value', { ...yes, value: { fact: 'a', path: '$[(@.length-1)]' } }, '', 'script'],
    ['no value', { all: [{ fact: 'a', operator: 'equal' }] }, '', '"value" property required'],
    ['a group that is no list', { all: { fact: 'a' } }, '', '"all" must be an array'],
  ])('for %s', (_, condition, pointer, message) => {
    const refused = () => compileCondition(condition as unknown as Condition)
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ code: 'ERR_CONDITION_INVALID', details: { pointer } }))
  })
})

function leafTrace(fact: string, operator: string, seen: Json | undefined, expected: Json, result: boolean) {
  return { fact, operator, seen, expected, result }
}
