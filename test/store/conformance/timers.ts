import { expect, test } from 'vitest'
import { NOW } from '#test/engine/builders.ts'
import { apply, DAY_MS, newId, timer } from '../builders.ts'
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
}
