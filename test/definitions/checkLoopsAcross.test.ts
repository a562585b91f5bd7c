import { describe, expect, test } from 'vitest'
import { active, blueprint, check, journey, leaf, template } from './problems/bases.ts'

type Loose = Record<string, unknown>

const set = (fields: Loose) => ({ type: 'updateRecord', set: fields })
const create = (module: string, fields: Loose = {}) => ({
  type: 'createRecord',
  module,
  set: { Last_Name: '山田', ...fields },
})
const changed = (field: string, to?: unknown) => ({
  on: 'field.changed',
  fields: [{ field, ...(to === undefined ? {} : { to }) }],
})
const rule = (name: string, trigger: Loose, actions: Loose[], more: Loose = {}): Loose => ({
  kind: 'workflow',
  name,
  module: 'Leads',
  trigger,
  repeat: 'always',
  branches: [{ actions }],
  ...more,
})
const journeyOf = (name: string, entry: Loose, actions: Loose[], more: Loose = {}) =>
  journey({ name, entry, steps: [{ id: 'act', do: actions }], ...more })
const status = (value: string) => ({ all: [leaf('Lead_Status', 'equal', value)] })

const loops = (files: Loose[], inForce: Loose[] = []) =>
  check(files, { active: active(...inForce) })
    .problems.filter(({ code }) => code === 'rule_loop')
    .map(({ file, pointer, severity, message }) => [file, pointer, severity, /: (.*?)\. /.exec(`${message} `)?.[1]])

describe('a journey and what it does itself', () => {
  const again = { trigger: changed('Rating'), reentry: 'after_exit' }

  test('goes round for ever when it writes what lets a record in, just before it ends', () => {
    expect(loops([journeyOf('j', again, [set({ Rating: '$[Leads.Rating]' })])])).toEqual([
      ['0.json', '/steps/0/do/0', 'error', 'journey/j → journey/j'],
    ])
  })

  test.each<[string, Loose]>([
    ['it enters once', journeyOf('j', { trigger: changed('Rating') }, [set({ Rating: '$[Leads.Rating]' })])],
    ['it writes while the record is still in it', journeyOf('j', again, [], { steps: [{ id: 'a', do: [set({ Rating: '$[Leads.Rating]' })] }, { id: 'b', wait: 'P1D' }] })], // prettier-ignore
    ['it always writes the same', journeyOf('j', again, [set({ Rating: 'Active' })])],
    ['it is entered by hand', journeyOf('j', { trigger: { on: 'manual' }, reentry: 'always', key: '$[Leads.Company]' }, [set({ Rating: '$[Leads.Rating]' })])], // prettier-ignore
    ['what it writes is not what it asks for', journeyOf('j', { trigger: { on: 'record.updated' }, reentry: 'after_exit', when: status('New') }, [set({ Lead_Status: 'Contacted' })])], // prettier-ignore
    ['what it writes is its goal', journeyOf('j', { trigger: { on: 'record.updated' }, reentry: 'after_exit' }, [set({ Lead_Status: 'Converted' })], { goal: { when: status('Converted') } })], // prettier-ignore
    ['it does not touch what the record must come to match', journeyOf('j', { trigger: { on: 'condition' }, reentry: 'after_exit', when: status('New') }, [set({ Rating: '$[Leads.Rating]' })])], // prettier-ignore
  ])('comes to rest when %s', (_, file) => {
    expect(loops([file])).toEqual([])
  })

  test('breeds when it makes new records of its own kind, even when each enters once', () => {
    expect(loops([journeyOf('j', { trigger: { on: 'record.created' } }, [create('Leads')])])).toEqual([
      ['0.json', '/steps/0/do/0', 'error', 'journey/j → journey/j'],
    ])
  })

  test('is warned about when it goes round through messages', () => {
    const failed = { trigger: { on: 'message.status', status: ['failed'] }, reentry: 'after_exit' }
    const file = journey({ name: 'j', entry: failed, steps: [{ id: 'a', send: { template: 'hello' } }] })
    expect(loops([template(), file])).toEqual([['1.json', '/steps/0/send', 'warning', 'journey/j → journey/j']])
  })
})

describe('automations of different kinds', () => {
  test('a journey and a workflow', () => {
    const files = [
      journeyOf('warm', { trigger: changed('Lead_Status', 'New'), reentry: 'after_exit' }, [
        set({ Lead_Status: 'Contacted' }),
      ]),
      rule('cool', changed('Lead_Status', 'Contacted'), [set({ Lead_Status: 'New' })]),
    ]
    expect(loops(files)).toEqual([['0.json', '/steps/0/do/0', 'error', 'journey/warm → workflow/cool → journey/warm']])
    expect(loops(files.slice(0, 1), files.slice(1))).toHaveLength(1)
    expect(loops([rule('other', changed('City'), [])], files)).toEqual([])
  })

  test('a journey that a record comes to match, and a workflow', () => {
    const files = [
      journeyOf('warm', { trigger: { on: 'condition' }, when: status('New'), reentry: 'after_exit' }, [
        set({ Lead_Status: 'Contacted' }),
      ]),
      rule('cool', changed('Lead_Status', 'Contacted'), [set({ Lead_Status: 'New' })]),
    ]
    expect(loops(files).map(([, , severity]) => severity)).toEqual(['error'])
  })

  test('one of them that enters once, or only after a while, makes it a warning', () => {
    const cool = rule('cool', changed('Lead_Status', 'Contacted'), [set({ Lead_Status: 'New' })])
    for (const reentry of ['never', { after: 'P30D' }]) {
      const warm = journeyOf('warm', { trigger: changed('Lead_Status', 'New'), reentry }, [
        set({ Lead_Status: 'Contacted' }),
      ])
      expect(loops([warm, cool]).map(([, , severity]) => severity)).toEqual(['warning'])
    }
  })

  const desk = (more: Loose[], changes: Loose = {}) =>
    blueprint({
      name: 'desk',
      module: 'Leads',
      field: 'Lead_Status',
      states: { New: { initial: true }, Contacted: {}, Converted: { final: true } },
      transitions: [
        { name: '成約', from: '*', to: 'Converted' },
        { name: '連絡', from: ['New'], to: 'Contacted' },
        ...more,
      ],
      ...changes,
    })
  const reset = rule('reset', changed('Lead_Status', 'Contacted'), [set({ Lead_Status: 'New' })])

  test('a workflow that takes back what a blueprint does by itself', () => {
    const auto = { name: '自動', from: ['New'], to: 'Contacted', auto: { after: 'P1D' } }
    expect(loops([desk([auto]), reset])).toEqual([
      ['0.json', '/transitions/2', 'error', 'blueprint/desk → workflow/reset → blueprint/desk'],
    ])
  })

  test('what people do in a blueprint goes round only as long as they do', () => {
    expect(loops([desk([]), reset])).toEqual([])
  })

  test('a blueprint by itself may go round in its own time', () => {
    const there = { name: 'a', from: ['New'], to: 'Contacted', auto: { after: 'P30D' } }
    const back = { name: 'b', from: ['Contacted'], to: 'New', auto: { after: 'P30D' } }
    expect(loops([desk([there, back])])).toEqual([])
    // It does not hide the circle that goes through a workflow.
    expect(loops([desk([there, back]), reset]).map(([, , , names]) => names)).toEqual([
      'blueprint/desk → workflow/reset → blueprint/desk',
    ])
  })

  test('a condition that a workflow makes true again', () => {
    const auto = { name: '自動', from: ['New'], to: 'Contacted', auto: { when: leaf('Rating', 'equal', 'Active') } }
    expect(loops([desk([auto]), reset]).map(([, , severity]) => severity)).toEqual(['error'])
    const elsewhere = rule('rate', changed('Lead_Status', 'Contacted'), [set({ Rating: 'Active' })])
    // It writes the rating, but nobody brings the record back to where that moves it.
    expect(loops([desk([auto]), elsewhere])).toEqual([])
  })

  test('an escalation that leads back to its state by a workflow', () => {
    const sla = { within: 'P1D', actions: [set({ Rating: '$[Leads.Rating]' })] }
    const late = desk([], { states: { New: { initial: true, sla }, Contacted: {}, Converted: { final: true } } })
    const again = rule('again', changed('Rating'), [set({ Lead_Status: '$[Leads.Lead_Status]' })])
    const cycle = ['0.json', '/states/New/sla/actions/0', 'error', 'blueprint/desk → workflow/again → blueprint/desk']
    expect(loops([late, again])).toEqual([cycle])
    // Always the same state: it is entered once.
    expect(loops([late, rule('again', changed('Rating'), [set({ Lead_Status: 'New' })])])).toEqual([])
  })

  test('a new record that a blueprint makes and takes in', () => {
    const auto = { name: '自動', from: ['New'], to: 'Contacted', auto: { after: 'P1D' }, after: [create('Leads')] }
    expect(loops([desk([auto])]).map(([, , , names]) => names)).toEqual(['blueprint/desk → blueprint/desk'])
    const through = rule('copy', changed('Lead_Status', 'Contacted'), [create('Leads')])
    expect(loops([desk([{ ...auto, after: [] }]), through]).map(([, , severity]) => severity)).toEqual(['error'])
    const other = rule('copy', changed('Lead_Status', 'Contacted'), [create('Leads', { Lead_Status: 'Converted' })])
    expect(loops([desk([{ ...auto, after: [] }]), other])).toEqual([])
  })
})
