import { describe, expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'
import { defaultSettings, type Intake } from '#definitions/settings.ts'
import { runBatch } from '#engine/run.ts'
import {
  createWorkbench,
  inbound,
  NOW,
  NUMBER,
  recordEvent,
  sendOf,
  TANAKA,
  WELCOME,
  type Workbench,
} from '../workbench.ts'

const leads = (assignTo: Intake['assignTo'] = null): Intake => ({ registerAs: 'Leads', assignTo })

async function benchWith(intake: Intake, definitions: Definition[] = []): Promise<Workbench> {
  const bench = await createWorkbench(definitions)
  await bench.store.saveSettings({ ...defaultSettings, intake }, NOW)
  return bench
}

async function recordsOf(bench: Workbench, module: string) {
  return (await bench.store.records(module, { limit: 100 })).items.map(({ values }) => values)
}

async function notices(bench: Workbench): Promise<Json[]> {
  const { items } = await bench.store.notifications({ limit: 100 })
  return items.flatMap(({ notice }) => (notice === null ? [] : [notice as unknown as Json]))
}

const from = (waId: string, name?: string) => ({ from: { waId, ...(name !== undefined && { name }) } })

test('S24: an unknown person who writes becomes a lead, once, and what it says stands in the record', async () => {
  const bench = await benchWith(leads())
  await bench.happen(inbound('はじめまして'), inbound('資料をください'))
  await bench.happen(inbound('まだですか'))
  expect(await recordsOf(bench, 'Leads')).toEqual([{ Last_Name: '田中 花子', Mobile: TANAKA, Lead_Source: 'WhatsApp' }])
  expect(await recordsOf(bench, 'Contacts')).toEqual([])
})

test('S24: or a contact, as the settings say; and what their number says comes first', async () => {
  const bench = await benchWith({ registerAs: 'Contacts', assignTo: null })
  await bench.happen(inbound('はじめまして'))
  await bench.store.saveNumbers([{ ...NUMBER, intake: leads() }], NOW)
  await bench.happen(inbound('はじめまして', from('819011112222', '鈴木')))
  expect(await recordsOf(bench, 'Contacts')).toMatchObject([{ Mobile: TANAKA }])
  expect(await recordsOf(bench, 'Leads')).toMatchObject([{ Last_Name: '鈴木', Mobile: '+819011112222' }])
})

test('nothing is registered where the settings do not ask for it', async () => {
  const bench = await createWorkbench([])
  await bench.happen(inbound('はじめまして'))
  expect(await recordsOf(bench, 'Leads')).toEqual([])
})

test.each([
  ['Leads', { Last_Name: '田中', Mobile: '090-1234-5678' }],
  ['Contacts', { Last_Name: '田中', Mobile: TANAKA }],
  ['Users', { Full_Name: '田中', Mobile: TANAKA }], // S74: a colleague does not become a lead
])('S74: who is known in %s is not registered', async (module, values) => {
  const bench = await benchWith(leads())
  await bench.happen(recordEvent('created', module, '1', values))
  await bench.happen(inbound('こんにちは'))
  expect((await recordsOf(bench, 'Leads')).length).toBe(module === 'Leads' ? 1 : 0)
})

test('a record made in the same batch as the message is enough', async () => {
  const bench = await benchWith(leads())
  await bench.happen(
    recordEvent('created', 'Contacts', '1', { Last_Name: '田中', Mobile: TANAKA }),
    inbound('こんにちは'),
  )
  expect(await recordsOf(bench, 'Leads')).toEqual([])
})

test('a record that was deleted is not made again', async () => {
  const bench = await benchWith(leads())
  await bench.happen(inbound('はじめまして'))
  const [lead] = (await bench.store.records('Leads', { limit: 1 })).items
  await bench.happen(recordEvent('deleted', 'Leads', lead!.id, {}))
  await bench.happen(inbound('もしもし'))
  expect(await recordsOf(bench, 'Leads')).toEqual([])
})

test('a person without a phone is registered by the user id, and found by it', async () => {
  const bench = await benchWith(leads())
  await bench.happen(inbound('hello', { from: { bsuid: 'JP.1300000000001', username: '@mika' } }))
  expect(await recordsOf(bench, 'Leads')).toEqual([
    { Last_Name: '@mika', Mobile: 'JP.1300000000001', Lead_Source: 'WhatsApp' },
  ])
  await bench.happen(inbound('again', { from: { bsuid: 'JP.1300000000001', waId: '818012345678' } }))
  expect(await recordsOf(bench, 'Leads')).toHaveLength(1)
})

test('a reaction registers nobody, and neither does a word that only stops us', async () => {
  const bench = await benchWith(leads())
  await bench.happen(inbound('👍', { opensWindow: false }))
  await bench.happen(inbound('停止'))
  expect(await recordsOf(bench, 'Leads')).toEqual([])
})

test('a module of one’s own without these fields gets what it has', async () => {
  const module: Definition = {
    kind: 'module',
    name: 'Leads',
    labels: { ja: '顧客' },
    title: 'Name',
    phone: 'Tel',
    fields: { Name: { type: 'text' }, Tel: { type: 'phone' } },
  }
  const bench = await benchWith(leads({ kind: 'user', ids: ['u1'] }), [module])
  await bench.happen(inbound('はじめまして'))
  expect(await recordsOf(bench, 'Leads')).toEqual([{ Name: '田中 花子', Tel: TANAKA }])
})

test('the new record meets the rules on new records', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'welcome',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
  }
  const bench = await benchWith(leads(), [WELCOME, rule])
  await bench.happen(inbound('はじめまして'))
  expect((await bench.messages()).map(({ state }) => state)).toEqual(['queued'])
})

describe('the first message of a stranger', () => {
  const answer: Definition = {
    kind: 'workflow',
    name: 'shiryo',
    module: 'Leads',
    trigger: { on: 'message.received' },
    branches: [
      {
        when: { all: [{ fact: 'message', path: '$.text', operator: 'contains', value: '資料' }] },
        actions: [{ type: 'sendTemplate', template: 'welcome_lead' }],
      },
      { actions: [{ type: 'addTags', tags: ['その他'] }] },
    ],
  }
  const sent = async (bench: Workbench) => (await bench.messages()).map(({ intent }) => intent.definition)

  test('meets the rules on messages once, when the record is there', async () => {
    const bench = await benchWith(leads(), [WELCOME, answer])
    await bench.happen(inbound('資料請求'))
    expect(await sent(bench)).toEqual(['workflow/shiryo@1'])
    const [message] = await bench.messages()
    expect(sendOf(message)).toMatchObject({ to: { phone: TANAKA }, module: 'Leads' })
    expect(sendOf(message).parameters?.body).toEqual([{ name: 'name', value: '田中 花子' }])
    await bench.happen(inbound('ほかの件'))
    expect(await sent(bench)).toHaveLength(1)
    expect(await recordsOf(bench, 'Leads')).toMatchObject([{ Tag: ['その他'] }])
  })

  test('changes the conversation only when it comes, not when it is told again', async () => {
    const bench = await benchWith(leads(), [WELCOME, answer])
    await bench.store.accept([{ id: 't900000', event: inbound('資料請求') }], NOW)
    const decisions = [...(await bench.step()).decisions, ...(await bench.step()).decisions]
    const kinds = decisions.map(({ changes }) => changes.map(({ kind }) => kind))
    expect(kinds).toEqual([['putContact', 'inbound', 'accept', 'accept'], ['putRecord'], ['enqueue']])
    expect((await bench.step()).decisions).toEqual([])
  })

  test('told twice by WhatsApp is answered once', async () => {
    const bench = await benchWith(leads(), [WELCOME, answer])
    const message = inbound('資料請求')
    await bench.happen(message, message)
    await bench.happen(message)
    expect(await sent(bench)).toHaveLength(1)
  })

  test.each(['in one batch', 'in two'])(
    'and another that comes %s before the record: each meets the rules, in order',
    async (when) => {
      const users = ['u1', 'u2', 'u3']
      const bench = await benchWith(leads({ kind: 'user', ids: users }), [WELCOME, answer])
      const both = [inbound('資料ください'), inbound('資料まだですか')]
      if (when === 'in one batch') await bench.happen(...both)
      else {
        await bench.store.accept(
          both.map((event, index) => ({ id: `t90000${String(index)}`, event })),
          NOW,
        )
        await runBatch(bench.shell, 1)
        await runBatch(bench.shell, 1)
        await bench.settle()
      }
      expect(await sent(bench)).toHaveLength(2)
      expect(await recordsOf(bench, 'Leads')).toMatchObject([{ Owner: 'u1' }])
      // Nobody lost a turn by the second message.
      await bench.happen(inbound('資料', from('819011112222')))
      expect((await recordsOf(bench, 'Leads')).map(({ Owner }) => Owner).sort()).toEqual(['u1', 'u2'])
    },
  )

  const journey = (entry: object, steps: object[]): Definition =>
    ({
      kind: 'journey',
      name: 'annai',
      module: 'Leads',
      entry: { trigger: { on: 'message.received' }, ...entry },
      steps,
    }) as Definition

  test('enters journeys on messages, which wait for the next one', async () => {
    const asks = journey({}, [
      { id: 'ask', send: { template: 'welcome_lead' } },
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P2D', then: 'heard', else: 'end' },
      { id: 'heard', do: [{ type: 'addTags', tags: ['返事'] }] },
      { id: 'end', exit: 'completed' },
    ])
    const bench = await benchWith(leads(), [WELCOME, asks])
    await bench.happen(inbound('資料請求'))
    expect(await bench.messages()).toHaveLength(1)
    expect((await recordsOf(bench, 'Leads'))[0]).not.toHaveProperty('Tag')
  })

  test('is no reply for a journey that the new record enters', async () => {
    const greets = journey({ trigger: { on: 'record.created' } }, [
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P2D', then: 'heard', else: 'end' },
      { id: 'heard', do: [{ type: 'addTags', tags: ['返事'] }] },
      { id: 'end', exit: 'completed' },
    ])
    const bench = await benchWith(leads(), [WELCOME, greets])
    await bench.happen(inbound('資料請求'))
    expect((await recordsOf(bench, 'Leads'))[0]).not.toHaveProperty('Tag')
    await bench.happen(inbound('はい', { occurredAt: NOW + 60_000 }))
    expect(await recordsOf(bench, 'Leads')).toMatchObject([{ Tag: ['返事'] }])
  })

  test('meets nothing when the record is gone, and nobody is registered twice by it', async () => {
    const bench = await benchWith(leads(), [WELCOME, answer])
    await bench.happen(inbound('はじめまして'))
    const [lead] = (await bench.store.records('Leads', { limit: 1 })).items
    await bench.happen(recordEvent('deleted', 'Leads', lead!.id, {}))
    await bench.happen(inbound('資料請求'))
    expect(await sent(bench)).toEqual([])
    expect(await recordsOf(bench, 'Leads')).toEqual([])
  })

  test('a rule that makes a record of the message goes round no second time', async () => {
    const making: Definition = {
      kind: 'workflow',
      name: 'copy',
      module: 'Leads',
      trigger: { on: 'message.received' },
      branches: [
        { actions: [{ type: 'createRecord', module: 'Leads', set: { Last_Name: '写し', Mobile: '$[Leads.Mobile]' } }] },
      ],
    }
    const bench = await benchWith(leads(), [making])
    await bench.happen(inbound('資料請求'))
    expect(await recordsOf(bench, 'Leads')).toHaveLength(2)
  })
})

describe('S25, S26: who gets them', () => {
  const people = [
    recordEvent('created', 'Roles', 'r1', { Name: '営業' }),
    recordEvent('created', 'Roles', 'r2', { Name: '経理' }),
    recordEvent('created', 'Users', 'u1', { Full_Name: '佐藤', Role: 'r1', Active: true }),
    recordEvent('created', 'Users', 'u2', { Full_Name: '高橋', Role: { id: 'r1', name: '営業' } }),
    recordEvent('created', 'Users', 'u3', { Full_Name: '伊藤', Role: 'r2', Active: true }),
    recordEvent('created', 'Users', 'u4', { Full_Name: '退職者', Role: 'r1', Active: false }),
    recordEvent('created', 'Groups', 'g1', { Name: '窓口', Members: ['u3', { id: 'u1' }, 'u4', 'u3'] }),
    recordEvent('created', 'Groups', 'g2', { Name: '空', Members: [] }),
  ]
  async function ownersBy(assignTo: Intake['assignTo']) {
    const bench = await benchWith(leads(assignTo))
    await bench.happen(...people)
    for (const digit of [1, 2, 3, 4]) await bench.happen(inbound('問い合わせ', from(`81901111000${digit}`)))
    const records = await recordsOf(bench, 'Leads')
    const owner = (digit: number) =>
      (records.find(({ Mobile }) => Mobile === `+81901111000${digit}`)?.Owner ?? '-') as string
    return { owners: [1, 2, 3, 4].map(owner).join(' '), told: await notices(bench) }
  }

  test.each<[what: string, assignTo: NonNullable<Intake['assignTo']>, owners: string]>([
    ['one user', { kind: 'user', ids: ['u1'] }, 'u1 u1 u1 u1'],
    ['users in turn, who is not active passed over', { kind: 'user', ids: ['u3', 'u4', 'u1'] }, 'u3 u1 u3 u1'],
    ['a user without a record', { kind: 'user', ids: ['u9'] }, 'u9 u9 u9 u9'],
    ['the users of a group, each once', { kind: 'group', ids: ['g1'] }, 'u1 u3 u1 u3'],
    ['the users of several groups', { kind: 'group', ids: ['g2', 'g1'] }, 'u1 u3 u1 u3'],
    ['the users having a role, however it is written', { kind: 'role', ids: ['r1'] }, 'u1 u2 u1 u2'],
    ['the users having one of several roles', { kind: 'role', ids: ['r2', 'r1'] }, 'u1 u2 u3 u1'],
  ])('%s', async (_, assignTo, expected) => {
    const { owners, told } = await ownersBy(assignTo)
    expect(owners).toBe(expected)
    expect(told).toEqual([])
  })

  test.each<[what: string, assignTo: NonNullable<Intake['assignTo']>]>([
    ['an empty group', { kind: 'group', ids: ['g2'] }],
    ['a group that is not there', { kind: 'group', ids: ['g9'] }],
    ['a role that nobody has', { kind: 'role', ids: ['r9'] }],
    ['a user who is gone', { kind: 'user', ids: ['u4'] }],
  ])('%s: the record has no owner, and admins are told', async (_, assignTo) => {
    const { owners, told } = await ownersBy(assignTo)
    expect(owners).toBe('- - - -')
    expect(told).toHaveLength(4)
    expect(told[0]).toMatchObject({ code: 'intake_without_assignee', severity: 'warning', details: assignTo })
  })

  test('two strangers in one batch get two owners', async () => {
    const bench = await benchWith(leads({ kind: 'user', ids: ['u1', 'u2'] }))
    await bench.happen(inbound('a', from('819011110001')), inbound('b', from('819011110002')))
    expect((await recordsOf(bench, 'Leads')).map(({ Owner }) => Owner).sort()).toEqual(['u1', 'u2'])
  })
})
