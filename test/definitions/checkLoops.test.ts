import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cycles } from '#definitions/check/cycles.ts'
import { active, check, leaf, template } from './problems/bases.ts'

type Loose = Record<string, unknown>

/** A rule of few words: `on` a trigger, `set` these fields. */
const rule = (name: string, trigger: Loose | string, actions: Loose[], more: Loose = {}, later?: Loose[]): Loose => ({
  kind: 'workflow',
  name,
  module: 'Leads',
  trigger: typeof trigger === 'string' ? { on: trigger } : trigger,
  repeat: 'always',
  branches: [
    {
      ...(more.when ? { when: more.when } : {}),
      actions,
      ...(later ? { later: [{ after: 'P1D', actions: later }] } : {}),
    },
  ],
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'when')),
})
const changed = (field: string, to?: unknown, from?: unknown) => ({
  on: 'field.changed',
  fields: [{ field, ...(to === undefined ? {} : { to }), ...(from === undefined ? {} : { from }) }],
})
const set = (fields: Loose) => ({ type: 'updateRecord', set: fields })
const create = (module: string, fields: Loose) => ({
  type: 'createRecord',
  module,
  set: { Last_Name: '山田', ...fields },
})
const status = (value: unknown, operator = 'equal') => ({ all: [leaf('Lead_Status', operator, value)] })

const loops = (rules: Loose[], inForce: Loose[] = []) =>
  check(rules, { active: active(...inForce) })
    .problems.filter(({ code }) => code === 'rule_loop')
    .map(({ file, severity, message }) => [file, severity, /: (.*?)\./.exec(message)?.[1]])

describe('rules that set one another off', () => {
  test('two that put a field to and fro are an error', () => {
    const rules = [
      rule('cool', changed('Lead_Status', 'New'), [set({ Lead_Status: 'Contacted' })]),
      rule('warm', changed('Lead_Status', 'Contacted'), [set({ Lead_Status: 'New' })]),
    ]
    expect(loops(rules)).toEqual([['0.json', 'error', 'cool → warm → cool']])
  })

  test('are a warning when one of them runs once per record', () => {
    const rules = [
      rule('cool', changed('Lead_Status', 'New'), [set({ Lead_Status: 'Contacted' })]),
      rule('warm', changed('Lead_Status', 'Contacted'), [set({ Lead_Status: 'New' })], { repeat: 'once' }),
    ]
    expect(loops(rules)).toEqual([['0.json', 'warning', 'cool → warm → cool']])
  })

  test('run once by default when they are set off by changes', () => {
    const rules = [
      rule('cool', changed('Lead_Status', 'New'), [set({ Lead_Status: 'Contacted' })], { repeat: undefined }),
      rule('warm', changed('Lead_Status', 'Contacted'), [set({ Lead_Status: 'New' })], { repeat: undefined }),
    ]
    expect(loops(rules)).toEqual([['0.json', 'warning', 'cool → warm → cool']])
  })

  test('are found across a rule in force, and told at the one under check', () => {
    const old = rule('old', changed('Rating'), [set({ Company: '$[Leads.Rating]' })])
    const fresh = rule('fresh', changed('Company'), [set({ Rating: '$[Leads.Company]' })])
    expect(loops([fresh], [old])).toEqual([['0.json', 'error', 'fresh → old → fresh']])
    expect(loops([rule('other', 'record.created', [set({ City: '東京' })])], [old, fresh])).toEqual([])
  })

  test('are found through actions that come later', () => {
    const rules = [
      rule('a', changed('Rating'), [], {}, [set({ Company: '$[Leads.Rating]' })]),
      rule('b', changed('Company'), [set({ Rating: '$[Leads.Company]' })]),
    ]
    expect(loops(rules)).toEqual([['0.json', 'error', 'a → b → a']])
  })

  test('that make new records are an error even when each runs once per record', () => {
    const rules = [rule('breed', 'record.created', [create('Leads', {})], { repeat: 'once' })]
    expect(loops(rules)).toEqual([['0.json', 'error', 'breed → breed']])
  })

  test('that make new records are found although each only ever writes one constant', () => {
    const rules = [
      rule('mark', 'record.created', [set({ Rating: 'Active' })]),
      rule('breed', changed('Rating', 'Active'), [create('Leads', {})]),
    ]
    expect(loops(rules)).toEqual([['0.json', 'error', 'mark → breed → mark']])
  })

  test('through a task are found too', () => {
    const rules = [rule('task', 'record.created', [{ type: 'createTask', subject: 'x' }], { module: 'Tasks' })]
    expect(loops(rules)).toEqual([['0.json', 'error', 'task → task']])
  })

  test('through the status of a message are a warning', () => {
    const again = rule('again', { on: 'message.status', status: ['failed'] }, [
      { type: 'sendTemplate', template: 'hello' },
    ])
    expect(loops([template(), again])).toEqual([['1.json', 'warning', 'again → again']])
    const other = {
      ...again,
      branches: [
        {
          when: { not: { ...leaf('message', 'equal', 'hello'), path: '$.template' } },
          actions: [{ type: 'sendTemplate', template: 'hello' }],
        },
      ],
    }
    expect(loops([template(), other])).toEqual([])
  })

  test('with tags put on and taken off are an error', () => {
    const rules = [
      rule('on', changed('Tag'), [{ type: 'addTags', tags: ['vip'] }]),
      rule('off', changed('Tag'), [{ type: 'removeTags', tags: ['vip'] }]),
    ]
    expect(loops(rules)).toEqual([['0.json', 'error', 'on → off → on']])
  })

  test('with owners who take turns are an error, with one owner they come to rest', () => {
    const assign = (...users: string[]) => [rule('turn', changed('Owner'), [{ type: 'assignOwner', users }])]
    expect(loops(assign('a', 'b'))).toEqual([['0.json', 'error', 'turn → turn']])
    expect(loops(assign('a'))).toEqual([])
  })
})

describe('no loop is reported', () => {
  test.each<[string, Loose[]]>([
    [
      'a rule that updates its own record once',
      [rule('a', 'record.saved', [set({ Company: '$[Leads.Last_Name]' })], { repeat: 'once' })],
    ],
    [
      'a chain that ends',
      [rule('a', changed('Rating'), [set({ Company: 'x' })]), rule('b', changed('Company'), [set({ City: 'y' })])],
    ],
    [
      'a value that nobody writes',
      [rule('a', changed('Lead_Status', 'Converted'), [set({ Lead_Status: 'Contacted' })])],
    ],
    [
      'a change from the value that is written',
      [rule('a', changed('Lead_Status', undefined, 'New'), [set({ Lead_Status: 'New' })])],
    ],
    ['one constant, again and again', [rule('a', changed('Rating'), [set({ Rating: 'Active' })])]],
    [
      'constants that agree',
      [
        rule('a', changed('Rating'), [set({ Company: 'x' })]),
        rule('b', changed('Company'), [set({ Rating: 'Active' })]),
      ],
    ],
    [
      'tags that are only put on',
      [
        rule('a', changed('Tag'), [{ type: 'addTags', tags: ['x'] }]),
        rule('b', changed('Tag'), [{ type: 'addTags', tags: ['y'] }]),
      ],
    ],
    [
      'a condition that the written value fails',
      [rule('a', 'record.updated', [set({ Lead_Status: 'Contacted' })], { when: status('New') })],
    ],
    [
      'a condition with "in" that the written value fails',
      [rule('a', 'record.updated', [set({ Lead_Status: 'Contacted' })], { when: status(['New', 'Converted'], 'in') })],
    ],
    [
      'a condition turned around',
      [rule('a', 'record.updated', [set({ Lead_Status: 'Contacted' })], { when: { not: status('Contacted') } })],
    ],
    [
      'a decorator turned around',
      [rule('a', 'record.updated', [set({ Lead_Status: 'Contacted' })], { when: status(['Contacted'], 'not:in') })],
    ],
    [
      'a named condition that fails',
      [
        rule('a', 'record.updated', [set({ Lead_Status: 'Contacted' })], {
          when: { condition: 'fresh' },
          conditions: { fresh: status('New') },
        }),
      ],
    ],
    [
      'a new record without what the condition asks',
      [rule('a', 'record.created', [create('Leads', {})], { when: { all: [leaf('Lead_Source', 'equal', 'Web')] } })],
    ],
    ['a new record in another module', [rule('a', 'record.created', [create('Contacts', {})])]],
    ['an update, for a rule on creations', [rule('a', 'record.created', [set({ Company: '$[Leads.City]' })])]],
    ['a creation, for a rule on changes of a field', [rule('a', changed('Last_Name'), [create('Leads', {})])]],
    [
      'a webhook and a notice',
      [
        rule('a', 'record.saved', [
          { type: 'notify', role: 'sales', message: 'x' },
          { type: 'callWebhook', url: 'https://example.com' },
        ]),
      ],
    ],
  ])('for %s', (_, rules) => {
    expect(loops(rules)).toEqual([])
  })

  test('when an earlier branch surely takes the record', () => {
    const rules = [
      {
        ...rule('a', 'record.updated', []),
        branches: [{ when: status('Contacted'), actions: [] }, { actions: [set({ Lead_Status: 'Contacted' })] }],
      },
    ]
    expect(loops(rules)).toEqual([])
  })
})

describe('circles of a graph', () => {
  const noneIdle = () => () => false
  const graph = fc.array(fc.record({ from: fc.nat(7), to: fc.nat(7) }), { maxLength: 20 })
  const reaches = (edges: { from: number; to: number }[], from: number, to: number) => {
    const seen = new Set<number>()
    const todo = [from]
    for (const node of todo) {
      for (const edge of edges) {
        if (edge.from !== node || seen.has(edge.to)) continue
        seen.add(edge.to)
        todo.push(edge.to)
      }
    }
    return seen.has(to)
  }

  test('are closed, and every node that can come back to itself lies on one', () => {
    fc.assert(
      fc.property(graph, (edges) => {
        const found = cycles(edges, noneIdle)
        for (const cycle of found) {
          for (const [index, edge] of cycle.entries()) expect(edge.to).toBe(cycle[(index + 1) % cycle.length]!.from)
          expect(new Set(cycle.map(({ from }) => from)).size).toBe(cycle.length)
        }
        const on = new Set(found.flatMap((cycle) => cycle.map(({ from }) => from)))
        for (let node = 0; node < 8; node++) expect(on.has(node), `node ${node}`).toBe(reaches(edges, node, node))
      }),
    )
  })

  test('through ten thousand nodes are found without running out of stack', () => {
    const edges = Array.from({ length: 10_000 }, (_, from) => ({ from, to: (from + 1) % 10_000 }))
    expect(cycles(edges.slice(0, -1), noneIdle)).toEqual([])
    expect(cycles([{ from: 0, to: 0 }, ...edges.slice(0, -1)], noneIdle)).toEqual([[{ from: 0, to: 0 }]])
  })
})
