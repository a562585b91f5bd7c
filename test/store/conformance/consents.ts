import { expect, test } from 'vitest'
import type { Change } from '#engine/decision.ts'
import type { ConsentEntry } from '#engine/state.ts'
import { aContact, NOW } from '#test/engine/builders.ts'
import { apply } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const said = (change: Partial<ConsentEntry> = {}): Change => {
  const { id: _id, ...entry } = { id: 0, ...anEntry(change) }
  return { kind: 'noteConsent', entry }
}

function anEntry(change: Partial<ConsentEntry> = {}): Omit<ConsentEntry, 'id'> {
  return {
    contactId: 'c1',
    at: NOW,
    direction: 'in',
    scope: 'marketing',
    by: 'admin',
    channel: '申込書',
    proof: '第1234号',
    actor: '田中',
    ...change,
  }
}

export function consentCases(open: Open): void {
  const world = eachWith(open)
  const put = (id: string, bsuid: string | null = null): Change => ({
    kind: 'putContact',
    contact: aContact({ id, bsuid, ...(bsuid !== null && { phone: null, waId: null }) }),
    at: NOW,
  })
  const times = async (filter: { contactId?: string; since?: number } = {}) =>
    (await world.store.consents(filter, { limit: 100 })).items.map(({ contactId, at }) => [contactId, at])

  test('an entry is kept as it was said', async () => {
    const bare = { channel: null, proof: null, actor: null, direction: 'out', scope: 'all', by: 'keyword' } as const
    await apply(world.store, [said(), said(bare)])
    const { items, next } = await world.store.consents({}, { limit: 10 })
    expect(items).toEqual([
      { ...anEntry(bare), id: expect.any(Number) as number },
      { ...anEntry(), id: expect.any(Number) as number },
    ])
    expect(next).toBeNull()
  })

  test('entries come as they were written down, the newest first, page by page', async () => {
    await apply(
      world.store,
      [NOW, NOW + 2, NOW + 1].map((at) => said({ at })),
    )
    const first = await world.store.consents({}, { limit: 2 })
    expect(first.items.map(({ at }) => at)).toEqual([NOW + 1, NOW + 2])
    const second = await world.store.consents({}, { limit: 2, ...(first.next !== null && { after: first.next }) })
    expect(second.items.map(({ at }) => at)).toEqual([NOW])
    expect([first.next === null, second.next]).toEqual([false, null])
  })

  test('of one contact, and since an instant', async () => {
    await apply(world.store, [said({ at: NOW }), said({ contactId: 'c2', at: NOW + 5 }), said({ at: NOW + 9 })])
    expect(await times({ contactId: 'c1' })).toEqual([
      ['c1', NOW + 9],
      ['c1', NOW],
    ])
    expect(await times({ since: NOW + 5 })).toEqual([
      ['c1', NOW + 9],
      ['c2', NOW + 5],
    ])
    expect(await times({ contactId: 'c1', since: NOW + 5 })).toEqual([['c1', NOW + 9]])
    expect(await times({ contactId: 'c3' })).toEqual([])
  })

  test('when two contacts prove to be one, what either said is said by the one that stays', async () => {
    await apply(world.store, [put('c1'), put('c2', 'JP.13'), said({ contactId: 'c2' }), said({ at: NOW + 1 })])
    await apply(world.store, [{ kind: 'mergeContacts', from: 'c2', into: 'c1', at: NOW }])
    await apply(world.store, [said({ contactId: 'c2', at: NOW + 2 })])
    const all = [NOW + 2, NOW + 1, NOW].map((at) => ['c1', at])
    expect(await times()).toEqual(all)
    expect(await times({ contactId: 'c1' })).toEqual(all)
    expect(await times({ contactId: 'c2' })).toEqual(all)
  })
}
