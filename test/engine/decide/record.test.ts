import { expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { CAUSES_MAX } from '#engine/decide/rules.ts'
import { createWorkbench, NOW, recordEvent, sendOf, TANAKA, WELCOME } from '../workbench.ts'

const welcome: Definition = {
  kind: 'workflow',
  name: 'welcome',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [
    {
      when: { all: [{ fact: 'Lead_Source', operator: 'equal', value: 'Web' }] },
      actions: [{ type: 'sendTemplate', template: 'welcome_lead', to: '$[Leads.Mobile]' }],
    },
    { actions: [{ type: 'addTags', tags: ['no-whatsapp'] }] },
  ],
}

test('a new web lead gets the welcome template, once, with its name filled in (S47, S66)', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  await bench.happen(
    recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: '090-1234-5678', Lead_Source: 'Web' }),
  )
  const [message, ...others] = await bench.messages()
  expect(others).toEqual([])
  expect(message).toMatchObject({ state: 'queued', reason: null })
  expect(sendOf(message)).toMatchObject({
    to: { raw: '090-1234-5678', phone: TANAKA },
    template: { name: 'welcome_lead', language: 'ja' },
    parameters: { format: 'NAMED', body: [{ name: 'name', value: '田中' }] },
    numberId: '3001',
    delivery: 'at-least-once',
  })
})

test('the first branch that matches wins, and the one without a condition is the else', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  const [id] = await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '佐藤', Lead_Source: 'Fax' }))
  expect(await bench.messages()).toEqual([])
  expect((await bench.values('Leads', '1'))?.Tag).toEqual(['no-whatsapp'])
  const trace = await bench.store.trace(id!)
  expect(trace?.rules[0]).toMatchObject({
    outcome: 'matched',
    branch: 1,
    leaves: [{ fact: 'Lead_Source', seen: 'Fax', expected: 'Web', result: false }],
  })
})

test('deciding the same trigger twice gives the same message once', async () => {
  const bench = await createWorkbench([WELCOME, welcome])
  const event = recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA, Lead_Source: 'Web' })
  await bench.happen(event)
  await bench.happen(event)
  expect(await bench.messages()).toHaveLength(1)
  expect((await bench.store.totals()).duplicates).toEqual({ record: 1 })
})

test('two rules that tag a record in one trigger both count', async () => {
  const tagger = (name: string, tag: string): Definition => ({
    kind: 'workflow',
    name,
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'addTags', tags: [tag] }] }],
  })
  const bench = await createWorkbench([tagger('a', '重要'), tagger('b', 'web')])
  await bench.happen(recordEvent('created', 'Leads', '1', { Tag: ['既存'] }))
  expect((await bench.values('Leads', '1'))?.Tag).toEqual(['既存', '重要', 'web'])
})

test('an update without a change runs update rules but no rule on a changed field', async () => {
  const rule = (name: string, trigger: Extract<Definition, { kind: 'workflow' }>['trigger']): Definition => ({
    kind: 'workflow',
    name,
    module: 'Leads',
    trigger,
    repeat: 'always',
    branches: [{ actions: [{ type: 'notify', role: 'manager', message: '$[Leads.Last_Name]' }] }],
  })
  const bench = await createWorkbench([
    rule('any', { on: 'record.updated' }),
    rule('status', { on: 'field.changed', fields: [{ field: 'Lead_Status' }] }),
  ])
  await bench.happen(recordEvent('created', 'Leads', '1', { Lead_Status: 'New' }))
  const [same] = await bench.happen(recordEvent('updated', 'Leads', '1', { Lead_Status: 'New' }))
  const [other] = await bench.happen(recordEvent('updated', 'Leads', '1', { Lead_Status: 'Contacted' }))
  expect(await bench.outcomes(same!)).toEqual(['workflow/any@1 matched'])
  expect(await bench.outcomes(other!)).toEqual(['workflow/any@1 matched', 'workflow/status@1 matched'])
})

test('a rule that repeats once runs for a record one time only', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'once',
    module: 'Leads',
    trigger: { on: 'record.updated' },
    branches: [{ actions: [{ type: 'notify', user: 'sato', message: '更新されました' }] }],
  }
  const bench = await createWorkbench([rule])
  const event = () => recordEvent('updated', 'Leads', '1', { Rating: 'Hot' })
  const [first, second] = await bench.happen(event(), event())
  expect(await bench.outcomes(first!)).toEqual(['workflow/once@1 matched'])
  expect(await bench.outcomes(second!)).toEqual(['workflow/once@1 already_ran'])
  await bench.define([{ ...rule, description: 'edited' }])
  const [third] = await bench.happen(event())
  expect(await bench.outcomes(third!)).toEqual(['workflow/once@2 already_ran'])
})

test('a late event overwrites only what nothing newer has written', async () => {
  const bench = await createWorkbench([])
  await bench.happen(recordEvent('updated', 'Leads', '1', { Lead_Status: 'Contacted' }, { occurredAt: NOW }))
  const [created, phone, status] = await bench.happen(
    recordEvent('created', 'Leads', '1', { Lead_Status: 'New', Company: '伝令商店' }, { occurredAt: NOW - 5000 }),
    recordEvent('updated', 'Leads', '1', { Company: '株式会社伝令' }, { occurredAt: NOW - 3000 }),
    recordEvent('updated', 'Leads', '1', { Company: '伝令', Lead_Status: 'Junk' }, { occurredAt: NOW - 4000 }),
  )
  expect(await bench.values('Leads', '1')).toEqual({ Lead_Status: 'Contacted', Company: '株式会社伝令' })
  const notes = await Promise.all(
    [created, phone, status].map(async (id) => (await bench.store.trace(id!))?.notes ?? []),
  )
  expect(notes).toEqual([['late_event'], ['late_event'], ['late_event']])
})

test('an event that a deletion has overtaken does not bring the record back', async () => {
  const bench = await createWorkbench([])
  await bench.happen(recordEvent('created', 'Leads', '1', { A: 1 }, { occurredAt: NOW - 9000 }))
  await bench.happen(recordEvent('deleted', 'Leads', '1', {}, { occurredAt: NOW }))
  await bench.happen(recordEvent('updated', 'Leads', '1', { A: 2 }, { occurredAt: NOW - 1000 }))
  expect(await bench.values('Leads', '1')).toBeUndefined()
  bench.advance(1000)
  await bench.happen(recordEvent('created', 'Leads', '1', { A: 3 }, { occurredAt: NOW + 500 }))
  expect(await bench.values('Leads', '1')).toEqual({ A: 3 })
})

test('a rule writes also when the clock of the CRM runs ahead of ours', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'contacted',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'updateRecord', set: { Lead_Status: 'Contacted' } }] }],
  }
  const bench = await createWorkbench([rule])
  await bench.happen(recordEvent('created', 'Leads', '1', { Lead_Status: 'New' }, { occurredAt: NOW + 200_000 }))
  expect(await bench.values('Leads', '1')).toEqual({ Lead_Status: 'Contacted' })
  await bench.happen(recordEvent('updated', 'Leads', '1', { Lead_Status: 'Lost' }, { source: 'api', occurredAt: NOW }))
  expect(await bench.values('Leads', '1')).toEqual({ Lead_Status: 'Lost' })
})

test('what a rule changed does not make the next word of the source late', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'tag-new',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'addTags', tags: ['新規'] }] }],
  }
  const bench = await createWorkbench([rule])
  await bench.happen(recordEvent('created', 'Leads', '1', { City: '大阪' }, { occurredAt: NOW - 10_000 }))
  await bench.happen(recordEvent('updated', 'Leads', '1', { City: '東京' }, { occurredAt: NOW - 5000 }))
  expect(await bench.values('Leads', '1')).toEqual({ City: '東京', Tag: ['新規'] })
})

test('a deleted record is not brought back by what happened before, nor by a rule that had begun', async () => {
  const farewell: Definition = {
    kind: 'workflow',
    name: 'farewell',
    module: 'Leads',
    trigger: { on: 'record.deleted' },
    branches: [{ actions: [{ type: 'addTags', tags: ['退会'] }] }],
  }
  const bench = await createWorkbench([farewell])
  await bench.happen(recordEvent('created', 'Leads', '1', { City: '大阪' }, { occurredAt: NOW - 10_000 }))
  await bench.happen(recordEvent('deleted', 'Leads', '1', {}, { occurredAt: NOW - 5000 }))
  const [late] = await bench.happen(recordEvent('updated', 'Leads', '1', { City: '東京' }, { occurredAt: NOW - 7000 }))
  expect(await bench.values('Leads', '1')).toBeUndefined()
  expect((await bench.store.trace(late!))?.notes).toContain('late_event')
  await bench.happen(recordEvent('saved', 'Leads', '1', { City: '京都' }))
  expect(await bench.values('Leads', '1')).toEqual({ City: '京都' })
})

test('saved is a creation for a record we do not know, an update afterwards', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'new-ones',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'notify', role: 'sales', message: '新しい見込み客' }] }],
  }
  const bench = await createWorkbench([rule])
  const [first, second] = await bench.happen(
    recordEvent('saved', 'Leads', '1', { A: 1 }),
    recordEvent('saved', 'Leads', '1', { A: 2 }),
  )
  expect(await bench.outcomes(first!)).toEqual(['workflow/new-ones@1 matched'])
  expect(await bench.outcomes(second!)).toEqual([])
})

test('a rule never answers its own change, and a chain of rules ends', async () => {
  const step = (n: number): Definition => ({
    kind: 'workflow',
    name: `step-${n}`,
    module: 'Leads',
    trigger: { on: 'field.changed', fields: [{ field: 'Step' }] },
    repeat: 'always',
    branches: [
      {
        when: { all: [{ fact: 'Step', operator: 'equal', value: n }] },
        actions: [{ type: 'updateRecord', set: { Step: n + 1 } }],
      },
    ],
  })
  const bench = await createWorkbench([0, 1, 2, 3, 4, 5, 6, 7].map(step))
  await bench.happen(recordEvent('updated', 'Leads', '1', { Step: 0 }))
  expect((await bench.values('Leads', '1'))?.Step).toBe(CAUSES_MAX)

  const self: Definition = {
    kind: 'workflow',
    name: 'self',
    module: 'Deals',
    trigger: { on: 'record.updated' },
    repeat: 'always',
    branches: [{ actions: [{ type: 'updateRecord', set: { Count: '$[Deals.Next]', Next: '$[Deals.Count]x' } }] }],
  }
  await bench.define([self])
  await bench.happen(recordEvent('updated', 'Deals', '1', { Count: 'a', Next: 'b' }))
  expect(await bench.values('Deals', '1')).toEqual({ Count: 'b', Next: 'ax' })
})

test('a lookup fills a message with the contact behind the deal', async () => {
  const proposal: Definition = {
    kind: 'template',
    name: 'proposal_sent',
    language: 'ja',
    category: 'UTILITY',
    module: 'Deals',
    body: 'こんにちは {{name}} 様、「{{deal}}」のご提案をお送りしました。',
    parameters: {
      name: { value: '$[Deals.Contact_Name.Last_Name]', example: '鈴木' },
      deal: { value: '$[Deals.Deal_Name]', example: '新店舗' },
    },
  }
  const rule: Definition = {
    kind: 'workflow',
    name: 'proposal',
    module: 'Deals',
    trigger: { on: 'field.changed', fields: [{ field: 'Stage', to: 'Proposal' }] },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'proposal_sent', to: '$[Deals.Contact_Name.Mobile]' }] }],
  }
  const { approved } = await import('../workbench.ts')
  const bench = await createWorkbench([proposal, rule], { templates: [approved('proposal_sent')] })
  await bench.happen(
    recordEvent('created', 'Contacts', 'c1', { Last_Name: '鈴木', Mobile: TANAKA }),
    recordEvent('created', 'Deals', 'd1', {
      Deal_Name: '新店舗',
      Stage: 'Qualification',
      Contact_Name: { id: 'c1', name: '鈴木' },
    }),
    recordEvent('updated', 'Deals', 'd1', { Stage: 'Proposal' }),
  )
  const [message] = await bench.messages()
  expect(sendOf(message)).toMatchObject({
    to: { phone: TANAKA },
    parameters: { body: [{ value: '鈴木' }, { value: '新店舗' }] },
  })
})

test('one rule that fails harms only itself', async () => {
  const bad: Definition = {
    kind: 'workflow',
    name: 'bad',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [
      {
        actions: [
          { type: 'addTags', tags: ['half done'] },
          { type: 'createTask', subject: 'x', dueIn: 'not a duration' },
        ],
      },
    ],
  }
  const bench = await createWorkbench([WELCOME, bad, welcome])
  const [id] = await bench.happen(
    recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA, Lead_Source: 'Web' }),
  )
  expect(await bench.outcomes(id!)).toEqual(['workflow/bad@1 failed', 'workflow/welcome@1 matched'])
  expect(await bench.messages()).toHaveLength(1)
  expect((await bench.values('Leads', '1'))?.Tag).toBeUndefined()
})

test('owners take turns, over restarts and new versions', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'assign',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'assignOwner', users: ['sato', 'suzuki', 'tanaka'] }] }],
  }
  const bench = await createWorkbench([rule])
  await bench.happen(...['1', '2', '3', '4'].map((id) => recordEvent('created', 'Leads', id, {})))
  await bench.define([{ ...rule, description: 'edited' }])
  await bench.happen(recordEvent('created', 'Leads', '5', {}))
  const owners = await Promise.all(
    ['1', '2', '3', '4', '5'].map(async (id) => (await bench.values('Leads', id))?.Owner),
  )
  expect(owners).toEqual(['sato', 'suzuki', 'tanaka', 'sato', 'suzuki'])
})

test('a message for a number that is not known waits for that number, and goes from no other', async () => {
  const rule: Definition = {
    kind: 'workflow',
    name: 'from-osaka',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'welcome_lead', from: '3009' }] }],
  }
  const bench = await createWorkbench([WELCOME, rule])
  await bench.happen(recordEvent('created', 'Leads', '1', { Last_Name: '田中', Mobile: TANAKA }))
  expect(await bench.messages()).toMatchObject([
    { state: 'held', reason: 'number_not_ready', detail: '3009', intent: { numberId: '3009' } },
  ])
  await bench.happen({
    kind: 'release',
    source: 'denrei',
    sourceId: 'synced',
    occurredAt: NOW,
    waitsFor: 'number_ready',
  })
  expect(sendOf((await bench.messages())[0]).numberId).toBe('3009')
})
