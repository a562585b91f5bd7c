import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import { judge } from '#engine/judge.ts'
import type { Claimed } from '#engine/claim.ts'
import type { EraseEvent, StatusEvent } from '#engine/trigger.ts'
import {
  approved,
  createWorkbench,
  inbound,
  NOW,
  NUMBER,
  recordEvent,
  TANAKA,
  WELCOME,
  type Workbench,
} from '../workbench.ts'

const SECRETS = ['9012345678', '花子', '秘密の相談', '秘密の住所', '秘密の紙']
const MINUTE_MS = 60_000

const welcome: Definition = {
  kind: 'workflow',
  name: 'welcome',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [
    {
      actions: [
        { type: 'sendTemplate', template: 'welcome_lead' },
        { type: 'notify', role: 'manager', message: '$[Leads.Last_Name] 様が来ました' },
      ],
      later: [{ after: 'P2D', actions: [{ type: 'createTask', subject: '$[Leads.Last_Name] 様に電話' }] }],
    },
  ],
}
const nurture: Definition = {
  kind: 'journey',
  name: 'nurture',
  module: 'Leads',
  entry: { trigger: { on: 'record.created' }, reentry: 'always' },
  steps: [
    { id: 'hello', send: { template: 'welcome_lead' } },
    { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P3D', then: 'hello', else: 'hello' },
  ],
}

async function bench(more: Definition[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'denrei-erase-'))
  const file = join(folder, 'denrei.db')
  const made = await createWorkbench([WELCOME, welcome, ...more], { file })
  onTestFinished(async () => {
    await made.store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { ...made, file }
}
type Bench = Awaited<ReturnType<typeof bench>>

const lead = (id: string, change: object = {}) =>
  recordEvent('created', 'Leads', id, {
    Last_Name: '田中 花子',
    Mobile: '090-1234-5678',
    Street: '秘密の住所',
    ...change,
  })
let asked = 0
const erase = (change: Partial<EraseEvent> = {}): EraseEvent => ({
  kind: 'erase', source: 'api', sourceId: `erase:${asked++}`, occurredAt: NOW, who: { phone: TANAKA }, actor: 'admin', ...change,
}) // prettier-ignore
const claim = ({ store, now }: Pick<Workbench, 'store' | 'now'>, limit: number): Promise<Claimed[]> =>
  store.claim({ lane: NUMBER.id, worker: 'w', now: now(), leaseMs: MINUTE_MS, limit }, (all) => judge(all, () => null), () => `o${asked++}`) // prettier-ignore
const notesOf = async ({ store }: Pick<Workbench, 'store'>, id: string) => (await store.trace(id))?.notes ?? []

/** What of the person a copy of the database still holds, as bytes. */
function remains({ file }: Bench): string[] {
  const copy = `${file}.copy`
  const database = new BetterSqlite3(file, { readonly: true })
  database.exec(`VACUUM INTO '${copy}'`)
  database.close()
  const bytes = readFileSync(copy)
  rmSync(copy)
  return SECRETS.filter((text) => bytes.includes(Buffer.from(text)))
}

test('after an erasure nothing in the database holds the number, the name or the words; the sums of credits stay', async () => {
  const world = await bench([nurture])
  const { store, happen } = world
  await happen(lead('L1'))
  const [delivered, sending] = await claim(world, 2)
  await store.settle(
    [
      {
        id: delivered!.message.intent.id,
        fence: delivered!.fence,
        at: NOW,
        kind: 'accepted',
        wamid: 'wamid.1',
        waId: TANAKA.slice(1),
      },
    ],
    () => 's1',
  )
  const status = (messageId: string, wamid: string): StatusEvent => ({
    kind: 'status', source: 'whatsapp', sourceId: `status:${wamid}`, occurredAt: NOW, messageId, wamid, status: 'delivered', recipient: { waId: TANAKA.slice(1) }, pricing: { billable: true, model: 'PMP', type: 'regular', category: 'utility' },
  }) // prettier-ignore
  await happen(status(delivered!.message.intent.id, 'wamid.1'), inbound('秘密の相談です'))
  await happen({
    kind: 'consent',
    source: 'api',
    sourceId: 'c1',
    occurredAt: NOW,
    who: { phone: TANAKA },
    direction: 'out',
    scope: 'all',
    by: 'admin',
    channel: '紙',
    proof: '秘密の紙 A-1',
    actor: '佐藤',
  })
  await happen(recordEvent('deleted', 'Contacts', 'C0', { Last_Name: '花子', Mobile: TANAKA, Street: '秘密の住所' }))
  const before = await store.balance()
  expect(await store.message(delivered!.message.intent.id)).toMatchObject({ state: 'delivered' })
  expect(before.spent).toBeGreaterThan(0)
  expect(before.held).toBeGreaterThan(0)
  expect(remains(world)).toEqual(SECRETS)

  const [id] = await happen(erase())
  expect(await notesOf(world, id!)).toEqual(['erased', 'records:1'])
  expect(remains(world)).toEqual([])
  expect(await store.contact({ phone: TANAKA })).toBeNull()
  expect(await store.record('Leads', 'L1')).toBeNull()
  expect((await store.instances({ status: 'running' }, { limit: 10 })).items).toEqual([])
  expect((await store.timers({ state: 'waiting' })).length).toBe(0)
  expect((await store.instanceCounts('journey/nurture')).standing).toEqual([])

  // What was under way settles by its id, and the credits with it.
  const fence = { id: sending!.message.intent.id, fence: sending!.fence, at: NOW }
  expect(
    await store.settle([{ ...fence, kind: 'accepted', wamid: 'wamid.2', waId: TANAKA.slice(1) }], () => 's2'),
  ).toEqual([true])
  await happen(status(sending!.message.intent.id, 'wamid.2'))
  expect(await store.message(sending!.message.intent.id)).toMatchObject({ state: 'delivered', holdState: 'captured' })
  const after = await store.balance()
  expect(after.bought).toBe(before.bought)
  expect(after.bought).toBe(after.available + after.held + after.spent)
  expect(after.spent).toBe(2 * before.spent)
  expect(after.held).toBe(0)
  // The statuses that came for it are no way back into the database.
  expect(remains(world)).toEqual([])
})

test('the notice of an erasure tells that it was done and by whom, and not about whom', async () => {
  const world = await bench()
  await world.happen(lead('L1'))
  await world.happen(erase({ actor: '佐藤' }))
  const { items } = await world.store.notifications({ limit: 10 })
  expect(items.map(({ notice }) => notice)).toContainEqual({
    code: 'person_erased',
    severity: 'info',
    details: { records: 1, actor: '佐藤' },
  })
  expect(JSON.stringify(items)).not.toMatch(/花子|9012345678|L1/)
})

test('what was refused outlives the erasure, whatever the record and the spelling; an agreement of their own lifts it', async () => {
  const world = await bench()
  await world.happen(lead('L1'), inbound('停止'))
  await world.happen(erase())
  for (const [id, Mobile] of [
    ['L1', '+819012345678'],
    ['L2', '090-1234-5678'],
    ['L3', '００８１９０１２３４５６７８'],
  ] as const) {
    await world.happen(lead(id, { Mobile }))
    const last = (await world.messages()).at(-1)
    expect(`${Mobile} ${last?.state} ${last?.reason}`).toBe(`${Mobile} blocked opted_out`)
  }
  await world.happen(inbound('再開'))
  await world.happen(lead('L4'))
  expect((await world.messages()).at(-1)?.state).toBe('queued')
})

test('somebody who refused nothing may be written to again after an erasure', async () => {
  const world = await bench()
  await world.happen(lead('L1'))
  await world.happen(erase())
  await world.happen(lead('L2'))
  expect((await world.messages()).at(-1)?.state).toBe('queued')
})

test('a second erasure finds nobody, and leaves no trace of who was asked for', async () => {
  const world = await bench()
  await world.happen(lead('L1'))
  await world.happen(erase())
  const notices = (await world.store.notifications({ limit: 10 })).items.length
  const [again] = await world.happen(erase())
  expect(await notesOf(world, again!)).toEqual(['nobody_to_erase'])
  expect((await world.store.notifications({ limit: 10 })).items).toHaveLength(notices)
  expect(remains(world)).toEqual([])
})

test('records are found in every module with a phone, and by name where they are named', async () => {
  const world = await bench()
  await world.happen(
    lead('L1'),
    recordEvent('created', 'Contacts', 'C1', { Last_Name: '花子', Phone: TANAKA, Mobile: TANAKA }),
    recordEvent('created', 'Deals', 'D1', { Deal_Name: '花子の契約' }),
    recordEvent('created', 'Leads', 'L9', { Last_Name: '鈴木', Mobile: '+819099998888' }),
  )
  await world.happen(
    erase({
      records: [
        { module: 'Deals', recordId: 'D1' },
        { module: 'Deals', recordId: 'none' },
      ],
    }),
  )
  const there = async (module: string, id: string) => (await world.store.record(module, id)) !== null
  expect(await there('Leads', 'L1')).toBe(false)
  expect(await there('Contacts', 'C1')).toBe(false)
  expect(await there('Deals', 'D1')).toBe(false)
  expect(await there('Leads', 'L9')).toBe(true)
  expect(remains(world)).toEqual([])
})

test('a journey of another record that wrote to the person goes on, and forgets the answer', async () => {
  const deal: Definition = {
    kind: 'journey',
    name: 'deal-talk',
    module: 'Deals',
    entry: { trigger: { on: 'record.created' }, reentry: 'never' },
    steps: [
      { id: 'ask', send: { template: 'ask_deal', to: '$[Deals.Contact_Name.Mobile]' } },
      { id: 'days', wait: 'P3D' },
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P3D', then: 'thanks', else: 'thanks' },
      { id: 'thanks', exit: 'completed' },
    ],
  }
  const ask: Definition = {
    kind: 'template',
    language: 'ja',
    category: 'UTILITY',
    name: 'ask_deal',
    module: 'Deals',
    body: 'ご契約の件でご連絡しました。お返事をお願いします。',
    parameters: {},
  }
  const folder = mkdtempSync(join(tmpdir(), 'denrei-erase-'))
  const file = join(folder, 'denrei.db')
  const made = await createWorkbench([ask, deal], { file, templates: [approved('ask_deal')] })
  onTestFinished(async () => {
    await made.store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const world = { ...made, file }
  await world.happen(recordEvent('created', 'Contacts', 'C1', { Last_Name: '田中 花子', Mobile: TANAKA }))
  await world.happen(recordEvent('created', 'Deals', 'D1', { Deal_Name: '年間契約', Contact_Name: 'C1' }))
  await world.happen(inbound('秘密の相談です', { from: { waId: TANAKA.slice(1), name: '田中 花子' } }))
  expect(remains(world)).toContain('秘密の相談')
  await world.happen(erase())
  const [one] = (await world.store.instances({ definition: 'journey/deal-talk' }, { limit: 5 })).items
  expect(one).toMatchObject({ status: 'running', position: 'days', addresses: [] })
  expect(remains(world)).toEqual([])
  await world.fire(7 * 86_400_000)
  expect(await world.store.instance(one!.id)).toMatchObject({ status: 'ended', reason: 'completed' })
})

test('other people are not touched', async () => {
  const world = await bench([nurture])
  await world.happen(lead('L1'), recordEvent('created', 'Leads', 'L2', { Last_Name: '鈴木', Mobile: '+819099998888' }))
  const of = async () => ({
    contact: await world.store.contact({ phone: '+819099998888' }),
    record: await world.store.record('Leads', 'L2'),
    running: (await world.store.instances({ recordId: 'L2' }, { limit: 5 })).items,
    messages: (await world.store.messages({ recordId: 'L2' }, { limit: 5 })).items,
    timers: (await world.store.timers({ recordId: 'L2' })).length,
  })
  const before = await of()
  await world.happen(erase())
  expect(await of()).toEqual(before)
})
