import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Definition } from '#definitions/definitions.ts'
import type { Change } from '#engine/decision.ts'
import type { WorkingSet } from '#engine/facts.ts'
import { entryKey, type Instance, type InstanceStep } from '#engine/instance.ts'
import type { Store } from '#engine/store.ts'
import type { Command } from '#engine/command.ts'
import type { Timer } from '#engine/parkedTimer.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { fold } from '#engine/workingSet.ts'
import { NOW } from '#test/engine/builders.ts'
import {
  accepted,
  anInstance,
  apply,
  aStep,
  DAY_MS,
  decision,
  ends,
  enqueue,
  enters,
  instanceTimer,
  leadEvent,
  moves,
  newId,
  NUMBER,
  putRecord,
  request,
  sendIntent,
  statusEvent,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const common = { source: 'test', occurredAt: NOW, causedBy: [] }
const PHONE = '+819012345678'

export function instanceCases(open: Open): void {
  const world = eachWith(open)
  const loaded = async (event: WorldEvent): Promise<WorkingSet> =>
    world.store.load(request(await accepted(world.store, [event])), NOW)
  const command = (one: Command): WorldEvent => ({
    ...common,
    kind: 'command',
    sourceId: newId(),
    command: one,
    actor: { user: '田中', roles: ['sales'] },
  })
  const inbound: WorldEvent = {
    ...common,
    kind: 'message',
    sourceId: 'wamid.in',
    numberId: NUMBER,
    from: { waId: PHONE.slice(1) },
    message: { id: 'wamid.in', type: 'text', text: 'はい', raw: {} },
    opensWindow: true,
  }

  describe('one', () => {
    test('comes back as it was put, with its history', async () => {
      const entered = anInstance({ body: { 下書き: { 金額: 1200 } }, addresses: [PHONE] })
      const { instance, change } = moves(entered, '提案', { at: NOW + 5, tookMs: 5, data: { メモ: '至急' } })
      await apply(world.store, [enters(entered)])
      await apply(world.store, [change])
      expect(await world.store.instance(entered.id)).toEqual(instance)
      expect(await world.store.instanceSteps(entered.id)).toEqual([
        aStep({ kind: 'entered', from: null, to: 'hello', via: 'record' }),
        aStep({ at: NOW + 5, to: '提案', tookMs: 5, data: { メモ: '至急' } }),
      ])
    })

    test('that nobody put is null, and has no history', async () => {
      expect(await world.store.instance('none')).toBeNull()
      expect(await world.store.instanceSteps('none')).toEqual([])
    })

    test('may enter, move and end in one decision', async () => {
      const entered = anInstance()
      const moved = moves(entered, 'thanks')
      const ended = ends(moved.instance, 'completed')
      await apply(world.store, [enters(entered), moved.change, ended.change])
      expect(await world.store.instance(entered.id)).toEqual(ended.instance)
      expect((await world.store.instanceSteps(entered.id)).map(({ kind }) => kind)).toEqual([
        'entered',
        'moved',
        'ended',
      ])
      expect(await world.store.depths(NOW)).toMatchObject({ instancesRunning: 0 })
    })

    test('may change what it remembers without a word in its history', async () => {
      const entered = anInstance()
      const later = { ...entered, body: { 回数: 2 }, revision: 2 }
      await apply(world.store, [enters(entered), { kind: 'putInstance', instance: later, steps: [] }])
      expect(await world.store.instance(entered.id)).toEqual(later)
      expect(await world.store.instanceSteps(entered.id)).toHaveLength(1)
    })

    test('that is put on another revision than it stands at is a fault, and nothing of the decision is kept', async () => {
      const entered = anInstance()
      await apply(world.store, [enters(entered)])
      const skipped = { ...moves(entered, 'thanks').instance, revision: 3 }
      const changes: Change[] = [putRecord('9'), { kind: 'putInstance', instance: skipped, steps: [] }]
      await expect(apply(world.store, changes)).rejects.toThrow(entered.id)
      expect(await world.store.record('Leads', '9')).toBeNull()
      expect(await world.store.instance(entered.id)).toEqual(entered)
    })
  })

  describe('load', () => {
    test('a record brings its running instances, oldest first, with their revisions', async () => {
      const [first, second, over, others] = [
        anInstance({ id: 'b-0' }),
        anInstance({ id: 'a-0', definition: 'journey/other' }),
        anInstance({ id: 'c-0', definition: 'journey/third' }),
        anInstance({ id: 'd-0', recordId: 'other' }),
      ]
      await apply(world.store, [...[first, second, over, others].map((one) => enters(one)), ends(over, 'goal').change])
      await apply(world.store, [moves(second, 'thanks').change])
      const known = await loaded(leadEvent())
      expect(known.instancesByRecord.get('Leads/5725')).toEqual(['b-0', 'a-0'])
      expect(known.instances.get('b-0')).toEqual(first)
      expect(known.revisions.get('instance:b-0')).toBe(1)
      expect(known.revisions.get('instance:a-0')).toBe(2)
      expect([...known.instances.keys()]).toEqual(['b-0', 'a-0'])
    })

    test('a record that is in nothing has a list, which is empty', async () => {
      expect((await loaded(leadEvent())).instancesByRecord.get('Leads/5725')).toEqual([])
    })

    test('a record brings what it has entered, also when it is over, by key', async () => {
      const first = anInstance({ key: '注文1', enteredAt: NOW - 9 })
      const again = anInstance({ key: '注文1', enteredAt: NOW })
      const other = anInstance({ key: '注文2', enteredAt: NOW - 1 })
      await apply(world.store, [enters(first), ends(first, 'goal', NOW - 5).change, enters(again), enters(other)])
      const known = await loaded(leadEvent())
      expect(known.entries).toEqual(
        new Map([
          [entryKey(first), { count: 2, lastEnteredAt: NOW, lastEndedAt: NOW - 5 }],
          [entryKey(other), { count: 1, lastEnteredAt: NOW - 1, lastEndedAt: null }],
        ]),
      )
    })

    test('a timer brings its instance, running or not, and the record', async () => {
      const one = anInstance()
      await apply(world.store, [putRecord('5725'), enters(one)])
      const ended = ends(one, 'goal')
      await apply(world.store, [ended.change])
      const known = await loaded({ ...common, kind: 'timer', sourceId: newId(), timer: instanceTimer(one) })
      expect(known.instances.get(one.id)).toEqual(ended.instance)
      expect(known.records.get('Leads/5725')).not.toBeNull()
      expect(known.instancesByRecord.get('Leads/5725')).toEqual([])
    })

    test('a timer about no record brings none', async () => {
      const timer: Timer = {
        id: newId(),
        kind: 'schedule',
        dueAt: NOW,
        definition: 'workflow/w@1',
        module: '',
        recordId: '',
        causedBy: [],
      }
      const known = await loaded({ ...common, kind: 'timer', sourceId: newId(), timer })
      expect(known.records.size).toBe(0)
    })

    test.each(['status', 'outcome'] as const)(
      'a %s brings the instance that sent the message, with its record',
      async (kind) => {
        const one = anInstance({ recordId: 'mine' })
        const intent = sendIntent({ instanceId: one.id, step: 'hello', recordId: 'mine' })
        await apply(world.store, [putRecord('mine'), enters(one), enqueue(intent)])
        const known = await loaded(
          kind === 'status'
            ? statusEvent({ messageId: intent.id })
            : { ...common, kind, sourceId: newId(), messageId: intent.id, state: 'failed', reason: 'whatsapp_131026' },
        )
        expect(known.instances.get(one.id)).toEqual(one)
        expect(known.instancesByRecord.get('Leads/mine')).toEqual([one.id])
        expect(known.records.get('Leads/mine')).not.toBeNull()
      },
    )

    test('a message brings the running instances that wrote to its address, whatever records carry it', async () => {
      const [first, second] = [anInstance({ recordId: '1' }), anInstance({ recordId: '2', addresses: [PHONE, 'JP.1'] })]
      const over = anInstance({ recordId: '3', addresses: [PHONE] })
      await apply(world.store, [putRecord('1'), enters(first), enters(second), enters(over), ends(over, 'goal').change])
      const { change } = moves(first, 'reply', {}, { addresses: [PHONE] })
      await apply(world.store, [change])
      const known = await loaded(inbound)
      expect(known.instancesByAddress.get(PHONE)).toEqual([first.id, second.id])
      expect(known.instancesByAddress.get(PHONE.slice(1))).toEqual([])
      expect([...known.instances.keys()].sort()).toEqual([first.id, second.id].sort())
      expect(known.records.get('Leads/1')).not.toBeNull()
      expect(known.records.get('Leads/2')).toBeNull()
    })

    test('a message is heard no more at an address that the instance left', async () => {
      const one = anInstance({ addresses: [PHONE] })
      await apply(world.store, [enters(one), moves(one, 'x', {}, { addresses: ['JP.1'] }).change])
      expect((await loaded(inbound)).instancesByAddress.get(PHONE)).toEqual([])
    })

    test('a transition brings the record and where it stands', async () => {
      const one = anInstance({ kind: 'blueprint', definition: 'blueprint/deal-desk', module: 'Deals', recordId: '7' })
      await apply(world.store, [putRecord('7', { module: 'Deals' }), enters(one)])
      const known = await loaded(command({ do: 'transition', module: 'Deals', recordId: '7', transition: '提案する' }))
      expect(known.records.get('Deals/7')).not.toBeNull()
      expect(known.instancesByRecord.get('Deals/7')).toEqual([one.id])
    })

    test('an exit brings the instance and its record', async () => {
      const one = anInstance()
      await apply(world.store, [putRecord('5725'), enters(one)])
      const known = await loaded(command({ do: 'exit', instanceId: one.id, reason: 'by_hand' }))
      expect(known.instances.get(one.id)).toEqual(one)
      expect(known.records.get('Leads/5725')).not.toBeNull()
      expect((await loaded(command({ do: 'exit', instanceId: 'none', reason: 'x' }))).instances.size).toBe(0)
    })

    test.each(['journey/trial-nurture', 'trial-nurture'])('an enrolment in %s brings each record', async (journey) => {
      await world.store.saveDefinitions(
        [{ key: 'journey/trial-nurture', definition: JOURNEY, hash: 'h' }],
        [],
        [],
        '田中',
        NOW,
        newId,
      )
      const one = anInstance({ recordId: '1' })
      await apply(world.store, [putRecord('1'), putRecord('2'), enters(one)])
      const known = await loaded(command({ do: 'enroll', journey, recordIds: ['1', '2', 'none'] }))
      expect([...known.records.keys()]).toEqual(['Leads/1', 'Leads/2', 'Leads/none'])
      expect(known.records.get('Leads/none')).toBeNull()
      expect(known.instancesByRecord.get('Leads/1')).toEqual([one.id])
    })

    test('an enrolment in a journey that does not exist brings nothing', async () => {
      const known = await loaded(command({ do: 'enroll', journey: 'journey/none', recordIds: ['1'] }))
      expect(known.records.size).toBe(0)
    })
  })

  describe('a lost race', () => {
    test('an instance that moved since it was read', async () => {
      const one = anInstance()
      await apply(world.store, [enters(one)])
      const triggers = await accepted(world.store, [leadEvent(), leadEvent()])
      const known = await world.store.load(request(triggers), NOW)
      const moved = moves(one, 'thanks')
      const [first, second] = triggers.map(({ id }) => decision(id, [moved.change]))
      if (first === undefined || second === undefined) throw new Error('The store lost a trigger.')
      expect(await world.store.commit([first], known.revisions, NOW, newId)).toEqual({ kind: 'committed' })
      expect(await world.store.commit([second], known.revisions, NOW, newId)).toEqual({
        kind: 'conflict',
        keys: [`instance:${one.id}`],
      })
      expect(await world.store.instanceSteps(one.id)).toHaveLength(2)
    })

    test('a record that two batches let in at once enters once', async () => {
      const triggers = await accepted(world.store, [leadEvent(), leadEvent()])
      const known = await world.store.load(request(triggers), NOW)
      const outcomes = await Promise.all(
        triggers.map(({ id }) =>
          world.store.commit([decision(id, [enters(anInstance({ id: `${id}-0` }))])], known.revisions, NOW, newId),
        ),
      )
      expect(outcomes.map(({ kind }) => kind)).toEqual(['committed', 'conflict'])
      expect(await world.store.depths(NOW)).toMatchObject({ instancesRunning: 1 })
    })

    test('a decision that fails leaves nothing behind, in no count and no list', async () => {
      const nowhere: Change = { kind: 'moveMessage', move: { id: 'none', state: 'sent' }, at: NOW }
      const lost = anInstance({ addresses: [PHONE] })
      await expect(apply(world.store, [enters(lost), nowhere])).rejects.toThrow('none')
      const kept = anInstance({ recordId: 'other' })
      await apply(world.store, [enters(kept)])
      expect(await world.store.depths(NOW)).toMatchObject({ instancesRunning: 1 })
      expect(await world.store.instanceCounts(lost.definition)).toMatchObject({
        entered: 1,
        standing: [{ version: 1, position: 'hello', count: 1 }],
      })
      expect(await loaded(leadEvent())).toMatchObject({ entries: new Map() })
      expect((await loaded(inbound)).instancesByAddress.get(PHONE)).toEqual([])
    })
  })

  describe('counts', () => {
    test('tell where they stand, how they ended and which ways they went', async () => {
      const [a, b, c] = [anInstance(), anInstance(), anInstance({ version: 2 })]
      const moved = moves(a, 'thanks', { tookMs: 100 })
      const noted = { ...moved.instance, revision: 3 }
      await apply(world.store, [
        ...[a, b, c].map((one) => enters(one)),
        moved.change,
        { kind: 'putInstance', instance: noted, steps: [aStep({ kind: 'noted', from: 'thanks', to: 'thanks' })] },
        moves(b, 'thanks', { tookMs: 50 }).change,
      ])
      await apply(world.store, [ends(noted, 'completed').change])
      const { passes, ...counts } = await world.store.instanceCounts('journey/trial-nurture')
      expect(counts).toEqual({
        entered: 3,
        standing: [
          { version: 1, position: 'thanks', count: 1 },
          { version: 2, position: 'hello', count: 1 },
        ],
        ended: [{ reason: 'completed', count: 1 }],
      })
      expect(passes).toHaveLength(3)
      expect(passes).toEqual(
        expect.arrayContaining([
          { from: null, to: 'hello', via: 'record', count: 3, totalMs: 0 },
          { from: 'hello', to: 'thanks', via: 'timeout', count: 2, totalMs: 150 },
          { from: 'thanks', to: null, via: 'completed', count: 1, totalMs: 0 },
        ]),
      )
    })

    test('a migration is a way when it leads elsewhere; else it stands there on', async () => {
      const [a, b] = [anInstance(), anInstance()]
      const migrated = { kind: 'migrated', via: 'migrated', tookMs: 70 } as const
      await apply(world.store, [
        ...[a, b].map((one) => enters(one)),
        moves(a, 'hello', migrated, { version: 2 }).change,
        moves(b, 'thanks', migrated, { version: 2 }).change,
      ])
      const { standing, passes } = await world.store.instanceCounts(a.definition)
      expect(standing).toEqual([
        { version: 2, position: 'hello', count: 1 },
        { version: 2, position: 'thanks', count: 1 },
      ])
      expect(passes.filter(({ via }) => via === 'migrated')).toEqual([
        { from: 'hello', to: 'thanks', via: 'migrated', count: 1, totalMs: 70 },
      ])
    })

    test('of a definition that nobody entered are empty', async () => {
      expect(await world.store.instanceCounts('journey/none')).toEqual({
        entered: 0,
        standing: [],
        ended: [],
        passes: [],
      })
    })
  })

  describe('whatever happens in whatever order', () => {
    const move = fc.record({
      who: fc.nat(3),
      what: fc.constantFrom('enter', 'move', 'note', 'migrate', 'end'),
      to: fc.constantFrom('挨拶', '待つ', '終わり'),
      address: fc.subarray([PHONE, 'JP.1']),
      commit: fc.boolean(),
    })

    test('the sums are those of the rows, and folding gives what loading gives', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (script) => {
          const opened = await open()
          const { store } = opened
          const model = createModel()
          const waiting: Change[] = []
          for (const one of script) {
            waiting.push(...model.play(one))
            if (one.commit) await commitFolding(store, waiting.splice(0))
          }
          await commitFolding(store, waiting)
          await model.compare(store)
          await opened.close()
        }),
        { numRuns: 30 },
      )
    })

    /** Commits, and compares what the engine holds in memory with what the store tells afterwards. */
    async function commitFolding(store: Store, changes: Change[]): Promise<void> {
      const triggers = await accepted(store, [leadEvent(), { ...inbound, sourceId: newId() }])
      const before = await store.load(request(triggers), NOW)
      const made = decision(triggers[0]?.id ?? '', changes)
      fold(before, made)
      expect(await store.commit([made], before.revisions, NOW, newId)).toEqual({ kind: 'committed' })
      const after = await store.load(request(triggers), NOW)
      expect(before.instancesByRecord).toEqual(after.instancesByRecord)
      expect(before.instancesByAddress).toEqual(after.instancesByAddress)
      expect(before.entries).toEqual(after.entries)
      for (const [id, instance] of after.instances) expect(before.instances.get(id)).toEqual(instance)
    }
  })

  describe('lists', () => {
    test('come newest first, page by page, and each filter does what it says', async () => {
      const all = [
        anInstance({ recordId: '1' }),
        anInstance({ recordId: '2', definition: 'journey/other', position: 'wait' }),
        anInstance({ recordId: '3', kind: 'blueprint', definition: 'blueprint/deal-desk', module: 'Deals' }),
        anInstance({ recordId: '4', version: 2 }),
      ]
      const last = all[3] ?? anInstance()
      await apply(world.store, [...all.map((one) => enters(one)), ends(last, 'goal').change])
      const recordsOf = async (filter: Parameters<Store['instances']>[0]) =>
        (await world.store.instances(filter, { limit: 10 })).items.map(({ recordId }) => recordId)

      expect(await recordsOf({})).toEqual(['4', '3', '2', '1'])
      expect(await recordsOf({ kind: 'blueprint' })).toEqual(['3'])
      expect(await recordsOf({ definition: 'journey/trial-nurture' })).toEqual(['4', '1'])
      expect(await recordsOf({ definition: 'journey/trial-nurture', version: 2 })).toEqual(['4'])
      expect(await recordsOf({ status: 'running' })).toEqual(['3', '2', '1'])
      expect(await recordsOf({ status: 'ended', definition: 'journey/trial-nurture' })).toEqual(['4'])
      expect(await recordsOf({ definition: 'journey/trial-nurture', version: 1, status: 'running' })).toEqual(['1'])
      expect(await recordsOf({ position: 'wait' })).toEqual(['2'])
      expect(await recordsOf({ module: 'Deals', recordId: '3' })).toEqual(['3'])
      expect(await recordsOf({ module: 'Leads', recordId: '3' })).toEqual([])

      const first = await world.store.instances({}, { limit: 3 })
      expect(first.items).toHaveLength(3)
      const rest = await world.store.instances({}, { limit: 3, after: first.next ?? '' })
      expect(rest.items.map(({ recordId }) => recordId)).toEqual(['1'])
      expect(rest.next).toBeNull()
    })
  })
}

const JOURNEY: Definition = {
  kind: 'journey',
  name: 'trial-nurture',
  module: 'Leads',
  entry: { trigger: { on: 'manual' } },
  steps: [{ id: 'end', exit: 'completed' }],
}

interface Played {
  who: number
  what: 'enter' | 'move' | 'note' | 'migrate' | 'end'
  to: string
  address: string[]
}

/** Instances as plain values, beside the store. */
function createModel() {
  const running = new Map<number, Instance>()
  const steps: InstanceStep[] = []
  let at = NOW

  function play({ who, what, to, address }: Played): Change[] {
    const before = running.get(who)
    at += DAY_MS
    if (what === 'enter') {
      if (before !== undefined) return []
      const entered = anInstance({ position: to, addresses: address, enteredAt: at, key: `${who}` })
      running.set(who, entered)
      return keep(enters(entered))
    }
    if (before === undefined) return []
    if (what === 'end') {
      running.delete(who)
      return keep(ends(before, `理由${to}`, at).change)
    }
    const kind = what === 'move' ? 'moved' : what === 'note' ? 'noted' : 'migrated'
    const where = what === 'note' ? before.position : to
    const version = what === 'migrate' ? before.version + 1 : before.version
    const moved = moves(before, where, { kind, via: what, tookMs: who + 1, at }, { version, addresses: address })
    running.set(who, moved.instance)
    return keep(moved.change)
  }

  function keep(change: Change): Change[] {
    if (change.kind === 'putInstance') steps.push(...change.steps)
    return [change]
  }

  async function compare(store: Store): Promise<void> {
    const counts = await store.instanceCounts('journey/trial-nurture')
    const passed = steps.filter(({ kind, from, to }) => kind !== 'noted' && !(kind === 'migrated' && from === to))
    const took = (all: { tookMs: number }[]) => all.reduce((sum, { tookMs }) => sum + tookMs, 0)
    expect(counts.entered).toBe(steps.filter(({ kind }) => kind === 'entered').length)
    expect(counts.ended.reduce((sum, { count }) => sum + count, 0)).toBe(
      steps.filter(({ kind }) => kind === 'ended').length,
    )
    expect(counts.passes.reduce((sum, { count }) => sum + count, 0)).toBe(passed.length)
    expect(counts.passes.reduce((sum, { totalMs }) => sum + totalMs, 0)).toBe(took(passed))
    const standing = new Map<string, number>()
    for (const { version, position } of running.values()) {
      const key = `${version}/${position}`
      standing.set(key, (standing.get(key) ?? 0) + 1)
    }
    expect(new Map(counts.standing.map(({ version, position, count }) => [`${version}/${position}`, count]))).toEqual(
      standing,
    )
    expect(await store.depths(NOW)).toMatchObject({ instancesRunning: running.size })
    for (const one of running.values()) expect(await store.instance(one.id)).toEqual(one)
  }

  return { play, compare }
}
