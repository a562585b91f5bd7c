import { expect, test } from 'vitest'
import { NOW } from '#test/engine/builders.ts'
import { apply, claimAll, DAY_MS, enqueue, MINUTE_MS, sending, sendIntent, settleOne } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function unheardCases(open: Open): void {
  const world = eachWith(open)

  /** Accepted at this instant. @returns its id */
  async function accepted(at: number, wamid: string): Promise<string> {
    const claimed = await sending(world.store)
    await settleOne(world.store, claimed, { kind: 'accepted', wamid }, at)
    return claimed.message.intent.id
  }
  const wamids = async (before: number, limit = 10) =>
    (await world.store.unheard(before, limit)).map(({ wamid }) => wamid)

  test('messages that were accepted and of which nothing more was told, oldest first', async () => {
    const id = await accepted(NOW + 5, 'wamid.b')
    await accepted(NOW, 'wamid.a')
    await accepted(NOW + MINUTE_MS, 'wamid.c')
    expect(await world.store.unheard(NOW + MINUTE_MS, 10)).toEqual([
      { id: expect.any(String) as string, numberId: '10001', wamid: 'wamid.a' },
      { id, numberId: '10001', wamid: 'wamid.b' },
    ])
    expect(await wamids(NOW + DAY_MS, 2)).toEqual(['wamid.a', 'wamid.b'])
  })

  test('a status is news, and a delivery or a failure is the end', async () => {
    const [sent, delivered, failed] = [
      await accepted(NOW, 'wamid.s'),
      await accepted(NOW, 'wamid.d'),
      await accepted(NOW, 'wamid.f'),
    ]
    await apply(world.store, [
      { kind: 'moveMessage', move: { id: sent, state: 'sent', sentAt: NOW + MINUTE_MS }, at: NOW },
      { kind: 'moveMessage', move: { id: delivered, state: 'delivered', deliveredAt: NOW }, at: NOW },
      { kind: 'moveMessage', move: { id: failed, state: 'failed', failedAt: NOW }, at: NOW },
    ])
    expect(await wamids(NOW + MINUTE_MS)).toEqual([])
    expect(await wamids(NOW + MINUTE_MS + 1)).toEqual(['wamid.s'])
  })

  test('what never left, or is of unknown fate, has no news to miss; what WhatsApp gave up neither', async () => {
    await apply(world.store, [enqueue(sendIntent()), enqueue(sendIntent())])
    const [claimed] = await claimAll(world.store, { limit: 1 })
    if (claimed !== undefined) await settleOne(world.store, claimed, { kind: 'unknown', detail: '', dueAt: NOW })
    expect(await wamids(NOW + DAY_MS)).toEqual([])
    await accepted(NOW, 'wamid.a')
    expect(await wamids(NOW + 30 * DAY_MS)).toEqual(['wamid.a'])
    expect(await wamids(NOW + 32 * DAY_MS)).toEqual([])
  })
}
