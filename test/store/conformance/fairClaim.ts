import { describe, expect, test } from 'vitest'
import type { SendIntent } from '#engine/message.ts'
import { aTemplate, NOW } from '#test/engine/builders.ts'
import { apply, claimAll, enqueue, MINUTE_MS, newId, sendAt, sendIntent, workIntent } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const of = (definition: string, change: Partial<SendIntent> = {}) => sendIntent({ definition, ...change })
const marketing = (definition: string) => of(definition, { category: 'MARKETING' })

export function fairClaimCases(open: Open): void {
  const world = eachWith(open)

  /** Puts them into the queue, each due a moment after the one before. */
  async function queued(intents: SendIntent[], at = NOW - MINUTE_MS) {
    await apply(
      world.store,
      intents.map((intent, index) => enqueue(intent, { at: at + index })),
    )
    return intents
  }

  /** What a claim offers. It takes nothing. */
  async function offered(limit = 100, marketingMax?: number): Promise<string[]> {
    const names: string[] = []
    await world.store.claim(
      {
        lane: '10001',
        worker: 'w1',
        now: NOW,
        leaseMs: MINUTE_MS,
        limit,
        ...(marketingMax !== undefined && { marketingMax }),
      },
      (candidates) => {
        names.push(...candidates.map(({ message }) => message.intent.definition))
        return candidates.map(({ message }) => ({ id: message.intent.id, kind: 'defer', until: NOW + 60 * MINUTE_MS }))
      },
      newId,
    )
    return names
  }

  test('what must arrive goes before marketing, however long that has been due', async () => {
    const text = { template: null, text: { body: 'はい' }, category: 'SERVICE' } as const
    await queued([
      marketing('workflow/ad@1'),
      of('workflow/code@1', { category: 'AUTHENTICATION' }),
      of('workflow/bill@1', { category: 'UTILITY' }),
      of('workflow/reply@1', text),
    ])
    expect(await offered()).toEqual(['workflow/code@1', 'workflow/bill@1', 'workflow/reply@1', 'workflow/ad@1'])
  })

  test('marketing gets the places that the others leave', async () => {
    await queued([
      ...Array.from({ length: 4 }, () => marketing('workflow/ad@1')),
      of('workflow/bill@1'),
      of('workflow/bill@1'),
    ])
    expect(await offered(3)).toEqual(['workflow/bill@1', 'workflow/bill@1', 'workflow/ad@1'])
  })

  test('and no more than it may have', async () => {
    await queued([...Array.from({ length: 4 }, () => marketing('workflow/ad@1')), of('workflow/bill@1')])
    expect(await offered(100, 2)).toEqual(['workflow/bill@1', 'workflow/ad@1', 'workflow/ad@1'])
    expect(await offered(100, 0)).toEqual([])
    expect(await offered(100, 9)).toEqual(['workflow/ad@1', 'workflow/ad@1'])
  })

  test('a definition with much to send keeps no other waiting', async () => {
    await queued([
      ...Array.from({ length: 50 }, () => of('workflow/flood@1')),
      of('workflow/one@1'),
      of('workflow/two@1'),
    ])
    const names = await offered(10)
    expect(names.slice(0, 3).sort()).toEqual(['workflow/flood@1', 'workflow/one@1', 'workflow/two@1'])
    expect(names).toHaveLength(10)
    expect(names.slice(3)).toEqual(Array<string>(7).fill('workflow/flood@1'))
  })

  test('nor does it in marketing', async () => {
    await queued([...Array.from({ length: 50 }, () => marketing('workflow/flood@1')), marketing('workflow/one@1')])
    expect((await offered(2)).sort()).toEqual(['workflow/flood@1', 'workflow/one@1'])
  })

  test('with more definitions than places, the next claim goes on behind the last one', async () => {
    await queued(['a', 'b', 'c', 'd', 'e'].flatMap((name) => Array.from({ length: 2 }, () => of(`workflow/${name}@1`))))
    const claims = [await offered(2), await offered(2), await offered(2), await offered(2), await offered(2)]
    expect(claims.map((names) => names.map((name) => name.slice(9, 10)).join(''))).toEqual([
      'ab',
      'cd',
      'ea',
      'bc',
      'de',
    ])
  })

  test('versions of a definition are one, and each waits its time in its own queue', async () => {
    const [first, second, third] = await queued([of('workflow/a@1'), of('workflow/a@2'), of('workflow/a@1')])
    await queued([of('workflow/b@1')], NOW - 2 * MINUTE_MS)
    const claimed = await claimAll(world.store, {}, sendAt(0))
    const ids = claimed.map(({ message }) => message.intent.id)
    expect(ids.filter((id) => [first?.id, second?.id, third?.id].includes(id))).toEqual([
      first?.id,
      second?.id,
      third?.id,
    ])
    expect(
      claimed
        .map(({ message }) => message.intent.definition)
        .sort()
        .at(-1),
    ).toBe('workflow/b@1')
    expect(claimed.findIndex(({ message }) => message.intent.definition === 'workflow/b@1')).toBeLessThan(2)
  })

  test('what was held until a time takes its turn like the rest', async () => {
    await queued([of('workflow/a@1'), of('workflow/a@1')])
    await claimAll(world.store, { now: NOW - 1000 }, (candidates) =>
      candidates.map(({ message }) => ({
        id: message.intent.id,
        kind: 'stop',
        verdict: { kind: 'hold', reason: 'quiet_hours', until: NOW - 500 },
        guards: [],
      })),
    )
    await queued([of('workflow/b@1')], NOW - 100)
    expect((await offered(2)).sort()).toEqual(['workflow/a@1', 'workflow/b@1'])
    expect(await offered()).toEqual(['workflow/a@1'])
  })

  test('work takes turns, too', async () => {
    await apply(world.store, [
      ...Array.from({ length: 5 }, () => enqueue(workIntent({ definition: 'workflow/flood@1' }), { verdict: null })),
      enqueue(workIntent({ definition: 'workflow/one@1' }), { verdict: null }),
    ])
    const claimed = await claimAll(world.store, { lane: 'work', limit: 2 })
    expect(claimed.map(({ message }) => message.intent.definition).sort()).toEqual([
      'workflow/flood@1',
      'workflow/one@1',
    ])
  })

  test('the earliest of all queues is when a lane is due', async () => {
    const { store } = world
    await queued([marketing('workflow/z@1')], NOW + 5)
    await queued([of('workflow/a@1')], NOW + 9)
    expect(await store.nextDueAt()).toBe(NOW + 5)
    expect(await store.dueLanes(NOW + 4)).toEqual([])
    expect(await store.dueLanes(NOW + 5)).toEqual(['10001'])
  })

  describe('a template counts as what WhatsApp has made of it', () => {
    test('when the message is decided', async () => {
      await world.store.saveTemplates([aTemplate({ category: 'MARKETING' })], NOW)
      await queued([
        of('workflow/was-utility@1'),
        of('workflow/other@1', { template: { name: 'other', language: 'ja' } }),
      ])
      expect(await offered()).toEqual(['workflow/other@1', 'workflow/was-utility@1'])
    })

    test('and when that changes while it waits, both ways', async () => {
      await world.store.saveTemplates([aTemplate()], NOW)
      await queued([of('workflow/a@1'), of('workflow/b@1', { template: { name: 'other', language: 'ja' } })])
      await world.store.saveTemplates([aTemplate({ category: 'MARKETING' })], NOW)
      expect(await offered(100, 0)).toEqual(['workflow/b@1'])
      await apply(world.store, [{ kind: 'putTemplate', template: aTemplate({ category: 'UTILITY' }) }])
      expect(await offered(100, 0)).toEqual(['workflow/a@1'])
    })
  })
}
