import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import { definitionSchemas, type Blueprint } from '#definitions/definitions.ts'
import { analyse } from '#engine/analyse.ts'
import { blueprint as plain, calendar, context, journey, template, workflow } from '#test/definitions/problems/bases.ts'

const schema = definitionSchemas().blueprint
const blueprint = (states: object, transitions: object[]): Blueprint =>
  schema.parse({ kind: 'blueprint', name: 'x', module: 'Deals', field: 'Stage', states, transitions })
const go = (name: string, from: string[] | '*', to: string, more: object = {}) => ({ name, from, to, ...more })
const when = (value: number) => ({ auto: { when: { fact: 'Amount', operator: 'equal', value } } })

test('a walk over a blueprint says what it never comes to and where it stops', () => {
  const walked = analyse.blueprint(
    blueprint({ 商談: { initial: true }, 見積: {}, 保留: {}, 受注: { final: true }, 失注: { final: true } }, [
      go('提案', ['商談'], '見積'),
      go('再開', ['保留'], '商談'),
      go('受注', ['保留'], '受注'),
    ]),
  )
  expect(walked).toEqual({
    unreachable: ['保留', '受注', '失注'],
    deadEnds: ['見積'],
    neverTaken: ['再開', '受注'],
    loops: [],
  })
})

test('parts of a parallel transition lead where it leads', () => {
  const parallel = Array.from({ length: 20 }, (_, index) => ({ name: `part ${index}` }))
  const walked = analyse.blueprint(
    blueprint({ A: { initial: true }, B: { final: true } }, [go('all', ['A'], 'B', { parallel })]),
  )
  expect(walked).toEqual({ unreachable: [], deadEnds: [], neverTaken: [], loops: [] })
})

describe('circles of transitions that move by themselves at once', () => {
  const states = { A: { initial: true }, B: {}, C: {}, Z: { final: true } }

  test('are each told once', () => {
    const { loops } = analyse.blueprint(
      blueprint(states, [
        go('ab', ['A'], 'B', when(1)),
        go('ba', ['B'], 'A', when(2)),
        go('bc', ['B'], 'C', when(3)),
        go('ca', ['C'], 'A', { auto: { after: 'P0D' } }),
        go('end', '*', 'Z'),
      ]),
    )
    expect(loops).toEqual([
      ['ab', 'ba'],
      ['ab', 'bc', 'ca'],
    ])
  })

  test('are none when a person or time is between', () => {
    const { loops } = analyse.blueprint(
      blueprint(states, [go('ab', ['A'], 'B', when(1)), go('ba', ['B'], 'A'), go('bc', ['B'], 'C', when(1)), go('ca', ['C'], 'A', { auto: { after: 'PT1S' } })]), // prettier-ignore
    )
    expect(loops).toEqual([])
  })

  test('in a tangle of two hundred do not keep it busy', () => {
    const names = Array.from({ length: 40 }, (_, index) => `S${index}`)
    const tangle = blueprint(
      Object.fromEntries(names.map((name, index) => [name, { initial: index === 0 }])),
      Array.from({ length: 200 }, (_, index) => go(`t${index}`, [names[index % 40]!], names[(index * 7 + 3) % 40]!, when(index))), // prettier-ignore
    )
    const before = performance.now()
    expect(analyse.blueprint(tangle).loops.length).toBeGreaterThan(0)
    expect(performance.now() - before).toBeLessThan(1_000)
  })
})

test('whatever the blueprint, what is called unreachable is what following its transitions does not come to', () => {
  const index = fc.nat(5)
  const transition = fc.record({ from: fc.oneof(fc.constant('*' as const), fc.uniqueArray(index, { minLength: 1 })), to: index }) // prettier-ignore
  fc.assert(
    fc.property(fc.array(transition, { minLength: 1, maxLength: 8 }), fc.subarray([1, 2, 3, 4, 5]), (drawn, final) => {
      const states = Object.fromEntries(
        [0, 1, 2, 3, 4, 5].map((one) => [`S${one}`, { initial: one === 0, final: final.includes(one) }]),
      )
      const transitions = drawn.map(({ from, to }, nth) => ({
        name: `t${nth}`,
        from: from === '*' ? from : from.map((one) => `S${one}`),
        to: `S${to}`,
      }))
      // From a final state nothing leads away; check refuses that before it asks for a walk.
      fc.pre(transitions.every(({ from }) => from === '*' || from.every((one) => !states[one]!.final)))
      const leads = (from: string, one: (typeof transitions)[number]) =>
        one.from === '*' ? !states[from]!.final && from !== one.to : one.from.includes(from)
      const reached = new Set(['S0'])
      for (const at of reached) for (const one of transitions) if (leads(at, one)) reached.add(one.to)
      const walked = analyse.blueprint(blueprint(states, transitions))
      expect(walked.unreachable).toEqual(Object.keys(states).filter((name) => !reached.has(name)))
      expect(walked.neverTaken).toEqual(
        transitions.filter((one) => ![...reached].some((at) => leads(at, one))).map(({ name }) => name),
      )
      expect(walked.deadEnds).toEqual(
        Object.keys(states).filter((name) => !states[name]!.final && !transitions.some((one) => leads(name, one))),
      )
    }),
  )
})

test.each([
  ['0 9 * * 1-5', null],
  ['0 9 29 2 *', null],
  ['0 9 30 2 *', { kind: 'never' }],
])('the schedule %s', (cron, expected) => {
  expect(analyse.cron(cron, 'Asia/Tokyo')).toEqual(expected)
})

test('a thousand definitions of all kinds are checked within seconds', () => {
  const states = { Qualification: { initial: true }, Proposal: {}, 'Needs Analysis': {}, Won: { final: true }, Lost: { final: true } } // prettier-ignore
  const steps = [
    { id: 'hello', send: { template: 'hello' } },
    { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P2D', then: 'thanks', else: 'again' },
    { id: 'again', goto: 'hello', max: 2, next: 'end' },
    { id: 'thanks', do: [{ type: 'updateRecord', set: { Lead_Status: 'Contacted' } }] },
    { id: 'end', exit: 'completed' },
  ]
  const changed = (to: string) => ({ on: 'field.changed', fields: [{ field: 'Lead_Status', to }] })
  const files = Array.from({ length: 1_000 }, (_, index) => {
    const name = `x-${index}`
    if (index % 4 === 0) {
      const transitions = [go('a', ['Qualification'], 'Proposal'), go('b', ['Proposal'], 'Needs Analysis'), go('c', ['Needs Analysis'], 'Won'), go('d', '*', 'Lost', { auto: { after: 'P30D' } })] // prettier-ignore
      return plain({ name, states, transitions, entry: { when: { fact: 'Amount', operator: 'equal', value: index } } })
    }
    if (index % 4 === 1) return journey({ name, steps, entry: { trigger: changed('New'), reentry: 'after_exit' } })
    if (index % 4 === 2) return workflow({ name, trigger: changed('Contacted'), branches: [{ actions: [{ type: 'updateRecord', set: { Rating: `${index}` } }] }] }) // prettier-ignore
    return calendar({ name })
  })
  const before = performance.now()
  const sources = [template(), ...files].map((json, index) => ({ file: `${index}`, json }))
  const { problems } = checkDefinitions(sources, context)
  expect(performance.now() - before).toBeLessThan(6_000)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
})
