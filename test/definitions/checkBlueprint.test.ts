import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition } from '#definitions/condition.ts'
import { excludeEachOther } from '#definitions/check/together.ts'
import { compileCondition } from '#engine/rules/condition.ts'
import { active, blueprint, calendar, check, leaf, moving } from './problems/bases.ts'

const amount = (operator: string, value: unknown) => leaf('Amount', operator, value)
const propose = { name: '提案する', from: ['Qualification'], to: 'Proposal' }
const back = { name: '戻す', from: ['Proposal'], to: 'Qualification' }
const win = { name: '受注', from: ['Proposal'], to: 'Won' }
const codes = (files: unknown[], inForce: Record<string, unknown>[] = []) =>
  check(files, { active: active(...inForce) }).problems.map(({ file, code, severity }) => `${file} ${severity} ${code}`)

describe('a blueprint without problems', () => {
  test.each([
    ['the plain one', blueprint()],
    [
      'one with everything that the design shows (S66)',
      blueprint({
        entry: { when: { all: [amount('greaterThan', 100_000)] } },
        states: {
          Qualification: {
            initial: true,
            sla: { within: 'P3D', actions: [{ type: 'notify', role: 'manager', message: '遅れています' }] },
          },
          Proposal: {},
          Won: { final: true },
          Lost: { final: true },
        },
        transitions: [
          {
            ...propose,
            before: { roles: ['sales'], when: { all: [amount('lessThan', 5_000_000)] } },
            during: { fields: [{ field: 'Closing_Date', required: true }] },
            after: [{ type: 'createTask', subject: '提案書を送る: $[商談.商談名]' }],
          },
          { ...win, parallel: [{ name: '法務' }, { name: '経理', during: { note: 'required', checklist: ['与信'] } }] },
          { name: 'Give up', from: '*', to: 'Lost', auto: { after: 'P30D' } },
        ],
      }),
    ],
    ['one that never ends', blueprint({ states: { Qualification: { initial: true }, Proposal: {} }, transitions: [propose, back] })], // prettier-ignore
    [
      'a circle of automatic transitions that takes time',
      blueprint({
        transitions: [
          { ...propose, auto: { when: amount('greaterThan', 1) } },
          { ...back, auto: { after: 'P7D' } },
          win,
        ],
      }),
    ],
    [
      'a circle whose conditions cannot hold together',
      blueprint({
        transitions: [
          { ...propose, auto: { when: { all: [amount('greaterThanInclusive', 100)] } } },
          { ...back, auto: { when: { not: { any: [amount('greaterThanInclusive', 100)] } } } },
          win,
        ],
      }),
    ],
    [
      'a circle that `before` keeps apart',
      blueprint({
        conditions: { big: { all: [amount('greaterThan', 100)] } },
        transitions: [
          { ...propose, before: { when: { condition: 'big' } }, auto: { after: 'PT0S' } },
          { ...back, auto: { when: amount('lessThan', 50) } },
          win,
        ],
      }),
    ],
    ['a condition on the state that it leads away from', moving({ before: { when: leaf('Stage', 'in', ['Qualification', 'Won']) } })], // prettier-ignore
    [
      'automatic transitions of which the sooner one asks for something',
      blueprint({
        transitions: [
          { ...propose, auto: { after: 'P3D' }, before: { when: amount('greaterThan', 1) } },
          win,
          { name: '失効', from: '*', to: 'Won', auto: { after: 'P28D' } },
          { name: '期限切れ', from: ['Proposal'], to: 'Won', auto: { after: 'P1M' } },
        ],
      }),
    ],
    ['a write of another field', moving({ after: [{ type: 'updateRecord', set: { Next_Step: '電話' } }] })],
    ['a state field of another module', moving({ after: [{ type: 'createRecord', module: 'Deals', set: { Deal_Name: 'x', Stage: 'Proposal' } }] })], // prettier-ignore
    ['working time of a calendar', [calendar(), moving({ auto: { after: { unit: 'business_days', count: 2, calendar: 'office' } } })]], // prettier-ignore
  ])('%s', (_, files) => {
    expect(codes([files].flat())).toEqual([])
  })

  test.each(['a.b', '#x', '*', '\\', 'constructor', '終了.確認'])('a state that is called %s', (name) => {
    const states = Object.fromEntries([
      ['Qualification', { initial: true }],
      [name, {}],
      ['Won', { final: true }],
    ])
    const transitions = [
      { ...propose, to: name },
      { ...win, from: [name] },
    ]
    const module = {
      kind: 'module',
      name: 'Deals',
      labels: { ja: '案件' },
      title: 'Deal_Name',
      fields: { Deal_Name: { type: 'text' }, Stage: { type: 'picklist', values: Object.keys(states) } },
    }
    expect(codes([module, blueprint({ states, transitions })])).toEqual([])
  })
})

describe('of two blueprints on one field', () => {
  const named = (name: string, more: Record<string, unknown> = {}) => blueprint({ name, ...more })
  const big = { when: amount('greaterThan', 1) }

  test('the one in force may be the one that is never entered', () => {
    expect(codes([named('a')], [named('b')])).toEqual(['0.json warning blueprint_never_entered'])
    expect(codes([named('b')], [named('a')])).toEqual(['0.json warning blueprint_never_entered'])
    expect(codes([blueprint({ name: 'c', module: 'Leads', field: 'Lead_Status', states: { New: { initial: true }, Converted: { final: true } }, transitions: [{ name: 'x', from: '*', to: 'Converted' }] })], [named('a'), named('b')])).toEqual([]) // prettier-ignore
  })

  test('each is entered when the first asks for more, or has other states', () => {
    expect(codes([named('a', { entry: big }), named('b')])).toEqual([])
    const others = {
      states: { 'Needs Analysis': { initial: true }, Lost: { final: true } },
      transitions: [{ name: '失注', from: '*', to: 'Lost' }],
    }
    expect(codes([named('a', others), named('b')])).toEqual([])
  })

  test('conditions of the same name are not the same', () => {
    const vip = (operator: string) => ({
      entry: { when: { condition: 'vip' } },
      conditions: { vip: amount(operator, 5) },
    })
    expect(codes([named('a', vip('lessThan')), named('b', vip('greaterThan'))])).toEqual([])
    expect(codes([named('a', vip('lessThan')), named('b', vip('lessThan'))])).toEqual([
      '1.json warning blueprint_never_entered',
    ])
  })
})

test('a blueprint that is not sound in itself is not walked, and nothing that follows from it is told', () => {
  const twice = blueprint({ states: { Qualification: {}, Proposal: {}, Won: {} } })
  expect(codes([twice])).toEqual(['0.json error no_initial_state'])
})

describe('conditions that exclude each other', () => {
  const never = (...conditions: unknown[]) => excludeEachOther(conditions as Condition[], {}, () => true)

  test.each([
    ['two values', [leaf('A', 'equal', 'x'), leaf('A', 'equal', 'y')]],
    ['a value and a list without it', [leaf('A', 'equal', 'x'), leaf('A', 'in', ['y', 'z'])]],
    ['a value and that it is not', [leaf('A', 'equal', 'x'), leaf('A', 'not:equal', 'x')]],
    ['a value and blank', [leaf('A', 'equal', 'x'), leaf('A', 'isEmpty', true)]],
    ['bounds that do not meet', [leaf('A', 'greaterThan', 5), leaf('A', 'lessThanInclusive', 5)]],
    ['a value out of bounds', [leaf('A', 'equal', 3), { all: [leaf('A', 'greaterThan', 5)] }]],
    ['a bound and blank', [leaf('A', 'greaterThan', 5), leaf('A', 'isNotEmpty', false)]],
    ['anything and its negation', [leaf('A', 'startsWith', 'x'), { not: { all: [leaf('A', 'startsWith', 'x')] } }]],
    ['a group and its negation', [{ any: [leaf('A', 'equal', 1), leaf('B', 'equal', 1)] }, { not: { any: [leaf('A', 'equal', 1), leaf('B', 'equal', 1)] } }]], // prettier-ignore
    ['none of a list and one of it', [{ not: { any: [leaf('A', 'equal', 'x'), leaf('A', 'equal', 'y')] } }, leaf('A', 'equal', 'x')]], // prettier-ignore
  ])('%s', (_, conditions) => {
    expect(never(...conditions)).toBe(true)
    expect(never(...conditions.toReversed())).toBe(true)
  })

  // What it calls impossible must be so for every record: the engine's own operators are asked.
  test('never hold together for any record', () => {
    const value = fc.constantFrom<unknown>('x', 'y', '', 1, 2, 3, true, null)
    const plain = fc.record({
      fact: fc.constantFrom('A', 'B'),
      operator: fc.constantFrom('equal', 'notEqual', 'not:equal', 'lessThan', 'greaterThan', 'lessThanInclusive', 'greaterThanInclusive'), // prettier-ignore
      value,
    })
    const listed = fc.record({ fact: fc.constantFrom('A', 'B'), operator: fc.constantFrom('in', 'notIn', 'not:in'), value: fc.array(value, { maxLength: 3 }) }) // prettier-ignore
    const blank = fc.record({ fact: fc.constantFrom('A', 'B'), operator: fc.constantFrom('isEmpty', 'isNotEmpty'), value: fc.boolean() }) // prettier-ignore
    const { condition } = fc.letrec<{ condition: unknown }>((tie) => ({
      condition: fc.oneof(
        { maxDepth: 2 },
        { arbitrary: fc.oneof(plain, listed, blank), weight: 4 },
        fc.record({ all: fc.array(tie('condition'), { maxLength: 2 }) }),
        fc.record({ any: fc.array(tie('condition'), { maxLength: 2 }) }),
        fc.record({ not: tie('condition') }),
      ),
    }))
    let impossible = 0
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 3 }), value, value, (conditions, a, b) => {
        if (!never(...conditions)) return
        impossible++
        const facts = (name: string) => (name === 'A' ? a : b) as never
        const all = conditions.map((one) => compileCondition(one as Condition, {}, '')(facts))
        expect(all).toContain(false)
      }),
      { numRuns: 5_000 },
    )
    expect(impossible).toBeGreaterThan(100)
  })

  test('say nothing about facts that may change, or are not known to be one value', () => {
    const both = [leaf('A', 'equal', 'x'), leaf('A', 'equal', 'y')] as Condition[]
    expect(excludeEachOther(both, {}, (fact) => fact !== 'A')).toBe(false)
  })
})
