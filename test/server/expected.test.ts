import { afterEach, expect, test } from 'vitest'
import { defaultSettings } from '#definitions/settings.ts'
import type { SendIntent } from '#engine/message.ts'
import type { NumberState } from '#engine/state.ts'
import { explain } from '#server/explain.ts'
import { expectationOf } from '#server/expected.ts'
import { aSendIntent } from '../actions/intents.ts'
import { manyIntents, NOON, outboxWorld, type OutboxWorld } from '../actions/outboxWorld.ts'

const SECOND = 1_000
const HOUR = 3_600_000
const DAY = 24 * HOUR

let world: OutboxWorld
afterEach(() => world.close())

const clock = { now: () => world.now }
async function open(number: Partial<NumberState> = {}) {
  world = await outboxWorld({}, [{ throughput: 80, ...number }])
}
const expectedAt = async ({ id }: SendIntent) =>
  (await expectationOf(world.store, await world.message(id), world.now)).at
const calledAt = (): Map<string, number> => new Map(world.calls.map(({ id, at }) => [id, at]))

test('every message of a long queue is told a time, and goes out within a second and a half of it', async () => {
  await open()
  const codes = manyIntents(200).map((one) => ({ ...one, id: `code-${one.id}`, definition: 'workflow/codes@1' }))
  const bills = manyIntents(1000).map((one) => ({ ...one, definition: 'workflow/bills@1' }))
  const all = [...codes, ...bills]
  await world.enqueue(...all)
  const expected = new Map(await Promise.all(all.map(async (one) => [one.id, await expectedAt(one)] as const)))
  await world.runUntil(NOON + 60 * SECOND)
  const called = calledAt()
  expect(called.size).toBe(all.length)
  const off = all.map(({ id }) => Math.abs((called.get(id) ?? NaN) - (expected.get(id) ?? NaN)))
  expect(Math.max(...off)).toBeLessThanOrEqual(1.5 * SECOND)
  // The codes take turns with the bills instead of waiting behind all of them.
  expect(expected.get(codes.at(-1)!.id)).toBeLessThan(NOON + 6 * SECOND)
  expect(expected.get(bills.at(-1)!.id)).toBeGreaterThan(NOON + 14 * SECOND)
})

test('what is at its place half way through is told a nearer time', async () => {
  await open()
  const all = manyIntents(1600)
  await world.enqueue(...all)
  const last = all.at(-1)!
  const first = await expectedAt(last)
  await world.runUntil(NOON + 10 * SECOND)
  const later = await expectedAt(last)
  expect(first).toBeGreaterThan(NOON + 19 * SECOND)
  expect(Math.abs((later ?? NaN) - (first ?? NaN))).toBeLessThan(2 * SECOND)
})

test('marketing of a number whose quality has fallen is told its own slower time; none when it may have nothing', async () => {
  await open({ quality: 'YELLOW' })
  const template = { name: 'sale', language: 'ja' }
  const ads = manyIntents(400).map((one) => ({ ...one, template, category: 'MARKETING' as const }))
  await world.enqueue(...ads)
  expect((await expectedAt(ads.at(-1)!))! - NOON).toBeGreaterThan(9.5 * SECOND)
  await world.store.saveSettings({ ...defaultSettings, marketingPace: { YELLOW: 0, RED: 0 } }, NOON)
  expect(await expectedAt(ads.at(-1)!)).toBeNull()
})

test('held until a time: that time, and those that wait for the same one go out after one another', async () => {
  await open()
  const all = manyIntents(160)
  await world.enqueue(...all)
  const until = NOON + 8 * HOUR
  await world.store.claim(
    { lane: '1055', worker: 'w', now: NOON, leaseMs: SECOND, limit: 500 },
    (candidates) =>
      candidates.map(({ message }) => ({
        id: message.intent.id,
        kind: 'stop',
        verdict: { kind: 'hold', reason: 'quiet_hours', until },
        guards: [],
      })),
    () => 'unused',
  )
  const times = await Promise.all(all.map(expectedAt))
  expect(Math.min(...times.map(Number))).toBe(until)
  expect(Math.max(...times.map(Number)) - until).toBeGreaterThan(1.9 * SECOND)
  expect(Math.max(...times.map(Number)) - until).toBeLessThan(2.1 * SECOND)
})

test('behind the limit of people each is told the day on which a place comes free for it', async () => {
  await open({ reachMax: 10 })
  const all = manyIntents(35)
  await world.enqueue(...all)
  await world.runUntil(NOON + HOUR)
  expect(world.calls).toHaveLength(10)
  const waiting = all.filter(({ id }) => !calledAt().has(id))
  const expected = new Map(await Promise.all(waiting.map(async (one) => [one.id, await expectedAt(one)] as const)))
  const days = [...expected.values()].map((at) => Math.round(((at ?? NaN) - NOON) / DAY)).sort()
  expect(days).toEqual([...Array<number>(10).fill(1), ...Array<number>(10).fill(2), ...Array<number>(5).fill(3)])
  await world.runUntil(NOON + 4 * DAY)
  const called = calledAt()
  for (const { id } of waiting)
    expect(Math.abs((called.get(id) ?? NaN) - (expected.get(id) ?? NaN)), id).toBeLessThan(HOUR)
})

test.each([
  [
    'en',
    'It waits for credits; no time can be told.',
    /^Expected to go out at about 2026-11-22T03:00:00.013Z, behind 1 of its number\.$/,
  ],
  [
    'ja',
    'クレジットの追加を待っています。時刻は未定です。',
    /^2026-11-22T03:00:00.013Z 頃に送信の見込みです\(同じ番号の前に 1 件\)。$/,
  ],
] as const)('the story says it in words: %s', async (language, event, time) => {
  await open()
  const [first, second, held] = [aSendIntent({ id: 'a-0' }), aSendIntent({ id: 'a-1' }), aSendIntent({ id: 'a-2' })]
  await world.enqueue(held)
  await world.store.claim(
    { lane: '1055', worker: 'w', now: NOON, leaseMs: 0, limit: 1 },
    () => [
      {
        id: held.id,
        kind: 'stop',
        verdict: { kind: 'hold', reason: 'credits_insufficient', waitsFor: 'credits_added' },
        guards: [],
      },
    ],
    () => 'unused',
  )
  await world.enqueue(first, second)
  const story = async (id: string) => (await explain({ store: world.store, clock }, id, language)).story
  expect(await story(held.id)).toContain(event)
  expect((await story(second.id)).at(-1)).toMatch(time)
  await world.runUntil(NOON + SECOND)
  expect((await explain({ store: world.store, clock }, second.id, language)).expectedAt).toBeNull()
  expect((await story(second.id)).at(-1)).not.toMatch(time)
})
