import { expect, test } from 'vitest'
import type { Change } from '#engine/decision.ts'
import { release } from '#engine/ledger.ts'
import type { Form } from '#engine/message.ts'
import type { Claimed } from '#engine/claim.ts'
import { HOUR_MS, NOW } from '#test/engine/builders.ts'
import { apply, buy, claimAll, DAY_MS, enqueue, sendAt, sendIntent, settleOne } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

/** A text that WhatsApp refuses goes back into the queue and out as its template. */
export function fallbackCases(open: Open): void {
  const world = eachWith(open)
  const intent = () => sendIntent({ text: { body: 'はい、承りました。' }, timeToLiveMs: HOUR_MS })

  async function claim(form: Form, now: number): Promise<Claimed> {
    const [claimed] = await claimAll(world.store, { now }, sendAt(10, { form, inWindow: form === 'text' }))
    if (claimed === undefined) throw new Error('nothing was claimed')
    return claimed
  }
  const messageOf = ({ message }: Claimed) => world.store.message(message.intent.id)

  /** What the engine decides when a status tells of the refusal. */
  async function refuse({ message, fence }: Claimed, at: number): Promise<void> {
    const { id } = message.intent
    const move = { id, state: 'queued', form: 'fallback', reason: 'whatsapp_131047', detail: null, dueAt: at } as const
    const changes: Change[] = [
      { kind: 'moveMessage', move: { ...move, wamid: 'wamid.text', waitsFor: null, holdState: 'released' }, at },
      { kind: 'post', postings: release(id, fence, 10, at) },
    ]
    await apply(world.store, changes, at)
  }

  test('the form a message was claimed in stays with it until the next claim', async () => {
    await buy(world.store, 100)
    await apply(world.store, [enqueue(intent())])
    const claimed = await claim('text', NOW + 1)
    expect(claimed.message).toMatchObject({ form: 'text' })
    const retry = { kind: 'retry', dueAt: NOW + 2, reason: 'not_written', detail: '' } as const
    await settleOne(world.store, claimed, retry, NOW + 2)
    expect(await messageOf(claimed)).toMatchObject({ state: 'queued', form: 'text' })
    expect((await claim('template', NOW + 3)).message).toMatchObject({ form: 'template' })
  })

  test('a refusal of the call settles it as fallback', async () => {
    await buy(world.store, 100)
    await apply(world.store, [enqueue(intent())])
    const claimed = await claim('text', NOW + 1)
    const retry = { kind: 'retry', dueAt: NOW + 2, reason: 'whatsapp_131047', detail: '', form: 'fallback' } as const
    await settleOne(world.store, claimed, retry, NOW + 2)
    expect(await messageOf(claimed)).toMatchObject({ state: 'queued', form: 'fallback', holdState: 'released' })
  })

  test('a refusal told later: back in the queue, and the template’s id and time of acceptance stand', async () => {
    await buy(world.store, 100)
    await apply(world.store, [enqueue(intent())])
    const text = await claim('text', NOW + 1)
    await settleOne(world.store, text, { kind: 'accepted', wamid: 'wamid.text' }, NOW + 2)
    await refuse(text, NOW + 3)
    expect(await world.store.balance()).toMatchObject({ available: 100, held: 0 })
    const template = await claim('fallback', NOW + 4)
    await settleOne(world.store, template, { kind: 'accepted', wamid: 'wamid.template' }, NOW + 5)
    expect(await messageOf(text)).toMatchObject({
      state: 'accepted',
      form: 'fallback',
      wamid: 'wamid.template',
      acceptedAt: NOW + 5,
      attempts: 2,
      holdState: 'held',
    })
    expect(await world.store.balance()).toMatchObject({ available: 90, held: 10 })
    const steps = await world.store.messageSteps(text.message.intent.id)
    expect(steps.map(({ at, state, reason }) => [at - NOW, state, reason])).toEqual([
      [0, 'queued', null],
      [1, 'sending', null],
      [2, 'accepted', null],
      [3, 'queued', 'whatsapp_131047'],
      [4, 'sending', null],
      [5, 'accepted', null],
    ])
  })

  test('a refusal told before our own answer: the claim is void, and its late answer changes nothing', async () => {
    await buy(world.store, 100)
    await apply(world.store, [enqueue(intent())])
    const text = await claim('text', NOW + 1)
    await refuse(text, NOW + 3)
    expect(await settleOne(world.store, text, { kind: 'accepted', wamid: 'wamid.text' }, NOW + 4)).toBe(false)
    expect(await messageOf(text)).toMatchObject({ state: 'queued', form: 'fallback', wamid: 'wamid.text' })
    expect(await world.store.expireLeases(NOW + HOUR_MS, 1)).toBe(0)
  })

  test('a status of the template that overtakes our answer keeps its id', async () => {
    await buy(world.store, 100)
    await apply(world.store, [enqueue(intent())])
    const text = await claim('text', NOW + 1)
    await settleOne(world.store, text, { kind: 'accepted', wamid: 'wamid.text' }, NOW + 2)
    await refuse(text, NOW + 3)
    const template = await claim('fallback', NOW + 4)
    const { id } = text.message.intent
    await apply(world.store, [
      { kind: 'moveMessage', move: { id, state: 'sent', wamid: 'wamid.template' }, at: NOW + 5 },
    ])
    await settleOne(world.store, template, { kind: 'accepted', wamid: 'wamid.template' }, NOW + 6)
    expect(await messageOf(text)).toMatchObject({ state: 'sent', wamid: 'wamid.template' })
  })

  test.each([
    { form: 'template', hours: 1 + 1 }, // as the template says, and an hour of grace
    { form: 'text', hours: 30 * 24 + 1 },
  ] as const)('credits held for a $form are given back $hours h after it was accepted', async ({ form, hours }) => {
    await buy(world.store, 100)
    await apply(world.store, [enqueue(intent())])
    await settleOne(world.store, await claim(form, NOW), { kind: 'accepted', wamid: 'wamid.1' }, NOW)
    expect(await world.store.expireHolds(NOW + hours * HOUR_MS - 1)).toBe(0)
    expect(await world.store.expireHolds(NOW + hours * HOUR_MS)).toBe(1)
    expect(await world.store.expireHolds(NOW + 40 * DAY_MS)).toBe(0)
  })
}
