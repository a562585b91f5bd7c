import { expect, test } from 'vitest'
import type { Change } from '#engine/decision.ts'
import { NOW, someSettings } from '#test/engine/builders.ts'
import { accepted, apply, buy, claimAll, decision, enqueue, leadEvent, newId, sendAt, sendIntent } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

/** A store may let what is asked for at once share one wait for the disk. Nobody may notice. */
export function togetherCases(open: Open): void {
  const world = eachWith(open)
  const unbalanced: Change = {
    kind: 'post',
    postings: [{ txId: 'x', account: 'available', amountMicros: 5, messageId: null, memo: '', at: NOW }],
  }

  test('of what is asked for at once, what fails harms only itself', async () => {
    const { store } = world
    await buy(store, 10)
    const [poisoned, sound] = await accepted(store, [leadEvent(), leadEvent()])
    const intent = sendIntent()
    const outcomes = await Promise.allSettled([
      store.accept([{ id: newId(), event: leadEvent() }], NOW),
      store.commit([decision(poisoned?.id ?? '', [enqueue(sendIntent()), unbalanced])], new Map(), NOW, newId),
      store.saveSettings(someSettings({ defaultLanguage: 'pt_BR' }), NOW),
      store.commit([decision(sound?.id ?? '', [enqueue(intent)])], new Map(), NOW, newId),
      claimAll(store, {}, sendAt(11)),
      claimAll(store, { worker: 'w2' }, sendAt(10)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect((await store.pending(10, NOW)).map(({ id }) => id)).toContain(poisoned?.id)
    expect(await store.settings()).toMatchObject({ defaultLanguage: 'pt_BR' })
    expect(await store.message(intent.id)).toMatchObject({ state: 'sending' })
    expect(await store.balance()).toEqual({ bought: 10, available: 0, held: 10, spent: 0, owed: 0 })
    expect(await store.depths(NOW)).toMatchObject({ inboxPending: 2, outbox: { sending: 1 } })
  })

  test('it is done in the order it was asked for', async () => {
    const { store } = world
    await Promise.all(
      ['en', 'pt_BR', 'ja'].map((defaultLanguage) => store.saveSettings(someSettings({ defaultLanguage }), NOW)),
    )
    expect(await store.settings()).toMatchObject({ defaultLanguage: 'ja' })
    const event = leadEvent()
    const kinds = await Promise.all([1, 2].map(() => store.accept([{ id: newId(), event }], NOW)))
    expect(kinds.flat().map(({ kind }) => kind)).toEqual(['accepted', 'duplicate'])
  })

  test('two decisions on the same reading: the second one is a conflict', async () => {
    const { store } = world
    const put: Change = {
      kind: 'putRecord',
      module: 'Leads',
      id: '1',
      values: {},
      deleted: false,
      at: NOW,
      addresses: [],
      recent: [],
    }
    const triggers = await accepted(store, [leadEvent(), leadEvent()])
    const outcomes = await Promise.all(
      triggers.map(({ id }) => store.commit([decision(id, [put])], new Map([['Leads/1', 0]]), NOW, newId)),
    )
    expect(outcomes.map(({ kind }) => kind)).toEqual(['committed', 'conflict'])
  })

  test('a claim, a release and a claim at once never give a row twice', async () => {
    const { store } = world
    await apply(
      store,
      Array.from({ length: 20 }, () => enqueue(sendIntent())),
    )
    const claims = await Promise.all([claimAll(store, { limit: 15 }), buy(store, 5), claimAll(store, { limit: 15 })])
    const ids = claims.flatMap((claimed) => claimed?.map(({ message }) => message.intent.id) ?? [])
    expect(ids).toHaveLength(20)
    expect(new Set(ids).size).toBe(20)
  })
}
