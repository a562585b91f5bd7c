import { afterEach, describe, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { createCloudClient } from '#actions/whatsapp/client.ts'
import type { Performer, WorkOutcome } from '#actions/performer.ts'
import { judge } from '#engine/judge.ts'
import type { Store } from '#engine/store.ts'
import { aSendIntent, aWorkIntent } from './intents.ts'
import { accepted, loopback } from './loopback.ts'
import { acceptAll, manyIntents, NOON, outboxWorld, type OutboxWorld } from './outboxWorld.ts'

/** A store that tells each call. */
function watched(store: Store, tell: (method: string) => void): Store {
  return new Proxy(store, {
    get(target, method: string) {
      tell(method)
      return Reflect.get(target, method) as unknown
    },
  })
}

let world: OutboxWorld
const MINUTE = 60_000
const HOUR = 60 * MINUTE
afterEach(async () => {
  await world.close()
})
const one = aSendIntent()
const refused = (code: number, httpStatus = 400) => ({
  kind: 'refused' as const,
  code,
  subcode: null,
  details: '理由',
  transient: false,
  httpStatus,
})

test('a due message is guarded, sent once and settled with its wamid and its credits held', async () => {
  world = await outboxWorld()
  await world.enqueue(one)
  await world.dispatcher.drain()
  expect(await world.message(one.id)).toMatchObject({
    state: 'accepted',
    wamid: `wamid.${one.id}.1`,
    attempts: 1,
    holdState: 'held',
    acceptedAt: NOON,
  })
  await world.dispatcher.drain()
  expect(world.calls).toHaveLength(1)
  expect(world.faults).toEqual([])
})

test('the guards look again at claim: a template paused meanwhile holds the message without a call', async () => {
  world = await outboxWorld()
  await world.enqueue(one)
  const [template] = await world.store.templates()
  if (template) await world.store.saveTemplates([{ ...template, status: 'PAUSED' }], NOON)
  await world.dispatcher.drain()
  expect(await world.message(one.id)).toMatchObject({ state: 'held', reason: 'template_paused' })
  expect(world.calls).toHaveLength(0)
})

describe('answers', () => {
  test('nothing written: queued again, its credits free, and it goes out when it can', async () => {
    world = await outboxWorld()
    world.script = (intent, call) =>
      call < 4 ? { kind: 'lost', why: 'ECONNREFUSED', written: false } : acceptAll(intent, call)
    await world.enqueue(one)
    await world.dispatcher.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'queued', reason: 'not_written', holdState: 'released' })
    await world.runUntil(NOON + MINUTE)
    expect(await world.message(one.id)).toMatchObject({ state: 'accepted', attempts: 4 })
  })

  test('an outage of the network costs a few calls, not one for each message that waits', async () => {
    world = await outboxWorld({ options: { sendSlots: 10 } }, [{ throughput: 1000 }])
    let down = true
    world.script = (intent, call) =>
      down ? { kind: 'lost', why: 'ECONNREFUSED', written: false } : acceptAll(intent, call)
    await world.enqueue(...manyIntents(300))
    await world.runUntil(NOON + 10 * MINUTE)
    // Ten at first, then one for each probe, at most 30 s apart.
    expect(world.calls.length).toBeLessThan(10 + 5 + 25)
    down = false
    await world.runUntil(NOON + 12 * MINUTE)
    const { messages } = await world.store.totals()
    expect(messages.filter(({ count }) => count > 0)).toEqual([{ state: 'accepted', reason: null, count: 300 }])
  })

  test('a lost answer: unknown, its credits kept, and never sent again by itself while a status may come', async () => {
    world = await outboxWorld()
    world.script = () => ({ kind: 'lost', why: 'no answer within 30000 ms', written: true })
    await world.enqueue(one)
    await world.runUntil(NOON + 10 * MINUTE - 1)
    expect(await world.message(one.id)).toMatchObject({
      state: 'unknown',
      holdState: 'held',
      dueAt: NOON + 10 * MINUTE,
      detail: 'no answer within 30000 ms',
    })
    expect(world.calls).toHaveLength(1)
  })

  test('after the waiting time at-least-once sends again and at-most-once gives up', async () => {
    world = await outboxWorld()
    world.script = (intent, call) =>
      call === 1 ? { kind: 'lost', why: 'closed', written: true } : acceptAll(intent, call)
    const marketing = aSendIntent({ id: 'once', delivery: 'at-most-once', to: { raw: '', phone: '+819011112222' } })
    await world.enqueue(one, marketing)
    await world.dispatcher.drain()
    world.now = NOON + 10 * MINUTE
    await world.dispatcher.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'accepted', attempts: 2 })
    expect(await world.message('once')).toMatchObject({ state: 'gave_up', attempts: 1 })
  })

  test('a wave of lost answers stops all calls but a probe before it costs every message', async () => {
    world = await outboxWorld({ options: { sendSlots: 10 } }, [{ throughput: 1000 }])
    world.script = () => ({ kind: 'lost', why: 'no answer', written: true })
    await world.enqueue(...manyIntents(300, { delivery: 'at-most-once' }))
    await world.runUntil(NOON + MINUTE)
    expect(world.calls.length).toBeLessThan(20)
    const { outbox } = await world.store.depths(world.now)
    expect(outbox.queued).toBeGreaterThan(280)
  })

  test('a client that throws is taken for a lost answer and told', async () => {
    world = await outboxWorld()
    world.script = () => {
      throw new Error('a bug')
    }
    await world.enqueue(one)
    await world.dispatcher.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'unknown', detail: 'a bug' })
    expect(world.faults).toMatchObject([{ message: 'a bug' }])
  })

  test('held for quality assessment is accepted, and says so', async () => {
    world = await outboxWorld()
    world.script = () => ({ kind: 'accepted', wamid: 'wamid.Q', status: 'held_for_quality_assessment' })
    await world.enqueue(one)
    await world.dispatcher.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'accepted', detail: 'held_for_quality_assessment' })
  })

  test('an error of this person fails this message only', async () => {
    world = await outboxWorld()
    const two = aSendIntent({ id: 'two', to: { raw: '', phone: '+819011112222' } })
    world.script = (intent, call) => (intent.id === one.id ? refused(131026) : acceptAll(intent, call))
    await world.enqueue(one, two)
    await world.dispatcher.drain()
    expect(await world.message(one.id)).toMatchObject({
      state: 'failed',
      reason: 'whatsapp_131026',
      detail: '理由',
      holdState: 'released',
    })
    expect(await world.message('two')).toMatchObject({ state: 'accepted' })
  })

  test('131050 fails the message and records the opt-out of marketing', async () => {
    world = await outboxWorld()
    world.script = () => refused(131050)
    await world.enqueue(one)
    await world.dispatcher.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'failed', reason: 'whatsapp_131050' })
    expect(world.events).toMatchObject([
      { kind: 'consent', who: { phone: '+818012345678' }, scope: 'marketing', direction: 'out', by: 'error' },
    ])
  })

  test('an inbox that refuses the event does not lose the settlement', async () => {
    world = await outboxWorld({ accept: () => Promise.reject(new Error('full')) })
    world.script = () => refused(131050)
    await world.enqueue(one)
    await world.dispatcher.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'failed' })
    expect(world.faults).toMatchObject([{ message: 'full' }])
  })

  test('131049 is tried again after a day at the earliest, three times in all', async () => {
    world = await outboxWorld()
    world.script = () => refused(131049)
    await world.enqueue(one)
    await world.runUntil(NOON + 240 * HOUR)
    expect(world.calls.map(({ at }) => (at - NOON) / HOUR)).toEqual([0, 24, 72])
    expect(await world.message(one.id)).toMatchObject({ state: 'failed', reason: 'whatsapp_131049' })
  })

  test('131000 is tried three times, each later than the one before', async () => {
    world = await outboxWorld()
    world.script = () => refused(131000, 500)
    await world.enqueue(one)
    await world.runUntil(NOON + HOUR)
    expect(world.calls.map(({ at }) => at - NOON)).toEqual([0, 2000, 10_000])
    expect(await world.message(one.id)).toMatchObject({ state: 'failed', reason: 'whatsapp_131000', attempts: 3 })
  })

  test('calls that a dead network ate do not use up the tries', async () => {
    world = await outboxWorld()
    world.script = (intent, call) =>
      call <= 6
        ? { kind: 'lost', why: 'ECONNREFUSED', written: false }
        : call <= 8
          ? refused(131000, 500)
          : acceptAll(intent, call)
    await world.enqueue(one)
    await world.runUntil(NOON + HOUR)
    expect(await world.message(one.id)).toMatchObject({ state: 'accepted', attempts: 9 })
  })

  test('132015 parks the message, and tells that the template is paused', async () => {
    world = await outboxWorld()
    world.script = () => refused(132015)
    await world.enqueue(one)
    await world.dispatcher.drain()
    const parked = { state: 'held', reason: 'template_paused', waitsFor: 'template_approved' }
    expect(await world.message(one.id)).toMatchObject({ ...parked, holdState: 'released' })
    expect(world.events).toMatchObject([
      { kind: 'template', accountId: '2001', name: 'welcome_lead', language: 'ja', status: 'PAUSED' },
    ])
    // What deciding that event does.
    const [template] = await world.store.templates()
    if (template) await world.store.saveTemplates([{ ...template, status: 'PAUSED' }], NOON)
    await world.runUntil(NOON + 24 * HOUR)
    expect(await world.message(one.id)).toMatchObject(parked)
    expect(world.calls).toHaveLength(1)
  })

  test('a token that is refused holds the message, pauses all numbers of the account, and is told once an hour', async () => {
    world = await outboxWorld({ options: { sendSlots: 4 } }, [
      { id: '1055' },
      { id: '2077' },
      { id: '9000', accountId: 'other' },
    ])
    world.script = (intent, call) => (intent.numberId === '9000' ? acceptAll(intent, call) : refused(190, 401))
    await world.enqueue(...manyIntents(20), ...manyIntents(20, { numberId: '9000' }))
    await world.dispatcher.drain()
    await world.enqueue(...manyIntents(20, { numberId: '2077' }))
    await world.runUntil(NOON + 30_000)
    expect((await world.message('m-00000')).state).toBe('held')
    expect((await world.message('m-00000')).reason).toBe('integration_inactive')
    expect((await world.message('m-00000')).waitsFor).toBe('integration_active')
    expect((await world.message('9000-00019')).state).toBe('accepted')
    // Four were under way on the first number. The other number's first calls showed it the same.
    expect(world.calls.filter(({ id }) => !id.startsWith('9000')).length).toBeLessThanOrEqual(8)
    const told = world.events.map((event) => event.kind === 'account' && event.sourceId)
    expect(new Set(told).size).toBe(2)
    expect(world.events[0]).toMatchObject({
      accountId: '2001',
      field: 'send_refused',
      value: { reason: 'whatsapp_190' },
    })
  })
})

describe('limits', () => {
  test('no second holds more than the number allows, and all get out in time', async () => {
    world = await outboxWorld({}, [{ throughput: 20 }])
    await world.enqueue(...manyIntents(100))
    await world.runUntil(NOON + MINUTE)
    expect(world.calls).toHaveLength(100)
    for (const { at: from } of world.calls) {
      expect(world.calls.filter(({ at }) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(20)
    }
    expect((world.calls.at(-1)?.at ?? 0) - NOON).toBeLessThan(7000)
  })

  test('a pair waits for its turn, the others do not', async () => {
    world = await outboxWorld()
    const same = Array.from({ length: 47 }, (_, i) => aSendIntent({ id: `same-${String(i).padStart(2, '0')}` }))
    await world.enqueue(...same, ...manyIntents(5))
    await world.runUntil(NOON + MINUTE)
    const late = world.calls.filter(({ at }) => at > NOON + 2000)
    expect(late.map(({ id, at }) => [id, at - NOON])).toEqual([
      ['same-45', 6250],
      ['same-46', 12_250],
    ])
  })

  test('130429 stops this number for a moment and no other', async () => {
    world = await outboxWorld({}, [{ id: '1055' }, { id: '2077' }])
    let refusals = 0
    world.script = (intent, call) =>
      intent.numberId === '1055' && refusals++ === 0 ? refused(130429) : acceptAll(intent, call)
    await world.enqueue(aSendIntent({ id: 'first' }))
    await world.dispatcher.drain()
    await world.enqueue(...manyIntents(10), ...manyIntents(10, { numberId: '2077' }))
    await world.dispatcher.drain()
    expect((await world.message('2077-00009')).state).toBe('accepted')
    expect((await world.message('m-00000')).state).toBe('queued')
    await world.runUntil(NOON + 5000)
    expect((await world.message('first')).state).toBe('accepted')
    expect((await world.message('m-00009')).state).toBe('accepted')
    expect(world.calls.filter(({ id, at }) => id.startsWith('m-') && at < NOON + 2000)).toEqual([])
  })

  test('131056 makes this pair wait 4, 16 and 64 seconds, and no other', async () => {
    world = await outboxWorld()
    world.script = (intent, call) => (intent.id === one.id && call <= 3 ? refused(131056) : acceptAll(intent, call))
    await world.enqueue(one, ...manyIntents(3))
    await world.runUntil(NOON + 5 * MINUTE)
    expect(world.calls.filter(({ id }) => id === one.id).map(({ at }) => (at - NOON) / 1000)).toEqual([0, 4, 20, 84])
    expect((await world.message('m-00002')).acceptedAt).toBe(NOON)
  })
})

describe('leases and fences', () => {
  test('a worker that dies leaves its message unknown, and the next one does not send it blindly', async () => {
    world = await outboxWorld()
    world.script = () => new Promise(() => undefined)
    await world.enqueue(one)
    void world.dispatcher.drain()
    await expect.poll(() => world.calls.length).toBe(1)
    world.script = acceptAll
    world.now = NOON + 61_000
    const next = world.another()
    await next.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'unknown', dueAt: world.now + 600_000 })
    expect(world.calls).toHaveLength(1)
    world.now += 600_000
    await next.drain()
    expect(await world.message(one.id)).toMatchObject({ state: 'accepted', attempts: 2 })
    world.dispatcher = next
  })

  test('an answer that comes after the row went to somebody else is refused by its fence', async () => {
    world = await outboxWorld()
    let answerLate: (answer: { kind: 'accepted'; wamid: string }) => void = () => undefined
    world.script = () => new Promise((resolve) => (answerLate = resolve))
    await world.enqueue(one)
    const first = world.dispatcher.drain()
    await expect.poll(() => world.calls.length).toBe(1)
    world.script = acceptAll
    const next = world.another()
    world.now = NOON + 61_000
    await next.drain()
    world.now += 600_000
    await next.drain()
    answerLate({ kind: 'accepted', wamid: 'wamid.slow' })
    await first
    expect(world.fenced).toBe(1)
    expect(await world.message(one.id)).toMatchObject({ state: 'accepted', wamid: `wamid.${one.id}.2` })
    await next.stop()
  })

  test('a lane another worker has is left alone', async () => {
    world = await outboxWorld()
    await world.enqueue(one)
    await world.store.claim(
      { lane: '1055', worker: 'other', now: NOON, leaseMs: 60_000, limit: 1 },
      (candidates) => candidates.map(({ message }) => ({ id: message.intent.id, kind: 'defer', until: NOON + 1000 })),
      () => v7(),
    )
    world.now = NOON + 2000
    await world.dispatcher.drain()
    expect(world.calls).toHaveLength(0)
    world.now = NOON + 60_001
    await world.dispatcher.drain()
    expect(world.calls).toHaveLength(1)
  })
})

describe('one poisoned thing harms only itself', () => {
  test('a row that makes the guards throw is put off and told; the others go', async () => {
    world = await outboxWorld({
      judge: (candidates, deferUntil) => {
        if (candidates.some(({ message }) => message.intent.id === 'm-00003')) throw new Error('毒')
        return judge(candidates, deferUntil)
      },
    })
    await world.enqueue(...manyIntents(10))
    await world.dispatcher.drain()
    expect(world.calls).toHaveLength(9)
    expect(await world.message('m-00003')).toMatchObject({ state: 'queued', dueAt: NOON + 10 * MINUTE })
    expect(world.faults).toMatchObject([{ message: '毒' }])
  })

  test('the others take their places under the limits once, though the guards are asked twice', async () => {
    const sameRecipient = manyIntents(46, { to: { raw: '', phone: '+819012345678' } })
    world = await outboxWorld({
      judge: (candidates, deferUntil) => {
        const judged = judge(candidates, deferUntil)
        if (candidates.some(({ message }) => message.intent.id === 'm-00045')) throw new Error('毒')
        return judged
      },
    })
    await world.enqueue(...sameRecipient)
    await world.dispatcher.drain()
    // WhatsApp takes a burst of 45 to one person.
    expect(world.calls).toHaveLength(45)
  })

  test('a settlement that cannot be written leaves the others written, and its row is recovered', async () => {
    world = await outboxWorld({}, [{}], (store) => ({
      ...store,
      settle: async (settlements, newId) => {
        if (settlements.some(({ id }) => id === 'm-00003')) throw new Error('disk')
        return store.settle(settlements, newId)
      },
    }))
    await world.enqueue(...manyIntents(10))
    await world.dispatcher.drain()
    const { outbox } = await world.store.depths(NOON)
    expect(outbox).toMatchObject({ accepted: 9, sending: 1 })
    expect(world.faults).toMatchObject([{ message: 'disk' }])
    world.now = NOON + 61_000
    await world.dispatcher.drain()
    expect((await world.message('m-00003')).state).toBe('unknown')
  })

  test('a store that fails pauses the lane and is told; later all goes on', async () => {
    let broken = true
    world = await outboxWorld({}, [{}], (store) => ({
      ...store,
      claim: async (...args) => {
        if (broken) throw new Error('busy')
        return store.claim(...args)
      },
    }))
    await world.enqueue(one)
    await world.dispatcher.drain().catch(() => undefined)
    expect(world.calls).toHaveLength(0)
    expect(world.faults.length).toBeGreaterThan(0)
    broken = false
    await world.runUntil(NOON + MINUTE)
    expect((await world.message(one.id)).state).toBe('accepted')
  })
})

describe('work', () => {
  const performing = (perform: Performer['perform'], type = 'callWebhook') => ({ performers: [{ type, perform }] })

  test('is performed once and done', async () => {
    const seen: string[] = []
    world = await outboxWorld(
      performing(async (intent) => {
        seen.push(intent.id)
        return { kind: 'done', detail: '届けた' }
      }),
    )
    const work = aWorkIntent()
    await world.enqueue(work)
    await world.dispatcher.drain()
    expect(await world.message(work.id)).toMatchObject({ state: 'done', detail: '届けた', attempts: 1 })
    expect(seen).toEqual([work.id])
  })

  test.each<[string, WorkOutcome | Error, object]>([
    ['refused for good', { kind: 'failed', reason: 'gone', detail: 'x' }, { state: 'failed', reason: 'gone' }],
    ['worth another try', { kind: 'retry', reason: 'busy', detail: 'x' }, { state: 'queued', dueAt: NOON + 5000 }],
    [
      'told when to come back',
      { kind: 'retry', reason: 'busy', detail: 'x', afterMs: 90_000 },
      { state: 'queued', dueAt: NOON + 90_000 },
    ],
    ['a bug', new Error('落ちた'), { state: 'queued', reason: 'performer_error', detail: '落ちた' }],
  ])('%s', async (_name, outcome, expected) => {
    world = await outboxWorld(
      performing(async () => {
        if (outcome instanceof Error) throw outcome
        return outcome
      }),
    )
    await world.enqueue(aWorkIntent())
    await world.dispatcher.drain()
    expect(await world.message(aWorkIntent().id)).toMatchObject(expected)
  })

  test('fails after nine tries, or three when the performer throws', async () => {
    let calls = 0
    world = await outboxWorld({
      performers: [
        { type: 'callWebhook', perform: async () => (calls++, { kind: 'retry', reason: 'busy', detail: '' }) },
        { type: 'bug', perform: () => Promise.reject(new Error('x')) },
      ],
    })
    await world.enqueue(aWorkIntent(), aWorkIntent({ id: 'bug', type: 'bug' }))
    await world.runUntil(NOON + 48 * HOUR)
    expect(calls).toBe(9)
    expect(await world.message(aWorkIntent().id)).toMatchObject({ state: 'failed', reason: 'busy' })
    expect(await world.message('bug')).toMatchObject({ state: 'failed', reason: 'performer_error', attempts: 3 })
  })

  test('of a type nobody performs fails and says so', async () => {
    world = await outboxWorld()
    await world.enqueue(aWorkIntent({ type: 'sendFax' }))
    await world.dispatcher.drain()
    expect(await world.message(aWorkIntent().id)).toMatchObject({ state: 'failed', reason: 'performer_missing' })
  })

  test('that ignores its signal is left behind, and the rest is not held up', async () => {
    world = await outboxWorld({
      performers: [
        { type: 'hang', perform: () => new Promise(() => undefined) },
        { type: 'callWebhook', perform: async () => ({ kind: 'done' }) },
      ],
      options: { leaseMs: 5010 },
    })
    await world.enqueue(aWorkIntent({ id: 'hang', type: 'hang' }), aWorkIntent())
    await world.dispatcher.drain()
    expect(await world.message('hang')).toMatchObject({ state: 'queued', reason: 'performer_timeout' })
    expect(await world.message(aWorkIntent().id)).toMatchObject({ state: 'done' })
  })
})

test('a webhook whose host hangs leaves places to the work of other definitions', async () => {
  let free: () => void = () => undefined
  const hanging = new Promise<WorkOutcome>((resolve) => (free = () => resolve({ kind: 'done' })))
  world = await outboxWorld({
    performers: [
      {
        type: 'callWebhook',
        perform: (intent) => (intent.id.startsWith('slow') ? hanging : Promise.resolve({ kind: 'done' })),
      },
    ],
    options: { workSlots: 8 },
  })
  const slow = (i: number) => aWorkIntent({ id: `slow-${i}`, definition: 'workflow/slow@1' })
  await world.enqueue(slow(0), slow(1), slow(2))
  const drained = world.dispatcher.drain()
  await expect.poll(() => world.dispatcher.stats().inFlight).toBe(3)
  world.now = NOON + 3000
  await world.enqueue(...Array.from({ length: 20 }, (_, i) => slow(i + 3)), aWorkIntent({ id: 'quick' }))
  world.dispatcher.start()
  await expect.poll(async () => (await world.message('quick')).state).toBe('done')
  expect(await world.message('slow-3')).toMatchObject({ state: 'queued', dueAt: NOON + 8000 })
  free()
  await drained
})

describe('in the background', () => {
  test('wake sends at once, stop waits for what is under way', async () => {
    const server = await loopback((request, response) => {
      setTimeout(() => accepted(`wamid.${server.received.length}`)(request, response), 50)
    })
    const client = createCloudClient({ baseUrl: server.url, token: () => 't' })
    world = await outboxWorld({ client, clock: { now: () => Date.now() } })
    world.now = Date.now()
    world.dispatcher.start()
    await world.enqueue(...manyIntents(30))
    world.dispatcher.wake()
    await expect.poll(() => server.received.length).toBe(30)
    await world.dispatcher.stop()
    expect(world.dispatcher.stats()).toMatchObject({ inFlight: 0, unsettled: 0 })
    const { outbox } = await world.store.depths(world.now)
    expect(outbox).toMatchObject({ accepted: 30 })
    await client.close()
    await server.close()
  })

  test('nothing touches the store after stop, whatever it was doing', async () => {
    for (let turns = 0; turns < 12; turns++) {
      let closed = false
      const late: string[] = []
      world = await outboxWorld({ clock: { now: () => Date.now() } }, [{}], (store) =>
        watched(store, (method) => closed && late.push(method)),
      )
      world.now = Date.now()
      await world.enqueue(...manyIntents(20))
      world.dispatcher.start()
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      await world.dispatcher.stop()
      closed = true
      const { outbox } = await world.store.depths(world.now)
      expect(outbox.sending ?? 0).toBe(0)
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(late).toEqual([])
      if (turns < 11) await world.close()
    }
  })

  test('without a wake the poll finds what is due', async () => {
    world = await outboxWorld({ clock: { now: () => Date.now() }, options: { pollMs: 20 } })
    world.now = Date.now()
    world.dispatcher.start()
    await world.enqueue(one)
    await expect.poll(async () => (await world.message(one.id)).state).toBe('accepted')
  })
})
