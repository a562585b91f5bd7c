import { expect, test } from 'vitest'
import type { SendIntent } from '#engine/message.ts'
import { NOW } from '#test/engine/builders.ts'
import { apply, buy, DAY_MS, MINUTE_MS, newId, sending, sendIntent, settleOne } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function openHoldCases(open: Open): void {
  const world = eachWith(open)

  async function accepted(change: Partial<SendIntent> = {}): Promise<string> {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent(change), 10)
    await settleOne(world.store, claimed, { kind: 'accepted', wamid: `wamid.${newId()}` })
    return claimed.message.intent.id
  }

  test.each([
    ['utility: thirty days', { category: 'UTILITY' }, 30 * DAY_MS],
    ['authentication: ten minutes', { category: 'AUTHENTICATION' }, 10 * MINUTE_MS],
    ['as the template says', { category: 'UTILITY', timeToLiveMs: 45_000 }, 45_000],
  ] as const)('%s, and an hour for a late word: then the credits come back', async (_, change, liveMs) => {
    const id = await accepted(change)
    const over = NOW + liveMs + 60 * MINUTE_MS
    expect(await world.store.expireHolds(over - 1)).toBe(0)
    expect(await world.store.balance()).toMatchObject({ held: 10 })
    expect(await world.store.expireHolds(over)).toBe(1)
    expect(await world.store.balance()).toMatchObject({ available: 10, held: 0 })
    expect(await world.store.message(id)).toMatchObject({ state: 'accepted', holdState: 'released', detail: 'expired' })
    expect(await world.store.expireHolds(over + DAY_MS)).toBe(0)
  })

  test('a message that was of unknown fate first lives as long as any other', async () => {
    await buy(world.store, 10)
    const claimed = await sending(world.store, sendIntent({ category: 'UTILITY' }), 10)
    await settleOne(world.store, claimed, { kind: 'unknown', detail: '', dueAt: NOW + MINUTE_MS })
    const { id } = claimed.message.intent
    await apply(world.store, [{ kind: 'moveMessage', move: { id, state: 'sent', acceptedAt: NOW }, at: NOW }])
    expect(await world.store.expireHolds(NOW + DAY_MS)).toBe(0)
    expect(await world.store.expireHolds(NOW + 31 * DAY_MS)).toBe(1)
  })

  test('what is not settled, delivered or free keeps what it has', async () => {
    await buy(world.store, 10)
    await sending(world.store, sendIntent(), 10)
    const free = await sending(world.store, sendIntent({ triggerId: newId() }), 0)
    await settleOne(world.store, free, { kind: 'accepted', wamid: 'wamid.free' })
    expect(await world.store.expireHolds(NOW + 365 * DAY_MS)).toBe(0)
    expect(await world.store.balance()).toMatchObject({ held: 10 })
  })
}
