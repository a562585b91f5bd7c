import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StatusEvent, WorldEvent } from '#engine/trigger.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { readRecipient } from '#engine/phone.ts'
import { askedValues } from '#server/simulation/askedValues.ts'
import { compareReports } from '#server/simulation/compare.ts'
import { createDays } from '#server/simulation/days.ts'
import { createFeed } from '#server/simulation/feed.ts'
import { latestOnly, statusesHeard } from '#server/simulation/heardStatuses.ts'
import { createPeaks } from '#server/simulation/peaks.ts'
import { numberOf } from '#server/simulation/people.ts'
import { quietStore } from '#server/simulation/quietStore.ts'
import { simulate } from '#server/simulation/simulate.ts'
import { leadEvent, timer, apply, sendIntent, enqueue } from '#test/store/builders.ts'
import { NOW } from '#test/engine/builders.ts'

const DAY_MS = 86_400_000

describe('statuses', () => {
  const status = (wamid: string, word: StatusEvent['status']): StatusEvent => ({
    kind: 'status',
    source: 'whatsapp',
    sourceId: `${wamid}:${word}`,
    occurredAt: NOW,
    wamid,
    status: word,
    recipient: {},
  })
  const words = (events: WorldEvent[]) =>
    events.map((one) => (one.kind === 'status' ? `${one.wamid} ${one.status}` : one.kind))

  test('what a later one of the same moment says too is left out, message by message', () => {
    const told = [status('a', 'sent'), status('b', 'sent'), leadEvent(), status('a', 'delivered'), status('a', 'read')]
    expect(words(latestOnly(told, new Set()))).toEqual(['b sent', 'record', 'a read'])
  })

  test('one that somebody waits for is told, and so is a delivery before a failure', () => {
    const told = [status('a', 'sent'), status('a', 'delivered'), status('a', 'read')]
    expect(words(latestOnly(told, new Set(['delivered'])))).toEqual(['a delivered', 'a read'])
    const failed = [status('a', 'sent'), status('a', 'delivered'), status('a', 'failed')]
    expect(words(latestOnly(failed, new Set()))).toEqual(['a delivered', 'a failed'])
  })

  test('those of workflows and of journeys are found; a rule that names none hears all', () => {
    const heard = (json: object) => [...statusesHeard([{ file: 'a', json }])]
    expect(heard({ steps: [{ waitFor: { on: 'message.status', status: ['read'] } }] })).toEqual(['read'])
    expect(heard({ trigger: { on: 'message.status' } })).toEqual(['sent', 'delivered', 'read', 'played', 'failed'])
    expect(heard({ trigger: { on: 'record.created' } })).toEqual([])
  })
})

describe('a store that is not asked twice', () => {
  const waiting = { held: 0, unknown: 0 }

  test('knows what was written through it, and when time moves on', async () => {
    const { store: real } = openSqlite(':memory:')
    const store = quietStore(real, () => waiting)
    const newId = () => crypto.randomUUID()
    expect(await store.nextTimerAt()).toBeNull()
    expect(await store.pending(10, NOW)).toEqual([])
    await store.accept([{ id: newId(), event: leadEvent() }], NOW)
    expect(await store.pending(10, NOW)).toHaveLength(1)
    await apply(store, [{ kind: 'timer', timer: timer({ dueAt: NOW + DAY_MS }), at: NOW }])
    expect(await store.nextTimerAt()).toBe(NOW + DAY_MS)
    expect(await store.fireTimers(NOW + DAY_MS - 1, 5, newId)).toBe(0)
    expect(await store.fireTimers(NOW + DAY_MS, 5, newId)).toBe(1)
    expect(await store.nextTimerAt()).toBeNull()
    expect(await store.dueLanes(NOW)).toEqual([])
    await apply(store, [enqueue(sendIntent())])
    expect(await store.dueLanes(NOW)).toHaveLength(1)
    expect(await store.nextDueAt()).toBe(NOW)
    await store.close()
  })
})

test('events come in the order in which they happened, as many as asked for, people among them', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.nat(50), fc.integer({ min: 1, max: 20 }), (times, count, max) => {
      const event = (at: number): WorldEvent => leadEvent({ occurredAt: at })
      const people = { count, at: (index: number) => index * 20, event: (index: number) => event(index * 20) }
      const feed = createFeed(
        times.map((at) => ({ at, event: event(at) })),
        people,
      )
      const seen: number[] = []
      for (let at = feed.nextAt(); at !== null; at = feed.nextAt()) {
        const taken = feed.take(at, max)
        expect(taken.length).toBeGreaterThan(0)
        expect(taken.length).toBeLessThanOrEqual(max)
        seen.push(...taken.map(({ occurredAt }) => occurredAt))
      }
      expect(seen).toHaveLength(feed.total)
      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    }),
  )
})

test('days are those of the zone, also when the clocks change', () => {
  const from = Date.parse('2026-10-24T12:00:00+01:00')
  const days = createDays(from, from + 3 * DAY_MS, 'Europe/London')
  expect(days.list.map(({ date }) => date)).toEqual(['2026-10-24', '2026-10-25', '2026-10-26', '2026-10-27'])
  // The 25th has 25 hours.
  expect(days.list[2]!.fromAt - days.list[1]!.fromAt).toBe(25 * 3_600_000)
  expect(days.indexOf(days.list[2]!.fromAt - 1)).toBe(1)
  expect(days.indexOf(days.list[2]!.fromAt)).toBe(2)
  expect(days.indexOf(from + 99 * DAY_MS)).toBe(3)
})

test('peaks are the most in a second, to one person, and of people in a day', () => {
  const peaks = createPeaks()
  for (let index = 0; index < 5; index++) peaks.sent('1', `p${index}`, false, NOW + index * 100)
  peaks.sent('1', 'p0', false, NOW + 900)
  peaks.sent('1', 'p9', true, NOW + 1000)
  peaks.sent('1', 'p8', false, NOW + DAY_MS + 1000)
  expect(peaks.rateOf('1')).toEqual({ most: 6, at: NOW })
  expect(peaks.pair.most).toBe(2)
  expect(peaks.reach).toEqual({ most: 5, at: NOW + 400 })
})

test('numbers that are made up are mobile numbers of their country', () => {
  for (const country of ['JP', 'IN', 'BR', 'GB', 'DE', 'FR', 'ES', 'IT', 'ID', 'MX', 'AU']) {
    for (const index of [0, 1, 999, 12_345, 99_999]) {
      expect(readRecipient(numberOf(country, index), 'JP'), `${country} ${index}`).toMatchObject({ country })
    }
  }
  expect(() => numberOf('AQ', 1)).toThrow(/AQ/)
})

test('values that conditions ask for are found in their module', () => {
  const json = (module: string, value: unknown) => ({
    module,
    branches: [{ when: { all: [{ fact: 'Country', operator: 'in', value }] } }],
  })
  const asked = askedValues(
    [
      { file: 'a', json: json('Leads', ['日本', 'IN']) },
      { file: 'b', json: json('Deals', ['US']) },
      { file: 'c', json: json('Leads', [{ fact: 'Other' }]) },
    ],
    'Leads',
  )
  expect([...asked]).toEqual([['Country', ['日本', 'IN']]])
})

test('a comparison lists what differs, and nothing when nothing does', async () => {
  const template = {
    kind: 'template',
    name: 'hello',
    language: 'ja',
    category: 'UTILITY',
    module: 'Leads',
    body: 'こんにちは。',
  }
  const workflow = (on: string) => ({
    kind: 'workflow',
    name: 'welcome',
    module: 'Leads',
    trigger: { on },
    branches: [{ actions: [{ type: 'sendTemplate', template: 'hello', to: '$[Leads.Mobile]' }] }],
  })
  const run = (on: string) =>
    simulate({
      files: [
        { file: 't', json: template },
        { file: 'w', json: workflow(on) },
      ],
      start: NOW,
      end: NOW + DAY_MS,
      contacts: { count: 5, module: 'Leads' },
      behaviour: { read: 1 },
    })
  const [before, after] = [await run('record.created'), await run('record.deleted')]
  expect(Object.values(compareReports(before, before)).flat()).toEqual([])
  const { templates, states, rules, totals } = compareReports(before, after)
  expect(templates).toEqual([{ name: 'hello', before: 5, after: 0 }])
  expect(states).toContainEqual({ name: 'read', before: 5, after: 0 })
  expect(rules).toEqual([{ name: 'workflow/welcome branch 1', before: 5, after: 0 }])
  expect(totals.map(({ name }) => name)).toContain('spentMicros')
})
