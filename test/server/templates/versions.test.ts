import { afterEach, beforeEach, expect, test } from 'vitest'
import { GREET, HOUR, openAccount, WELCOME } from './account.ts'

let world: Awaited<ReturnType<typeof openAccount>>
beforeEach(async () => {
  world = await openAccount()
})
afterEach(() => world.denrei.stop())

const SECOND = { ...WELCOME, body: 'こんにちは、{{name}} 様。このたびは誠にありがとうございます。担当より連絡します。' }
const names = () => world.sent.map(({ template }) => template?.as ?? template?.name)

test('S46, S47, S60, S61, S65: saving submits; what was decided meanwhile goes out when it is approved, and not before', async () => {
  await world.apply(WELCOME, GREET)
  expect(await world.states()).toEqual({ welcome_lead: 'PENDING' })
  await world.lead('1')
  expect(world.sent).toEqual([])
  expect(await world.messages()).toMatchObject([{ state: 'held', reason: 'template_pending' }])
  await world.tell('welcome_lead', 'APPROVED')
  expect(names()).toEqual(['welcome_lead'])
  expect((await world.notices()).map(({ code }) => code)).toEqual(['template_approved'])
})

test('S63: a changed text waits for its review under a name of its own, the old one serves, and then it takes over', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  const { entries } = await world.apply(SECOND)
  expect(entries).toMatchObject([{ effects: ['submit_new_version as welcome_lead_v2'] }])
  expect(await world.states()).toEqual({ welcome_lead: 'APPROVED', welcome_lead_v2: 'PENDING' })
  expect(world.edited).toEqual([])

  await world.lead('1')
  await world.tell('welcome_lead_v2', 'APPROVED')
  await world.lead('2')
  expect(names()).toEqual(['welcome_lead', 'welcome_lead_v2'])
  expect(world.sent[1]?.template).toEqual({ name: 'welcome_lead', language: 'ja', as: 'welcome_lead_v2' })
  expect(await world.notices()).toMatchObject([
    { code: 'template_approved', details: { name: 'welcome_lead' } },
    { code: 'template_approved', details: { name: 'welcome_lead_v2', definition: 'welcome_lead' } },
    { code: 'template_took_over', details: { name: 'welcome_lead_v2', instead: 'welcome_lead', version: 2 } },
  ])
})

test('S63: parameters that the new text renames are those of the version that serves', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  await world.apply({
    ...WELCOME,
    body: 'こんにちは、{{family}} 様。お問い合わせをありがとうございます。担当より連絡します。',
    parameters: { family: { value: '$[Leads.Last_Name|お客様]', example: '田中' } },
  })
  await world.lead('1')
  await world.tell('welcome_lead_v2', 'APPROVED')
  await world.lead('2')
  expect(world.sent.map(({ parameters }) => parameters?.body)).toEqual([
    [{ name: 'name', value: '田中' }],
    [{ name: 'family', value: '田中' }],
  ])
})

test('S63: a rejected version leaves the old one serving, and why is told', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  await world.apply(SECOND)
  await world.tell('welcome_lead_v2', 'REJECTED', {
    reason: 'INVALID_FORMAT',
    raw: { rejection_info: { reason: '書式が違います。', recommendation: '変数を減らしてください。' } },
  })
  await world.lead('1')
  expect(names()).toEqual(['welcome_lead'])
  expect((await world.notices()).at(-1)).toMatchObject({
    code: 'template_rejected',
    details: { name: 'welcome_lead_v2', reason: 'INVALID_FORMAT: 書式が違います。 変数を減らしてください。' },
  })
  // The account's list gives the code alone.
  await world.pass(HOUR)
  expect((await world.store.templates())[1]?.reason).toContain('変数を減らしてください')
  // The next text has a name of its own again: nothing of what is there is touched.
  await world.apply({ ...SECOND, footer: '伝令商店' })
  expect(await world.states()).toMatchObject({ welcome_lead: 'APPROVED', welcome_lead_v3: 'PENDING' })
})

test('S63: messages that were decided keep their version, also when it is paused', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  await world.tell('welcome_lead', 'PAUSED', { pausedUntil: world.now() + 3 * HOUR })
  await world.lead('1')
  await world.apply(SECOND)
  await world.lead('2')
  await world.tell('welcome_lead_v2', 'APPROVED')
  await world.lead('3')
  expect(names()).toEqual(['welcome_lead_v2'])
  await world.tell('welcome_lead', 'APPROVED')
  expect(names()).toEqual(['welcome_lead_v2', 'welcome_lead', 'welcome_lead'])
  expect((await world.notices()).map(({ code }) => code)).toContain('template_resumed')
})

test('the versions are known again after a restart', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  await world.apply(SECOND)
  expect((await world.store.pinnedDefinitions()).map(({ key, version }) => `${key}@${version}`)).toEqual([
    'template/welcome_lead/ja@1',
  ])
})

test('a creation answered with another category is told as a change', async () => {
  world.categorize('MARKETING')
  await world.apply(WELCOME)
  expect(await world.notices()).toMatchObject([
    { code: 'template_category_changed', details: { name: 'welcome_lead', from: 'UTILITY', to: 'MARKETING' } },
  ])
})

test('an admin who agrees to the category says so once for all', async () => {
  await world.apply(WELCOME)
  await world.tell('welcome_lead', 'APPROVED', { category: 'MARKETING' })
  await world.denrei.accept([
    {
      kind: 'template',
      source: 'api',
      sourceId: 'agree-1',
      occurredAt: world.now() - 5000,
      accountId: '2001',
      name: 'welcome_lead',
      language: 'ja',
      agreed: true,
    },
  ])
  await world.denrei.drain()
  expect(await world.store.templates()).toMatchObject([
    { status: 'APPROVED', category: 'MARKETING', agreedCategory: 'MARKETING' },
  ])
})
