import { describe, expect, test } from 'vitest'
import type { Claimed } from '#engine/claim.ts'
import { NOW } from '#test/engine/builders.ts'
import {
  apply,
  buy,
  claimAll,
  enqueue,
  leadEvent,
  MINUTE_MS,
  newId,
  NUMBER,
  sendAt,
  sendIntent,
  sending,
  settleOne,
  timer,
  workIntent,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function leaseCases(open: Open): void {
  const world = eachWith(open)
  const expired = NOW + MINUTE_MS
  const WAIT_MS = 10 * MINUTE_MS

  describe('a lane', () => {
    test('is worked by one worker at a time; the same worker may go on', async () => {
      await apply(world.store, [enqueue(sendIntent()), enqueue(sendIntent()), enqueue(sendIntent())])
      expect(await claimAll(world.store, { limit: 1 })).toHaveLength(1)
      expect(await claimAll(world.store, { worker: 'w2' })).toEqual([])
      expect(await claimAll(world.store, { limit: 1 })).toHaveLength(1)
    })

    test('is free for another when the lease has run out, and then the first one is out', async () => {
      await apply(world.store, [enqueue(sendIntent()), enqueue(sendIntent()), enqueue(sendIntent())])
      await claimAll(world.store, { limit: 1 })
      expect(await claimAll(world.store, { worker: 'w2', now: expired - 1 })).toEqual([])
      expect(await claimAll(world.store, { worker: 'w2', now: expired, limit: 1 })).toHaveLength(1)
      expect(await claimAll(world.store, { now: expired })).toEqual([])
    })

    test('of another number is not touched by it', async () => {
      await apply(world.store, [enqueue(sendIntent()), enqueue(sendIntent({ numberId: '10002' }))])
      expect(await claimAll(world.store)).toHaveLength(1)
      expect(await claimAll(world.store, { worker: 'w2', lane: '10002' })).toHaveLength(1)
    })
  })

  describe('when the lease of a message runs out', () => {
    test('nobody knows whether it was sent: it waits for a status, its hold stays', async () => {
      await buy(world.store, 10)
      const { message } = await sending(world.store, sendIntent(), 10)
      expect(await world.store.expireLeases(expired - 1, WAIT_MS)).toBe(0)
      expect(await world.store.expireLeases(expired, WAIT_MS)).toBe(1)
      expect(await world.store.expireLeases(expired, WAIT_MS)).toBe(0)
      expect(await world.store.message(message.intent.id)).toMatchObject({
        state: 'unknown',
        dueAt: expired + WAIT_MS,
        holdState: 'held',
      })
      expect(await world.store.balance()).toMatchObject({ held: 10 })
      expect(await claimAll(world.store, { now: expired + 2 * WAIT_MS })).toEqual([])
    })

    test('work goes back to the queue', async () => {
      await apply(world.store, [enqueue(workIntent(), { verdict: null })])
      const [first] = await claimAll(world.store, { lane: 'work' })
      await world.store.expireLeases(expired, WAIT_MS)
      const [second] = await claimAll(world.store, { lane: 'work', worker: 'w2', now: expired })
      expect(second?.message.intent.id).toBe(first?.message.intent.id)
      expect(second?.fence).toBe(2)
    })

    test('a late answer is better than none, as long as nobody else has the row', async () => {
      const claimed = await sending(world.store)
      await world.store.expireLeases(expired, WAIT_MS)
      expect(await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.1' }, expired + 1)).toBe(true)
      expect(await world.store.message(claimed.message.intent.id)).toMatchObject({
        state: 'accepted',
        wamid: 'wamid.1',
      })
    })

    test('work that was done after all is not done again', async () => {
      await apply(world.store, [enqueue(workIntent(), { verdict: null })])
      const [claimed] = await claimAll(world.store, { lane: 'work' })
      await world.store.expireLeases(expired, WAIT_MS)
      expect(await settleOne(world.store, claimed as Claimed, { kind: 'done' }, expired)).toBe(true)
      expect(await claimAll(world.store, { lane: 'work', now: expired })).toEqual([])
    })
  })

  describe('when a message of unknown fate has waited long enough', () => {
    const due = expired + WAIT_MS

    async function unknown(delivery: 'at-most-once' | 'at-least-once'): Promise<Claimed> {
      await buy(world.store, 10)
      const claimed = await sending(world.store, sendIntent({ delivery }), 10)
      await world.store.expireLeases(expired, WAIT_MS)
      return claimed
    }

    test('not before', async () => {
      await unknown('at-least-once')
      expect(await world.store.resolveUnknown(due - 1, newId)).toEqual({ requeued: 0, gaveUp: 0 })
    })

    test('at least once: it goes back to the queue and its hold is given back', async () => {
      const { message, fence } = await unknown('at-least-once')
      expect(await world.store.resolveUnknown(due, newId)).toEqual({ requeued: 1, gaveUp: 0 })
      expect(await world.store.balance()).toMatchObject({ available: 10, held: 0 })
      const [again] = await claimAll(world.store, { now: due, worker: 'w2' }, sendAt(10))
      expect(again?.message.intent.id).toBe(message.intent.id)
      expect(again?.fence).toBeGreaterThan(fence)
      expect(await world.store.balance()).toMatchObject({ available: 0, held: 10 })
    })

    test('at most once: it is given up, its hold is given back, and the rules hear of it', async () => {
      const { message } = await unknown('at-most-once')
      expect(await world.store.resolveUnknown(due, newId)).toEqual({ requeued: 0, gaveUp: 1 })
      expect(await world.store.message(message.intent.id)).toMatchObject({ state: 'gave_up', holdState: 'released' })
      expect(await world.store.balance()).toMatchObject({ available: 10, held: 0 })
      expect(await world.store.pending(10, due)).toMatchObject([{ kind: 'outcome', state: 'gave_up' }])
      expect(await claimAll(world.store, { now: due })).toEqual([])
    })

    test('not while an event that came in time is undecided: it may be the status', async () => {
      await unknown('at-least-once')
      const status = leadEvent()
      await world.store.accept([{ id: newId(), event: status }], due - 1)
      expect(await world.store.resolveUnknown(due + 50, newId)).toEqual({ requeued: 0, gaveUp: 0 })
      await world.store.setAside((await world.store.pending(1, due))[0]!.id, 'cannot be decided', null)
      expect(await world.store.resolveUnknown(due + 50, newId)).toEqual({ requeued: 1, gaveUp: 0 })
    })

    test('after we were deaf the whole time begins anew, and never gets shorter', async () => {
      await unknown('at-least-once')
      expect(await world.store.waitAnew(due - 1, WAIT_MS)).toBe(1)
      expect(await world.store.waitAnew(due - 2, WAIT_MS)).toBe(0)
      expect(await world.store.resolveUnknown(due - 2 + WAIT_MS, newId)).toEqual({ requeued: 0, gaveUp: 0 })
      expect(await world.store.resolveUnknown(due - 1 + WAIT_MS, newId)).toEqual({ requeued: 1, gaveUp: 0 })
    })

    test('an answer that comes later still is refused', async () => {
      const claimed = await unknown('at-most-once')
      await world.store.resolveUnknown(due, newId)
      expect(await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.1' }, due)).toBe(false)
      expect(await world.store.message(claimed.message.intent.id)).toMatchObject({ state: 'gave_up', wamid: null })
    })
  })

  test('the next due row is told over all lanes; rows in flight and at their end do not count', async () => {
    expect(await world.store.nextDueAt()).toBeNull()
    await apply(world.store, [
      enqueue(sendIntent(), { at: NOW + 30 }),
      enqueue(sendIntent({ numberId: '10002' }), { at: NOW + 20 }),
      enqueue(workIntent(), { verdict: null, at: NOW + 40 }),
    ])
    expect(await world.store.nextDueAt()).toBe(NOW + 20)
    expect(await world.store.dueLanes(NOW + 30)).toEqual([NUMBER, '10002'].sort())
    await claimAll(world.store, { lane: '10002', now: NOW + 20 })
    expect(await world.store.nextDueAt()).toBe(NOW + 30)
    expect(await world.store.dueLanes(NOW + 29)).toEqual([])
  })

  test('the next timer is known without looking at the others', async () => {
    expect(await world.store.nextTimerAt()).toBeNull()
    const timers = [3, 1, 2].map((days) => timer({ dueAt: NOW + days * 1000 }))
    await apply(
      world.store,
      timers.map((one) => ({ kind: 'timer', timer: one, at: NOW }) as const),
    )
    expect(await world.store.nextTimerAt()).toBe(NOW + 1000)
    await world.store.fireTimers(NOW + 1000, 5, newId)
    expect(await world.store.nextTimerAt()).toBe(NOW + 2000)
    await world.store.fireTimers(NOW + 3000, 5, newId)
    expect(await world.store.nextTimerAt()).toBeNull()
  })
}
