import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TemplateNode } from '#actions/whatsapp/answers.ts'
import { templateBody } from '#actions/whatsapp/templateBody.ts'
import { template as templateSchema } from '#definitions/template.ts'
import type { Template } from '#definitions/template.ts'
import { DefinitionsInvalid, InvalidInput, NotFound } from '#engine/errors.ts'
import { GREET, HOUR, openAccount, WELCOME } from './account.ts'

let world: Awaited<ReturnType<typeof openAccount>>
beforeEach(async () => {
  world = await openAccount()
})
afterEach(() => world.denrei.stop())

const which = { name: 'welcome_lead', language: 'ja' }
const SECOND = { ...WELCOME, footer: '伝令商店' }

test('the list tells the version that serves, and how each one stands', async () => {
  await world.apply(WELCOME)
  await world.tell('welcome_lead', 'APPROVED')
  await world.apply(SECOND)
  const [view] = await world.denrei.templates.list()
  expect(view).toMatchObject({
    ...which,
    definition: { version: 2 },
    serving: { version: 1, as: 'welcome_lead', status: 'APPROVED' },
    states: [
      { name: 'welcome_lead_v2', status: 'PENDING' },
      { name: 'welcome_lead', status: 'APPROVED' },
    ],
  })
  expect(await world.denrei.templates.list({ status: 'REJECTED' })).toEqual([])
  expect(await world.denrei.templates.list({ module: 'Leads', status: 'PENDING' })).toHaveLength(1)
  await expect(world.denrei.templates.read({ name: 'nobody', language: 'ja' })).rejects.toBeInstanceOf(NotFound)
})

test('what was rejected is submitted again as it is; what is in review is not', async () => {
  await world.apply(WELCOME)
  await expect(world.denrei.templates.submit(which)).rejects.toBeInstanceOf(InvalidInput)
  await world.tell('welcome_lead', 'REJECTED', { reason: 'INCORRECT_CATEGORY' })
  await world.denrei.templates.submit(which)
  await world.denrei.drain()
  // The account still has the same text, rejected: it is taken up, and WhatsApp's word stands.
  expect((await world.denrei.templates.read(which)).states).toMatchObject([{ name: 'welcome_lead', metaId: 'm-1' }])
})

test('what is gone is submitted again as it is, under a name that is not blocked, and serves again', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  world.nodes.clear()
  await world.tell('welcome_lead', 'DELETED')
  await world.denrei.templates.submit(which)
  await world.denrei.drain()
  expect(await world.states()).toEqual({ welcome_lead: 'DELETED', welcome_lead_v1: 'PENDING' })
  await expect(world.denrei.templates.submit(which)).rejects.toBeInstanceOf(InvalidInput)
  await world.tell('welcome_lead_v1', 'APPROVED')
  expect((await world.denrei.templates.read(which)).serving).toMatchObject({ version: 1, as: 'welcome_lead_v1' })
  await world.lead('1')
  expect(world.sent.map(({ template }) => template)).toMatchObject([{ name: 'welcome_lead', as: 'welcome_lead_v1' }])
  // Gone once more: the next name.
  world.nodes.clear()
  await world.tell('welcome_lead_v1', 'DELETED')
  await world.denrei.templates.submit(which)
  await world.denrei.drain()
  expect(await world.states()).toMatchObject({ welcome_lead_v1: 'DELETED', welcome_lead_2_v1: 'PENDING' })
})

test('a pause for pacing is ended by hand', async () => {
  await world.apply(WELCOME, GREET)
  await expect(world.denrei.templates.unpause(which)).rejects.toBeInstanceOf(InvalidInput)
  await world.tell('welcome_lead', 'APPROVED')
  await world.tell('welcome_lead', 'PAUSED', { reason: 'RATE_LIMITING_PAUSE' })
  await world.lead('1')
  expect((await world.denrei.templates.unpause(which)).states).toMatchObject([{ status: 'APPROVED' }])
  await world.denrei.drain()
  expect(world.sent).toHaveLength(1)
})

test('deleting takes all versions, tells that the name is blocked and what still sends it', async () => {
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED')
  await world.apply(SECOND)
  const answer = await world.denrei.templates.remove({ name: 'welcome_lead' }, 'hanako')
  expect(answer).toEqual({
    deleted: [
      { name: 'welcome_lead_v2', language: 'ja' },
      { name: 'welcome_lead', language: 'ja' },
    ],
    nameBlockedUntil: world.now() + 30 * 24 * HOUR,
    stillDefined: ['template/welcome_lead/ja'],
  })
  expect(world.nodes.size).toBe(0)
  expect(await world.states()).toEqual({ welcome_lead: 'DELETED', welcome_lead_v2: 'DELETED' })
  await expect(world.denrei.templates.remove({ name: 'welcome_lead' }, 'hanako')).rejects.toBeInstanceOf(NotFound)
  // The name is blocked: the next text takes another.
  const { entries } = await world.apply({ ...WELCOME, footer: '再開' })
  expect(entries).toMatchObject([{ effects: ['submit_new_version as welcome_lead_v3'] }])
})

test('an admin agrees to a category, and what waited for that goes on', async () => {
  await world.denrei.saveSettings({
    ...(await world.denrei.settings()),
    templates: { categoryChange: 'ask', staleAfter: 'P2D' },
  })
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED', { category: 'MARKETING' })
  await world.lead('1')
  const { states } = await world.denrei.templates.agree(which)
  expect(states).toMatchObject([{ category: 'MARKETING', agreedCategory: 'MARKETING' }])
  await world.denrei.drain()
  expect(world.sent).toHaveLength(1)
})

test('settings that accept what WhatsApp made of a template let its messages go', async () => {
  const settings = await world.denrei.settings()
  await world.denrei.saveSettings({ ...settings, templates: { categoryChange: 'hold', staleAfter: 'P2D' } })
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED', { category: 'MARKETING' })
  await world.lead('1')
  expect(world.sent).toHaveLength(0)
  await world.denrei.saveSettings({ ...settings, templates: { categoryChange: 'accept', staleAfter: 'P2D' } })
  await world.denrei.drain()
  expect(world.sent).toHaveLength(1)
})

test.each([
  ['REJECTED', 'blocked', 'template_rejected'],
  ['DELETED', 'blocked', 'template_rejected'],
  ['PAUSED', 'held', 'template_paused'],
])('what waits for a review hears that the template is %s', async (status, state, reason) => {
  await world.apply(WELCOME, GREET)
  await world.lead('1')
  await world.tell('welcome_lead', status)
  await world.denrei.drain()
  expect(await world.messages()).toMatchObject([{ state, reason }])
})

test('what waits goes on when WhatsApp takes a change of category back', async () => {
  await world.denrei.saveSettings({
    ...(await world.denrei.settings()),
    templates: { categoryChange: 'hold', staleAfter: 'P2D' },
  })
  await world.apply(WELCOME, GREET)
  await world.tell('welcome_lead', 'APPROVED', { category: 'MARKETING' })
  await world.lead('1')
  expect(world.sent).toHaveLength(0)
  await world.tell('welcome_lead', 'APPROVED', { category: 'UTILITY' })
  await world.denrei.drain()
  expect(world.sent).toHaveLength(1)
})

describe('a preview', () => {
  test('shows a record’s values in the language of the template, the price, and the verdict (S58)', async () => {
    await world.apply(WELCOME)
    await world.tell('welcome_lead', 'APPROVED')
    await world.lead('1')
    const shown = await world.denrei.previewTemplate({ template: which, recordId: '1' })
    expect(shown).toMatchObject({
      language: 'ja',
      body: 'こんにちは、田中 様。お問い合わせをありがとうございます。担当より連絡します。',
      verdict: { kind: 'allow' },
      market: expect.any(String) as string,
      empty: [],
    })
    expect(shown.priceMicros).toBeGreaterThan(0)
  })

  test('of a draft: what would be said, which fields are empty, and that it would wait', async () => {
    const values = { Mobile: '+819012345678' }
    const shown = await world.denrei.previewTemplate({ template: { draft: WELCOME }, values })
    expect(shown).toMatchObject({
      body: 'こんにちは、お客様 様。お問い合わせをありがとうございます。担当より連絡します。',
      verdict: { kind: 'hold', reason: 'template_pending' },
      empty: ['見込み客.姓'],
    })
    expect(await world.states()).toEqual({})
  })

  test('of what is no template, of a body of 1,025 characters, of nobody', async () => {
    const long = { ...WELCOME, body: 'あ'.repeat(1025) }
    const ask = (template: { draft: unknown } | typeof which, more: object) =>
      world.denrei.previewTemplate({ template, ...more })
    await expect(ask({ draft: long }, { values: {} })).rejects.toBeInstanceOf(DefinitionsInvalid)
    await expect(ask({ draft: 'x' }, { values: {} })).rejects.toBeInstanceOf(DefinitionsInvalid)
    await expect(ask(which, { values: {} })).rejects.toBeInstanceOf(NotFound)
    await expect(ask({ draft: WELCOME }, {})).rejects.toBeInstanceOf(InvalidInput)
  })
})

describe('taking over what stands in the account', () => {
  const put = (definition: Template, more: Partial<TemplateNode> = {}) =>
    world.nodes.set(`${definition.name}/${definition.language}`, {
      ...(templateBody(definition) as unknown as TemplateNode),
      id: 'm-9',
      status: 'APPROVED',
      ...more,
    })
  const named: Template = templateSchema.parse({
    kind: 'template',
    name: 'visit_reminder',
    language: 'ja',
    category: 'UTILITY',
    module: 'Leads',
    header: { type: 'text', text: '{{day}}のご来店' },
    body: 'いつもありがとうございます。{{first_name}}様、{{time}}にお待ちしております。お気をつけて。',
    footer: '伝令商店',
    buttons: [
      { type: 'quick_reply', text: '確認' },
      { type: 'url', text: '地図', url: 'https://example.test/d/{{link}}' },
      { type: 'phone', text: '電話', phone: '+81312345678' },
    ],
    parameters: {
      day: { example: '月曜日' },
      first_name: { example: '花子' },
      time: { example: '10:00' },
      link: { example: 'abc' },
    },
    timeToLive: 'PT43200S',
  })
  const positional: Template = templateSchema.parse({
    ...named,
    header: undefined,
    body: 'ご予約は{{1}}、{{2}}にお待ちしております。お気をつけて。',
    buttons: [{ type: 'url', text: '地図', url: 'https://example.test/d/{{3}}' }],
    parameters: { 1: { example: '月曜日' }, 2: { example: '10:00' }, 3: { example: 'abc' } },
  })
  const code: Template = templateSchema.parse({
    kind: 'template',
    name: 'visit_reminder',
    language: 'ja',
    category: 'AUTHENTICATION',
    module: 'Leads',
    body: '{{1}}が認証コードです。',
    parameters: { 1: { example: '123456' } },
  })

  test.each([
    ['named', named],
    ['positional', positional],
  ])('%s: the definition that is written says the same, so that applying it submits nothing', async (_, definition) => {
    put(definition)
    const taken = await world.denrei.templates.takeOver({ ...which, name: 'visit_reminder', module: 'Leads' })
    expect(templateSchema.parse(taken.definition)).toEqual(definition)
    expect(taken.withoutValue).toEqual(
      Object.keys(definition.parameters ?? {}).sort((a, b) => order(definition, a) - order(definition, b)),
    )
    await world.denrei.syncAccount()
    const { entries, problems } = await world.apply(taken.definition)
    expect(entries).toMatchObject([{ effects: [] }])
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  })
  const order = ({ header, body, buttons = [] }: Template, name: string) =>
    [header?.type === 'text' ? header.text : '', body, ...buttons.map((one) => (one.type === 'url' ? one.url : ''))]
      .join(' ')
      .indexOf(`{{${name}}}`)

  test('an authentication template reads back as WhatsApp wrote it', async () => {
    put(code, {
      components: [
        {
          type: 'BODY',
          text: '*{{1}}*が認証コードです。',
          add_security_recommendation: true,
          example: { body_text: [['123456']] },
        },
        { type: 'FOOTER', text: 'このコードは10分で期限が切れます。', code_expiration_minutes: 10 },
        {
          type: 'BUTTONS',
          buttons: [
            {
              type: 'URL',
              text: 'コードをコピー',
              url: 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}',
            },
          ],
        },
      ],
    })
    const { definition } = await world.denrei.templates.takeOver({ ...which, name: 'visit_reminder', module: 'Leads' })
    expect(definition).toMatchObject({
      category: 'AUTHENTICATION',
      parameters: { 1: { example: '123456' } },
      authentication: { button: 'copy_code', securityRecommendation: true, codeExpirationMinutes: 10 },
    })
    expect(await world.denrei.check([{ file: 'a.json', json: definition }])).toEqual([])
  })

  test('what definitions do not know is refused by name', async () => {
    put(named, {
      components: [
        { type: 'BODY', text: '秋の新作です。' },
        { type: 'CAROUSEL', cards: [] },
      ],
    })
    const asked = world.denrei.templates.takeOver({ ...which, name: 'visit_reminder', module: 'Leads' })
    await expect(asked).rejects.toThrow('CAROUSEL')
    await expect(world.denrei.templates.takeOver({ ...which, module: 'Leads' })).rejects.toBeInstanceOf(NotFound)
    await expect(world.denrei.templates.takeOver({ ...which, module: 'Nobody' })).rejects.toBeInstanceOf(InvalidInput)
  })
})
