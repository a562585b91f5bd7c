import { expect, test } from 'vitest'
import type { Workflow } from '#definitions/definitions.ts'
import { decide } from '#engine/decide.ts'
import { PAGE_MAX } from '#engine/facts.ts'
import type { SweepEvent, Trigger } from '#engine/trigger.ts'
import { createWorkbench, NOW, recordEvent, type Workbench } from '../workbench.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function reminder(cron: string, more: Partial<Workflow> = {}): Workflow {
  return {
    kind: 'workflow',
    name: 'follow-up',
    module: 'Leads',
    trigger: { on: 'schedule', cron },
    branches: [
      {
        when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'New' }] },
        actions: [{ type: 'notify', role: 'sales', message: '$[Leads.Last_Name] 様に連絡' }],
      },
    ],
    ...more,
  }
}
const lead = (id: string, status = 'New') =>
  recordEvent('saved', 'Leads', id, { Last_Name: '田中', Lead_Status: status })

async function ran(bench: Workbench): Promise<string[]> {
  const { items } = await bench.store.notifications({ limit: 1000 })
  return items.map(({ at, recordId }) => `${new Date(at).toISOString().slice(0, 16)} ${recordId}`).sort()
}
async function waiting(bench: Workbench): Promise<string[]> {
  const timers = await bench.store.timers({ state: 'waiting' })
  return timers.map(({ dueAt, definition }) => `${new Date(dueAt).toISOString().slice(0, 16)} ${definition}`)
}

test('a schedule runs for the records that match, each time it is due, in its zone', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  await bench.happen(lead('1'), lead('2', 'Contacted'), lead('3'))
  await bench.fire(9 * DAY_MS)
  // Mondays at nine in Tokyo, the zone of the settings.
  expect(await ran(bench)).toEqual([
    '2026-11-23T00:00 1',
    '2026-11-23T00:00 3',
    '2026-11-30T00:00 1',
    '2026-11-30T00:00 3',
  ])
  expect(await waiting(bench)).toEqual(['2026-12-07T00:00 workflow/follow-up@1'])
})

test('its own zone outranks that of the settings', async () => {
  const workflow = reminder('0 9 * * *', {
    trigger: { on: 'schedule', cron: '0 9 * * *', timezone: 'America/New_York' },
  })
  const bench = await createWorkbench([workflow])
  expect(await waiting(bench)).toEqual(['2026-11-22T14:00 workflow/follow-up@1'])
})

test('a workflow that runs once for a record does so, however often its schedule is due', async () => {
  const bench = await createWorkbench([reminder('0 * * * *', { repeat: 'once' })])
  await bench.happen(lead('1'))
  await bench.fire(5 * HOUR_MS)
  expect(await ran(bench)).toEqual(['2026-11-22T02:00 1'])
})

test('the line of each record stands in the trace, what did not match is counted', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  await bench.happen(lead('1'), lead('2', 'Contacted'), lead('3', 'Contacted'))
  bench.advance(Date.parse('2026-11-23T00:00Z') - NOW)
  const sweep = await traceOfSweep(bench)
  expect(sweep?.rules).toMatchObject([{ definition: 'workflow/follow-up@1', outcome: 'matched', recordId: '1' }])
  expect(sweep?.notes).toEqual(['swept:3', 'no_branch_matched:2'])
})

test('one record whose actions fail harms no other', async () => {
  const closed = { kind: 'calendar', name: 'closed', timezone: 'Asia/Tokyo', week: {} } as const
  const broken = reminder('0 9 * * mon', {
    branches: [
      {
        when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'Contacted' }] },
        later: [{ after: { unit: 'business_days', count: 1, calendar: 'closed' }, actions: [] as never }],
      },
      { actions: [{ type: 'notify', role: 'sales', message: '連絡' }] },
    ],
  })
  const bench = await createWorkbench([closed, broken])
  await bench.happen(lead('1'), lead('2', 'Contacted'), lead('3'))
  bench.advance(Date.parse('2026-11-23T00:00Z') - NOW)
  const sweep = await traceOfSweep(bench)
  expect(sweep?.rules).toMatchObject([
    { outcome: 'matched', recordId: '1' },
    { outcome: 'failed', recordId: '2', detail: expect.stringContaining('"closed"') as string },
    { outcome: 'matched', recordId: '3' },
  ])
  expect(await ran(bench)).toHaveLength(2)
})

test('a module of many pages is swept page by page, each record once', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  const ids = Array.from({ length: 2 * PAGE_MAX + 7 }, (_, index) => String(index).padStart(5, '0'))
  await bench.happen(...ids.map((id) => lead(id)))
  bench.advance(Date.parse('2026-11-23T00:00Z') - NOW)
  await bench.settle()
  expect((await ran(bench)).map((run) => run.split(' ')[1])).toEqual(ids)
})

test('a page that is full by a hair is followed by an empty one', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  await bench.happen(...Array.from({ length: PAGE_MAX }, (_, index) => lead(`#/${index}`)))
  bench.advance(Date.parse('2026-11-23T00:00Z') - NOW)
  await bench.settle()
  expect(await ran(bench)).toHaveLength(PAGE_MAX)
})

test('the pages of one run have names of their own, and deciding one again makes the same one', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  const ids = Array.from({ length: PAGE_MAX }, (_, index) => `r/${String(index).padStart(3, '0')}`)
  await bench.happen(...ids.map((id) => lead(id)))
  const page: SweepEvent & { id: string; receivedAt: number } = {
    kind: 'sweep',
    id: 'tz',
    receivedAt: NOW,
    source: 'denrei:sweep',
    sourceId: 'schedule/workflow/follow-up@1/2026-11-23T00:00:00.000Z/r/',
    occurredAt: NOW,
    purpose: 'schedule',
    definition: 'workflow/follow-up@1',
    module: 'Leads',
    after: 'r/',
  }
  const { lookups, lookupModules, phoneModules } = bench.definitions()
  const load = (trigger: Trigger) =>
    bench.store.load({ triggers: [trigger], lookups, lookupModules, phoneModules, pageMax: PAGE_MAX }, NOW)
  const followUp = async () =>
    decide(page, await load(page), bench.definitions(), NOW).changes.find(({ kind }) => kind === 'accept')
  const first = await followUp()
  expect(first).toMatchObject({
    event: {
      after: 'r/199',
      sourceId: 'schedule/workflow/follow-up@1/2026-11-23T00:00:00.000Z/r/199',
      occurredAt: NOW,
    },
  })
  expect(await followUp()).toEqual(first)
})

test('a server that was down for a week catches up once', async () => {
  const bench = await createWorkbench([reminder('*/5 * * * *')])
  await bench.happen(lead('1'))
  bench.advance(7 * DAY_MS + 1)
  await bench.settle()
  expect(await ran(bench)).toEqual(['2026-11-29T01:00 1'])
  expect(await waiting(bench)).toEqual(['2026-11-29T01:05 workflow/follow-up@1'])
})

test('two processes that look at the same minute fire it once', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  await bench.happen(lead('1'))
  bench.advance(Date.parse('2026-11-23T00:00Z') - NOW)
  const fired = await Promise.all([1, 2].map(() => bench.store.fireTimers(bench.now(), 10, bench.shell.newId)))
  expect(fired).toEqual([1, 0])
})

test('switching off takes the schedule back, switching on plants it again, within the same minute too', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  const planted = ['2026-11-23T00:00 workflow/follow-up@1']
  expect(await waiting(bench)).toEqual(planted)
  await bench.switch('workflow/follow-up', false)
  expect(await waiting(bench)).toEqual([])
  await bench.switch('workflow/follow-up', true)
  expect(await waiting(bench)).toEqual(planted)
})

test('a new version takes the place of the one before', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  await bench.define([reminder('30 10 * * tue')])
  expect(await waiting(bench)).toEqual(['2026-11-24T01:30 workflow/follow-up@2'])
  await bench.define([{ ...reminder(''), trigger: { on: 'record.created' } }])
  expect(await waiting(bench)).toEqual([])
})

test('what was due just before an edit fires once, as it is written now', async () => {
  const bench = await createWorkbench([reminder('0 9 * * *')])
  await bench.happen(lead('1'))
  bench.advance(Date.parse('2026-11-23T00:00:01Z') - NOW)
  // Fired and not yet decided when the edit comes; its event is decided after it.
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  await bench.define([reminder('0 9 * * *', { description: '改訂' })])
  expect(await ran(bench)).toEqual(['2026-11-23T00:00 1'])
  expect(await waiting(bench)).toEqual(['2026-11-24T00:00 workflow/follow-up@2'])
})

test('a schedule that comes due between an edit and its decision fires once', async () => {
  const bench = await createWorkbench([reminder('0 9 * * *')])
  await bench.happen(lead('1'))
  bench.advance(Date.parse('2026-11-22T23:59:59Z') - NOW)
  await bench.apply([reminder('0 9 * * *', { description: '改訂' })])
  bench.advance(2_000)
  // The timer of the older version fires first: nobody has taken it back yet.
  await bench.settle()
  expect(await ran(bench)).toEqual(['2026-11-23T00:00 1'])
  expect(await waiting(bench)).toEqual(['2026-11-24T00:00 workflow/follow-up@2'])
})

test('a run that is under way stops when its workflow is switched off', async () => {
  const bench = await createWorkbench([reminder('0 9 * * mon')])
  await bench.happen(lead('1'))
  bench.advance(Date.parse('2026-11-23T00:00Z') - NOW)
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  await bench.step()
  await bench.switch('workflow/follow-up', false)
  expect(await ran(bench)).toEqual([])
})

test('a schedule that cannot be read, and slipped past check, breaks nothing but itself', async () => {
  const bench = await createWorkbench([
    reminder('0 25 * * *'),
    { ...reminder('0 0 31 2 *'), name: 'never' },
    { ...reminder('0 9 * * *'), name: 'good' },
  ])
  expect(bench.definitions().broken).toMatchObject([{ key: 'workflow/follow-up', version: 1 }])
  expect(await waiting(bench)).toEqual(['2026-11-23T00:00 workflow/good@1'])
})

async function traceOfSweep(bench: Workbench) {
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  await bench.step()
  const [sweep] = await bench.store.pending(10, bench.now())
  expect(sweep).toMatchObject({ kind: 'sweep' })
  await bench.settle()
  return bench.store.trace(sweep!.id)
}
