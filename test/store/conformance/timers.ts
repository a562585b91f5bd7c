import { describe, expect, test } from 'vitest'
import type { Change, TimerSelection } from '#engine/decision.ts'
import type { Timer } from '#engine/parkedTimer.ts'
import { HOUR_MS, NOW } from '#test/engine/builders.ts'
import {
  aBroadcast,
  anInstance,
  apply,
  broadcastTimer,
  DAY_MS,
  instanceTimer,
  newId,
  request,
  timer,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function timerCases(open: Open): void {
  const world = eachWith(open)
  const due = NOW + 2 * DAY_MS

  test('a due timer becomes a trigger that carries it, once', async () => {
    const waiting = timer()
    await apply(world.store, [{ kind: 'timer', timer: waiting, at: NOW }])
    expect(await world.store.depths(NOW)).toMatchObject({ timersWaiting: 1 })
    expect(await world.store.fireTimers(due - 1, 10, newId)).toBe(0)
    expect(await world.store.fireTimers(due + 5, 10, newId)).toBe(1)
    expect(await world.store.fireTimers(due + 5, 10, newId)).toBe(0)
    expect(await world.store.pending(10, due + 5)).toMatchObject([
      {
        kind: 'timer',
        source: 'denrei:timer',
        sourceId: waiting.id,
        occurredAt: due,
        receivedAt: due + 5,
        causedBy: waiting.causedBy,
        timer: waiting,
      },
    ])
    expect(await world.store.timers({ state: 'fired' })).toEqual([{ ...waiting, state: 'fired', reason: null }])
    expect(await world.store.depths(NOW)).toMatchObject({ timersWaiting: 0 })
  })

  test('timers fire in the order they are due, as many as asked for', async () => {
    const timers = [3, 1, 2].map((days) => timer({ dueAt: NOW + days * DAY_MS }))
    await apply(
      world.store,
      timers.map((one) => ({ kind: 'timer', timer: one, at: NOW }) as const),
    )
    expect(await world.store.fireTimers(NOW + 9 * DAY_MS, 2, newId)).toBe(2)
    const fired = (await world.store.pending(10, NOW + 9 * DAY_MS)).map(({ sourceId }) => sourceId)
    expect(fired).toEqual([timers[1]?.id, timers[2]?.id])
  })

  test('the same timer is started once', async () => {
    const waiting = timer()
    await apply(world.store, [{ kind: 'timer', timer: waiting, at: NOW }])
    await world.store.fireTimers(due, 10, newId)
    await apply(world.store, [{ kind: 'timer', timer: waiting, at: NOW }])
    expect(await world.store.fireTimers(due, 10, newId)).toBe(0)
  })

  test('a timer that was cancelled may be started again, with another time', async () => {
    const waiting = timer()
    const cancel = { kind: 'cancelTimers', which: { id: waiting.id }, reason: 'moved', at: NOW } as const
    await apply(world.store, [{ kind: 'timer', timer: waiting, at: NOW }, cancel])
    const again = { ...waiting, dueAt: due + DAY_MS, definition: 'workflow/welcome-web-lead@2' }
    await apply(world.store, [{ kind: 'timer', timer: again, at: NOW }])
    expect(await world.store.timers({})).toEqual([{ ...again, state: 'waiting', reason: null }])
    expect(await world.store.depths(NOW)).toMatchObject({ timersWaiting: 1 })
    expect(await world.store.fireTimers(due, 10, newId)).toBe(0)
    expect(await world.store.fireTimers(due + DAY_MS, 10, newId)).toBe(1)
    await apply(world.store, [cancel, { kind: 'timer', timer: again, at: NOW }])
    expect(await world.store.fireTimers(due + DAY_MS, 10, newId)).toBe(0)
  })

  test("cancelling stops a record's waiting timers, of all definitions", async () => {
    const [mine, other] = [timer(), timer({ recordId: 'other' })]
    await apply(world.store, [
      { kind: 'timer', timer: mine, at: NOW },
      { kind: 'timer', timer: other, at: NOW },
      { kind: 'cancelTimers', which: { module: 'Leads', recordId: '5725' }, reason: 'record_deleted', at: NOW },
    ])
    expect(await world.store.timers({ state: 'cancelled' })).toEqual([
      { ...mine, state: 'cancelled', reason: 'record_deleted' },
    ])
    expect(await world.store.fireTimers(due, 10, newId)).toBe(1)
    expect(await world.store.depths(NOW)).toMatchObject({ timersWaiting: 0 })
  })

  test.each([
    ['workflow/welcome-web-lead@1', 1],
    ['workflow/welcome-web-lead@2', 0],
    ['workflow/welcome-web-lead', 1],
    ['workflow/welcome', 0],
  ])('cancelling those of %s stops %i', async (definition, stopped) => {
    await apply(world.store, [
      { kind: 'timer', timer: timer(), at: NOW },
      { kind: 'cancelTimers', which: { module: 'Leads', recordId: '5725', definition }, reason: 'x', at: NOW },
    ])
    expect(await world.store.timers({ state: 'cancelled' })).toHaveLength(stopped)
  })

  test('what has fired cannot be cancelled', async () => {
    await apply(world.store, [{ kind: 'timer', timer: timer(), at: NOW }])
    await world.store.fireTimers(due, 10, newId)
    await apply(world.store, [
      { kind: 'cancelTimers', which: { module: 'Leads', recordId: '5725' }, reason: 'x', at: NOW },
    ])
    expect(await world.store.timers({ module: 'Leads', recordId: '5725' })).toMatchObject([{ state: 'fired' }])
  })

  describe('a cancellation', () => {
    const journey = anInstance({ id: 'one-0' })
    const planted = {
      later: timer({ id: 'later' }),
      otherVersion: timer({ id: 'otherVersion', definition: 'workflow/welcome-web-lead@2' }),
      otherRecord: timer({ id: 'otherRecord', recordId: 'other' }),
      otherModule: timer({ id: 'otherModule', module: 'Deals' }),
      wait: instanceTimer(journey, { id: 'wait' }),
      quiet: instanceTimer(journey, { id: 'quiet', name: 'quiet' }),
      otherInstance: instanceTimer(anInstance({ id: 'two-0' }), { id: 'otherInstance' }),
      date: {
        kind: 'date',
        id: 'date',
        dueAt: due,
        definition: 'workflow/birthday@1',
        module: 'Leads',
        recordId: '5725',
        anchor: '1990-01-01',
        causedBy: [],
      },
    } satisfies Record<string, Timer>

    test.each<[TimerSelection, (keyof typeof planted)[]]>([
      [{ id: 'later' }, ['later']],
      [{ id: 'none' }, []],
      [{ id: 'later', kind: 'date' }, []],
      [{ module: 'Leads', recordId: '5725', instanceId: 'one-0' }, ['quiet', 'wait']],
      [{ module: 'Leads', recordId: '5725', instanceId: 'one-0', name: 'quiet' }, ['quiet']],
      [{ module: 'Leads', recordId: '5725', instanceId: 'one-0', name: 'none' }, []],
      [{ module: 'Leads', recordId: '5725', instanceId: 'none' }, []],
      [{ module: 'Leads', recordId: 'other', instanceId: 'one-0' }, []],
      [{ module: 'Leads', recordId: '5725', instanceId: 'one-0', visit: 1 }, ['quiet', 'wait']],
      [{ module: 'Leads', recordId: '5725', instanceId: 'one-0', visit: 2 }, []],
      [{ definition: 'workflow/welcome-web-lead' }, ['later', 'otherModule', 'otherRecord', 'otherVersion']],
      [{ definition: 'workflow/welcome-web-lead@2' }, ['otherVersion']],
      [{ definition: 'workflow/welcome' }, []],
      [{ definition: 'journey/trial-nurture', kind: 'instance' }, ['otherInstance', 'quiet', 'wait']],
      [{ definition: 'journey/trial-nurture', kind: 'date' }, []],
      [{ module: 'Leads', recordId: '5725' }, ['date', 'later', 'otherInstance', 'otherVersion', 'quiet', 'wait']],
      [{ module: 'Leads', recordId: '5725', kind: 'date' }, ['date']],
      [{ module: 'Leads', recordId: '5725', definition: 'workflow/welcome-web-lead' }, ['later', 'otherVersion']],
    ])('of %j cancels %j', async (which, cancelled) => {
      const plant = Object.values(planted).map((one): Change => ({ kind: 'timer', timer: one, at: NOW }))
      await apply(world.store, [...plant, { kind: 'cancelTimers', which, reason: 'x', at: NOW }])
      const gone = await world.store.timers({ state: 'cancelled' })
      expect(gone.map(({ id }) => id).sort()).toEqual(cancelled)
      expect(gone.every(({ reason }) => reason === 'x')).toBe(true)
      const left = Object.keys(planted).length - cancelled.length
      expect(await world.store.depths(NOW)).toMatchObject({ timersWaiting: left })
      expect(await world.store.fireTimers(due, 100, newId)).toBe(left)
    })

    test('that names nothing is a bug, and cancels nothing', async () => {
      const cancel: Change = { kind: 'cancelTimers', which: { kind: 'later' }, reason: 'x', at: NOW }
      await expect(apply(world.store, [{ kind: 'timer', timer: timer(), at: NOW }, cancel])).rejects.toThrow(
        'must name',
      )
    })
  })

  test('timers of every kind come back whole, by each filter', async () => {
    const one = anInstance()
    const wait = instanceTimer(one, { dueAt: due - 3 })
    const sent = broadcastTimer(aBroadcast(), { dueAt: due - 2 })
    const schedule: Timer = {
      kind: 'schedule',
      id: 'workflow/daily@1/29',
      dueAt: due - 1,
      definition: 'workflow/daily@1',
      module: '',
      recordId: '',
      causedBy: [],
    }
    const later = timer()
    const all = [wait, sent, schedule, later]
    await apply(
      world.store,
      all.map((each) => ({ kind: 'timer', timer: each, at: NOW }) as const),
    )
    const stands = { state: 'waiting', reason: null }
    expect(await world.store.timers({})).toEqual(all.map((each) => ({ ...each, ...stands })))
    expect(await world.store.timers({ instanceId: one.id })).toEqual([{ ...wait, ...stands }])
    expect(await world.store.timers({ definition: 'workflow/daily' })).toEqual([{ ...schedule, ...stands }])
    expect(await world.store.timers({ definition: 'workflow/daily@2' })).toEqual([])
    expect(await world.store.timers({ module: 'Leads', recordId: '5725', state: 'waiting' })).toHaveLength(2)
    await world.store.fireTimers(due, 10, newId)
    expect(await world.store.timers({ instanceId: one.id, state: 'fired' })).toMatchObject([{ id: wait.id }])
    expect((await world.store.pending(10, due)).flatMap((each) => (each.kind === 'timer' ? each.timer : []))).toEqual(
      all,
    )
  })

  test('what waits of a definition is counted by version and kind: later actions and dates', async () => {
    const one = anInstance({ definition: 'workflow/w' })
    const date = { ...timer({ definition: 'workflow/w@2' }), kind: 'date', anchor: '2026-12-01' } as unknown as Timer
    const gone = timer({ definition: 'workflow/w@1' })
    const all = [timer({ definition: 'workflow/w@1' }), timer({ definition: 'workflow/w@2' }), date, gone]
    await apply(world.store, [
      ...[...all, instanceTimer(one), timer({ definition: 'workflow/other@1' })].map((each): Change => ({
        kind: 'timer',
        timer: each,
        at: NOW,
      })),
      { kind: 'cancelTimers', which: { id: gone.id }, reason: 'x', at: NOW },
    ])
    const counted = await world.store.waitingTimers('workflow/w')
    expect(counted).toHaveLength(3)
    expect(counted).toEqual(
      expect.arrayContaining([
        { definition: 'workflow/w@1', kind: 'later', count: 1 },
        { definition: 'workflow/w@2', kind: 'date', count: 1 },
        { definition: 'workflow/w@2', kind: 'later', count: 1 },
      ]),
    )
    expect(await world.store.waitingTimers('workflow/w@2')).toHaveLength(2)
  })

  describe('a pause', () => {
    const one = anInstance()
    const pause: Change = { kind: 'pause', definition: one.definition, by: '田中', at: NOW }
    const resume = (at: number, spreadMs = 0): Change => ({
      kind: 'resume',
      definition: one.definition,
      spreadMs,
      at,
    })
    const plant = (...timers: Timer[]) =>
      apply(
        world.store,
        timers.map((each) => ({ kind: 'timer', timer: each, at: NOW }) as const),
      )
    const statesOf = async () =>
      Object.fromEntries((await world.store.timers({})).map(({ id, state }) => [id, state] as const))

    test('holds the instance timers of all versions, those planted later too, and nothing else', async () => {
      const held = [
        instanceTimer(one, { id: 'v1' }),
        instanceTimer({ ...one, version: 2 }, { id: 'v2' }),
        instanceTimer({ ...one, definition: 'journey/trial' }, { id: 'other' }),
        broadcastTimer(aBroadcast(), { id: 'broadcast', dueAt: due, definition: `${one.definition}@1` }),
      ]
      await plant(...held)
      await apply(world.store, [pause])
      await plant(instanceTimer(one, { id: 'young' }))
      const states = { v1: 'paused', v2: 'paused', young: 'paused', other: 'waiting', broadcast: 'waiting' }
      expect(await statesOf()).toEqual(states)
      expect(await world.store.fireTimers(due, 100, newId)).toBe(2)
      expect(await world.store.fireTimers(due, 100, newId)).toBe(0)
      expect(await statesOf()).toEqual({ ...states, other: 'fired', broadcast: 'fired' })
      expect((await world.store.timers({ state: 'paused' })).map(({ id }) => id).sort()).toEqual(['v1', 'v2', 'young'])
      expect(await world.store.timers({ state: 'waiting' })).toEqual([])
    })

    test('does not stop what is behind a page of held ones', async () => {
      await plant(
        ...Array.from({ length: 7 }, () => instanceTimer(one)),
        timer({ dueAt: due + 1 }),
        timer({ dueAt: due + 2 }),
      )
      await apply(world.store, [pause])
      expect(await world.store.fireTimers(due + 9, 2, newId)).toBeGreaterThan(0)
      expect(await world.store.fireTimers(due + 9, 2, newId)).toBeGreaterThan(0)
      expect(await world.store.timers({ state: 'fired' })).toHaveLength(2)
    })

    test('is known to every batch and to people, until it is over; pausing twice changes nothing', async () => {
      await apply(world.store, [pause, { ...pause, by: '別の人', at: NOW + 5 }])
      expect(await world.store.paused()).toEqual([{ definition: one.definition, at: NOW, by: '田中' }])
      expect((await world.store.load(request([]), NOW)).paused).toEqual(new Map([[one.definition, NOW]]))
      await apply(world.store, [resume(NOW + 9)])
      expect(await world.store.paused()).toEqual([])
      expect((await world.store.load(request([]), NOW)).paused).toEqual(new Map())
    })

    test('taken back with its decision is none', async () => {
      const nowhere: Change = { kind: 'moveMessage', move: { id: 'none', state: 'sent' }, at: NOW }
      await plant(instanceTimer(one))
      await expect(apply(world.store, [pause, nowhere])).rejects.toThrow('none')
      expect(await world.store.paused()).toEqual([])
      expect(await world.store.fireTimers(due, 10, newId)).toBe(1)
    })

    test('ends: what came due is spread over the time given, what is still to come keeps its time', async () => {
      const overdue = Array.from({ length: 40 }, () => instanceTimer(one))
      const future = instanceTimer(one, { dueAt: due + 5 * DAY_MS })
      await plant(...overdue, future)
      await apply(world.store, [pause])
      // Some of them came due while somebody looked, and some after the last look.
      await world.store.fireTimers(due, 10, newId)
      const at = due + DAY_MS
      await apply(world.store, [resume(at, HOUR_MS)])
      const waiting = await world.store.timers({ state: 'waiting' })
      expect(waiting).toHaveLength(41)
      const times = waiting.filter(({ id }) => id !== future.id).map(({ dueAt }) => dueAt)
      expect(Math.min(...times)).toBeGreaterThanOrEqual(at)
      expect(Math.max(...times)).toBeLessThanOrEqual(at + HOUR_MS)
      expect(new Set(times).size).toBeGreaterThan(30)
      expect(waiting.find(({ id }) => id === future.id)?.dueAt).toBe(future.dueAt)
      const first = Math.min(...times)
      const now = times.filter((time) => time === first).length
      expect(await world.store.fireTimers(first, 100, newId)).toBe(now)
      const [fired] = await world.store.pending(1, first)
      expect(fired).toMatchObject({ kind: 'timer', occurredAt: first, timer: { dueAt: first } })
      expect(await world.store.fireTimers(at + HOUR_MS, 100, newId)).toBe(overdue.length - now)
    })

    test('without a spread all that came due is due at once', async () => {
      await plant(instanceTimer(one), instanceTimer(one))
      await apply(world.store, [pause])
      await apply(world.store, [resume(due + 7)])
      expect((await world.store.timers({})).map(({ dueAt }) => dueAt)).toEqual([due + 7, due + 7])
      expect(await world.store.fireTimers(due + 7, 10, newId)).toBe(2)
    })

    test('does not keep a timer from being cancelled', async () => {
      await plant(instanceTimer(one), timer())
      await apply(world.store, [pause])
      await world.store.fireTimers(due, 10, newId)
      await apply(world.store, [
        {
          kind: 'cancelTimers',
          which: { module: one.module, recordId: one.recordId, instanceId: one.id },
          reason: 'goal',
          at: NOW,
        },
        resume(due + 1),
      ])
      expect(await world.store.timers({ instanceId: one.id })).toMatchObject([{ state: 'cancelled', reason: 'goal' }])
      expect(await world.store.fireTimers(due + 1, 10, newId)).toBe(0)
      expect(await world.store.depths(NOW)).toMatchObject({ timersWaiting: 0 })
    })
  })
}
