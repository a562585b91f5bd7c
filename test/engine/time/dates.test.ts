import { expect, test } from 'vitest'
import type { Definition, Workflow } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { createWorkbench, NOW, recordEvent, type Workbench } from '../workbench.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Customers, with their zones. */
const Customers: Definition = {
  kind: 'module',
  name: 'Customers',
  labels: { ja: '顧客', en: 'Customers' },
  title: 'Name',
  zone: 'Zone',
  fields: {
    Name: { type: 'text' },
    Zone: { type: 'text' },
    Birthday: { type: 'date' },
    Visit: { type: 'datetime' },
    Greeted: { type: 'integer' },
  },
}

type DateTrigger = Extract<Workflow['trigger'], { on: 'date' }>

/** Creates a task for the record, whose subject tells when, so that each run can be counted. */
function greeting(change: Partial<DateTrigger> = {}, more: Partial<Workflow> = {}): Workflow {
  return {
    kind: 'workflow',
    name: 'birthday',
    module: 'Customers',
    trigger: { on: 'date', field: 'Birthday', ...change },
    branches: [
      { actions: [{ type: 'notify', role: 'sales', message: '$[Customers.Name] 様、$[Customers.Birthday]' }] },
    ],
    ...more,
  }
}

const customer = (values: Values, id = '1') => recordEvent('saved', 'Customers', id, { Name: '田中 花子', ...values })

/** When it ran, as instants of the notices. */
async function ran(bench: Workbench): Promise<string[]> {
  const { items } = await bench.store.notifications({ limit: 100 })
  return items.map(({ at }) => new Date(at).toISOString().slice(0, 16)).sort()
}
async function waiting(bench: Workbench): Promise<string[]> {
  const timers = await bench.store.timers({ state: 'waiting' })
  return timers.map(({ dueAt }) => new Date(dueAt).toISOString().slice(0, 16))
}

test('a date sets its workflow off at nine in the zone of the record', async () => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(
    customer({ Birthday: '2026-12-01' }),
    customer({ Birthday: '2026-12-01', Zone: 'America/New_York' }, '2'),
    customer({ Birthday: '2026-12-01', Zone: 'Europe/London' }, '3'),
    customer({ Birthday: '2026-12-01', Zone: 'どこか' }, '4'),
    customer({ Birthday: '' }, '5'),
  )
  await bench.fire(15 * DAY_MS)
  // No zone, or none that exists: that of the settings, Asia/Tokyo.
  expect(await ran(bench)).toEqual(['2026-12-01T00:00', '2026-12-01T00:00', '2026-12-01T09:00', '2026-12-01T14:00'])
})

test('the zone of the trigger outranks that of the record', async () => {
  const bench = await createWorkbench([Customers, greeting({ timezone: 'Europe/London', at: '18:00', offset: '-P1D' })])
  await bench.happen(customer({ Birthday: '2026-12-01', Zone: 'America/New_York' }))
  expect(await waiting(bench)).toEqual(['2026-11-30T18:00'])
})

test('a moved date is planned anew, a removed one not at all', async () => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  await bench.happen(customer({ Birthday: '2026-12-05' }))
  expect(await waiting(bench)).toEqual(['2026-12-05T00:00'])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  expect(await waiting(bench)).toEqual(['2026-12-01T00:00'])
  await bench.happen(customer({ Birthday: null }))
  expect(await waiting(bench)).toEqual([])
  await bench.fire(30 * DAY_MS)
  expect(await ran(bench)).toEqual([])
})

test('what does not touch the date or the zone plans nothing anew', async () => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  const [id] = await bench.happen(customer({ Name: '田中 一郎' }))
  expect(await bench.store.timers({ state: 'cancelled' })).toEqual([])
  expect(await bench.store.trigger(id!)).toMatchObject({ state: 'done' })
  await bench.happen(customer({ Zone: 'Europe/London' }))
  expect(await waiting(bench)).toEqual(['2026-12-01T09:00'])
})

test('a record that is deleted takes its dates with it, and one that comes back brings them', async () => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  await bench.happen(recordEvent('deleted', 'Customers', '1', {}, { occurredAt: NOW + 1 }))
  expect(await waiting(bench)).toEqual([])
  await bench.happen(recordEvent('created', 'Customers', '1', { Birthday: '2026-12-01' }, { occurredAt: NOW + 2 }))
  expect(await waiting(bench)).toEqual(['2026-12-01T00:00'])
})

test('a date fires once: neither an edit of the workflow nor a move to another zone on the day repeats it', async () => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  await bench.fire(Date.parse('2026-12-01T00:02Z') - NOW)
  expect(await ran(bench)).toHaveLength(1)
  // Within the grace, so that nothing but its name keeps it from coming due again.
  await bench.define([greeting({}, { description: '文面を直した' })])
  await bench.happen(customer({ Zone: 'Europe/London' }))
  await bench.happen(customer({ Birthday: '2026-12-02' }), customer({ Birthday: '2026-12-01' }))
  await bench.fire(DAY_MS)
  expect(await ran(bench)).toEqual(['2026-12-01T00:00'])
  await bench.happen(customer({ Birthday: '2027-12-01' }))
  await bench.fire(400 * DAY_MS)
  expect(await ran(bench)).toEqual(['2026-12-01T00:00', '2027-12-01T09:00'])
})

test('a workflow that runs once for a record does so whatever dates follow', async () => {
  const bench = await createWorkbench([Customers, greeting({ every: 'monthly' }, { repeat: 'once' })])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  await bench.fire(100 * DAY_MS)
  expect(await ran(bench)).toEqual(['2026-12-01T00:00'])
})

test('yearly and monthly dates come again', async () => {
  const yearly = greeting({ every: 'yearly' })
  const monthly = { ...greeting({ every: 'monthly', field: 'Visit' }), name: 'visit' }
  const bench = await createWorkbench([Customers, yearly, monthly])
  await bench.happen(customer({ Birthday: '1992-02-29' }), customer({ Visit: '2026-10-31T16:00:00+09:00' }, '2'))
  await bench.fire(Date.parse('2028-03-05T00:00Z') - NOW)
  const runs = await ran(bench)
  expect(runs.filter((run) => run.endsWith('00:00'))).toEqual(['2027-02-28T00:00', '2028-02-29T00:00'])
  const visits = runs.filter((run) => run.endsWith('07:00'))
  expect(visits.slice(0, 4)).toEqual(['2026-11-30T07:00', '2026-12-31T07:00', '2027-01-31T07:00', '2027-02-28T07:00'])
  expect(visits).toHaveLength(16)
})

test('a server that was down for months catches up once, and goes on with the next month', async () => {
  const bench = await createWorkbench([Customers, greeting({ every: 'monthly' })])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  bench.advance(100 * DAY_MS)
  await bench.settle()
  expect(await ran(bench)).toHaveLength(1)
  expect(await waiting(bench)).toEqual(['2027-04-01T00:00'])
})

test('a date that is told a little late is kept, one that is long past is not', async () => {
  const bench = await createWorkbench([Customers, greeting({ field: 'Visit' })])
  await bench.happen(customer({ Visit: NOW - 9 * 60_000 }), customer({ Visit: NOW - 11 * 60_000 }, '2'))
  const { items } = await bench.store.notifications({ limit: 10 })
  expect(items.map(({ recordId }) => recordId)).toEqual(['1'])
})

test('existing records are planned when a workflow is applied, and again when it is switched on', async () => {
  const bench = await createWorkbench([Customers])
  await bench.happen(...many(450, (id) => customer({ Birthday: '2026-12-01' }, id)))
  await bench.define([greeting()])
  expect(await waiting(bench)).toHaveLength(450)
  await bench.switch('workflow/birthday', false)
  expect(await waiting(bench)).toEqual([])
  await bench.switch('workflow/birthday', true)
  expect(await waiting(bench)).toHaveLength(450)
  // Another hour: those of the version before are taken back.
  await bench.define([greeting({ at: '12:00' })])
  expect(new Set(await waiting(bench))).toEqual(new Set(['2026-12-01T03:00']))
  expect(await waiting(bench)).toHaveLength(450)
  await bench.fire(20 * DAY_MS)
  expect((await bench.store.notifications({ limit: 500 })).items).toHaveLength(450)
})

test('of two versions applied in a row only the newer plans, and the sweep of the older stops', async () => {
  const bench = await createWorkbench([Customers])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  await bench.apply([greeting()])
  await bench.apply([greeting({ at: '10:00' })])
  const { decisions } = await bench.step()
  expect(decisions.map(({ changes }) => changes.map(({ kind }) => kind))).toEqual([
    ['cancelTimers', 'cancelTimers'],
    ['cancelTimers', 'cancelTimers', 'accept'],
  ])
  await bench.apply([greeting({ at: '11:00' })])
  // The sweep of the second, and the event of the third.
  expect((await bench.step()).decisions.map(({ trace }) => trace.notes)).toEqual([['sweep_stopped'], []])
  await bench.settle()
  expect(await waiting(bench)).toEqual(['2026-12-01T02:00'])
})

test('a schedule that became a date stops the sweep it had begun', async () => {
  const bench = await createWorkbench([Customers, greeting({}, { trigger: { on: 'schedule', cron: '0 9 * * mon' } })])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  bench.advance(Date.parse('2026-11-23T00:00Z') - NOW)
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  await bench.step()
  await bench.define([greeting()])
  expect(await ran(bench)).toEqual([])
  expect(await waiting(bench)).toEqual(['2026-12-01T00:00'])
})

test('one that became due, and is decided after its workflow was switched off, does nothing', async () => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  bench.advance(Date.parse('2026-12-01T00:00Z') - NOW)
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  const [{ id } = { id: '' }] = await bench.store.pending(10, bench.now())
  await bench.switch('workflow/birthday', false)
  expect(await ran(bench)).toEqual([])
  expect((await bench.store.trace(id))?.rules).toMatchObject([{ outcome: 'cancelled', detail: 'definition_inactive' }])
})

test.each([
  ['says another date', { Birthday: '2026-12-24' }, 'date_changed'],
  ['is another day for the workflow', {}, 'definition_changed'],
])('one that became due while the record %s does nothing', async (_, values: Values, detail) => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  bench.advance(Date.parse('2026-12-01T00:00Z') - NOW)
  await bench.store.accept([{ id: bench.shell.newId(), event: customer(values) }], bench.now())
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  const id = (await bench.store.pending(10, bench.now())).at(-1)!.id
  await bench.define([greeting(detail === 'definition_changed' ? { offset: '-P1D' } : {}, { description: '改訂' })])
  expect((await bench.store.trace(id))?.rules).toMatchObject([{ outcome: 'cancelled', detail }])
  expect(await ran(bench)).toEqual([])
})

test('one that became due just before its workflow was edited runs as it is written now, once', async () => {
  const bench = await createWorkbench([Customers, greeting()])
  await bench.happen(customer({ Birthday: '2026-12-01' }))
  bench.advance(Date.parse('2026-12-01T00:00Z') - NOW)
  await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
  const edited = greeting({}, { branches: [{ actions: [{ type: 'notify', role: 'sales', message: '改訂版' }] }] })
  await bench.define([edited])
  await bench.fire(DAY_MS)
  const { items } = await bench.store.notifications({ limit: 10 })
  expect(items.map(({ message }) => message)).toEqual(['改訂版'])
})

test('conditions are looked at when the date has come, on the record as it is then', async () => {
  const when = { all: [{ fact: 'Greeted', operator: 'equal', value: 0 }] }
  const actions: Workflow['branches'][number]['actions'] = [{ type: 'notify', role: 'sales', message: 'お祝い' }]
  const bench = await createWorkbench([Customers, greeting({}, { branches: [{ when, actions }] })])
  await bench.happen(
    customer({ Birthday: '2026-12-01', Greeted: 1 }),
    customer({ Birthday: '2026-12-01', Greeted: 0 }, '2'),
  )
  await bench.happen(customer({ Greeted: 0 }), customer({ Greeted: 1 }, '2'))
  await bench.fire(15 * DAY_MS)
  const { items } = await bench.store.notifications({ limit: 10 })
  expect(items.map(({ recordId }) => recordId)).toEqual(['1'])
})

test('a workflow that sets its own date anew goes on from day to day, and not faster', async () => {
  const set = (Visit: string): Workflow =>
    greeting(
      { field: 'Visit' },
      {
        branches: [
          {
            actions: [
              { type: 'notify', role: 'sales', message: '再訪' },
              { type: 'updateRecord', set: { Visit } },
            ],
          },
        ],
      },
    )
  const soon = await createWorkbench([Customers, set('2026-11-22T12:00:00+09:00')])
  await soon.happen(customer({ Visit: '2026-11-22T11:00:00+09:00' }))
  await soon.fire(DAY_MS)
  expect(await ran(soon)).toEqual(['2026-11-22T02:00'])
  expect(await soon.store.timers({ state: 'fired' })).toHaveLength(2)

  const later = await createWorkbench([Customers, set('2026-12-22T12:00:00+09:00')])
  await later.happen(customer({ Visit: '2026-11-22T11:00:00+09:00' }))
  await later.fire(40 * DAY_MS)
  expect(await ran(later)).toEqual(['2026-11-22T02:00', '2026-12-22T03:00'])
})

function many<T>(count: number, make: (id: string) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(String(index + 1).padStart(4, '0')))
}
