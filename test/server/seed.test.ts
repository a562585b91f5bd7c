import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { openServer } from './openServer.ts'
import { GREET, HOUR, openAccount, WELCOME } from './templates/account.ts'

describe('with an account', () => {
  let world: Awaited<ReturnType<typeof openAccount>>
  beforeEach(async () => {
    world = await openAccount()
  })
  afterEach(() => world.denrei.stop())

  const phone = '+819012345601'
  let written = 0
  async function write(text: string, from = phone) {
    const id = `wamid.in${written++}`
    const [accepted] = await world.denrei.accept([
      {
        kind: 'message',
        source: 'whatsapp',
        sourceId: id,
        occurredAt: world.now(),
        numberId: '3001',
        from: { waId: from.slice(1), name: '田中' },
        message: { id, type: 'text', text, raw: { text: { body: text } } },
        opensWindow: true,
      },
    ])
    await world.denrei.drain()
    return accepted!.id
  }
  const record = (module: string, recordId: string, values: object) =>
    world.denrei
      .accept([
        {
          kind: 'record',
          op: 'created',
          module,
          recordId,
          values: { ...values },
          mode: 'replace',
          source: 'crm',
          sourceId: `${module}/${recordId}`,
          occurredAt: world.now(),
        },
      ])
      .then(() => world.denrei.drain())
  const approve = async (...names: string[]) => {
    for (const name of names) await world.tell(name, 'APPROVED')
  }
  const received = () => world.sent.map(({ to, template }) => `${to.phone} ${template?.name}`)

  test('S1 staff write to a customer from a record, and the customer writes back', async () => {
    await world.apply(WELCOME)
    await approve('welcome_lead')
    await world.lead('1')
    await world.denrei.send({ module: 'Leads', recordId: '1', template: 'welcome_lead' }, '佐藤')
    await world.denrei.drain()
    expect(received()).toEqual([`${phone} welcome_lead`])
    await write('ありがとうございます')
    const contact = await world.store.contact({ phone })
    expect(await world.store.conversation('3001', contact!.id)).toMatchObject({ lastInboundAt: world.now() })
  })

  test('S2 what was exchanged is stored with the record and the person', async () => {
    await world.apply(WELCOME)
    await approve('welcome_lead')
    await world.lead('1')
    const { messageId } = await world.denrei.send({ module: 'Leads', recordId: '1', template: 'welcome_lead' }, '佐藤')
    await world.denrei.drain()
    const inboundId = await write('ありがとうございます')
    const contact = await world.store.contact({ phone })
    const out = await world.store.messages({ module: 'Leads', recordId: '1' }, { limit: 5 })
    expect(out.items).toMatchObject([{ intent: { id: messageId }, state: 'accepted', contactId: contact!.id }])
    expect((await world.store.messageSteps(messageId)).map(({ state }) => state)).toContain('accepted')
    const [heard] = (await world.store.triggers({ kind: 'message' }, { limit: 5 })).items
    expect(heard).toMatchObject({
      state: 'done',
      trigger: { id: inboundId, message: { text: 'ありがとうございます' } },
    })
  })

  test('S44 messages are exchanged with leads and with contacts', async () => {
    const contactRule: Definition = {
      ...GREET,
      name: 'greet-contact',
      module: 'Contacts',
      branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_contact' }] }],
    } as Definition
    const answered = (module: string): Definition => ({
      kind: 'workflow',
      name: `answered-${module.toLowerCase()}`,
      module,
      trigger: { on: 'message.received' },
      branches: [{ actions: [{ type: 'addTags', tags: ['返信あり'] }] }],
    })
    const forContacts = {
      ...WELCOME,
      name: 'welcome_contact',
      module: 'Contacts',
      parameters: { name: { value: '$[Contacts.Last_Name|お客様]', example: '田中' } },
    }
    await world.apply(WELCOME, forContacts, GREET, contactRule, answered('Leads'), answered('Contacts'))
    await approve('welcome_lead', 'welcome_contact')
    await record('Leads', '1', { Last_Name: '田中', Mobile: phone })
    await record('Contacts', '2', { Last_Name: '佐藤', Mobile: '+819012345602' })
    expect(received()).toEqual([`${phone} welcome_lead`, '+819012345602 welcome_contact'])
    await write('はい')
    await write('はい', '+819012345602')
    for (const [module, id] of [
      ['Leads', '1'],
      ['Contacts', '2'],
    ] as const) {
      expect(JSON.stringify((await world.store.record(module, id))?.values)).toContain('返信あり')
    }
  })

  test('S32 S33 credits are bought in advance; each message takes its price when it is sent, and is charged when it arrives', async () => {
    await world.apply(WELCOME, GREET)
    await approve('welcome_lead')
    const { available: bought } = await world.store.balance()
    await world.lead('1')
    const sending = await world.store.balance()
    expect(sending.held).toBeGreaterThan(0)
    expect(sending).toMatchObject({ available: bought - sending.held, spent: 0 })
    const [message] = await world.messages()
    await world.denrei.accept([
      {
        kind: 'status',
        source: 'whatsapp',
        sourceId: 'delivered',
        occurredAt: world.now(),
        messageId: message!.intent.id,
        wamid: 'wamid.1',
        status: 'delivered',
        recipient: {},
        pricing: { billable: true, model: 'PMP', type: 'regular', category: 'utility' },
      },
    ])
    await world.denrei.drain()
    expect(await world.store.balance()).toMatchObject({
      available: bought - sending.held,
      held: 0,
      spent: sending.held,
    })
  })

  test('S33 what the credits do not cover waits, and goes when more are bought', async () => {
    const poor = await openAccount({ creditsMicros: 1 })
    await poor.apply(WELCOME, GREET)
    await poor.tell('welcome_lead', 'APPROVED')
    await poor.lead('1')
    expect(poor.sent).toEqual([])
    expect(await poor.messages()).toMatchObject([{ state: 'held', reason: 'credits_insufficient' }])
    await poor.denrei.accept([
      {
        kind: 'credits',
        source: 'test',
        sourceId: 'more',
        occurredAt: poor.now(),
        amountMicros: 1_000_000,
        memo: '追加',
        actor: '経理',
      },
    ])
    await poor.denrei.drain()
    expect(poor.sent).toHaveLength(1)
    await poor.denrei.stop()
  })

  test('S45 a chat cannot simply be started: only an approved template goes to who has not written', async () => {
    const talk = (name: string, send: object) =>
      ({
        kind: 'journey',
        name,
        module: 'Leads',
        entry: { trigger: { on: 'record.created' }, reentry: 'never' },
        steps: [{ id: 'hello', send: { ...send, text: 'こんにちは。' } }],
      }) as Definition
    await expect(world.apply(WELCOME, talk('words-alone', {}))).rejects.toMatchObject({
      code: 'ERR_DEFINITIONS_INVALID',
      message: expect.stringContaining('WhatsApp refuses it') as string,
    })
    await world.apply(WELCOME, talk('either', { template: 'welcome_lead' }))
    await world.lead('1')
    const outcomes = async (lead: string) =>
      (await world.store.messages({ module: 'Leads', recordId: lead }, { limit: 5 })).items.map(
        ({ state, reason, form }) => [state, state === 'accepted' ? form : reason].join(' '),
      )
    expect(await outcomes('1')).toEqual(['held template_pending'])
    await approve('welcome_lead')
    expect(await outcomes('1')).toEqual(['accepted template'])
    // Who has written may be answered in free words.
    await write('お願いします', '+819012345602')
    await world.lead('2')
    expect(await outcomes('2')).toEqual(['accepted text'])
  })

  test('S62 how long a review takes differs by text and language: each message waits for its own', async () => {
    const english = {
      ...WELCOME,
      language: 'en',
      body: 'Hello {{name}}, thank you for your inquiry. We will write soon.',
    }
    const promo = {
      ...WELCOME,
      name: 'promo',
      category: 'MARKETING',
      body: 'こんにちは、{{name}} 様。春のご案内をお送りします。ぜひご覧ください。',
    }
    const rule: Definition = {
      ...GREET,
      branches: [
        {
          actions: [
            { type: 'sendTemplate', template: 'welcome_lead' },
            { type: 'sendTemplate', template: 'promo' },
          ],
        },
      ],
    } as Definition
    await world.apply(WELCOME, english, promo, rule)
    await world.lead('1')
    expect(received()).toEqual([])
    await world.tell('welcome_lead', 'APPROVED')
    expect(received()).toEqual([`${phone} welcome_lead`])
    await world.pass(47 * HOUR)
    expect(received()).toHaveLength(1)
    expect(await world.messages()).toContainEqual(
      expect.objectContaining({ state: 'held', reason: 'template_pending' }),
    )
    await world.tell('promo', 'APPROVED')
    expect(received()).toEqual([`${phone} welcome_lead`, `${phone} promo`])
    expect((await world.store.templates()).find(({ language }) => language === 'en')?.status).toBe('PENDING')
  })

  test('S66 an approved template is sent by a workflow', async () => {
    await world.apply(WELCOME, GREET)
    await approve('welcome_lead')
    await world.lead('1')
    expect(received()).toEqual([`${phone} welcome_lead`])
  })

  test('S67 an approved template is sent by a blueprint when its transition is taken', async () => {
    const desk: Definition = {
      kind: 'blueprint',
      name: 'lead-desk',
      module: 'Leads',
      field: 'Lead_Status',
      states: { New: { initial: true }, Contacted: { final: true } },
      transitions: [
        { name: 'Greet', from: ['New'], to: 'Contacted', after: [{ type: 'sendTemplate', template: 'welcome_lead' }] },
      ],
    }
    await world.apply(WELCOME, desk)
    await approve('welcome_lead')
    await world.lead('1', { Lead_Status: 'New' })
    expect(received()).toEqual([])
    const asking = world.denrei.command(
      { do: 'transition', module: 'Leads', recordId: '1', transition: 'Greet' },
      { user: '佐藤', roles: ['sales'] },
    )
    await world.denrei.drain()
    expect(await asking).toMatchObject({ kind: 'done' })
    await world.denrei.drain()
    expect(received()).toEqual([`${phone} welcome_lead`])
  })

  test('S68 an approved template is sent by a journey', async () => {
    const journey: Definition = {
      kind: 'journey',
      name: 'nurture',
      module: 'Leads',
      entry: { trigger: { on: 'record.created' }, reentry: 'never' },
      steps: [{ id: 'hello', send: { template: 'welcome_lead' } }],
    }
    await world.apply(WELCOME, journey)
    await approve('welcome_lead')
    await world.lead('1')
    expect(received()).toEqual([`${phone} welcome_lead`])
  })
})

test.each([
  ['POST /v1/setups', {}],
  ['PUT /v1/settings', {}],
  ['POST /v1/account/sync', undefined],
  ['POST /v1/templates', { definition: WELCOME }],
  ['POST /v1/credits/purchases', { amountMicros: 1_000_000, memo: 'test' }],
])('S8 only administrators may set up the integration: %s', async (route, body) => {
  const { call } = await openServer()
  for (const role of ['agent', 'viewer', 'ingest'] as const) {
    expect((await call(route, body, { role })).body.code).toBe('ERR_FORBIDDEN')
  }
  expect((await call(route, body)).body?.code).not.toBe('ERR_FORBIDDEN')
})

test('S52, S53 the list of templates and the button for a new one are one route each', async () => {
  const { call } = await openServer()
  const list = async () =>
    (await call('GET /v1/templates')).body.items as unknown as { name: string; language: string }[]
  expect(await list()).toEqual([])
  const made = await call('POST /v1/templates', { definition: WELCOME })
  expect(made.status).toBe(200)
  expect(await list()).toMatchObject([{ name: 'welcome_lead', language: 'ja' }])
  expect((await call('GET /v1/templates/welcome_lead/ja')).status).toBe(200)
  const wrong = await call('POST /v1/templates', { definition: { ...WELCOME, name: 'Not a name' } })
  expect([wrong.status, wrong.body.code]).toEqual([422, 'ERR_DEFINITIONS_INVALID'])
})

test('S64 the page about templates leads to more detail', () => {
  const page = readFileSync('docs/reference/definitions.md', 'utf8')
  const section = page.slice(page.indexOf('\n## Template\n'), page.indexOf('\n## Module\n'))
  expect(section).toMatch(/https:\/\/developers\.facebook\.com\/docs\/whatsapp\S+message-templates/)
})
