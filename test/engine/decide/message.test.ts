import { expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { createWorkbench, inbound, NOW, NUMBER, recordEvent, sendOf, TANAKA, WELCOME } from '../workbench.ts'

const answer: Definition = {
  kind: 'workflow',
  name: 'answer',
  module: 'Leads',
  trigger: { on: 'message.received' },
  branches: [
    {
      when: { all: [{ fact: 'message', path: '$.text', operator: 'containsText', value: '予約' }] },
      actions: [{ type: 'createTask', subject: '$[Leads.Last_Name] 様へ予約の連絡' }],
    },
  ],
}

test('an inbound message opens the window of its number and contact (S85)', async () => {
  const bench = await createWorkbench([])
  const [id] = await bench.happen(inbound('こんにちは'))
  const contact = await bench.store.contact({ phone: TANAKA })
  expect(contact).toMatchObject({ waId: TANAKA.slice(1), phone: TANAKA, name: '田中 花子' })
  expect(await bench.store.conversation('3001', contact!.id)).toMatchObject({ lastInboundAt: NOW })
  expect((await bench.store.trace(id!))?.notes).toEqual(['opened_window'])
})

test('a reaction is kept but opens no window', async () => {
  const bench = await createWorkbench([])
  await bench.happen(inbound('👍', { opensWindow: false }))
  const contact = await bench.store.contact({ phone: TANAKA })
  expect((await bench.store.conversation('3001', contact!.id))?.lastInboundAt ?? null).toBeNull()
})

test('rules on received messages run for the record of the sender, found by phone', async () => {
  const bench = await createWorkbench([answer])
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: '090-1234-5678' }))
  const [id] = await bench.happen(inbound('予約を変更したいです'))
  expect(await bench.outcomes(id!)).toEqual(['workflow/answer@1 matched'])
  const tasks = await bench.store.records('Tasks', { limit: 10 })
  expect(tasks.items.map(({ values }) => values)).toMatchObject([{ Subject: '田中 様へ予約の連絡', What_Id: '1' }])
})

test('a record made in the same batch as the message is found', async () => {
  const bench = await createWorkbench([answer])
  const [, id] = await bench.happen(
    recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA }),
    inbound('予約'),
  )
  expect(await bench.outcomes(id!)).toEqual(['workflow/answer@1 matched'])
})

test('STOP in Japanese stops the messages that follow, also of the same batch, and a restart lifts it', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'welcome',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
  }
  const bench = await createWorkbench([WELCOME, rule])
  const lead = (id: string) => recordEvent('created', 'Leads', id, { Last_Name: '田中', Mobile: TANAKA })
  await bench.happen(inbound('停止'), lead('1'))
  await bench.happen(lead('2'))
  await bench.happen(inbound('再開'))
  await bench.happen(lead('3'))
  expect((await bench.messages()).map(({ state, reason }) => `${state} ${reason}`)).toEqual([
    'blocked opted_out',
    'blocked opted_out',
    'queued null',
  ])
})

test.each([
  ['停止', 'workflow/obey@1 matched'],
  ['配信停止', 'workflow/obey@1 no_branch_matched'],
  ['はい', 'workflow/obey@1 no_branch_matched'],
])('a rule that hears 「%s」 sees what it makes of the contact: %s', async (text, outcome) => {
  const stopped = { fact: 'contact', path: '$.optedOutAll', operator: 'equal', value: true }
  const obey: Definition = { ...answer, name: 'obey', branches: [{ when: { all: [stopped] }, actions: [] }] }
  const bench = await createWorkbench([obey])
  await bench.happen(
    recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA }),
    inbound('はじめまして'),
  )
  const [id] = await bench.happen(inbound(text))
  expect(await bench.outcomes(id!)).toEqual([outcome])
})

test('a username contact without a phone is known by its BSUID, and merged when the phone appears', async () => {
  const bench = await createWorkbench([])
  await bench.happen(inbound('はじめまして', { from: { bsuid: 'JP.1300000000001', name: '美加' } }))
  const before = await bench.store.contact({ bsuid: 'JP.1300000000001' })
  expect(before).toMatchObject({ phone: null, waId: null })
  await bench.happen(inbound('電話番号です', { from: { waId: TANAKA.slice(1) } }))
  await bench.happen(inbound('両方です', { from: { bsuid: 'JP.1300000000001', waId: TANAKA.slice(1) } }))
  const merged = await bench.store.contact({ bsuid: 'JP.1300000000001' })
  expect(merged).toMatchObject({ waId: TANAKA.slice(1), name: '美加' })
  expect((await bench.store.contact({ phone: TANAKA }))?.id).toBe(merged?.id)
})

test('a Brazilian without the ninth digit is the contact that was written to with it', async () => {
  const bench = await createWorkbench([
    WELCOME,
    {
      kind: 'workflow',
      name: 'welcome',
      module: 'Leads',
      trigger: { on: 'record.created' },
      branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
    },
  ])
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: 'Ana', Mobile: '+5511981234567' }))
  const written = (await bench.messages())[0]?.contactId
  await bench.happen(inbound('Oi', { from: { waId: '551181234567' } }))
  expect((await bench.store.contact({ waId: '551181234567' }))?.id).toBe(written)
})

test('a reaction sets off no rule', async () => {
  const bench = await createWorkbench([{ ...answer, branches: [{ actions: [{ type: 'addTags', tags: ['返信'] }] }] }])
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA }))
  const [id] = await bench.happen(inbound('👍', { opensWindow: false }))
  expect(await bench.outcomes(id!)).toEqual([])
})

test('an older START that comes late does not lift a newer STOP', async () => {
  const bench = await createWorkbench([])
  await bench.happen(inbound('停止', { occurredAt: NOW }))
  const [late] = await bench.happen(inbound('再開', { occurredAt: NOW - 60_000 }))
  expect(await bench.store.contact({ phone: TANAKA })).toMatchObject({ optedOutAllAt: NOW, optedInAt: null })
  expect((await bench.store.trace(late!))?.notes).toContain('late_consent')
})

test('what answers a message goes from the number that was written to, there the window is open', async () => {
  const greet: Definition = {
    kind: 'workflow',
    name: 'greet',
    module: 'Leads',
    trigger: { on: 'message.received' },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead' }] }],
  }
  const bench = await createWorkbench([WELCOME, greet])
  const second = { ...NUMBER, id: '3002', displayNumber: '+81 3-9876-5432' }
  await bench.store.saveNumbers([second], NOW)
  await bench.store.saveSettings({ ...(await bench.store.settings()), defaultNumberId: NUMBER.id }, NOW)
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA }))
  await bench.happen(inbound('もしもし', { numberId: second.id }))
  const { items } = await bench.store.messages({}, { limit: 10 })
  expect(items.map((one) => sendOf(one).numberId)).toEqual(['3002'])
})
