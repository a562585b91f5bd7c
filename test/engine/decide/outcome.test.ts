import { expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import type { StatusEvent } from '#engine/trigger.ts'
import { judge } from '#engine/judge.ts'
import { approved, createWorkbench, NOW, recordEvent, TANAKA, WELCOME, type Workbench } from '../workbench.ts'

const welcome: Definition = {
  kind: 'workflow',
  name: 'welcome',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [
    {
      actions: [{ type: 'sendTemplate', template: 'welcome_lead' }],
      later: [
        {
          after: 'P2D',
          when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'New' }] },
          actions: [{ type: 'createTask', subject: '$[Leads.Last_Name] 様に電話' }],
        },
      ],
    },
  ],
}
const DAY = 86_400_000
const lead = (id: string, more = {}) =>
  recordEvent('created', 'Leads', id, { Last_Name: '田中', Mobile: TANAKA, Lead_Status: 'New', ...more })

async function sendAll(bench: Workbench, wamid = 'wamid.1') {
  const claimed = await bench.store.claim(
    { lane: '3001', worker: 'w', now: bench.now(), leaseMs: 1000, limit: 10 },
    judge,
    bench.shell.newId,
  )
  await bench.store.settle(
    claimed.map(({ message, fence }) => ({
      id: message.intent.id,
      fence,
      at: bench.now(),
      kind: 'accepted' as const,
      wamid,
    })),
    bench.shell.newId,
  )
  return claimed.map(({ message }) => message.intent.id)
}

function status(kind: StatusEvent['status'], messageId: string, more: Partial<StatusEvent> = {}): StatusEvent {
  return {
    kind: 'status',
    source: 'whatsapp',
    sourceId: `status:${messageId}:${kind}`,
    occurredAt: NOW + 1000,
    messageId,
    wamid: 'wamid.1',
    status: kind,
    recipient: { waId: TANAKA.slice(1) },
    pricing: { type: 'regular', category: 'utility' },
    ...more,
  }
}

test('a delivered message is paid from its hold, a failed one gives it back', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  await bench.happen(lead('1'), lead('2', { Mobile: '+819011112222' }))
  const [first, second] = await sendAll(bench)
  const { held } = await bench.store.balance()
  expect(held).toBe(2 * 11_300)
  await bench.happen(
    status('delivered', first!),
    status('failed', second!, { errors: [{ code: 131026, title: 'undeliverable' }] }),
  )
  expect(await bench.store.balance()).toEqual({
    bought: 10_000_000,
    available: 10_000_000 - 11_300,
    held: 0,
    spent: 11_300,
    owed: 0,
  })
  expect((await bench.messages()).map(({ state }) => state)).toEqual(['delivered', 'failed'])
})

test('rules on failed messages run once, also for a message that the guards blocked', async () => {
  const alarm: Definition = {
    kind: 'workflow',
    name: 'alarm',
    module: 'Leads',
    trigger: { on: 'message.status', status: ['failed', 'blocked'] },
    branches: [{ actions: [{ type: 'notify', role: 'manager', message: '$[Leads.Last_Name] 様に届きませんでした' }] }],
  }
  const bench = await createWorkbench([WELCOME, welcome, alarm])
  await bench.happen(lead('1', { Mobile: '12' }), lead('2'))
  const [sent] = await sendAll(bench)
  await bench.happen(status('failed', sent!, { errors: [{ code: 131026, title: 'undeliverable' }] }))
  await bench.happen(status('failed', sent!, { sourceId: 'again', errors: [{ code: 131026, title: 'undeliverable' }] }))
  expect((await bench.store.notifications({ limit: 10 })).items).toHaveLength(2)
})

test('131050 opts the contact out of marketing', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  await bench.happen(lead('1'))
  const [id] = await sendAll(bench)
  await bench.happen(status('failed', id!, { errors: [{ code: 131050, title: 'User has stopped marketing' }] }))
  expect(await bench.store.contact({ phone: TANAKA })).toMatchObject({
    optedOutMarketingAt: NOW + 1000,
    optedOutAllAt: null,
  })
})

test('a status that overtakes our own answer is parked and counts once the wamid is known', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  await bench.happen(lead('1'))
  const claimed = await bench.store.claim(
    { lane: '3001', worker: 'w', now: bench.now(), leaseMs: 1000, limit: 10 },
    judge,
    bench.shell.newId,
  )
  const id = claimed[0]!.message.intent.id
  const { messageId: _messageId, ...foreign } = status('delivered', id)
  await bench.happen(foreign)
  expect((await bench.messages())[0]?.state).toBe('sending')
  await bench.store.settle(
    [{ id, fence: claimed[0]!.fence, at: bench.now(), kind: 'accepted', wamid: 'wamid.1' }],
    bench.shell.newId,
  )
  await bench.settle()
  expect((await bench.messages())[0]).toMatchObject({ state: 'delivered', wamid: 'wamid.1', holdState: 'captured' })
})

test('a later action runs when its condition still holds', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  await bench.happen(lead('1'), lead('2', { Mobile: '+819011112222' }))
  await bench.happen(recordEvent('updated', 'Leads', '2', { Lead_Status: 'Contacted' }))
  bench.advance(2 * DAY - 1)
  await bench.settle()
  expect((await bench.store.records('Tasks', { limit: 10 })).items).toEqual([])
  bench.advance(1)
  await bench.settle()
  const tasks = (await bench.store.records('Tasks', { limit: 10 })).items
  expect(tasks.map(({ values }) => [values.Subject, values.What_Id])).toEqual([['田中 様に電話', '1']])
})

test('a later action is cancelled when the record is deleted, and when its workflow is switched off', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  await bench.happen(lead('1'), lead('2', { Mobile: '+819011112222' }))
  await bench.happen(recordEvent('deleted', 'Leads', '1', {}))
  expect(await bench.store.timers({ recordId: '1', module: 'Leads' })).toMatchObject([
    { state: 'cancelled', reason: 'record_deleted' },
  ])
  await bench.store.setActive('workflow/welcome', false, bench.now(), bench.shell.newId)
  await bench.define([])
  bench.advance(3 * DAY)
  await bench.settle()
  expect((await bench.store.records('Tasks', { limit: 10 })).items).toEqual([])
})

test('an approval releases what waited for that template, and nothing else (S61)', async () => {
  const other: Definition = { ...WELCOME, name: 'other_lead' }
  const rule: Definition = {
    kind: 'workflow',
    name: 'both',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [
      {
        actions: [
          { type: 'sendTemplate', template: 'welcome_lead' },
          { type: 'sendTemplate', template: 'other_lead' },
        ],
      },
    ],
  }
  const bench = await createWorkbench([WELCOME, other, rule], {
    templates: [approved('welcome_lead', 'ja', 'PENDING'), approved('other_lead', 'ja', 'PENDING')],
  })
  await bench.happen(lead('1'))
  expect((await bench.messages()).map(({ state, reason }) => `${state} ${reason}`)).toEqual([
    'held template_pending',
    'held template_pending',
  ])
  await bench.happen({
    kind: 'template',
    source: 'whatsapp',
    sourceId: 'x',
    occurredAt: NOW + 1,
    accountId: '2001',
    name: 'welcome_lead',
    language: 'ja',
    status: 'APPROVED',
  })
  expect((await bench.messages()).map(({ state }) => state)).toEqual(['queued', 'held'])
})

test('messages held for credits go on when credits arrive', async () => {
  const bench = await createWorkbench([WELCOME, welcome], { creditsMicros: 0 })
  await bench.happen(lead('1'))
  expect((await bench.messages())[0]).toMatchObject({
    state: 'held',
    reason: 'credits_insufficient',
    waitsFor: 'credits_added',
  })
  await bench.happen({
    kind: 'credits',
    source: 'api',
    sourceId: 'c',
    occurredAt: NOW,
    amountMicros: 1_000_000,
    memo: '追加',
    actor: 'admin',
  })
  expect((await bench.messages())[0]).toMatchObject({ state: 'queued', reason: null })
})

test('a person sends a template from a record, with values of their own (S69 to S73)', async () => {
  const bench = await createWorkbench([WELCOME])
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA }))
  const [id] = await bench.happen({
    kind: 'send',
    source: 'api',
    sourceId: 's1',
    occurredAt: NOW,
    module: 'Leads',
    recordId: '1',
    template: 'welcome_lead',
    parameters: { name: '$[見込み客.姓]ご夫妻' },
    actor: 'sato',
  })
  expect((await bench.messages())[0]?.intent).toMatchObject({
    id: `${id!}-0`,
    definition: 'send',
    parameters: { body: [{ value: '田中ご夫妻' }] },
  })
})

test('a trigger that cannot be decided is set aside alone, and told', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  const broken = { ...status('delivered', 'x'), kind: 'nonsense' } as unknown as StatusEvent
  const [bad, good] = await bench.happen(broken, lead('1'))
  expect(await bench.store.trigger(bad!)).toMatchObject({ state: 'quarantined' })
  expect(await bench.store.trigger(good!)).toMatchObject({ state: 'done' })
  expect(await bench.messages()).toHaveLength(1)
})

test('an approval in the very batch of the message holds it back no longer', async () => {
  const bench = await createWorkbench([WELCOME, welcome], { templates: [approved('welcome_lead', 'ja', 'PENDING')] })
  await bench.happen(
    {
      kind: 'template',
      source: 'whatsapp',
      sourceId: 'x',
      occurredAt: NOW + 1,
      accountId: '2001',
      name: 'welcome_lead',
      language: 'ja',
      status: 'APPROVED',
    },
    lead('1'),
  )
  expect((await bench.messages()).map(({ state }) => state)).toEqual(['queued'])
})

test('a hold that was forecast is looked at again at once, in case what it waits for has come meanwhile', async () => {
  const bench = await createWorkbench([WELCOME, welcome], { templates: [approved('welcome_lead', 'ja', 'PENDING')] })
  await bench.happen(lead('1'))
  expect((await bench.messages()).map(({ state }) => state)).toEqual(['held'])
  // A sync with the account, which is no trigger.
  await bench.store.saveTemplates([approved('welcome_lead')], bench.now())
  expect(await sendAll(bench)).toHaveLength(1)
})
