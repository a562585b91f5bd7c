import { describe, expect, test } from 'vitest'
import type { MessageState } from '#engine/message.ts'
import type { Claimed, Settlement } from '#engine/claim.ts'
import { aContact, NOW } from '#test/engine/builders.ts'
import {
  apply,
  buy,
  claimAll,
  enqueue,
  newId,
  NUMBER,
  sendAt,
  sendIntent,
  sending,
  settleOne,
  workIntent,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function settleCases(open: Open): void {
  const world = eachWith(open)
  const messageOf = async ({ message }: Claimed) => world.store.message(message.intent.id)

  test('accepted: the message has its wamid, its hold stays', async () => {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent(), 10)
    expect(await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.1' }, NOW + 80)).toBe(true)
    expect(await messageOf(claimed)).toMatchObject({
      state: 'accepted',
      wamid: 'wamid.1',
      acceptedAt: NOW + 80,
      holdState: 'held',
      detail: null,
    })
    expect(await world.store.balance()).toMatchObject({ held: 10 })
  })

  test('accepted but held by WhatsApp for a look at its quality says so', async () => {
    const claimed = await sending(world.store)
    await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.1', held: true })
    expect(await messageOf(claimed)).toMatchObject({ state: 'accepted', detail: 'held_for_quality_assessment' })
  })

  test('failed: the hold is given back, and the rules hear of it', async () => {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent(), 10)
    await settleOne(world.store, claimed, { kind: 'failed', reason: '131026', detail: '受信できません' }, NOW + 5)
    expect(await messageOf(claimed)).toMatchObject({
      state: 'failed',
      reason: '131026',
      detail: '受信できません',
      failedAt: NOW + 5,
      holdState: 'released',
    })
    expect(await world.store.balance()).toMatchObject({ available: 10, held: 0 })
    expect(await world.store.pending(10, NOW + 5)).toMatchObject([
      { kind: 'outcome', state: 'failed', reason: '131026', messageId: claimed.message.intent.id },
    ])
  })

  test('retry: the hold is given back and the message is due again then', async () => {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent(), 10)
    await settleOne(world.store, claimed, { kind: 'retry', dueAt: NOW + 99, reason: '131056', detail: 'too fast' })
    expect(await messageOf(claimed)).toMatchObject({ state: 'queued', reason: '131056', dueAt: NOW + 99, attempts: 1 })
    expect(await world.store.balance()).toMatchObject({ available: 10, held: 0 })
    const [again] = await claimAll(world.store, { now: NOW + 99 }, sendAt(10))
    expect(again?.message).toMatchObject({ attempts: 2, reason: null, detail: null })
    expect(await world.store.balance()).toMatchObject({ available: 0, held: 10 })
  })

  test('held: the hold is given back and the message waits for its event', async () => {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent(), 10)
    const ending = { kind: 'held', reason: '132015', detail: 'paused', waitsFor: 'template_approved' } as const
    await settleOne(world.store, claimed, ending)
    expect(await messageOf(claimed)).toMatchObject({ state: 'held', reason: '132015', waitsFor: 'template_approved' })
    expect(await world.store.balance()).toMatchObject({ available: 10, held: 0 })
    expect(await world.store.nextDueAt()).toBeNull()
  })

  test('unknown: the hold stays, and only time or a status moves the message', async () => {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent(), 10)
    await settleOne(world.store, claimed, { kind: 'unknown', detail: 'socket closed', dueAt: NOW + 60 })
    expect(await messageOf(claimed)).toMatchObject({ state: 'unknown', detail: 'socket closed', holdState: 'held' })
    expect(await claimAll(world.store, { now: NOW + 60 })).toEqual([])
    expect(await world.store.resolveUnknown(NOW + 60, newId)).toEqual({ requeued: 1, gaveUp: 0 })
  })

  test('done: work is over, and no rule on messages hears of it; failed work neither', async () => {
    await apply(world.store, [enqueue(workIntent(), { verdict: null }), enqueue(workIntent(), { verdict: null })])
    const [first, second] = await claimAll(world.store, { lane: 'work' })
    await settleOne(world.store, first as Claimed, { kind: 'done', detail: 'HTTP 204' })
    await settleOne(world.store, second as Claimed, { kind: 'failed', reason: 'http_410', detail: 'gone' })
    expect(await messageOf(first as Claimed)).toMatchObject({ state: 'done', detail: 'HTTP 204' })
    expect(await messageOf(second as Claimed)).toMatchObject({ state: 'failed' })
    expect(await world.store.pending(10, NOW)).toEqual([])
  })

  test('a settlement with an old fence writes nothing and says so', async () => {
    const old = await sending(world.store)
    await settleOne(world.store, old, { kind: 'retry', dueAt: NOW, reason: 'x', detail: '' })
    const [claimed] = await claimAll(world.store)
    for (const ending of [
      { kind: 'accepted', wamid: 'wamid.old' },
      { kind: 'failed', reason: 'x', detail: '' },
      { kind: 'retry', dueAt: NOW, reason: 'x', detail: '' },
      { kind: 'held', reason: 'x', detail: '' },
      { kind: 'unknown', detail: '', dueAt: NOW },
      { kind: 'done' },
    ] as const) {
      expect(await settleOne(world.store, old, ending)).toBe(false)
    }
    expect(await messageOf(old)).toEqual(claimed?.message)
  })

  test('a claim is settled once', async () => {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent(), 10)
    const failed = { kind: 'failed', reason: 'x', detail: '' } as const
    expect(await settleOne(world.store, claimed, failed)).toBe(true)
    expect(await settleOne(world.store, claimed, failed)).toBe(false)
    expect(await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.1' })).toBe(false)
    expect(await world.store.balance()).toMatchObject({ available: 10, held: 0 })
  })

  test('a settlement of a message that does not exist is refused', async () => {
    const none: Settlement = { id: 'none', fence: 1, at: NOW, kind: 'done' }
    expect(await world.store.settle([none], newId)).toEqual([false])
  })

  test('many are settled in one call, each with its own answer', async () => {
    await apply(world.store, [enqueue(sendIntent()), enqueue(sendIntent())])
    const [a, b] = await claimAll(world.store)
    const settlements: Settlement[] = [
      { id: a?.message.intent.id ?? '', fence: 1, at: NOW, kind: 'accepted', wamid: 'wamid.a' },
      { id: b?.message.intent.id ?? '', fence: 7, at: NOW, kind: 'accepted', wamid: 'wamid.b' },
    ]
    expect(await world.store.settle(settlements, newId)).toEqual([true, false])
  })

  describe('when a status came before our own answer', () => {
    test.each<MessageState>(['sent', 'delivered', 'read', 'failed'])(
      '%s: accepted fills in and lowers nothing',
      async (state) => {
        const claimed = await sending(world.store)
        const { id } = claimed.message.intent
        await apply(world.store, [{ kind: 'moveMessage', move: { id, state, reason: null }, at: NOW }])
        expect(await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.1' }, NOW + 3)).toBe(true)
        expect(await messageOf(claimed)).toMatchObject({ state, wamid: 'wamid.1', acceptedAt: NOW + 3 })
        expect((await world.store.messageSteps(id)).map((step) => step.state)).toEqual(['queued', 'sending', state])
      },
    )

    test.each([
      { kind: 'failed', reason: 'x', detail: '' },
      { kind: 'retry', dueAt: NOW, reason: 'x', detail: '' },
      { kind: 'held', reason: 'x', detail: '' },
      { kind: 'unknown', detail: '', dueAt: NOW },
    ] as const)('$kind is not believed, and the credits stay where they are', async (ending) => {
      await buy(world.store, 10)
      const claimed = await sending(world.store, sendIntent(), 10)
      const { id } = claimed.message.intent
      await apply(world.store, [{ kind: 'moveMessage', move: { id, state: 'sent', sentAt: NOW }, at: NOW }])
      expect(await settleOne(world.store, claimed, ending)).toBe(true)
      expect(await messageOf(claimed)).toMatchObject({ state: 'sent', holdState: 'held' })
      expect(await world.store.balance()).toMatchObject({ held: 10 })
      expect(await settleOne(world.store, claimed, ending)).toBe(false)
    })
  })

  describe('the answer tells who the recipient is', () => {
    async function accept(contactId: string | null, told: { waId?: string; bsuid?: string }) {
      await apply(world.store, [enqueue(sendIntent(), { contactId })])
      const [claimed] = await claimAll(world.store)
      await settleOne(world.store, claimed as Claimed, { kind: 'accepted', wamid: 'wamid.1', ...told }, NOW + 8)
      return messageOf(claimed as Claimed)
    }

    test('and the contact keeps it', async () => {
      await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1', waId: null }), at: NOW }])
      await accept('c1', { waId: '819012345678', bsuid: 'JP.13' })
      expect(await world.store.contact({ bsuid: 'JP.13' })).toEqual(aContact({ id: 'c1', bsuid: 'JP.13' }))
      expect(await world.store.conversation(NUMBER, 'c1')).toMatchObject({ lastOutboundAt: NOW + 8 })
    })

    test('and two contacts become one when it is known as another', async () => {
      await apply(world.store, [
        { kind: 'putContact', contact: aContact({ id: 'c1', waId: null }), at: NOW },
        {
          kind: 'putContact',
          contact: aContact({ id: 'c2', phone: null, waId: null, bsuid: 'JP.13', optedOutAllAt: NOW }),
          at: NOW,
        },
      ])
      await accept('c1', { bsuid: 'JP.13' })
      expect(await world.store.contact({ bsuid: 'JP.13' })).toMatchObject({ id: 'c1', optedOutAllAt: NOW })
      expect(await world.store.contact({ id: 'c2' })).toMatchObject({ id: 'c1' })
    })

    test('and a message without a contact gets the one of its address', async () => {
      await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1', waId: null }), at: NOW }])
      expect(await accept(null, { waId: '819012345678' })).toMatchObject({ contactId: 'c1' })
    })

    test('and nobody is made up for one whose address is unknown', async () => {
      expect(await accept(null, { waId: '819012345678' })).toMatchObject({ state: 'accepted', contactId: null })
      expect(await world.store.contact({ waId: '819012345678' })).toBeNull()
    })
  })
}
