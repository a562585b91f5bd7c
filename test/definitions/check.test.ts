import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import { definitionSchemas, type ActionSchema } from '#definitions/definitions.ts'
import { builtinModules } from '#definitions/modules.ts'
import { problemTexts } from '#definitions/problemTexts.ts'
import { z } from 'zod'
import { active, check, context, doing, leaf, module, sending, template, when, workflow } from './problems/bases.ts'
import { blueprintCases } from './problems/blueprintCases.ts'
import { documentCases } from './problems/documentCases.ts'
import { fieldCases } from './problems/fieldCases.ts'
import { journeyCases } from './problems/journeyCases.ts'
import { templateCases } from './problems/templateCases.ts'
import { timeCases } from './problems/timeCases.ts'
import { workflowCases } from './problems/workflowCases.ts'

const cases = [
  ...documentCases,
  ...fieldCases,
  ...templateCases,
  ...workflowCases,
  ...timeCases,
  ...blueprintCases,
  ...journeyCases,
]
/** Told in another file, or along with every case of its kind. */
const beside = new Set(['duplicate_label', 'unreachable_state'])

describe('a bad definition', () => {
  test.each(cases.map((each) => [each.code, each.pointer, each.about ?? '', each] as const))(
    '%s at %s %s',
    (code, pointer, _, { files, severity = 'error', context: changes = {}, fix }) => {
      const { problems, definitions } = check(files, changes)
      const file = `${files.length - 1}.json`
      const own = problems.filter((problem) => problem.code === code || !beside.has(problem.code))
      expect(own).toEqual([
        { file, pointer, code, severity, message: expect.any(String) as string, fix: expect.any(String) as string },
      ])
      if (fix !== undefined) expect(own[0]?.fix).toContain(fix)
      if (severity === 'error') expect(definitions).toEqual([])
      else expect(definitions).toHaveLength(files.length)

      const japanese = check(files, changes, 'ja').problems.find((problem) => problem.code === code)
      expect(japanese?.message).toMatch(/[ぁ-んァ-ヶ一-龠]/)
      expect(japanese?.fix).toMatch(/[ぁ-んァ-ヶ一-龠]/)
      expect(JSON.stringify(own)).not.toMatch(/undefined|\[object/)
      expect(JSON.stringify(japanese)).not.toMatch(/undefined|\[object/)
    },
  )

  test('has a case here for every code there is', () => {
    // The last one needs what the engine knows: test/server/applyDefinitions.test.ts.
    const elsewhere = ['invalid_json', 'template_quick_replies_apart', 'operator_value_misfit']
    expect([...new Set([...cases.map(({ code }) => code), ...elsewhere])].sort()).toEqual(
      Object.keys(problemTexts).sort(),
    )
  })

  test('whose quick replies stand apart is told so, besides what desktops do not show', () => {
    const reply = { type: 'quick_reply', text: 'はい' }
    const link = { type: 'url', text: '見る', url: 'https://example.com/' }
    const { problems } = check([template({ buttons: [reply, link, reply] })])
    expect(problems.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['template_quick_replies_apart', '/buttons/2'],
      ['template_many_buttons', '/buttons'],
    ])
    expect(check([template({ buttons: [link, reply, reply] })]).problems.map(({ code }) => code)).toEqual([
      'template_many_buttons',
    ])
  })
})

test('a file that is not JSON is a problem like any other', () => {
  const { problems } = checkDefinitions([{ file: 'a.json', error: 'Unexpected token } at 5' }, { file: 'b.json' }], {
    ...context,
    language: 'ja',
  })
  expect(problems).toMatchObject([
    {
      file: 'a.json',
      pointer: '',
      code: 'invalid_json',
      severity: 'error',
      message: expect.stringContaining('Unexpected token') as string,
    },
    { file: 'b.json', code: 'invalid_json' },
  ])
})

test('one bad file among twenty: all problems are listed and nothing may be applied', () => {
  const good = Array.from({ length: 19 }, (_, index) => workflow({ name: `rule-${index}` }))
  const wrong = workflow({
    name: 'wrong',
    module: 'Leeds',
    triger: 1,
    branches: [{ actions: [{ type: 'notify' }, { type: 'addTag', tags: [] }] }],
  })
  const files = [...good.slice(0, 7), wrong, ...good.slice(7)]
  const { problems, definitions } = check(files)
  expect(problems.map(({ file, code, pointer }) => [file, code, pointer])).toEqual([
    ['7.json', 'missing_key', '/branches/0/actions/0'],
    ['7.json', 'unknown_value', '/branches/0/actions/1/type'],
    ['7.json', 'unknown_key', '/triger'],
  ])
  expect(definitions).toEqual([])
  expect(check(good).definitions).toHaveLength(19)
})

test('problems come in the order of the files, and warnings alone leave everything to be applied', () => {
  const { problems, definitions } = check([
    when({ all: [] }, { name: 'a' }),
    workflow({ name: 'b' }),
    when({ any: [] }, { name: 'c' }),
  ])
  expect(problems.map(({ file, severity }) => [file, severity])).toEqual([
    ['0.json', 'warning'],
    ['2.json', 'warning'],
  ])
  expect(definitions.map(({ key, file }) => [key, file])).toEqual([
    ['workflow/a', '0.json'],
    ['workflow/b', '1.json'],
    ['workflow/c', '2.json'],
  ])
})

describe('what is in force', () => {
  test('is known to the files under check: templates, modules', () => {
    const visits = { ...doing({ type: 'createTask', subject: '$[来店.名前]' }), module: 'Visits' }
    expect(check([sending(), { ...visits, name: 'other' }], { active: active(template(), module()) }).problems).toEqual(
      [],
    )
  })

  test('gives way to a file of the same key', () => {
    const changed = template({ module: 'Contacts', parameters: { name: { example: '山' } } })
    expect(check([changed, sending()], { active: active(template()) }).problems.map(({ code }) => code)).toContain(
      'template_of_other_module',
    )
  })

  test('a rejected template that is corrected in the same files is no error', () => {
    const changes = { active: active(template()), templateStatus: new Map([['hello/ja', 'REJECTED']]) }
    expect(check([template({ footer: '株式会社さくら' }), sending()], changes).problems).toEqual([])
    expect(check([template(), sending()], changes).problems).toMatchObject([
      { code: 'template_rejected', severity: 'error' },
    ])
  })

  test('an approved template is no problem, and one that WhatsApp does not know yet is none', () => {
    const approved = new Map([['hello/ja', 'APPROVED']])
    expect(check([sending()], { active: active(template()), templateStatus: approved }).problems).toEqual([])
    expect(check([template(), sending()], { templateStatus: new Map() }).problems).toEqual([])
  })
})

test('nothing is called unknown because its own file is broken', () => {
  const files = [
    template({ body: '' }),
    module({ title: 3 }),
    sending({ language: 'ja' }),
    workflow({ name: 'v', module: 'Visits' }),
  ]
  expect(check(files).problems.map(({ file, code }) => [file, code])).toEqual([
    ['0.json', 'too_short'],
    ['1.json', 'wrong_type'],
  ])
})

test.each([
  ['decorators', when({ all: [leaf('Company', 'not:someFact:startsWith', 'x')] })],
  ['another fact as the value', when({ all: [leaf('Company', 'equal', { fact: 'previous', path: '$.Company' })] })],
  ['a field behind a lookup', when({ all: [leaf('Contact_Name.Email', 'isNotEmpty', true)] }, { module: 'Deals' })],
  [
    'facts of the message',
    when(
      { any: [{ ...leaf('message', 'in', ['はい', 'Yes']), path: '$.text' }] },
      { trigger: { on: 'message.received' } },
    ),
  ],
  ['blank in a picklist', when({ all: [leaf('Lead_Status', 'equal', null)] })],
  [
    'a merge field as the value of a number',
    doing({ type: 'updateRecord', set: { Annual_Revenue: '$[Leads.No_of_Employees]' } }),
  ],
  ['clearing a field', doing({ type: 'updateRecord', set: { Annual_Revenue: null } })],
  ['a plain $[ in text', doing({ type: 'createTask', subject: '$$[Leads.Foo]' })],
  ['$schema', workflow({ $schema: '../schema/workflow.json' })],
  ['a recipient by number', [template(), sending({ to: '+819012345678' })]],
  ['a template with a language taken from the record', [template(), sending({ language: '$[Leads.Language]' })]],
])('%s is no problem', (_, files) => {
  expect(check(Array.isArray(files) ? files : [files]).problems).toEqual([])
})

test('the action of a plugin is checked by its own schema, and its merge fields like all others', () => {
  const sendFax = z.strictObject({
    type: z.literal('sendFax'),
    number: z.string(),
    text: z.string(),
  }) as unknown as ActionSchema
  const schemas = definitionSchemas([sendFax])
  const run = (action: object) =>
    checkDefinitions([{ file: 'f', json: doing(action as never) }], { ...context, schemas }).problems
  expect(run({ type: 'sendFax', number: '$[Leads.Phone]', text: 'x' })).toEqual([])
  expect(run({ type: 'sendFax', number: '$[Leads.Fax]', text: 'x', pages: 1 })).toMatchObject([
    { code: 'unknown_key', pointer: '/branches/0/actions/0/pages' },
  ])
  expect(run({ type: 'sendFax', number: '$[Leads.Fax]', text: 'x' })).toMatchObject([
    { code: 'unknown_field', pointer: '/branches/0/actions/0/number' },
  ])
})

test('a refinement of a plugin speaks in its own words', () => {
  const pages = z.int().refine((count) => count % 2 === 0, 'Pages come in pairs.')
  const sendFax = z.strictObject({ type: z.literal('sendFax'), pages }) as unknown as ActionSchema
  const { problems } = checkDefinitions([{ file: 'f', json: doing({ type: 'sendFax', pages: 3 }) }], {
    ...context,
    schemas: definitionSchemas([sendFax]),
  })
  expect(problems).toMatchObject([{ code: 'invalid_value', pointer: '/branches/0/actions/0/pages' }])
  expect(problems[0]?.message).toContain('Pages come in pairs.')
})

test('the built-in modules, written out as definitions, have no problems', () => {
  expect(check(builtinModules).problems).toEqual([])
})
