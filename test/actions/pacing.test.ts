import { afterEach, describe, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { defaultSettings } from '#definitions/settings.ts'
import type { SendAnswer } from '#actions/whatsapp/client.ts'
import type { SendIntent } from '#engine/message.ts'
import { acceptAll, manyIntents, NOON, outboxWorld, type OutboxWorld } from './outboxWorld.ts'

const SECOND = 1000
const MINUTE = 60_000

let world: OutboxWorld
afterEach(async () => {
  await world.close()
})

/** Marketing messages and others, mixed as they come. */
const mixed = (count: number): SendIntent[] => [
  ...manyIntents(count).map((intent, i) => ({
    ...intent,
    id: `marketing-${String(i).padStart(5, '0')}`,
    template: { name: 'offer', language: 'ja' },
    category: 'MARKETING' as const,
    to: { raw: '', phone: `+8190${String(10_000_000 + i)}` },
  })),
  ...manyIntents(count),
]

async function approveOffer(): Promise<void> {
  const [welcome] = await world.store.templates()
  if (welcome) await world.store.saveTemplates([welcome, { ...welcome, name: 'offer', category: 'MARKETING' }], NOON)
}

const within = (ms: number, prefix = '') =>
  world.calls.filter(({ id, at }) => id.startsWith(prefix) && at < NOON + ms).length

describe('marketing of a number whose quality has fallen', () => {
  test.each<[string, number]>([
    ['GREEN', 80],
    ['UNKNOWN', 80],
    ['YELLOW', 40],
    ['RED', 8],
  ])('%s: at most %i a second, the rest as ever', async (quality, most) => {
    world = await outboxWorld({}, [{ quality }])
    await approveOffer()
    await world.enqueue(...mixed(400))
    await world.runUntil(NOON + MINUTE)
    const marketing = world.calls.filter(({ id }) => id.startsWith('marketing')).map(({ at }) => at)
    for (const from of marketing)
      expect(marketing.filter((at) => at >= from && at < from + SECOND).length).toBeLessThanOrEqual(most)
    expect(marketing.length).toBeGreaterThanOrEqual(0.98 * Math.min(400, most * 60))
    expect(within(11 * SECOND, 'm-')).toBe(400)
  })

  test('with a share of nothing its marketing gets a time, and goes when the quality has risen', async () => {
    world = await outboxWorld({}, [{ quality: 'RED' }])
    await approveOffer()
    await world.store.saveSettings({ ...defaultSettings, marketingPace: { YELLOW: 0.5, RED: 0 } }, NOON)
    await world.enqueue(...mixed(300))
    await world.runUntil(NOON + 15 * SECOND)
    expect(within(6 * SECOND, 'm-')).toBe(300)
    expect(within(MINUTE, 'marketing')).toBe(0)
    expect(await world.message('marketing-00299')).toMatchObject({ state: 'queued' })
    expect((await world.message('marketing-00299')).dueAt).toBeGreaterThan(NOON + 9 * MINUTE)
    const [number] = await world.store.numbers()
    if (number) await world.store.saveNumbers([{ ...number, quality: 'GREEN' }], world.now)
    await world.runUntil(NOON + 12 * MINUTE)
    expect((await world.message('marketing-00299')).state).toBe('accepted')
  })
})

describe('while WhatsApp is down', () => {
  const lost: SendAnswer = { kind: 'lost', why: 'ECONNREFUSED', written: false }
  const fault: SendAnswer = {
    kind: 'refused',
    code: 131016,
    subcode: null,
    details: 'Service unavailable',
    transient: true,
    httpStatus: 500,
  }

  test.each([
    ['no answer', lost],
    ['faults of its own', fault],
  ])('%s: few calls over all numbers, told once with its end, and all get out in time', async (_name, answer) => {
    world = await outboxWorld({ options: { sendSlots: 4 } }, [{ id: '1055' }, { id: '2077' }])
    let isDown = true
    world.script = (intent, call) => (isDown ? answer : acceptAll(intent, call))
    await world.enqueue(...manyIntents(50), ...manyIntents(50, { numberId: '2077' }))
    await world.runUntil(NOON + 10 * MINUTE)
    // Four of each number at first, then one probe at a time, at most half a minute apart.
    expect(world.calls.length).toBeLessThan(8 + 5 + 21)
    expect(world.events).toMatchObject([{ kind: 'notice', code: 'whatsapp_unreachable', severity: 'critical' }])
    expect(world.dispatcher.stats().unreachable).toBe(true)
    isDown = false
    await world.runUntil(NOON + 22 * MINUTE)
    expect(world.dispatcher.stats().unreachable).toBe(false)
    expect(world.events).toMatchObject([
      { severity: 'critical', details: { since: NOON } },
      { severity: 'info', details: { since: NOON } },
    ])
    const { outbox } = await world.store.depths(world.now)
    expect(outbox.queued ?? 0).toBe(0)
  })

  test('every message that waits has a time', async () => {
    world = await outboxWorld({ options: { sendSlots: 4 } })
    world.script = () => lost
    await world.enqueue(...manyIntents(50))
    await world.dispatcher.drain()
    for (let i = 0; i < 50; i++) {
      const { state, dueAt } = await world.message(`m-${String(i).padStart(5, '0')}`)
      expect(state).toBe('queued')
      expect(dueAt).toBeGreaterThan(NOON)
    }
  })

  test('maintenance of one number is no outage', async () => {
    world = await outboxWorld({ options: { sendSlots: 8 } }, [{ id: '1055' }, { id: '2077' }])
    world.script = (intent, call) => (intent.numberId === '1055' ? { ...fault, code: 131057 } : acceptAll(intent, call))
    await world.enqueue(...manyIntents(20), ...manyIntents(20, { numberId: '2077' }))
    await world.dispatcher.drain()
    expect(world.dispatcher.stats().unreachable).toBe(false)
  })
})

test('messages that come in on a number leave room for as many fewer', async () => {
  world = await outboxWorld()
  await world.enqueue(...manyIntents(200))
  world.dispatcher.heard('1055', 30)
  await world.runUntil(NOON + MINUTE)
  expect(within(SECOND)).toBe(50)
  expect(world.calls).toHaveLength(200)
})

describe('after a restart', () => {
  test('nothing goes for a second when the process before died while it sent; then all at full speed', async () => {
    world = await outboxWorld()
    world.script = () => new Promise(() => undefined)
    await world.enqueue(...manyIntents(200))
    void world.dispatcher.drain()
    await expect.poll(() => world.calls.length).toBe(80)
    world.script = acceptAll
    // Another process comes when the leases of the dead one are over.
    const restartAt = NOON + 61 * SECOND
    world.now = restartAt
    world.calls.length = 0
    world.dispatcher = world.another()
    await world.runUntil(restartAt + 5 * SECOND)
    const after = world.calls.map(({ at }) => at - restartAt)
    expect(after.filter((ms) => ms < 1014)).toEqual([])
    expect(after.filter((ms) => ms < 2000)).toHaveLength(80)
    expect(after.filter((ms) => ms < 3000)).toHaveLength(120)
  })
})

describe('in the background', () => {
  const clock = { now: () => Date.now() }

  test('messages leave one by one at the pace, a few are in hand, and stop puts those back', async () => {
    const left: number[] = []
    let handMost = 0
    world = await outboxWorld({
      clock,
      client: {
        async send({ id }, _form, onWritten) {
          left.push(Date.now())
          handMost = Math.max(handMost, world.dispatcher.stats().inHand)
          onWritten?.()
          return { kind: 'accepted', wamid: id }
        },
      },
    })
    world.now = Date.now()
    await world.enqueue(...manyIntents(200))
    world.dispatcher.start()
    await expect.poll(() => left.length, { timeout: 5000 }).toBeGreaterThan(100)
    await world.dispatcher.stop()
    for (const from of left)
      expect(left.filter((at) => at >= from && at < from + SECOND).length).toBeLessThanOrEqual(80)
    expect(handMost).toBeLessThanOrEqual(8)
    const { outbox } = await world.store.depths(Date.now())
    expect(outbox.sending ?? 0).toBe(0)
    expect((outbox.accepted ?? 0) + (outbox.queued ?? 0)).toBe(200)
    expect(outbox.accepted).toBe(left.length)
  })

  test('what is in hand when WhatsApp goes down is queued again, not called', async () => {
    let calls = 0
    world = await outboxWorld(
      {
        clock,
        newId: () => v7(),
        client: {
          async send() {
            calls++
            return { kind: 'lost', why: 'ECONNREFUSED', written: false }
          },
        },
      },
      [{ throughput: 1000 }],
    )
    world.now = Date.now()
    await world.enqueue(...manyIntents(300))
    world.dispatcher.start()
    await expect.poll(() => world.dispatcher.stats().unreachable).toBe(true)
    await expect.poll(async () => (await world.store.depths(Date.now())).outbox).toEqual({ queued: 300 })
    expect(calls).toBeLessThan(50)
    await world.dispatcher.stop()
  })
})
