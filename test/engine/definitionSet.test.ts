import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Definition, Template, Workflow } from '#definitions/definitions.ts'
import { definitionKey } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import { builtinModules } from '#definitions/modules.ts'
import type { LeafTrace } from '#engine/decision.ts'
import { compileDefinitions } from '#engine/definitionSet.ts'
import type { OccasionKind } from '#engine/definitionSet/ruleIndex.ts'
import type { StoredDefinition } from '#engine/store.ts'

function stored(definition: Definition, extra: Partial<StoredDefinition> = {}): StoredDefinition {
  const key = definitionKey(definition)
  return { key, version: 1, active: true, definition, hash: 'h', createdAt: 0, createdBy: 'test', ...extra }
}

function workflow(name: string, trigger: Workflow['trigger'], more: Partial<Workflow> = {}): Workflow {
  return { kind: 'workflow', name, module: 'Leads', trigger, branches: [{ actions: [] }], ...more }
}

function template(language: string, more: Partial<Template> = {}): Template {
  return {
    kind: 'template',
    name: 'welcome_lead',
    language,
    category: 'UTILITY',
    module: 'Leads',
    body: 'こんにちは',
    ...more,
  }
}

const compile = (...definitions: Definition[]) =>
  compileDefinitions(
    definitions.map((definition) => stored(definition)),
    builtinModules,
  )

describe('rules', () => {
  const all = compile(
    workflow('created', { on: 'record.created' }),
    workflow('updated', { on: 'record.updated' }),
    workflow('saved', { on: 'record.saved' }),
    workflow('deleted', { on: 'record.deleted' }),
    workflow('status-changed', { on: 'field.changed', fields: [{ field: 'Lead_Status' }] }),
    workflow('a-replied', { on: 'message.received' }),
    workflow('read', { on: 'message.status', status: ['read'] }),
    workflow('birthday', { on: 'date', field: 'Birthday' }),
    workflow('every-morning', { on: 'schedule', cron: '0 9 * * *' }),
    workflow('deal', { on: 'record.created' }, { module: 'Deals' }),
  )

  test.each<[OccasionKind, string[], string[]]>([
    ['record.created', [], ['created', 'saved']],
    ['record.created', ['Lead_Status'], ['created', 'saved']], // what a record is born with has not changed
    ['record.updated', [], ['saved', 'updated']],
    ['record.updated', ['Lead_Status'], ['saved', 'status-changed', 'updated']],
    ['record.updated', ['Email'], ['saved', 'updated']],
    ['record.deleted', [], ['deleted']],
    ['message.received', [], ['a-replied']],
    ['message.status', [], ['read']],
  ])('%s with changes %j meets %j', (kind, changed, names) => {
    expect(all.candidates(kind, 'Leads', changed).map(({ workflow }) => workflow.name)).toEqual(names)
  })

  test('of another module are not met', () => {
    expect(all.candidates('record.created', 'Deals', []).map(({ key }) => key)).toEqual(['workflow/deal'])
    expect(all.candidates('record.created', 'Invoices', [])).toEqual([])
  })

  test.each([
    ['record.updated', undefined, true],
    ['record.saved', undefined, true],
    ['record.created', undefined, false],
    ['record.deleted', undefined, false],
    ['message.received', undefined, false],
    ['record.updated', 'always', false],
    ['record.created', 'once', true],
  ] as const)('on %s with repeat %s run once: %s', (on, repeat, once) => {
    const set = compile(workflow('one', { on }, repeat === undefined ? {} : { repeat }))
    expect(set.rules.get('workflow/one')?.once).toBe(once)
  })

  test('on a changed field run once by default', () => {
    const set = compile(workflow('one', { on: 'field.changed', fields: [{ field: 'Lead_Status' }] }))
    expect(set.rules.get('workflow/one')?.once).toBe(true)
  })

  test('of inactive versions are not run, and any version of an active one counts as active', () => {
    const set = compileDefinitions(
      [
        stored(workflow('hello', { on: 'record.created' }), { version: 1, active: false }),
        stored(workflow('hello', { on: 'record.created' }), { version: 2 }),
        stored(workflow('gone', { on: 'record.created' }), { version: 7, active: false }),
      ],
      builtinModules,
    )
    expect(set.candidates('record.created', 'Leads', []).map(({ id }) => id)).toEqual(['workflow/hello@2'])
    expect(set.isActive('workflow/hello@1')).toBe(true)
    expect(set.isActive('workflow/hello')).toBe(true)
    expect(set.isActive('workflow/gone@7')).toBe(false)
  })

  test('that cannot be compiled are set aside, and the rest works', () => {
    const when = { fact: 'Lead_Source', operator: 'isNice', value: 1 }
    const set = compile(
      workflow('bad', { on: 'record.created' }, { branches: [{ actions: [] }, { when, actions: [] }] }),
      workflow('good', { on: 'record.created' }),
    )
    expect(set.broken).toEqual([{ key: 'workflow/bad', version: 1, error: 'There is no operator "isNice".' }])
    expect(set.candidates('record.created', 'Leads', []).map(({ key }) => key)).toEqual(['workflow/good'])
  })

  test('trace their leaves where they stand in the definition', () => {
    const set = compile(
      workflow(
        'one',
        { on: 'record.created' },
        {
          conditions: { isWeb: { fact: 'Lead_Source', operator: 'equal', value: 'Web' } },
          branches: [
            { when: { fact: 'Country', operator: 'in', value: ['JP'] }, actions: [] },
            { when: { all: [{ condition: 'isWeb' }] }, actions: [] },
            { actions: [] },
          ],
        },
      ),
    )
    const trace: LeafTrace[] = []
    const branches = set.rules.get('workflow/one')?.branches ?? []
    const won = branches.find(({ when }) => when === null || when((fact) => ({ Country: 'IN' })[fact], trace))
    expect(won?.index).toBe(2)
    expect(trace.map(({ pointer }) => pointer)).toEqual(['/branches/0/when', '/conditions/isWeb'])
  })
})

describe('field.changed', () => {
  const applies = (trigger: Workflow['trigger'], values: Record<string, Json>, previous: Record<string, Json>) => {
    const set = compile(workflow('one', trigger))
    const changed = Object.keys(values)
    const trace: LeafTrace[] = []
    const facts = (fact: string) => ({ ...values, previous, changed })[fact] as Json | undefined
    return { answer: set.rules.get('workflow/one')?.applies(facts, changed, trace), trace }
  }
  const won = { field: 'Stage', to: 'Won' }
  const fromNew = { field: 'Stage', from: 'New', to: 'Won' }
  const amount = { field: 'Amount' }

  test.each([
    ['changed to', [won], undefined, { Stage: 'Won' }, { Stage: 'New' }, true],
    ['changed to something else', [won], undefined, { Stage: 'Lost' }, { Stage: 'New' }, false],
    ['changed from and to', [fromNew], undefined, { Stage: 'Won' }, { Stage: 'New' }, true],
    ['changed from something else', [fromNew], undefined, { Stage: 'Won' }, { Stage: 'Lost' }, false],
    ['not changed', [won], undefined, { Amount: 5 }, {}, false],
    ['any of two', [won, amount], undefined, { Amount: 5 }, {}, true],
    ['all of two, one changed', [won, amount], 'all', { Amount: 5 }, {}, false],
    ['all of two', [won, amount], 'all', { Amount: 5, Stage: 'Won' }, {}, true],
    ['filled in, was empty', [{ field: 'Fax', from: null }], undefined, { Fax: '03' }, {}, true],
    ['changed, was not empty', [{ field: 'Fax', from: null }], undefined, { Fax: '03' }, { Fax: '06' }, false],
    ['emptied', [{ field: 'Fax', to: null }], undefined, { Fax: null }, { Fax: '06' }, true],
  ] as const)('%s', (_, fields, match, values, previous, answer) => {
    const trigger = { on: 'field.changed', fields: [...fields], ...(match && { match }) } as Workflow['trigger']
    expect(applies(trigger, values, previous).answer).toBe(answer)
  })

  test('tells the trace why it does not apply', () => {
    const { trace } = applies({ on: 'field.changed', fields: [fromNew] }, { Stage: 'Won' }, { Stage: 'Lost' })
    expect(trace).toMatchObject([
      { pointer: '/trigger/fields/0/field', fact: 'changed', result: true },
      { pointer: '/trigger/fields/0/from', fact: 'previous', seen: 'Lost', expected: 'New', result: false },
    ])
  })
})

test.each([
  [['read', 'delivered'], 'read', true],
  [['read', 'delivered'], 'failed', false],
  [undefined, 'failed', true],
] as const)('message.status %j applies to %s: %s', (status, came, answer) => {
  const set = compile(workflow('one', { on: 'message.status', ...(status && { status: [...status] }) }))
  const facts = (fact: string) => (fact === 'message' ? { status: came } : undefined)
  expect(set.rules.get('workflow/one')?.applies(facts, [])).toBe(answer)
})

describe('the index', () => {
  const fields = ['A', 'B', 'C']
  const aField = fc.constantFrom(...fields)
  const anOn = fc.constantFrom('record.created', 'record.updated', 'record.saved', 'record.deleted', 'message.received')
  const aTrigger: fc.Arbitrary<Workflow['trigger']> = fc.oneof(
    anOn.map((on) => ({ on })),
    fc.record({
      on: fc.constant('field.changed' as const),
      fields: fc.array(fc.record({ field: aField, to: fc.constantFrom(1, 2) }), { minLength: 1, maxLength: 3 }),
      match: fc.constantFrom('any', 'all'),
    }),
  )
  const rules = fc.array(
    fc.record({ trigger: aTrigger, module: fc.constantFrom('Leads', 'Deals'), level: fc.nat(3) }),
    {
      maxLength: 12,
    },
  )
  const kinds = ['record.created', 'record.updated', 'record.deleted', 'message.received', 'message.status'] as const

  test('finds what asking every rule would find, in order, and offers no rule twice or in vain', () => {
    fc.assert(
      fc.property(
        rules,
        fc.constantFrom(...kinds),
        fc.constantFrom('Leads', 'Deals'),
        fc.uniqueArray(aField),
        fc.record({ A: fc.nat(3), B: fc.nat(3), C: fc.nat(3) }),
        (written, kind, module, changed, values) => {
          const definitions = written.map(({ trigger, module, level }, index) => {
            const when = { fact: 'A', operator: 'greaterThanInclusive', value: level }
            return workflow(`rule-${String(index).padStart(2, '0')}`, trigger, {
              module,
              branches: [{ when, actions: [] }],
            })
          })
          // The order in which they are stored does not matter.
          const set = compile(...[...definitions].reverse())
          const facts = (fact: string) => ({ ...values, previous: {}, changed })[fact] as Json | undefined
          const offered = set.candidates(kind, module, changed)
          const found = offered.filter(
            (rule) => rule.applies(facts, changed) && rule.branches.some(({ when }) => when?.(facts)),
          )

          const meets = ({ trigger }: Workflow) => {
            if (trigger.on === 'record.saved') return kind === 'record.created' || kind === 'record.updated'
            if (trigger.on !== 'field.changed') return trigger.on === kind
            const did = ({ field, to }: { field: string; to?: Json }) =>
              changed.includes(field) && values[field as 'A'] === to
            return (
              kind === 'record.updated' &&
              (trigger.match === 'all' ? trigger.fields.every(did) : trigger.fields.some(did))
            )
          }
          const expected = definitions.filter((one, index) => {
            return one.module === module && meets(one) && values.A >= written[index]!.level
          })
          expect(found.map(({ workflow }) => workflow.name)).toEqual(expected.map(({ name }) => name))
          expect(new Set(offered).size).toBe(offered.length)
          for (const { workflow } of offered) {
            expect(workflow.module).toBe(module)
            if (workflow.trigger.on !== 'field.changed') continue
            const touched = workflow.trigger.fields.filter(({ field }) => changed.includes(field))
            expect(touched.length).toBeGreaterThanOrEqual(
              workflow.trigger.match === 'all' ? workflow.trigger.fields.length : 1,
            )
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('templates and modules', () => {
  test('templates are found by name and language, with their languages in order', () => {
    const set = compile(template('ja'), template('en'), template('pt_BR'))
    expect(set.templateLanguages.get('welcome_lead')).toEqual(['en', 'ja', 'pt_BR'])
    expect(set.templates.get('welcome_lead/ja')).toMatchObject({
      key: 'template/welcome_lead/ja',
      version: 1,
      hash: 'h',
    })
  })

  test('an active module stands in place of the built-in one of its name', () => {
    const own = { kind: 'module' as const, name: 'Leads', labels: { ja: '顧客' }, fields: {}, title: 'Name' }
    expect(compile(own).modules.get('Leads')?.labels).toEqual({ ja: '顧客' })
    const inactive = compileDefinitions([stored(own, { active: false })], builtinModules)
    expect(inactive.modules.get('Leads')?.labels.ja).toBe('見込み客')
  })

  test('modules with a phone field and rules on messages are looked for when somebody writes', () => {
    const on = { on: 'message.received' } as const
    const set = compile(
      workflow('a', on),
      workflow('b', on, { module: 'Contacts' }),
      workflow('c', on, { module: 'Deals' }), // has no phone field of its own
      workflow('d', { on: 'record.created' }, { module: 'Accounts' }),
    )
    expect(set.phoneModules).toEqual(['Contacts', 'Leads'])
  })
})

/** Behind it are the language, the zone and the consent of whom a deal is for. */
const PERSON = ['Contact_Name']

describe('lookups', () => {
  const deals = (more: Partial<Workflow>) => workflow('one', { on: 'record.created' }, { module: 'Deals', ...more })

  test('are gathered from merge fields of actions, shorter paths first', () => {
    const to = '$[Deals.Contact_Name.Account_Name.Phone]'
    const set = compile(deals({ branches: [{ actions: [{ type: 'sendTemplate', template: 'x', to }] }] }))
    expect(set.lookups).toEqual({ Deals: [['Contact_Name'], ['Contact_Name', 'Account_Name']] })
    expect(set.lookupModules).toMatchObject({ 'Deals.Contact_Name': 'Contacts', 'Contacts.Account_Name': 'Accounts' })
  })

  test('are gathered from labels, later actions, plugins and templates', () => {
    const later = [{ after: 'P2D', actions: [{ type: 'pluginAction', deep: [{ text: '$[商談.連絡先名.携帯番号]' }] }] }]
    expect(compile(deals({ branches: [{ later }] })).lookups).toEqual({ Deals: [['Contact_Name']] })
    const parameters = { name: { value: '$[Deals.Account_Name.Phone]', example: '03' } }
    expect(compile(template('ja', { module: 'Deals', parameters })).lookups).toEqual({
      Deals: [['Account_Name'], PERSON],
    })
  })

  test('that a person would read by name bring the record behind them', () => {
    const subject = '$[Deals.Contact_Name]様'
    const set = compile(deals({ branches: [{ actions: [{ type: 'createTask', subject }] }] }))
    expect(set.lookups).toEqual({ Deals: [['Contact_Name']] })
  })

  test('are gathered from facts with dots, also in values and named conditions', () => {
    const leaf = { fact: 'Contact_Name.Email', operator: 'equal', value: { fact: 'Account_Name.Phone' } }
    const set = compile(deals({ conditions: { same: { not: { any: [leaf] } } } }))
    expect(set.lookups).toEqual({ Deals: [['Contact_Name'], ['Account_Name']] })
  })

  test('of inactive versions stay, because their timers may still fire', () => {
    const actions = [{ type: 'notify', role: 'sales', message: '$[Deals.Account_Name.Phone]' }]
    const old = stored(deals({ branches: [{ actions }] }), { active: false })
    expect(compileDefinitions([old], builtinModules).lookups).toEqual({ Deals: [['Account_Name'], PERSON] })
  })

  test('lead nowhere when a name is no lookup', () => {
    const leaf = { fact: 'Stage.Name', operator: 'equal', value: 'x' }
    const actions = [{ type: 'notify', role: 'sales', message: '$[Deals.Stage.Phone] $[Leads.Email] $[Nope.A.B]' }]
    expect(compile(deals({ branches: [{ when: leaf, actions }] })).lookups).toEqual({ Deals: [PERSON] })
  })
})
