import { describe, expect, test } from 'vitest'
import type { Broadcast } from '#engine/instance.ts'
import type { Command } from '#engine/command.ts'
import { recordEvent } from '../workbench.ts'
import { aJourney, createJourneyBench, DAY_MS, equal, HOUR_MS, MINUTE_MS, type JourneyBench } from './journeyBench.ts'

const OFFER = aJourney([{ id: 'hello', send: { template: 'hello' } }], {
  name: 'spring-offer',
  entry: { trigger: { on: 'manual' } },
})
const definition = 'journey/spring-offer'

type Asked = Extract<Command, { do: 'broadcast' }>

async function withLeads(count: number): Promise<JourneyBench> {
  const bench = await createJourneyBench([OFFER])
  await bench.happen(
    ...Array.from({ length: count }, (_, id) =>
      recordEvent('created', 'Leads', `r${String(id).padStart(4, '0')}`, {
        City: id % 3 === 0 ? '東京' : '大阪',
        Mobile: `+8190${String(id).padStart(8, '0')}`,
      }),
    ),
  )
  return bench
}

async function broadcast(bench: JourneyBench, records: Asked['records'], more: Partial<Asked['broadcast']> = {}) {
  const asked = { name: '春の案内', definition, startAt: bench.now(), rate: null, ...more }
  const answer = await bench.ask({ do: 'broadcast', broadcast: asked, records })
  const { broadcastId = '' } = (answer?.kind === 'done' ? answer.details : {}) as { broadcastId?: string }
  return { answer, id: broadcastId, read: () => bench.store.broadcast(broadcastId) as Promise<Broadcast> }
}

const ids = (count: number) => Array.from({ length: count }, (_, id) => `r${String(id).padStart(4, '0')}`)
const entered = async (bench: JourneyBench) => (await bench.store.instanceCounts(definition)).entered

describe('a broadcast', () => {
  test('to a list takes page after page until all are through', async () => {
    const bench = await withLeads(450)
    const { read } = await broadcast(bench, { ids: [...ids(450), 'r0000', 'gone'] })
    await bench.goOn(0)
    expect(await read()).toMatchObject({
      state: 'done',
      source: { kind: 'list', total: 451 },
      cursor: '451',
      entered: 450,
      refused: { record_missing: 1 },
      createdBy: '佐藤',
      endedAt: bench.now(),
    })
    expect(await entered(bench)).toBe(450)
  })

  test('by condition takes the records that match when their turn comes', async () => {
    const bench = await withLeads(450)
    const { read } = await broadcast(bench, { when: equal('City', '東京') })
    await bench.goOn(0)
    expect(await read()).toMatchObject({ state: 'done', entered: 150, refused: {} })
    expect(await entered(bench)).toBe(150)
  })

  test('of a full page that is the last is done a moment later', async () => {
    const bench = await withLeads(400)
    const { read } = await broadcast(bench, { when: { all: [] } })
    await bench.goOn(0)
    expect(await read()).toMatchObject({ state: 'done', entered: 400 })
  })

  test('to whoever came in before counts them by reason', async () => {
    const bench = await withLeads(3)
    await bench.ask({ do: 'enroll', journey: 'spring-offer', recordIds: ['r0001'] })
    const { read } = await broadcast(bench, { ids: ids(3) })
    await bench.goOn(0)
    expect(await read()).toMatchObject({ entered: 2, refused: { already_entered: 1 } })
  })

  test('waits for its time', async () => {
    const bench = await withLeads(3)
    const { read, answer } = await broadcast(bench, { ids: ids(3) }, { startAt: bench.now() + DAY_MS })
    expect(answer).toMatchObject({ kind: 'done', details: { state: 'scheduled' } })
    await bench.goOn(DAY_MS - 1)
    expect(await read()).toMatchObject({ state: 'scheduled', entered: 0 })
    await bench.goOn(1)
    expect(await read()).toMatchObject({ state: 'done', entered: 3 })
  })

  test('keeps to its rate', async () => {
    const bench = await withLeads(100)
    const rate = { count: 10, perMs: MINUTE_MS }
    const { read } = await broadcast(bench, { ids: ids(100) }, { rate })
    const seen: number[] = []
    for (let minute = 0; minute < 10; minute++) {
      await bench.goOn(0)
      seen.push(await entered(bench))
      await bench.goOn(MINUTE_MS)
    }
    expect(seen).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    expect(await read()).toMatchObject({ state: 'done', entered: 100 })
  })

  test('keeps to a rate that is more than a page, in parts', async () => {
    const bench = await withLeads(450)
    const { read } = await broadcast(bench, { when: { all: [] } }, { rate: { count: 400, perMs: HOUR_MS } })
    await bench.goOn(HOUR_MS - 1)
    expect(await entered(bench)).toBe(400)
    await bench.goOn(1)
    expect(await read()).toMatchObject({ state: 'done', entered: 450 })
  })
})

describe('a broadcast under way', () => {
  const rate = { count: 10, perMs: MINUTE_MS }

  test('stands still while it is paused, and goes on where it was', async () => {
    const bench = await withLeads(30)
    const { id, read } = await broadcast(bench, { ids: ids(30) }, { rate })
    await bench.goOn(0)
    expect(await bench.ask({ do: 'moveBroadcast', id, to: 'paused' })).toEqual({
      kind: 'done',
      details: { broadcastId: id, state: 'paused' },
    })
    expect(await bench.store.timers({ state: 'waiting' })).toEqual([])
    await bench.goOn(HOUR_MS)
    expect(await read()).toMatchObject({ state: 'paused', entered: 10 })
    await bench.ask({ do: 'moveBroadcast', id, to: 'running' })
    await bench.goOn(0)
    expect(await entered(bench)).toBe(20)
    await bench.goOn(HOUR_MS)
    expect(await read()).toMatchObject({ state: 'done', entered: 30 })
  })

  test('goes no faster when it is paused and resumed between two pages', async () => {
    const bench = await withLeads(30)
    const { id } = await broadcast(bench, { ids: ids(30) }, { rate })
    await bench.goOn(0)
    await bench.ask({ do: 'moveBroadcast', id, to: 'paused' })
    await bench.ask({ do: 'moveBroadcast', id, to: 'running' })
    await bench.goOn(MINUTE_MS - 1)
    expect(await entered(bench)).toBe(10)
    await bench.goOn(1)
    expect(await entered(bench)).toBe(20)
  })

  test('goes no faster when it is paused and resumed again and again', async () => {
    const bench = await withLeads(100)
    const { id } = await broadcast(bench, { ids: ids(100) }, { rate, startAt: bench.now() + MINUTE_MS })
    for (let turn = 0; turn < 5; turn++) {
      await bench.ask({ do: 'moveBroadcast', id, to: 'paused' })
      await bench.ask({ do: 'moveBroadcast', id, to: 'running' })
      await bench.ask({ do: 'moveBroadcast', id, to: 'running' })
    }
    expect(await bench.store.broadcast(id)).toMatchObject({ state: 'scheduled' })
    await bench.goOn(MINUTE_MS)
    expect(await entered(bench)).toBe(10)
    await bench.goOn(MINUTE_MS)
    expect(await entered(bench)).toBe(20)
  })

  test('does nothing for a timer that had fired before it was paused and resumed', async () => {
    const bench = await withLeads(30)
    const { id } = await broadcast(bench, { ids: ids(30) }, { rate })
    await bench.goOn(0)
    bench.advance(MINUTE_MS)
    const moves = (['paused', 'running'] as const).map((to) => ({
      id: bench.shell.newId(),
      event: {
        kind: 'command' as const,
        source: 'test',
        sourceId: `race:${to}`,
        occurredAt: bench.now(),
        command: { do: 'moveBroadcast' as const, id, to },
        actor: { user: '佐藤', roles: [] },
      },
    }))
    await bench.store.accept(moves, bench.now())
    await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
    await bench.goOn(0)
    expect(await entered(bench)).toBe(20)
    await bench.goOn(MINUTE_MS)
    expect(await entered(bench)).toBe(30)
  })

  test('cancelled, it is over for good; who is in goes on', async () => {
    const bench = await withLeads(30)
    const { id, read } = await broadcast(bench, { ids: ids(30) }, { rate })
    await bench.goOn(0)
    await bench.ask({ do: 'moveBroadcast', id, to: 'cancelled' })
    await bench.goOn(HOUR_MS)
    expect(await read()).toMatchObject({ state: 'cancelled', entered: 10, endedAt: expect.any(Number) as number })
    expect(await bench.ask({ do: 'moveBroadcast', id, to: 'running' })).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await bench.store.timers({ state: 'waiting' })).toEqual([])
  })

  test('is paused when somebody switches its journey off', async () => {
    const bench = await withLeads(30)
    const { id, read } = await broadcast(bench, { ids: ids(30) }, { rate })
    await bench.goOn(0)
    await bench.store.setActive(definition, false, bench.now(), bench.shell.newId)
    await bench.define([])
    await bench.goOn(HOUR_MS)
    expect(await read()).toMatchObject({ state: 'paused', entered: 10 })
    expect(await bench.ask({ do: 'moveBroadcast', id, to: 'running' })).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    await bench.store.setActive(definition, true, bench.now(), bench.shell.newId)
    await bench.define([])
    await bench.ask({ do: 'moveBroadcast', id, to: 'running' })
    await bench.goOn(HOUR_MS)
    expect(await read()).toMatchObject({ state: 'done', entered: 30 })
  })
})

test.each<[string, Asked['records'], Partial<Asked['broadcast']>, string]>([
  ['no records', { ids: [] }, {}, 'ERR_INVALID_INPUT'],
  ['a journey that is not there', { ids: ['1'] }, { definition: 'journey/nowhere' }, 'ERR_NOT_FOUND'],
  ['a rate of none', { ids: ['1'] }, { rate: { count: 0, perMs: MINUTE_MS } }, 'ERR_INVALID_INPUT'],
  ['a rate in no time', { ids: ['1'] }, { rate: { count: 1, perMs: 0 } }, 'ERR_INVALID_INPUT'],
  ['a condition that cannot be read', { when: { fact: 'City', operator: 'smells' } }, {}, 'ERR_INVALID_INPUT'],
  ['a start that is no instant', { ids: ['1'] }, { startAt: NaN }, 'ERR_INVALID_INPUT'],
])('%s: refused, and nothing is planned', async (_, records, more, code) => {
  const bench = await withLeads(0)
  const { answer } = await broadcast(bench, records, more)
  expect(answer).toMatchObject({ kind: 'refused', code })
  expect(await bench.store.timers({ state: 'waiting' })).toEqual([])
  expect((await bench.store.broadcasts({}, { limit: 10 })).items).toEqual([])
})
