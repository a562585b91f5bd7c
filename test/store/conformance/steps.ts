import { describe, expect, test } from 'vitest'
import { checkGuards } from '#engine/guards/guards.ts'
import type { GuardTrace, Intent, MessageState } from '#engine/message.ts'
import type { Claimed } from '#engine/claim.ts'
import { anIntent, NOW, someFacts } from '#test/engine/builders.ts'
import { apply, buy, claimAll, enqueue, sendAt, sendIntent, settleOne, workIntent } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

/** As the engine asks them. */
const ALLOWED: GuardTrace[] = checkGuards(anIntent(), someFacts()).guards.map(({ guard }) => ({
  guard,
  verdict: { kind: 'allow' },
}))
const STOPPED: GuardTrace[] = ALLOWED.map((one, index) =>
  index === 3 ? { ...one, verdict: { kind: 'hold', reason: 'template_paused', waitsFor: 'template_approved' } } : one,
)
const told = { reason: null, detail: null, guards: null }

/** However a store keeps the steps of a message, it tells all of them, in order. */
export function stepCases(open: Open): void {
  const world = eachWith(open)

  async function begin(intent: Intent, guards: GuardTrace[]): Promise<void> {
    await apply(world.store, [enqueue(intent, { guards })])
  }

  async function claim(intent: Intent, guards: GuardTrace[], now: number): Promise<Claimed> {
    const lane = intent.kind === 'work' ? { lane: 'work' } : {}
    const [claimed] = await claimAll(world.store, { now, ...lane }, sendAt(0, { guards }))
    expect(claimed?.message.intent.id).toBe(intent.id)
    return claimed as Claimed
  }

  const accepted = { kind: 'accepted', wamid: 'wamid.1' } as const

  test.each([{ guards: ALLOWED }, { guards: [] }, { guards: ALLOWED.slice(1) }, { guards: ALLOWED.toReversed() }])(
    'a message that goes straight out, judged by $guards.length guards',
    async ({ guards }) => {
      const intent = sendIntent()
      await begin(intent, guards)
      const claimed = await claim(intent, guards, NOW + 5)
      await settleOne(world.store, claimed, accepted, NOW + 9)
      await apply(world.store, [{ kind: 'moveMessage', move: { id: intent.id, state: 'delivered' }, at: NOW + 20 }])
      expect(await world.store.messageSteps(intent.id)).toEqual([
        { ...told, at: NOW, state: 'queued', guards: guards.length === 0 ? null : guards },
        { ...told, at: NOW + 5, state: 'sending', guards },
        { ...told, at: NOW + 9, state: 'accepted' },
        { ...told, at: NOW + 20, state: 'delivered' },
      ])
    },
  )

  test('a message that is tried again keeps what the first try told', async () => {
    const intent = sendIntent()
    await begin(intent, ALLOWED)
    const first = await claim(intent, ALLOWED, NOW + 5)
    const retry = { kind: 'retry', dueAt: NOW + 50, reason: '131000', detail: 'もう一度' } as const
    await settleOne(world.store, first, retry, NOW + 9)
    await settleOne(world.store, await claim(intent, ALLOWED, NOW + 60), accepted, NOW + 70)
    expect(await world.store.messageSteps(intent.id)).toEqual([
      { ...told, at: NOW, state: 'queued', guards: ALLOWED },
      { ...told, at: NOW + 5, state: 'sending', guards: ALLOWED },
      { ...told, at: NOW + 9, state: 'queued', reason: '131000', detail: 'もう一度' },
      { ...told, at: NOW + 60, state: 'sending', guards: ALLOWED },
      { ...told, at: NOW + 70, state: 'accepted' },
    ])
  })

  test('a message that is held before it goes out', async () => {
    const intent = sendIntent()
    await begin(intent, ALLOWED)
    await claimAll(world.store, { now: NOW + 5 }, (candidates) =>
      candidates.map(({ message }) => ({
        id: message.intent.id,
        kind: 'stop',
        verdict: { kind: 'hold', reason: 'template_paused', waitsFor: 'template_approved' },
        guards: STOPPED,
      })),
    )
    await apply(world.store, [{ kind: 'release', waitsFor: 'template_approved', at: NOW + 30 }])
    await settleOne(world.store, await claim(intent, ALLOWED, NOW + 40), accepted, NOW + 41)
    expect(await world.store.messageSteps(intent.id)).toEqual([
      { ...told, at: NOW, state: 'queued', guards: ALLOWED },
      { ...told, at: NOW + 5, state: 'held', reason: 'template_paused', guards: STOPPED },
      { ...told, at: NOW + 30, state: 'queued' },
      { ...told, at: NOW + 40, state: 'sending', guards: ALLOWED },
      { ...told, at: NOW + 41, state: 'accepted' },
    ])
  })

  test('a message that expires after it was accepted', async () => {
    await buy(world.store, 10)
    const intent = sendIntent()
    await begin(intent, ALLOWED)
    const [claimed] = await claimAll(world.store, { now: NOW + 5 }, sendAt(10, { guards: ALLOWED }))
    await settleOne(world.store, claimed as Claimed, accepted, NOW + 9)
    expect(await world.store.expireHolds(NOW + 90 * 86_400_000)).toBe(1)
    expect((await world.store.messageSteps(intent.id)).map(({ state, detail }) => [state, detail])).toEqual([
      ['queued', null],
      ['sending', null],
      ['accepted', null],
      ['accepted', 'expired'],
    ])
  })

  describe('when a status came before our own answer', () => {
    test.each<MessageState>(['sent', 'delivered', 'failed'])('%s', async (state) => {
      const intent = sendIntent()
      await begin(intent, ALLOWED)
      const claimed = await claim(intent, ALLOWED, NOW + 5)
      await apply(world.store, [
        { kind: 'moveMessage', move: { id: intent.id, state, acceptedAt: NOW + 6 }, at: NOW + 7 },
      ])
      await settleOne(world.store, claimed, accepted, NOW + 9)
      expect(await world.store.messageSteps(intent.id)).toEqual([
        { ...told, at: NOW, state: 'queued', guards: ALLOWED },
        { ...told, at: NOW + 5, state: 'sending', guards: ALLOWED },
        { ...told, at: NOW + 7, state },
      ])
    })
  })

  test.each<{ ending: Parameters<typeof settleOne>[2]; last: object }>([
    { ending: { kind: 'done' }, last: { state: 'done' } },
    { ending: { kind: 'done', detail: 'HTTP 204' }, last: { state: 'done', detail: 'HTTP 204' } },
    {
      ending: { kind: 'failed', reason: 'http_410', detail: '' },
      last: { state: 'failed', reason: 'http_410', detail: '' },
    },
  ])('work that ends: $last', async ({ ending, last }) => {
    const intent = workIntent()
    await begin(intent, [])
    await settleOne(world.store, await claim(intent, [], NOW + 5), ending, NOW + 9)
    expect(await world.store.messageSteps(intent.id)).toEqual([
      { ...told, at: NOW, state: 'queued' },
      { ...told, at: NOW + 5, state: 'sending', guards: [] },
      { ...told, at: NOW + 9, ...last },
    ])
  })
}
