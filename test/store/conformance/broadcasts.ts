import { expect, test } from 'vitest'
import type { Change } from '#engine/decision.ts'
import type { Broadcast } from '#engine/instance.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { NOW } from '#test/engine/builders.ts'
import { aBroadcast, accepted, apply, decision, leadEvent, newId, request } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function broadcastCases(open: Open): void {
  const world = eachWith(open)
  const put = (broadcast: Broadcast, recordIds?: string[]): Change => ({
    kind: 'putBroadcast',
    broadcast,
    ...(recordIds && { recordIds }),
  })
  const move = (id: string): WorldEvent => ({
    kind: 'command',
    source: 'test',
    sourceId: newId(),
    occurredAt: NOW,
    command: { do: 'moveBroadcast', id, to: 'paused' },
    actor: { user: '田中', roles: ['admin'] },
  })

  test('one comes back as it was put last', async () => {
    const one = aBroadcast()
    await apply(world.store, [put(one, ['1', '2', '3'])])
    expect(await world.store.broadcast(one.id)).toEqual(one)
    const later: Broadcast = { ...one, state: 'paused', cursor: '2', entered: 1, refused: { already_entered: 1 } }
    await apply(world.store, [put(later)])
    expect(await world.store.broadcast(one.id)).toEqual(later)
    expect(await world.store.broadcast('none')).toBeNull()
  })

  test('a command about it brings it', async () => {
    const one = aBroadcast()
    await apply(world.store, [put(one)])
    const known = await world.store.load(request(await accepted(world.store, [move(one.id), move('none')])), NOW)
    expect(known.broadcasts).toEqual(new Map([[one.id, one]]))
  })

  test('one that moved since it was read refuses the batch', async () => {
    const one = aBroadcast()
    await apply(world.store, [put(one)])
    const triggers = await accepted(world.store, [move(one.id), leadEvent()])
    const known = await world.store.load(request(triggers), NOW)
    const outcomes = await Promise.all(
      triggers.map(({ id }) =>
        world.store.commit([decision(id, [put({ ...one, state: 'paused' })])], known.revisions, NOW, newId),
      ),
    )
    expect(outcomes).toEqual([{ kind: 'committed' }, { kind: 'conflict', keys: [`broadcast:${one.id}`] }])
  })

  test('they are listed newest first, page by page, of one journey or all', async () => {
    const all = [aBroadcast(), aBroadcast({ definition: 'journey/autumn' }), aBroadcast()]
    await apply(
      world.store,
      all.map((one) => put(one)),
    )
    const [first, second, third] = all
    expect(await world.store.broadcasts({}, { limit: 9 })).toEqual({ items: [third, second, first], next: null })
    expect((await world.store.broadcasts({ definition: 'journey/autumn' }, { limit: 9 })).items).toEqual([second])
    const page = await world.store.broadcasts({}, { limit: 2 })
    expect(page.items).toEqual([third, second])
    expect(await world.store.broadcasts({}, { limit: 2, after: page.next ?? '' })).toEqual({
      items: [first],
      next: null,
    })
  })
}
