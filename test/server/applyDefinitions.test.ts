import { noAccounts, oneAccount } from '#actions/whatsapp/accounts.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CloudClient } from '#actions/whatsapp/client.ts'
import type { SourceFile } from '#definitions/problem.ts'
import { DefinitionsInvalid } from '#engine/errors.ts'
import { createDenrei } from '#server/createDenrei.ts'
import type { Denrei } from '#server/denrei.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { approved, NOW, WELCOME } from '#test/engine/workbench.ts'

let denrei: Denrei
let ids = 0
// Nothing is sent here: what would be stands in the outbox.
const client = {
  listNumbers: () => Promise.resolve([]),
  listTemplates: () => Promise.resolve([]),
} as unknown as CloudClient
beforeEach(async () => {
  denrei = await createDenrei({
    store: openSqlite(':memory:').store,
    clock: { now: () => NOW },
    newId: () => `t${String(ids++).padStart(6, '0')}`,
    random: () => 0.5,
    accounts: oneAccount(client, '2001'),
  })
})
afterEach(() => denrei.stop())

const file = (json: unknown, name = 'a.json'): SourceFile => ({ file: name, json })
const rule = (name: string, more: object = {}) => ({
  kind: 'workflow',
  name,
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
  ...more,
})

test('one bad file among twenty: nothing is applied and every problem is told', async () => {
  const good = Array.from({ length: 19 }, (_, index) => file(rule(`rule-${index}`), `rule-${index}.json`))
  const bad = file({ ...rule('bad'), module: 'Leadz', extra: 1 }, 'bad.json')
  const error = await denrei.apply([file(WELCOME, 'welcome.json'), ...good, bad], 'admin').catch((one: unknown) => one)
  expect(error).toBeInstanceOf(DefinitionsInvalid)
  const problems = (error as DefinitionsInvalid).details.problems as { file: string; pointer: string }[]
  expect(problems.every((problem) => problem.file === 'bad.json')).toBe(true)
  expect(problems.length).toBeGreaterThan(0)
  expect(await denrei.definitions()).toEqual([])
})

test('the same text again leaves a rule that was switched off as it is, and says so', async () => {
  const files = [file(WELCOME, 'w.json'), file(rule('hello'))]
  await denrei.apply(files, 'admin')
  await denrei.setActive('workflow/hello', false)
  const again = await denrei.apply(files, 'admin')
  expect(again.entries[1]).toEqual({
    key: 'workflow/hello',
    change: 'unchanged',
    fromVersion: 1,
    toVersion: 1,
    effects: ['stays_inactive'],
    inFlight: { instances: [], timers: [] },
  })
  expect(again.stored).toEqual([])
  expect(await denrei.definitions()).toContainEqual(expect.objectContaining({ key: 'workflow/hello', active: false }))
  // Other text is a new version, and a new version is active.
  const edited = await denrei.apply([file(rule('hello', { description: '更新' }))], 'admin')
  expect(edited.entries).toMatchObject([{ change: 'update', fromVersion: 1, toVersion: 2, effects: [] }])
  expect(edited.stored).toMatchObject([{ version: 2, active: true }])
})

test('the same text again changes nothing, whatever its white space and the order of its keys', async () => {
  const first = await denrei.apply([file(WELCOME, 'w.json'), file(rule('hello'))], 'admin')
  expect(first.entries.map(({ change, toVersion }) => `${change} ${toVersion}`)).toEqual(['create 1', 'create 1'])
  const turned = Object.fromEntries(Object.entries(rule('hello')).reverse())
  const again = await denrei.apply([file(WELCOME, 'w.json'), file({ $schema: 'x', ...turned })], 'admin')
  expect(again.entries.map(({ change }) => change)).toEqual(['unchanged', 'unchanged'])
  expect(again.stored).toEqual([])
  const edited = await denrei.plan([file(rule('hello', { description: '更新' }))])
  expect(edited.entries).toMatchObject([{ key: 'workflow/hello', change: 'update', fromVersion: 1, toVersion: 2 }])
  expect(await denrei.store.definitionVersions('workflow/hello')).toHaveLength(1)
})

test('saving a template submits it for review, once (S60)', async () => {
  await denrei.apply([file(WELCOME)], 'admin')
  await denrei.apply([file(WELCOME)], 'admin')
  const work = (await denrei.store.messages({}, { limit: 10 })).items
  expect(work.map(({ intent }) => intent.kind === 'work' && intent.type)).toEqual(['submitTemplate'])
  expect(await denrei.store.templates()).toMatchObject([{ name: 'welcome_lead', language: 'ja', status: 'DRAFT' }])
})

test.each(['PENDING', 'APPROVED', 'IN_APPEAL', 'PAUSED'])(
  'a template that is %s is not edited: the new text goes under a name of its own (S63)',
  async (status) => {
    await denrei.apply([file(WELCOME)], 'admin')
    const [draft] = await denrei.store.templates()
    await denrei.store.saveTemplates([{ ...draft!, status, checkedAt: NOW }], NOW)
    const edited = file({ ...WELCOME, footer: '伝令商店' })
    expect(await denrei.check([edited])).toEqual([])
    expect((await denrei.plan([edited])).entries).toMatchObject([
      { change: 'update', effects: ['submit_new_version as welcome_lead_v2'] },
    ])
    await denrei.apply([edited], 'admin')
    await denrei.apply([edited], 'admin')
    expect(await denrei.store.templates()).toMatchObject([
      { name: 'welcome_lead', status, definition: 'welcome_lead', definitionVersion: 1 },
      { name: 'welcome_lead_v2', status: 'DRAFT', definition: 'welcome_lead', definitionVersion: 2 },
    ])
    const work = (await denrei.store.messages({}, { limit: 10 })).items
    expect(work.flatMap(({ intent }) => (intent.kind === 'work' ? [intent.payload] : []))).toMatchObject([
      { as: 'welcome_lead_v2', version: 2 },
      { as: 'welcome_lead', version: 1 },
    ])
  },
)

test('another merge field, or another sample, is no new text: what WhatsApp approved goes on serving (S63)', async () => {
  await denrei.apply([file(WELCOME)], 'admin')
  const [draft] = await denrei.store.templates()
  await denrei.store.saveTemplates([{ ...draft!, status: 'APPROVED', checkedAt: NOW }], NOW)
  const parameters = { name: { value: '$[Leads.First_Name|お客様]', example: '花子' } }
  const { entries } = await denrei.apply([file({ ...WELCOME, parameters })], 'admin')
  expect(entries).toMatchObject([{ change: 'update', effects: [] }])
  expect(await denrei.store.templates()).toMatchObject([
    { name: 'welcome_lead', status: 'APPROVED', definitionVersion: 2 },
  ])
})

test('a version finds a free name, at most 512 characters long', async () => {
  const name = 'a'.repeat(512)
  await denrei.apply(
    [file({ ...WELCOME, name }), file({ ...WELCOME, name: 'b' }), file({ ...WELCOME, name: 'b_v2' })],
    'admin',
  )
  const drafts = await denrei.store.templates()
  await denrei.store.saveTemplates(
    drafts.map((one) => ({ ...one, status: 'APPROVED', checkedAt: NOW })),
    NOW,
  )
  const { entries } = await denrei.apply(
    [file({ ...WELCOME, name, footer: '伝令商店' }), file({ ...WELCOME, name: 'b', footer: '伝令商店' })],
    'admin',
  )
  expect(entries.map(({ effects }) => effects)).toEqual([
    [`submit_new_version as ${'a'.repeat(509)}_v2`],
    ['submit_new_version as b_2_v2'],
  ])
})

test('a rejected template may be written anew and is submitted again', async () => {
  await denrei.apply([file(WELCOME)], 'admin')
  const [draft] = await denrei.store.templates()
  await denrei.store.saveTemplates(
    [{ ...approved('welcome_lead', 'ja', 'REJECTED'), submittedHash: draft?.submittedHash ?? null }],
    NOW,
  )
  const { entries } = await denrei.apply([file({ ...WELCOME, footer: '伝令商店' })], 'admin')
  expect(entries).toMatchObject([{ change: 'update', effects: ['submit_template'] }])
  expect(await denrei.store.templates()).toMatchObject([{ status: 'DRAFT' }])
})

test('a template applied before there is an account is submitted when the account is read', async () => {
  const { store } = openSqlite(':memory:')
  const parts = {
    store,
    clock: { now: () => NOW },
    newId: () => `t${String(ids++).padStart(6, '0')}`,
    random: () => 0.5,
  }
  const before = await createDenrei({ ...parts, accounts: noAccounts })
  await before.apply([file(WELCOME)], 'admin')
  await before.drain()
  expect((await store.messages({}, { limit: 10 })).items).toEqual([])

  const after = await createDenrei({ ...parts, accounts: oneAccount(client, '2001') })
  await after.syncAccount()
  await after.syncAccount()
  const work = (await store.messages({}, { limit: 10 })).items
  expect(work.map(({ intent }) => intent.kind === 'work' && intent.type)).toEqual(['submitTemplate'])
  await after.stop()
})

test.each([
  ['between', 5, '[1, 10]'],
  ['before', 'いつか', '2026-05-01'],
  ['isEmpty', 'yes', 'true or false'],
  ['not:between', [1], '[1, 10]'],
])('a value that %s can do nothing with is told: %j', async (operator, value, fix) => {
  const when = { all: [{ fact: 'Amount', operator, value }] }
  const [problem, ...others] = (
    await denrei.check([
      file({ ...rule('odd'), module: 'Deals', branches: [{ when, actions: [{ type: 'addTags', tags: ['x'] }] }] }),
    ])
  ).filter(({ code }) => code === 'operator_value_misfit')
  expect(others).toEqual([])
  expect(problem).toMatchObject({
    pointer: '/branches/0/when/all/0/value',
    severity: 'warning',
    fix: expect.stringContaining(fix) as string,
  })
})
