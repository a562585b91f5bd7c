import { expect, test } from 'vitest'
import type { Calendar, Span, Workflow } from '#definitions/definitions.ts'
import { defaultSettings } from '#definitions/settings.ts'
import { compileCalendar } from '#engine/time/businessTime.ts'
import { addSpan } from '#engine/time/span.ts'
import { table } from '../../table.ts'
import { createWorkbench, NOW, recordEvent, type Workbench } from '../workbench.ts'

const half: Calendar = {
  kind: 'calendar',
  name: 'half-days',
  timezone: 'Europe/London',
  week: { monday: [{ from: '10:00', to: '14:00' }], tuesday: [{ from: '10:00', to: '14:00' }] },
}
const calendars = new Map([['half-days', compileCalendar(half)]])

const cases = table(`
  span                    zone              settings   | due
  P2D                     Asia/Tokyo        none       | 2026-11-22T10:00+09:00
  PT90M                   Asia/Tokyo        half-days  | 2026-11-20T11:30+09:00  // durations know no calendar
  "2 days"                Asia/Tokyo        none       | 2026-11-24T10:00+09:00
  "2 days"                America/New_York  none       | 2026-11-24T09:00-05:00  // 20:00 there, closed: Friday at nine, and two days
  "1 hours"               Asia/Tokyo        half-days  | 2026-11-23T11:00+00:00
  "1 hours half-days"     Asia/Tokyo        none       | 2026-11-23T11:00+00:00
  "1 hours gone"          Asia/Tokyo        half-days  | 2026-11-20T11:00+09:00  // a calendar that is not there: Monday to Friday, nine to six
  "1 hours"               Asia/Tokyo        gone       | 2026-11-20T11:00+09:00
`)
test.each(cases)('$span from Friday ten in Tokyo, zone $zone, settings $settings: $due', (row) => {
  const { span, zone, settings, due } = row
  const from = Date.parse('2026-11-20T10:00+09:00')
  expect(addSpan(from, spanOf(span), zone, calendars, settings === 'none' ? null : settings) - Date.parse(due)).toBe(0)
})

function workflow(after: Span): Workflow {
  return {
    kind: 'workflow',
    name: 'later',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [{ later: [{ after, actions: [{ type: 'notify', role: 'sales', message: '連絡' }] }] }],
  }
}
const lead = recordEvent('created', 'Leads', '1', { Last_Name: '田中' })

async function due(bench: Workbench): Promise<string[]> {
  const timers = await bench.store.timers({ state: 'waiting' })
  return timers.map(({ dueAt }) => new Date(dueAt).toISOString().slice(0, 16))
}

test('a later action waits for working time of the calendar it names, and runs then', async () => {
  // NOW is a Sunday.
  const bench = await createWorkbench([half, workflow({ unit: 'business_days', count: 1, calendar: 'half-days' })])
  await bench.happen(lead)
  expect(await due(bench)).toEqual(['2026-11-24T10:00'])
  await bench.fire(3 * 86_400_000)
  expect((await bench.store.notifications({ limit: 10 })).items).toMatchObject([{ at: Date.UTC(2026, 10, 24, 10) }])
})

test('a later action that names none goes by the calendar of the settings', async () => {
  const bench = await createWorkbench([half, workflow({ unit: 'business_minutes', count: 30 })])
  await bench.store.saveSettings({ ...defaultSettings, calendar: 'half-days' }, NOW)
  await bench.happen(lead)
  expect(await due(bench)).toEqual(['2026-11-23T10:30'])
})

test('and where the settings name none, by Monday to Friday from nine to six in its zone', async () => {
  const bench = await createWorkbench([workflow({ unit: 'business_hours', count: 4 })])
  await bench.happen(lead)
  expect(await due(bench)).toEqual(['2026-11-23T04:00'])
})

test('a calendar that is not there any more is told in the trace', async () => {
  const bench = await createWorkbench([workflow({ unit: 'business_hours', count: 4, calendar: 'half-days' })])
  const [id] = await bench.happen(lead)
  expect(await due(bench)).toEqual(['2026-11-23T04:00'])
  expect((await bench.store.trace(id!))?.notes).toEqual(['calendar_missing'])
})

test('a calendar that is never open makes only the workflow fail that asks for it', async () => {
  const closed: Calendar = { ...half, week: {} }
  const other = { ...workflow('PT1H'), name: 'other' }
  const bench = await createWorkbench([
    closed,
    workflow({ unit: 'business_hours', count: 1, calendar: 'half-days' }),
    other,
  ])
  const [id] = await bench.happen(lead)
  expect(await bench.outcomes(id!)).toEqual(['workflow/later@1 failed', 'workflow/other@1 matched'])
  expect(await due(bench)).toEqual(['2026-11-22T02:00'])
})

function spanOf(text: string): Span {
  const match = /^(\d+) (days|hours|minutes)(?: (\S+))?$/.exec(text)
  if (match === null) return text
  const [, count, unit, calendar] = match
  return {
    unit: `business_${unit as 'days' | 'hours' | 'minutes'}`,
    count: Number(count),
    ...(calendar !== undefined && { calendar }),
  }
}
