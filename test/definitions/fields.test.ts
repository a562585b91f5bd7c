import { describe, expect, test } from 'vitest'
import { resolveField } from '#definitions/fields.ts'
import { moduleDefinition, type Module } from '#definitions/module.ts'
import { builtinModules, modulesByName } from '#definitions/modules.ts'
import { normalName, suggest } from '#definitions/suggest.ts'

const modules = modulesByName()

describe('the built-in modules', () => {
  test.each(builtinModules.map((module) => [module.name, module] as const))(
    '%s fits the schema of modules',
    (_, module) => {
      expect(moduleDefinition.parse(module)).toEqual(module)
    },
  )

  test.each(builtinModules.map((module) => [module.name, module] as const))(
    '%s names its roles, lookups and labels completely',
    (_, module) => {
      for (const role of [module.title, module.phone, module.language, module.zone, module.consent]) {
        if (role !== undefined)
          expect(resolveField(modules, module.name, role.split('.')), role).toMatchObject({ kind: 'field' })
      }
      expect(Object.keys(module.labels).sort()).toEqual(['en', 'ja'])
      const names = new Set<string>()
      for (const [name, field] of Object.entries(module.fields)) {
        expect(Object.keys(field.labels ?? {}).sort(), name).toEqual(['en', 'ja'])
        if (field.type === 'lookup') expect(modules.has(field.module!), name).toBe(true)
        if (field.type === 'picklist') expect(field.values?.length, name).toBeGreaterThan(1)
        // A label must lead to one field only, in both languages.
        for (const label of Object.values(field.labels ?? {}).map(normalName)) {
          expect(names.has(label), `${name}: ${label}`).toBe(false)
          names.add(label)
        }
      }
    },
  )

  test('only people have a number of their own', () => {
    expect(builtinModules.filter(({ phone }) => phone !== undefined).map(({ name }) => name)).toEqual([
      'Leads',
      'Contacts',
      'Users',
    ])
  })

  test('a definition of the same name replaces a built-in one', () => {
    const mine: Module = {
      kind: 'module',
      name: 'Leads',
      labels: { ja: '顧客' },
      title: 'Name',
      fields: { Name: { type: 'text' } },
    }
    expect(modulesByName([mine]).get('Leads')).toBe(mine)
  })
})

describe('a field', () => {
  test.each<[string, string[], string[]]>([
    ['Leads', ['Last_Name'], ['Last_Name']],
    ['見込み客', ['姓'], ['Last_Name']],
    ['leads', ['last name'], ['Last_Name']],
    ['Sales Orders', ['SO Number'], ['SO_Number']],
    ['Deals', ['Contact_Name', 'Mobile'], ['Contact_Name', 'Mobile']],
    ['商談', ['連絡先名', '携帯番号'], ['Contact_Name', 'Mobile']],
    [
      'Invoices',
      ['Sales_Order', 'Deal_Name', 'Contact_Name', 'Mobile'],
      ['Sales_Order', 'Deal_Name', 'Contact_Name', 'Mobile'],
    ],
    ['Leads', ['No', 'of Employees'], ['No_of_Employees']],
    ['Deals', ['確度(%)'], ['Probability']],
  ])('%s %j is %j', (module, path, expected) => {
    expect(resolveField(modules, module, path)).toMatchObject({ kind: 'field', path: expected })
  })

  test('tells the module of each step and its own definition', () => {
    expect(resolveField(modules, '商談', ['Contact_Name', 'Account_Name', 'Phone'])).toMatchObject({
      module: 'Deals',
      modules: ['Deals', 'Contacts', 'Accounts'],
      field: { type: 'phone' },
    })
  })

  test.each<[string, string[], object]>([
    ['Lead', ['Last_Name'], { code: 'unknown_module', name: 'Lead', within: null, suggestions: ['Leads'] }],
    ['Leads', ['Last_Nmae'], { code: 'unknown_field', name: 'Last_Nmae', within: 'Leads', suggestions: ['Last_Name'] }],
    ['Leads', ['携帯番'], { code: 'unknown_field', within: 'Leads', suggestions: ['Mobile'] }],
    ['Leads', ['No', 'of Employes'], { name: 'No.of Employes', suggestions: ['No_of_Employees'] }],
    ['Leads', ['xyzzy'], { code: 'unknown_field', suggestions: [] }],
    [
      'Deals',
      ['Contact_Name', 'Mobil'],
      { code: 'unknown_field', within: 'Contacts', name: 'Mobil', suggestions: ['Mobile'] },
    ],
    ['Deals', ['Amount', 'Value'], { code: 'not_a_lookup', within: 'Deals', name: 'Amount' }],
    ['Leads', ['Owner', 'email'], { code: 'not_a_lookup', name: 'Owner' }],
    ['Leads', [], { code: 'unknown_field' }],
  ])('%s %j is not found, and why', (module, path, expected) => {
    expect(resolveField(modules, module, path)).toMatchObject({ kind: 'unresolved', ...expected })
  })

  test('whose label two fields share is ambiguous, unless the API name is written', () => {
    const twins: Module = {
      kind: 'module',
      name: 'Twins',
      labels: { ja: '双子' },
      title: 'A',
      fields: { A: { type: 'text', labels: { ja: '名' } }, B: { type: 'text', labels: { ja: '名' } } },
    }
    const all = modulesByName([twins])
    expect(resolveField(all, '双子', ['名'])).toMatchObject({ code: 'ambiguous_name', suggestions: ['A', 'B'] })
    expect(resolveField(all, '双子', ['A'])).toMatchObject({ kind: 'field', path: ['A'] })
  })
})

test.each([
  ['Last_Nmae', ['Last_Name', 'First_Name'], ['Last_Name']],
  ['Ｌａｓｔ name', ['Last_Name'], ['Last_Name']],
  ['Mob', ['Mobile', 'Phone'], ['Mobile']],
  ['Stge', ['Stage', 'State', 'Street'], ['Stage']],
  ['x', ['Amount'], []],
  ['', ['Amount'], []],
])('%j suggests of %j: %j', (name, candidates, expected) => {
  expect(suggest(name, candidates)).toEqual(expected)
})
