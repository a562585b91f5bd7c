import { expect, test } from 'vitest'
import type { SendIntent } from '#engine/message.ts'
import { NOW } from '#test/engine/builders.ts'
import { apply, enqueue, MINUTE_MS, newId, sendIntent, workIntent } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const of = (definition: string, change: Partial<SendIntent> = {}) => sendIntent({ definition, ...change })
const marketing = (definition: string) => of(definition, { category: 'MARKETING' })

export function aheadCases(open: Open): void {
  const world = eachWith(open)

  async function queued(intents: SendIntent[], at = NOW - MINUTE_MS) {
    await apply(
      world.store,
      intents.map((intent, index) => enqueue(intent, { at: at + index })),
    )
    return intents.map(({ id }) => id)
  }
  const before = async (id: string) => (await world.store.ahead(id, NOW))?.before

  /** The order in which claims of so many at a time take them, all at one instant. */
  async function claimed(size: number): Promise<string[]> {
    const order: string[] = []
    for (;;) {
      const taken = await world.store.claim(
        { lane: '10001', worker: 'w1', now: NOW, leaseMs: MINUTE_MS, limit: size },
        (candidates) => {
          order.push(...candidates.map(({ message }) => message.intent.id))
          return candidates.map(({ message }) => ({
            id: message.intent.id,
            kind: 'defer',
            until: NOW + 60 * MINUTE_MS,
          }))
        },
        newId,
      )
      expect(taken).toEqual([])
      const due = await world.store.dueLanes(NOW)
      if (due.length === 0) return order
    }
  }

  test('in one queue each has those before it that were put in before', async () => {
    const ids = await queued(Array.from({ length: 5 }, () => of('workflow/bill@1')))
    for (const [index, id] of ids.entries()) expect(await before(id)).toEqual({ all: index, ofClass: index })
  })

  test('marketing has all before it that must arrive; what must arrive has no marketing before it', async () => {
    const ids = await queued([marketing('workflow/ad@1'), of('workflow/bill@1'), marketing('workflow/ad@1')])
    expect(await Promise.all(ids.map(before))).toEqual([
      { all: 1, ofClass: 0 },
      { all: 0, ofClass: 0 },
      { all: 2, ofClass: 1 },
    ])
    expect((await world.store.ahead(ids[0]!, NOW))?.isMarketing).toBe(true)
  })

  test('however much another definition has, it takes turns; the count is off by one for each other definition at most', async () => {
    const many = Array.from({ length: 30 }, () => of('workflow/bills@1'))
    const few = Array.from({ length: 6 }, () => of('workflow/code@1'))
    const ads = Array.from({ length: 10 }, () => marketing('workflow/ad@1'))
    const ids = await queued([...many, ...few, ...ads, ...Array.from({ length: 3 }, () => of('journey/care@2'))])
    const guesses = new Map(await Promise.all(ids.map(async (id) => [id, (await before(id))?.all] as const)))
    const order = await claimed(5)
    expect(order).toHaveLength(ids.length)
    for (const [index, id] of order.entries()) expect(Math.abs((guesses.get(id) ?? NaN) - index)).toBeLessThanOrEqual(2)
  })

  test('what comes due later than it is not before it, and what comes due with it is told apart', async () => {
    const later = await queued([of('workflow/bill@1'), of('workflow/bill@1')], NOW + 10 * MINUTE_MS)
    const [now] = await queued([of('workflow/bill@1')])
    expect(await before(now!)).toEqual({ all: 0, ofClass: 0 })
    expect(await world.store.ahead(later[1]!, NOW)).toMatchObject({
      before: { all: 2, ofClass: 2 },
      together: { all: 0, ofClass: 0 },
      isBounded: false,
      reachableAt: null,
    })
  })

  test('other numbers and work are in lanes of their own', async () => {
    const [first] = await queued([of('workflow/bill@1')])
    await queued([of('workflow/bill@1', { numberId: '10009' })], NOW - 2 * MINUTE_MS)
    const work = workIntent()
    await apply(world.store, [enqueue(work, { at: NOW - 3 * MINUTE_MS, verdict: null })])
    expect(await before(first!)).toEqual({ all: 0, ofClass: 0 })
    expect(await before(work.id)).toEqual({ all: 0, ofClass: 0 })
  })

  test('nothing is told of what does not wait for its turn', async () => {
    expect(await world.store.ahead('nothing', NOW)).toBeNull()
    const intent = of('workflow/bill@1')
    const verdict = { kind: 'block', reason: 'opted_out' } as const
    await apply(world.store, [enqueue(intent, { verdict })])
    expect(await world.store.ahead(intent.id, NOW)).toBeNull()
  })

  test('what is queued is counted by number, and neither what is held nor work', async () => {
    expect(await world.store.queuedByNumber()).toEqual([])
    await queued([of('workflow/bill@1'), marketing('workflow/ad@1'), of('workflow/bill@1', { numberId: '10009' })])
    await queued([of('workflow/bill@1', { numberId: null })])
    const held = { kind: 'hold', reason: 'quiet_hours', until: NOW + MINUTE_MS } as const
    await apply(world.store, [
      enqueue(of('workflow/bill@1'), { verdict: held }),
      enqueue(workIntent(), { verdict: null }),
    ])
    expect(await world.store.queuedByNumber()).toEqual([
      { numberId: '', count: 1 },
      { numberId: '10001', count: 2 },
      { numberId: '10009', count: 1 },
    ])
  })
}
