import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Posting } from '#engine/decision.ts'
import { judge } from '#engine/judge.ts'
import { capture, MICROS_PER_CREDIT, purchase, sumPostings } from '#engine/ledger.ts'
import type { Claimed } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'
import { aNumber, aTemplate, NOW, someSettings } from '#test/engine/builders.ts'
import { apply, buy, claimAll, enqueue, MINUTE_MS, newId, sendAt, sendIntent, sending, settleOne } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function ledgerCases(open: Open): void {
  const world = eachWith(open)

  test('an empty ledger is zero', async () => {
    expect(await world.store.balance()).toEqual({ bought: 0, available: 0, held: 0, spent: 0, owed: 0 })
    expect(await world.store.postings({ limit: 10 })).toEqual({ items: [], next: null })
  })

  test('a transaction is booked once', async () => {
    const postings = purchase('t1', 500, '購入', NOW)
    await apply(world.store, [{ kind: 'post', postings }])
    await apply(world.store, [
      { kind: 'post', postings },
      { kind: 'post', postings },
    ])
    expect(await world.store.balance()).toEqual({ bought: 500, available: 500, held: 0, spent: 0, owed: 0 })
    expect((await world.store.postings({ limit: 10 })).items.toReversed()).toEqual(postings)
  })

  test('of several transactions in one change, only the new ones are booked', async () => {
    const [a, b] = [purchase('a', 1, '', NOW), purchase('b', 2, '', NOW)]
    await apply(world.store, [{ kind: 'post', postings: a }])
    await apply(world.store, [{ kind: 'post', postings: [...a, ...b] }])
    expect(await world.store.balance()).toMatchObject({ bought: 3 })
  })

  test.each([
    // Somebody else has set them aside since the decision was made: it is made again.
    ['available', -1, 'The commit met a conflict: available'],
    ['held', -1, 'would leave -1 micro-credits held'],
  ] as const)('%s never goes below zero', async (account, amountMicros, message) => {
    const at = { messageId: null, memo: '', at: NOW, txId: 'x' }
    const postings: Posting[] = [
      { ...at, account, amountMicros },
      { ...at, account: 'spent', amountMicros: -amountMicros },
    ]
    await expect(apply(world.store, [{ kind: 'post', postings }])).rejects.toThrow(message)
    expect((await world.store.postings({ limit: 10 })).items).toEqual([])
  })

  test('a captured message has spent what it held', async () => {
    await buy(world.store, 100)
    const { message, fence } = await sending(world.store, sendIntent(), 30)
    const charge = { messageId: message.intent.id, fence, heldMicros: 30, priceMicros: 20, availableMicros: 70 }
    await apply(world.store, [{ kind: 'post', postings: capture(charge, NOW).postings }])
    expect(await world.store.balance()).toEqual({ bought: 100, available: 80, held: 0, spent: 20, owed: 0 })
  })

  test('a page holds the newest postings, and the cursor goes on from there', async () => {
    for (const amount of [1, 2, 3]) await buy(world.store, amount)
    const amounts = (items: Posting[]) => items.map(({ amountMicros }) => amountMicros)
    const first = await world.store.postings({ limit: 4 })
    expect(amounts(first.items)).toEqual([3, -3, 2, -2])
    const second = await world.store.postings({ limit: 4, ...(first.next !== null && { after: first.next }) })
    expect(amounts(second.items)).toEqual([1, -1])
    expect(second.next).toBeNull()
  })

  test('whatever happens in whatever order, the sums are those of the postings and nothing is below zero', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('buy' as const), amount: fc.integer({ min: 1, max: 200 }) }),
      fc.record({ kind: fc.constant('send' as const), price: fc.integer({ min: 0, max: 120 }) }),
      fc.record({ kind: fc.constant('settle' as const), how: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ kind: fc.constant('capture' as const), price: fc.integer({ min: 0, max: 200 }) }),
      fc.constant({ kind: 'recover' as const }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const opened = await open()
        try {
          const { store } = opened
          const run = { store, now: NOW, open: [] as Claimed[] }
          for (const one of steps) {
            await take(run, one)
            run.now += MINUTE_MS
            await expectSound(store)
          }
        } finally {
          await opened.close()
        }
      }),
      { numRuns: 40 },
    )
  })

  test('the guards let as many messages of a batch go as the credits cover, and hold the rest', async () => {
    await world.store.saveNumbers([aNumber()], NOW)
    await world.store.saveTemplates([aTemplate()], NOW)
    // With one credit of markup each costs a little more than a credit.
    await world.store.saveSettings(someSettings({ markupMicros: MICROS_PER_CREDIT }), NOW)
    await buy(world.store, 2.5 * MICROS_PER_CREDIT)
    await apply(
      world.store,
      [1, 2, 3].map(() => enqueue(sendIntent())),
    )
    expect(await claimAll(world.store, {}, (all) => judge(all))).toHaveLength(2)
    const { items } = await world.store.messages({ state: 'held' }, { limit: 9 })
    expect(items).toMatchObject([{ reason: 'credits_insufficient', waitsFor: 'credits_added' }])
    await expectSound(world.store)
  })
}

type Step =
  | { kind: 'buy'; amount: number }
  | { kind: 'send'; price: number }
  | { kind: 'settle'; how: number }
  | { kind: 'capture'; price: number }
  | { kind: 'recover' }

async function take(run: { store: Store; now: number; open: Claimed[] }, step: Step): Promise<void> {
  const { store, now } = run
  switch (step.kind) {
    case 'buy':
      return buy(store, step.amount)
    case 'send': {
      await apply(store, [enqueue(sendIntent({ delivery: step.price % 2 ? 'at-most-once' : 'at-least-once' }))], now)
      const before = await store.balance()
      const claim = claimAll(store, { now, leaseMs: 10 * MINUTE_MS, limit: 1 }, sendAt(step.price))
      if (step.price > before.available) await expect(claim).rejects.toThrow('micro-credits available')
      else run.open.push(...(await claim))
      return
    }
    case 'settle': {
      const claimed = run.open.shift()
      if (claimed === undefined) return
      const endings = [
        { kind: 'accepted', wamid: newId() },
        { kind: 'failed', reason: 'x', detail: '' },
        { kind: 'retry', dueAt: now, reason: 'x', detail: '' },
        { kind: 'held', reason: 'x', detail: '', until: now },
        { kind: 'unknown', detail: '', dueAt: now },
      ] as const
      const ending = endings[step.how % endings.length]
      if (ending !== undefined) await settleOne(store, claimed, ending, now)
      return
    }
    case 'capture': {
      const { items } = await store.messages({ state: 'accepted' }, { limit: 1 })
      const [message] = items
      if (message === undefined) return
      const { id } = message.intent
      const { available } = await store.balance()
      const heldMicros = message.holdState === 'held' ? message.priceMicros : 0
      const charge = {
        messageId: id,
        fence: message.fence,
        heldMicros,
        priceMicros: step.price,
        availableMicros: available,
      }
      const { postings, paidMicros } = capture(charge, now)
      const move = { id, state: 'delivered', holdState: 'captured', priceMicros: paidMicros } as const
      await apply(
        store,
        [
          { kind: 'moveMessage', move, at: now },
          { kind: 'post', postings },
        ],
        now,
      )
      return
    }
    case 'recover':
      await store.expireLeases(now, 5 * MINUTE_MS)
      await store.resolveUnknown(now, newId)
  }
}

async function expectSound(store: Store): Promise<void> {
  const balance = await store.balance()
  const { items: postings, next } = await store.postings({ limit: 10_000 })
  expect(next).toBeNull()
  expect(balance).toEqual(sumPostings(postings))
  expect(postings.reduce((sum, { amountMicros }) => sum + amountMicros, 0)).toBe(0)
  expect(balance.available).toBeGreaterThanOrEqual(0)
  const { items: messages } = await store.messages({}, { limit: 10_000 })
  const held = messages.filter(({ holdState }) => holdState === 'held')
  expect(balance.held).toBe(held.reduce((sum, { priceMicros }) => sum + priceMicros, 0))
}
