import { describe, expect, test } from 'vitest'
import type { WorkingSet } from '#engine/facts.ts'
import type { Command } from '#engine/command.ts'
import type { SweepEvent, Trigger, WorldEvent } from '#engine/trigger.ts'
import { NOW } from '#test/engine/builders.ts'
import {
  aBroadcast,
  accepted,
  anInstance,
  apply,
  broadcastTimer,
  ends,
  enters,
  moves,
  newId,
  putRecord,
  request,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const common = { source: 'test', occurredAt: NOW, causedBy: [] }

/** What works through many records or instances is given the next few. */
export function pageCases(open: Open): void {
  const world = eachWith(open)

  async function loaded(event: WorldEvent, pageMax = 2): Promise<{ known: WorkingSet; page: string[] | undefined }> {
    const [trigger] = await accepted(world.store, [event])
    if (trigger === undefined) throw new Error('The store lost the trigger.')
    const known = await world.store.load(request([trigger], { pageMax }), NOW)
    return { known, page: known.pages.get(trigger.id) }
  }
  const sweep = (after: string, module = 'Leads'): SweepEvent => ({
    ...common,
    kind: 'sweep',
    sourceId: newId(),
    purpose: 'schedule',
    definition: 'workflow/daily@1',
    module,
    after,
  })
  const migrate = (after: string, from = 1): WorldEvent => {
    const command: Command = {
      do: 'migrate',
      definition: 'journey/trial-nurture',
      from,
      to: 3,
      positions: {},
      otherwise: { to: 'stay' },
      after,
    }
    return { ...common, kind: 'command', sourceId: newId(), command, actor: { user: '田中', roles: ['admin'] } }
  }

  describe('a sweep', () => {
    const five = ['1', '2', '3', '4', '5'].map((id) => putRecord(id))

    test('is given the records of its module after the last one, in order, deleted ones left out', async () => {
      await apply(world.store, [
        ...five.reverse(),
        putRecord('2', { deleted: true }),
        putRecord('0', { module: 'Deals' }),
      ])
      expect((await loaded(sweep(''))).page).toEqual(['1', '3'])
      expect((await loaded(sweep('3'))).page).toEqual(['4', '5'])
      expect((await loaded(sweep('5'))).page).toEqual([])
      expect((await loaded(sweep('2'), 9)).page).toEqual(['3', '4', '5'])
      expect((await loaded(sweep('', 'Accounts'))).page).toEqual([])
    })

    test('brings them as rules may want them: values, places, lookups', async () => {
      const one = anInstance({ recordId: '2' })
      await apply(world.store, [putRecord('1', { values: { 担当: '7' } }), putRecord('2'), enters(one)])
      await apply(world.store, [putRecord('7', { module: 'Users' })])
      const triggers = await accepted(world.store, [sweep('')])
      const lookups = { lookups: { Leads: [['担当']] }, lookupModules: { 'Leads.担当': 'Users' } }
      const known = await world.store.load(request(triggers, lookups), NOW)
      expect([...known.records.keys()].sort()).toEqual(['Leads/1', 'Leads/2', 'Users/7'])
      expect(known.revisions.get('Leads/1')).toBe(1)
      expect(known.instancesByRecord.get('Leads/2')).toEqual([one.id])
    })
  })

  describe('a migration', () => {
    test('is given the running instances of that version after the last one, with their records', async () => {
      const all = ['a-0', 'b-0', 'c-0', 'd-0', 'e-0'].map((id) => anInstance({ id, recordId: id }))
      const [, over, other] = all
      if (over === undefined || other === undefined) throw new Error('There are five.')
      await apply(world.store, [
        putRecord('a-0'),
        ...all.reverse().map((one) => enters(one)),
        enters(anInstance({ id: 'aa-0', definition: 'journey/other' })),
        ends(over, 'goal').change,
        moves(other, 'hello', { kind: 'migrated' }, { version: 2 }).change,
      ])
      const first = await loaded(migrate(''))
      expect(first.page).toEqual(['a-0', 'd-0'])
      expect([...first.known.instances.keys()]).toEqual(['a-0', 'd-0'])
      expect(first.known.records.get('Leads/a-0')).not.toBeNull()
      expect(first.known.instancesByRecord.get('Leads/d-0')).toEqual(['d-0'])
      expect((await loaded(migrate('d-0'))).page).toEqual(['e-0'])
      expect((await loaded(migrate('e-0'))).page).toEqual([])
      expect((await loaded(migrate('', 2))).page).toEqual(['c-0'])
    })
  })

  describe('the timer of a broadcast', () => {
    const fired = (broadcast = aBroadcast()): WorldEvent => {
      const timer = broadcastTimer(broadcast)
      return { ...common, kind: 'timer', sourceId: timer.id, timer }
    }

    test('is given the next of its list, as many as are taken after those taken', async () => {
      const one = aBroadcast()
      const recordIds = ['30', '10', '20']
      await apply(world.store, [
        putRecord('10'),
        putRecord('30', { deleted: true }),
        { kind: 'putBroadcast', broadcast: one, recordIds },
      ])
      const { known, page } = await loaded(fired(one))
      expect(page).toEqual(['30', '10'])
      expect(known.broadcasts.get(one.id)).toEqual(one)
      expect(known.records.get('Leads/30')).toMatchObject({ deleted: true })
      expect(known.records.get('Leads/10')).not.toBeNull()

      await apply(world.store, [{ kind: 'putBroadcast', broadcast: { ...one, cursor: '2' } }])
      expect((await loaded(fired(one))).page).toEqual(['20'])
      await apply(world.store, [{ kind: 'putBroadcast', broadcast: { ...one, cursor: '3' } }])
      expect((await loaded(fired(one))).page).toEqual([])
    })

    test('is given the records of the module after the last one, when it is for all that match', async () => {
      const one = aBroadcast({ source: { kind: 'condition', when: { all: [] } }, cursor: '' })
      await apply(world.store, [
        ...['1', '2', '3'].map((id) => putRecord(id)),
        putRecord('2', { deleted: true }),
        { kind: 'putBroadcast', broadcast: one },
      ])
      expect((await loaded(fired(one))).page).toEqual(['1', '3'])
      await apply(world.store, [{ kind: 'putBroadcast', broadcast: { ...one, cursor: '1' } }])
      const { known, page } = await loaded(fired(one))
      expect(page).toEqual(['3'])
      expect(known.records.get('Leads/3')).not.toBeNull()
    })

    test('of one that nobody knows is given nothing', async () => {
      const { known, page } = await loaded(fired())
      expect(page).toBeUndefined()
      expect(known.broadcasts.size).toBe(0)
    })
  })

  test('each trigger of a batch has its own page', async () => {
    await apply(
      world.store,
      ['1', '2', '3'].map((id) => putRecord(id)),
    )
    const triggers: Trigger[] = await accepted(world.store, [sweep(''), sweep('2')])
    const known = await world.store.load(request(triggers, { pageMax: 2 }), NOW)
    expect(triggers.map(({ id }) => known.pages.get(id))).toEqual([['1', '2'], ['3']])
  })
}
