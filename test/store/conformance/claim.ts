import { describe, expect, test } from 'vitest'
import type { Candidate, Judgement } from '#engine/claim.ts'
import { NOW } from '#test/engine/builders.ts'
import {
  apply,
  buy,
  claimAll,
  enqueue,
  MINUTE_MS,
  newId,
  NUMBER,
  sendAt,
  sendIntent,
  settleOne,
  workIntent,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function claimCases(open: Open): void {
  const world = eachWith(open)

  test('takes due rows, the longest due first, and marks them sending', async () => {
    const [late, early] = [sendIntent(), sendIntent()]
    await apply(world.store, [enqueue(late, { at: NOW }), enqueue(early, { at: NOW - 5 })])
    const claimed = await claimAll(world.store)
    expect(claimed.map(({ message }) => message.intent.id)).toEqual([early.id, late.id])
    expect(claimed[0]?.fence).toBe(1)
    expect(await world.store.message(early.id)).toEqual(claimed[0]?.message)
    expect(claimed[0]?.message).toMatchObject({ state: 'sending', attempts: 1, fence: 1, market: 'Japan' })
    expect((await world.store.messageSteps(early.id)).map(({ state }) => state)).toEqual(['queued', 'sending'])
  })

  test('never gives a row twice', async () => {
    const intents = Array.from({ length: 30 }, () => sendIntent())
    await apply(
      world.store,
      intents.map((intent) => enqueue(intent)),
    )
    const claims = await Promise.all(Array.from({ length: 6 }, () => claimAll(world.store, { limit: 7 })))
    const ids = claims.flat().map(({ message }) => message.intent.id)
    expect(ids.sort()).toEqual(intents.map(({ id }) => id).sort())
  })

  test('takes no more than asked for, and nothing before it is due', async () => {
    await apply(
      world.store,
      [1, 2, 3].map((at) => enqueue(sendIntent(), { at: NOW + at })),
    )
    expect(await claimAll(world.store, { now: NOW })).toEqual([])
    expect(await claimAll(world.store, { now: NOW + 2, limit: 1 })).toHaveLength(1)
    expect(await claimAll(world.store, { now: NOW + 2 })).toHaveLength(1)
    expect(await claimAll(world.store, { now: NOW + 3 })).toHaveLength(1)
  })

  test('keeps lanes apart: a number, another number, work', async () => {
    const [one, other, work] = [sendIntent(), sendIntent({ numberId: '10002' }), workIntent()]
    await apply(world.store, [enqueue(one), enqueue(other), enqueue(work, { verdict: null })])
    expect((await world.store.dueLanes(NOW)).sort()).toEqual([NUMBER, '10002', 'work'].sort())
    for (const [lane, intent] of [
      ['10002', other],
      ['work', work],
      [NUMBER, one],
    ] as const) {
      expect((await claimAll(world.store, { lane })).map(({ message }) => message.intent)).toEqual([intent])
    }
    expect(await world.store.dueLanes(NOW)).toEqual([])
  })

  test('offers the guards each row as it stands before the claim', async () => {
    const intent = sendIntent()
    await apply(world.store, [enqueue(intent)])
    const before = await world.store.message(intent.id)
    const offered: Candidate[] = []
    await claimAll(world.store, {}, (candidates) => {
      offered.push(...candidates)
      return sendAt(0)(candidates)
    })
    expect(offered.map(({ message }) => message)).toEqual([before])
  })

  test('is not asked about a lane where nothing is due', async () => {
    let asked = false
    await claimAll(world.store, {}, () => {
      asked = true
      return []
    })
    expect(asked).toBe(false)
  })

  test('holds the price', async () => {
    await buy(world.store, 100)
    const intent = sendIntent()
    await apply(world.store, [enqueue(intent)])
    const [claimed] = await claimAll(world.store, {}, sendAt(30))
    expect(claimed?.message).toMatchObject({ priceMicros: 30, holdState: 'held' })
    expect(await world.store.balance()).toEqual({ bought: 100, available: 70, held: 30, spent: 0, owed: 0 })
  })

  describe('when the guards stop a message', () => {
    const stop =
      (verdict: Extract<Judgement, { kind: 'stop' }>['verdict']) =>
      (candidates: Candidate[]): Judgement[] =>
        candidates.map(({ message }) => ({
          id: message.intent.id,
          kind: 'stop',
          verdict,
          guards: [{ guard: 'consent', verdict }],
        }))

    test('for good, it is blocked with its reason, and the rules hear of it', async () => {
      const intent = sendIntent()
      await apply(world.store, [enqueue(intent)])
      const verdict = { kind: 'block', reason: 'opted_out', detail: '配信停止' } as const
      expect(await claimAll(world.store, {}, stop(verdict))).toEqual([])
      expect(await world.store.message(intent.id)).toMatchObject({
        state: 'blocked',
        reason: 'opted_out',
        detail: '配信停止',
        attempts: 0,
        fence: 0,
      })
      expect((await world.store.messageSteps(intent.id)).at(-1)).toEqual({
        at: NOW,
        state: 'blocked',
        reason: 'opted_out',
        detail: '配信停止',
        guards: [{ guard: 'consent', verdict }],
      })
      expect(await world.store.pending(10, NOW)).toMatchObject([
        {
          kind: 'outcome',
          source: 'denrei:outcome',
          sourceId: `${intent.id}:blocked`,
          messageId: intent.id,
          state: 'blocked',
          reason: 'opted_out',
          causedBy: intent.causedBy,
        },
      ])
      expect(await claimAll(world.store)).toEqual([])
    })

    test('until a time, it is offered again then', async () => {
      await apply(world.store, [enqueue(sendIntent())])
      await claimAll(world.store, {}, stop({ kind: 'hold', reason: 'quiet_hours', until: NOW + MINUTE_MS }))
      expect(await world.store.nextDueAt()).toBe(NOW + MINUTE_MS)
      expect(await claimAll(world.store, { now: NOW + MINUTE_MS - 1 })).toEqual([])
      expect(await claimAll(world.store, { now: NOW + MINUTE_MS })).toHaveLength(1)
      expect(await world.store.pending(10, NOW)).toEqual([])
    })

    test('until something happens, it waits for that', async () => {
      const intent = sendIntent()
      await apply(world.store, [enqueue(intent)])
      await claimAll(world.store, {}, stop({ kind: 'hold', reason: 'template_paused', waitsFor: 'template_approved' }))
      expect(await world.store.message(intent.id)).toMatchObject({ state: 'held', waitsFor: 'template_approved' })
      expect(await world.store.nextDueAt()).toBeNull()
      await apply(world.store, [{ kind: 'release', waitsFor: 'template_approved', at: NOW }])
      expect(await claimAll(world.store)).toHaveLength(1)
    })

    test('without saying until when, it is looked at again all the same', async () => {
      await apply(world.store, [enqueue(sendIntent())])
      await claimAll(world.store, {}, stop({ kind: 'hold', reason: 'reach_limit' }))
      const dueAt = await world.store.nextDueAt()
      expect(dueAt).toBeGreaterThan(NOW)
      expect(await claimAll(world.store, { now: dueAt ?? 0 })).toHaveLength(1)
    })
  })

  test('a message that the limiter defers stays queued until then', async () => {
    const intent = sendIntent()
    await apply(world.store, [enqueue(intent, { verdict: { kind: 'hold', reason: 'quiet_hours', until: NOW } })])
    const defer =
      (until: number) =>
      (candidates: Candidate[]): Judgement[] =>
        candidates.map(({ message }) => ({ id: message.intent.id, kind: 'defer', until }))
    expect(await claimAll(world.store, {}, defer(NOW + 6000))).toEqual([])
    expect(await world.store.message(intent.id)).toMatchObject({ state: 'queued', reason: null, dueAt: NOW + 6000 })
    expect(await claimAll(world.store, { now: NOW + 6000 }, defer(NOW))).toEqual([])
    expect(await world.store.nextDueAt()).toBeGreaterThan(NOW + 6000)
    expect((await world.store.totals()).messages).toEqual([{ state: 'queued', reason: null, count: 1 }])
  })

  test('one claim may send, stop and defer', async () => {
    const intents = [sendIntent(), sendIntent(), sendIntent()]
    await apply(
      world.store,
      intents.map((intent) => enqueue(intent)),
    )
    const kinds = ['send', 'stop', 'defer'] as const
    const claimed = await claimAll(world.store, {}, (candidates) =>
      candidates.map((candidate, index): Judgement => {
        const { id } = candidate.message.intent
        if (kinds[index] === 'stop')
          return { id, kind: 'stop', verdict: { kind: 'block', reason: 'opted_out' }, guards: [] }
        if (kinds[index] === 'defer') return { id, kind: 'defer', until: NOW + 9 }
        return sendAt(0)([candidate])[0] as Judgement
      }),
    )
    expect(claimed.map(({ message }) => message.intent.id)).toEqual([intents[0]?.id])
    const states = await Promise.all(intents.map(async ({ id }) => (await world.store.message(id))?.state))
    expect(states).toEqual(['sending', 'blocked', 'queued'])
  })

  test('guards that throw, or judge less than they were offered, leave everything as it was', async () => {
    const intents = [sendIntent(), sendIntent()]
    await apply(
      world.store,
      intents.map((intent) => enqueue(intent)),
    )
    await expect(claimAll(world.store, {}, () => { throw new TypeError('壊れた') })).rejects.toThrow('壊れた') // prettier-ignore
    await expect(claimAll(world.store, {}, (all) => sendAt(0)(all.slice(1)))).rejects.toThrow('2 messages were offered')
    expect(await claimAll(world.store, { worker: 'w2' })).toHaveLength(2)
  })

  test('a price that the credits do not cover takes the whole claim back', async () => {
    await buy(world.store, 50)
    await apply(world.store, [enqueue(sendIntent()), enqueue(sendIntent())])
    await expect(claimAll(world.store, {}, sendAt(30))).rejects.toThrow('would leave -10 micro-credits available')
    expect(await world.store.balance()).toMatchObject({ available: 50, held: 0 })
    expect(await world.store.depths(NOW)).toMatchObject({ outbox: { queued: 2 } })
  })

  test('each claim of a row has a greater fence', async () => {
    await apply(world.store, [enqueue(sendIntent())])
    const fences: number[] = []
    for (const _ of [1, 2, 3]) {
      const [claimed] = await claimAll(world.store)
      if (claimed === undefined) throw new Error('Nothing was claimed.')
      fences.push(claimed.fence)
      await settleOne(world.store, claimed, { kind: 'retry', dueAt: NOW, reason: 'x', detail: newId() })
    }
    expect(fences).toEqual([1, 2, 3])
  })
}
