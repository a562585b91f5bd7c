import { expect, test } from 'vitest'
import type { WorldEvent } from '#engine/trigger.ts'
import { NOW } from '#test/engine/builders.ts'
import { accepted, apply, decision, leadEvent, newId } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function inboxCases(open: Open): void {
  const world = eachWith(open)

  test('an accepted event waits as a trigger, with everything it brought', async () => {
    const event = leadEvent({ values: { Last_Name: '山田', Tags: ['VIP', null, { 数: 1.5 }] }, actor: '田中' })
    const id = newId()
    expect(await world.store.accept([{ id, event }], NOW)).toEqual([{ kind: 'accepted', id }])
    expect(await world.store.pending(10, NOW)).toEqual([{ ...event, id, receivedAt: NOW }])
    expect(await world.store.trigger(id)).toEqual({
      trigger: { ...event, id, receivedAt: NOW },
      state: 'pending',
      attempts: 0,
      error: null,
      decidedAt: null,
    })
  })

  test('the same event again is a duplicate, also when its door filled in another time', async () => {
    const event = leadEvent()
    const [first] = await accepted(world.store, [event])
    const again = { ...event, occurredAt: event.occurredAt + 5000 }
    expect(await world.store.accept([{ id: newId(), event: again }], NOW)).toEqual([
      { kind: 'duplicate', id: first?.id },
    ])
    expect(await world.store.pending(10, NOW)).toHaveLength(1)
    expect(await world.store.totals()).toMatchObject({ triggers: 1, duplicates: { record: 1 } })
  })

  test('the trigger of an event is found by its source and id', async () => {
    const event = leadEvent()
    expect(await world.store.acceptedAs(event.source, event.sourceId)).toBeNull()
    const [first] = await accepted(world.store, [event])
    expect(await world.store.acceptedAs(event.source, event.sourceId)).toBe(first?.id)
    expect(await world.store.acceptedAs('zoho', event.sourceId)).toBeNull()
  })

  test('definitions are migrating while a page of that waits', async () => {
    const actor = { user: '佐藤', roles: ['admin'] }
    const common = { kind: 'command' as const, source: 'test', occurredAt: NOW, actor }
    const to = {
      definition: 'journey/案内',
      from: 1,
      to: 2,
      positions: {},
      otherwise: { to: 'stay' as const },
      after: '',
    }
    const [migrate] = await accepted(world.store, [
      { ...common, sourceId: 'm1', command: { do: 'migrate', ...to } },
      { ...common, sourceId: 'm2', command: { do: 'pause', definition: 'journey/別' } },
      leadEvent(),
    ])
    expect(await world.store.migrating()).toEqual(['journey/案内'])
    await world.store.commit([decision(migrate!.id, [])], new Map(), NOW, newId)
    expect(await world.store.migrating()).toEqual([])
  })

  test('keys in another order are the same content', async () => {
    const event = leadEvent({ values: { a: 1, b: { c: 2, d: 3 } } })
    await accepted(world.store, [event])
    const turned = { ...event, values: { b: { d: 3, c: 2 }, a: 1 } }
    expect(await world.store.accept([{ id: newId(), event: turned }], NOW)).toMatchObject([{ kind: 'duplicate' }])
  })

  test('the same id with other content is refused, and the first one stands', async () => {
    const event = leadEvent()
    const [first] = await accepted(world.store, [event])
    const other = { ...event, values: { Last_Name: '鈴木' } }
    expect(await world.store.accept([{ id: newId(), event: other }], NOW)).toEqual([{ kind: 'reused', id: first?.id }])
    expect(await world.store.pending(10, NOW)).toMatchObject([{ values: event.values }])
  })

  test('the same id of another source is another event', async () => {
    const event = leadEvent()
    await accepted(world.store, [event, { ...event, source: 'zoho' }])
    expect(await world.store.pending(10, NOW)).toHaveLength(2)
  })

  test('duplicates inside one call are found, and outcomes keep the order of the events', async () => {
    const [a, b] = [leadEvent(), leadEvent()]
    const outcomes = await world.store.accept(
      [a, b, a].map((event) => ({ id: newId(), event })),
      NOW,
    )
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'duplicate'])
    expect(outcomes[2]?.id).toBe(outcomes[0]?.id)
  })

  test('triggers wait in order of acceptance, as many as are asked for', async () => {
    const triggers = await accepted(world.store, [leadEvent(), leadEvent(), leadEvent()])
    const ids = triggers.map(({ id }) => id)
    expect((await world.store.pending(2, NOW)).map(({ id }) => id)).toEqual(ids.slice(0, 2))
  })

  test('a decided trigger waits no more and says when it was decided', async () => {
    const id = await apply(world.store, [])
    expect(await world.store.pending(10, NOW)).toEqual([])
    expect(await world.store.trigger(id)).toMatchObject({ state: 'done', decidedAt: NOW })
  })

  test('a trigger set aside until later lets the others go on, and comes back in its place', async () => {
    const [poisoned, sound] = await accepted(world.store, [leadEvent(), leadEvent()])
    await world.store.setAside(poisoned?.id ?? '', 'TypeError: 壊れた', NOW + 1000)
    expect((await world.store.pending(10, NOW)).map(({ id }) => id)).toEqual([sound?.id])
    expect((await world.store.pending(10, NOW + 1000)).map(({ id }) => id)).toEqual([poisoned?.id, sound?.id])
    expect(await world.store.trigger(poisoned?.id ?? '')).toMatchObject({
      state: 'pending',
      attempts: 1,
      error: 'TypeError: 壊れた',
    })
  })

  test('a quarantined trigger is out of the queue until it is put back, all or one', async () => {
    const [a, b] = await accepted(world.store, [leadEvent(), leadEvent()])
    for (const trigger of [a, b]) await world.store.setAside(trigger?.id ?? '', 'Error: no', null)
    expect(await world.store.pending(10, NOW)).toEqual([])
    expect(await world.store.depths(NOW)).toMatchObject({ inboxPending: 0, inboxQuarantined: 2 })
    expect(await world.store.requeue(b?.id)).toBe(1)
    expect((await world.store.pending(10, NOW)).map(({ id }) => id)).toEqual([b?.id])
    expect(await world.store.requeue()).toBe(1)
    expect(await world.store.requeue()).toBe(0)
    expect(await world.store.depths(NOW)).toMatchObject({ inboxPending: 2, inboxQuarantined: 0 })
  })

  test('setting aside what is decided already changes nothing', async () => {
    const id = await apply(world.store, [])
    await world.store.setAside(id, 'late', null)
    expect(await world.store.trigger(id)).toMatchObject({ state: 'done', error: null })
  })

  test('a quarantined trigger that is decided after all is done', async () => {
    const [trigger] = await accepted(world.store, [leadEvent()])
    await world.store.setAside(trigger?.id ?? '', 'Error: no', null)
    await world.store.commit([decision(trigger?.id ?? '', [])], new Map(), NOW, newId)
    expect(await world.store.trigger(trigger?.id ?? '')).toMatchObject({ state: 'done' })
    expect(await world.store.depths(NOW)).toMatchObject({ inboxPending: 0, inboxQuarantined: 0 })
  })

  test('an unknown trigger is null', async () => {
    expect(await world.store.trigger('none')).toBeNull()
  })

  test('what the world did since an instant is read back in its order, page by page', async () => {
    const { store } = world
    const decide = async (events: WorldEvent[], at: number) => {
      const triggers = await Promise.all(events.map((event) => accepted(store, [event], at)))
      const ids = triggers.flat().map(({ id }) => id)
      await store.commit(
        ids.map((id) => decision(id, [])),
        new Map(),
        at,
        newId,
      )
    }
    await decide([leadEvent({ recordId: 'before' })], NOW - 1)
    await decide(
      ['一', '二', '三'].map((recordId) => leadEvent({ recordId })),
      NOW,
    )
    const said: WorldEvent = {
      kind: 'consent',
      source: 'api',
      sourceId: 'c1',
      occurredAt: NOW,
      who: { phone: '+819012345678' },
      scope: 'all',
      direction: 'out',
      by: 'api',
    }
    const asked: WorldEvent = {
      kind: 'command',
      source: 'api',
      sourceId: 'command:1',
      occurredAt: NOW,
      command: { do: 'pause', definition: 'journey/welcome' },
      actor: { user: '田中', roles: ['admin'] },
    }
    const released: WorldEvent = {
      kind: 'release',
      source: 'denrei',
      sourceId: 'r1',
      occurredAt: NOW,
      waitsFor: 'number_ready',
    }
    const ours = leadEvent({ source: 'denrei', recordId: 'ours' })
    await decide([said, asked, released, ours, leadEvent({ source: 'denrei:action', recordId: 'ours too' })], NOW + 5)
    const waits = leadEvent({ recordId: 'not decided' })
    await accepted(store, [waits], NOW + 6)

    const first = await store.recordedEvents(NOW, { limit: 2 })
    expect(first.items).toMatchObject([{ recordId: '一', receivedAt: NOW }, { recordId: '二' }])
    const second = await store.recordedEvents(NOW, { limit: 3, after: first.next ?? '' })
    expect(second.items).toMatchObject([{ recordId: '三' }, { kind: 'consent', receivedAt: NOW + 5 }, asked])
    expect(second.next).toBeNull()
    expect(await store.recordedEvents(NOW + 6, { limit: 5 })).toEqual({ items: [], next: null })
    const all = await store.recordedEvents(0, { limit: 9 })
    expect(all.items.map((one) => (one.kind === 'record' ? one.recordId : one.kind))).toEqual([
      'before',
      '一',
      '二',
      '三',
      'consent',
      'command',
    ])
  })

  test('an empty store has recorded nothing', async () => {
    expect(await world.store.recordedEvents(0, { limit: 5 })).toEqual({ items: [], next: null })
  })
}
