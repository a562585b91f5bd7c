import { expect, test } from 'vitest'
import type { Change } from '#engine/decision.ts'
import type { Contact } from '#engine/state.ts'
import { aContact, NOW } from '#test/engine/builders.ts'
import { accepted, apply, decision, enqueue, newId, NUMBER, request, sendIntent } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const put = (change: Partial<Contact>): Change => ({ kind: 'putContact', contact: aContact(change), at: NOW })
const wrote = (contactId: string, at: number, opensWindow = true): Change => ({
  kind: 'inbound',
  numberId: NUMBER,
  contactId,
  messageId: `wamid.${contactId}.${at}`,
  type: 'text',
  text: 'はい',
  raw: { body: 'はい' },
  at,
  opensWindow,
})

export function contactCases(open: Open): void {
  const world = eachWith(open)

  test('a contact is found by id, BSUID, WhatsApp id and phone', async () => {
    const contact = aContact({ id: 'c1', bsuid: 'JP.13' })
    await apply(world.store, [put(contact)])
    for (const by of [{ id: 'c1' }, { bsuid: 'JP.13' }, { waId: '819012345678' }, { phone: '+819012345678' }]) {
      expect(await world.store.contact(by)).toEqual(contact)
    }
    expect(await world.store.contact({ phone: '+819099999999' })).toBeNull()
    expect(await world.store.contact({ id: 'none' })).toBeNull()
  })

  test('a contact is found as WhatsApp spells the number: Brazil with and without the ninth digit', async () => {
    await apply(world.store, [put({ id: 'c1', phone: '+5511987654321', waId: null })])
    expect(await world.store.contact({ waId: '551187654321' })).toMatchObject({ id: 'c1' })
  })

  test('an opt-out is lifted by a later writer, but what the person is known by is not forgotten', async () => {
    await apply(world.store, [put({ id: 'c1', bsuid: 'JP.13', optedOutMarketingAt: NOW, optedOutAllAt: NOW })])
    await apply(world.store, [put({ id: 'c1', waId: null, name: null, optedInAt: NOW + 1 })])
    expect(await world.store.contact({ id: 'c1' })).toEqual(
      aContact({ id: 'c1', bsuid: 'JP.13', optedOutMarketingAt: null, optedOutAllAt: null, optedInAt: NOW + 1 }),
    )
  })

  test('a contact that moved since it was read refuses the batch', async () => {
    await apply(world.store, [put({ id: 'c1' })])
    const event = {
      kind: 'consent',
      who: { phone: '+819012345678' },
      scope: 'all',
      direction: 'out',
      by: 'api',
      source: 'api',
      sourceId: 'x',
      occurredAt: NOW, // prettier-ignore
    } as const
    const [trigger] = await accepted(world.store, [event])
    const known = await world.store.load(request(trigger ? [trigger] : []), NOW)
    await apply(world.store, [put({ id: 'c1', name: '佐藤 はな' })])
    expect((await world.store.commit([decision(trigger?.id ?? '', [])], known.revisions, NOW, newId)).kind).toBe(
      'conflict',
    )
  })

  test('a message of the contact opens the window; a late one does not close it again', async () => {
    await apply(world.store, [put({ id: 'c1' }), wrote('c1', NOW), wrote('c1', NOW - 500)])
    expect(await world.store.conversation(NUMBER, 'c1')).toEqual({
      numberId: NUMBER,
      contactId: 'c1',
      lastInboundAt: NOW,
      lastOutboundAt: null,
      freeUntil: null,
    })
  })

  test('a reaction is stored and opens nothing', async () => {
    await apply(world.store, [put({ id: 'c1' }), wrote('c1', NOW, false)])
    expect(await world.store.conversation(NUMBER, 'c1')).toMatchObject({ lastInboundAt: null })
    await apply(world.store, [wrote('c1', NOW + 1, true), wrote('c1', NOW + 2, false)])
    expect(await world.store.conversation(NUMBER, 'c1')).toMatchObject({ lastInboundAt: NOW + 1 })
  })

  test('a free entry point lasts as long as the longest that was told, with or without a message, and outlives a merge', async () => {
    const free = (contactId: string, until: number): Change => ({
      kind: 'freeUntil',
      numberId: NUMBER,
      contactId,
      until,
    })
    await apply(world.store, [put({ id: 'a' }), free('a', NOW + 9), free('a', NOW + 5)])
    expect(await world.store.conversation(NUMBER, 'a')).toEqual({
      numberId: NUMBER,
      contactId: 'a',
      lastInboundAt: null,
      lastOutboundAt: null,
      freeUntil: NOW + 9,
    })
    await apply(world.store, [
      wrote('a', NOW),
      put({ id: 'b', phone: null, waId: null, bsuid: 'JP.13' }),
      free('b', NOW + 20),
    ])
    expect(await world.store.conversation(NUMBER, 'a')).toMatchObject({ lastInboundAt: NOW, freeUntil: NOW + 9 })
    await apply(world.store, [{ kind: 'mergeContacts', from: 'b', into: 'a', at: NOW }])
    expect(await world.store.conversation(NUMBER, 'a')).toMatchObject({ lastInboundAt: NOW, freeUntil: NOW + 20 })
    await apply(world.store, [free('b', NOW + 30)])
    expect(await world.store.conversation(NUMBER, 'a')).toMatchObject({ freeUntil: NOW + 30 })
  })

  test('two contacts that prove to be one have one conversation, one address book and all messages', async () => {
    const intent = sendIntent()
    await apply(world.store, [
      put({ id: 'old', waId: null, name: '佐藤' }),
      put({ id: 'new', phone: null, waId: '815511112222', bsuid: 'JP.13', name: null, optedOutMarketingAt: NOW - 9 }),
      wrote('old', NOW - 100),
      wrote('new', NOW),
      enqueue(intent, { contactId: 'new' }),
    ])
    await apply(world.store, [{ kind: 'mergeContacts', from: 'new', into: 'old', at: NOW }])
    const merged = aContact({
      id: 'old',
      waId: '815511112222',
      bsuid: 'JP.13',
      name: '佐藤',
      optedOutMarketingAt: NOW - 9,
    })
    for (const by of [{ id: 'old' }, { id: 'new' }, { bsuid: 'JP.13' }, { phone: '+819012345678' }]) {
      expect(await world.store.contact(by)).toEqual(merged)
    }
    expect(await world.store.conversation(NUMBER, 'old')).toMatchObject({ lastInboundAt: NOW })
    expect(await world.store.message(intent.id)).toMatchObject({ contactId: 'old' })
  })

  test('what is still decided about the merged contact reaches the one it became', async () => {
    const intent = sendIntent()
    await apply(world.store, [put({ id: 'old' }), put({ id: 'new', phone: null, waId: null, bsuid: 'JP.13' })])
    await apply(world.store, [{ kind: 'mergeContacts', from: 'new', into: 'old', at: NOW }])
    await apply(world.store, [
      wrote('new', NOW),
      enqueue(intent, { contactId: 'new' }),
      put({ id: 'new', optedOutAllAt: NOW }),
    ])
    expect(await world.store.conversation(NUMBER, 'old')).toMatchObject({ lastInboundAt: NOW })
    expect(await world.store.message(intent.id)).toMatchObject({ contactId: 'old' })
    expect(await world.store.contact({ id: 'old' })).toMatchObject({ optedOutAllAt: NOW })
  })

  test('merging twice, back, or with nobody changes nothing', async () => {
    await apply(world.store, [put({ id: 'a' }), put({ id: 'b', phone: null, waId: null, bsuid: 'JP.13' })])
    const merge = (from: string, into: string): Change => ({ kind: 'mergeContacts', from, into, at: NOW })
    await apply(world.store, [merge('b', 'a')])
    const before = await world.store.contact({ id: 'a' })
    await apply(world.store, [merge('b', 'a'), merge('a', 'b'), merge('none', 'a'), merge('a', 'none')])
    expect(await world.store.contact({ id: 'b' })).toEqual(before)
  })
}
