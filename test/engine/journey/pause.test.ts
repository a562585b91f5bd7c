import { describe, expect, test } from 'vitest'
import type { Step } from '#definitions/definitions.ts'
import { aJourney, createJourneyBench, DAY_MS, equal, HOUR_MS, type JourneyBench } from './journeyBench.ts'

const STEPS: Step[] = [
  { id: 'hello', send: { template: 'hello' } },
  { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P2D', then: 'thanks', else: 'remind' },
  { id: 'remind', send: { template: 'remind' }, next: 'end' },
  { id: 'thanks', send: { template: 'thanks' } },
  { id: 'end', exit: 'completed' },
]
const JOURNEY = aJourney(STEPS, { goal: { when: equal('Lead_Status', 'Converted') } })
const definition = 'journey/trial-nurture'

const pause = (bench: JourneyBench) => bench.ask({ do: 'pause', definition })
const resume = (bench: JourneyBench, spreadMs = 0) => bench.ask({ do: 'resume', definition, spreadMs })

describe('while a journey is paused', () => {
  test('nothing falls due; resumed, what became due is done', async () => {
    const bench = await createJourneyBench([JOURNEY])
    await bench.create('1')
    await pause(bench)
    await bench.goOn(5 * DAY_MS)
    expect(await bench.place('1')).toBe('reply')
    await resume(bench)
    await bench.goOn(0)
    expect(await bench.sent()).toEqual(['hello', 'remind'])
  })

  test('a reply moves it to the next step, which is done when it is resumed', async () => {
    const bench = await createJourneyBench([JOURNEY])
    await bench.create('1')
    await pause(bench)
    await bench.reply('はい')
    expect(await bench.place('1')).toBe('thanks')
    await bench.goOn(5 * DAY_MS)
    expect(await bench.sent()).toEqual(['hello'])
    await resume(bench)
    await bench.goOn(0)
    expect(await bench.sent()).toEqual(['hello', 'thanks'])
    expect(await bench.place('1')).toBe('ended: completed')
  })

  test('goals end it all the same', async () => {
    const bench = await createJourneyBench([JOURNEY])
    await bench.create('1')
    await pause(bench)
    await bench.update('1', { Lead_Status: 'Converted' })
    expect(await bench.place('1')).toBe('ended: goal')
  })

  test('records enter and stand at the first step', async () => {
    const bench = await createJourneyBench([JOURNEY])
    await pause(bench)
    await bench.create('1')
    await bench.goOn(DAY_MS)
    expect(await bench.place('1')).toBe('hello')
    expect(await bench.sent()).toEqual([])
    await resume(bench)
    await bench.goOn(0)
    expect(await bench.place('1')).toBe('reply')
    expect(await bench.sent()).toEqual(['hello'])
  })

  test('a timer that had fired just before does not run', async () => {
    const bench = await createJourneyBench([JOURNEY])
    await bench.create('1')
    bench.advance(2 * DAY_MS)
    // The command is in the inbox before the timer's trigger, and both are decided together.
    const event = (sourceId: string) => ({
      kind: 'command' as const,
      source: 'test',
      sourceId,
      occurredAt: bench.now(),
      command: { do: 'pause' as const, definition },
      actor: { user: '佐藤', roles: [] },
    })
    await bench.store.accept([{ id: bench.shell.newId(), event: event('pause-first') }], bench.now())
    await bench.store.fireTimers(bench.now(), 10, bench.shell.newId)
    await bench.settle()
    expect(await bench.place('1')).toBe('reply')
    await bench.goOn(DAY_MS)
    expect(await bench.sent()).toEqual(['hello'])
    await resume(bench)
    await bench.goOn(0)
    expect(await bench.sent()).toEqual(['hello', 'remind'])
  })

  test('a changed date is waited for from when it is resumed', async () => {
    const until: Step[] = [
      { id: 'until', waitUntil: { field: 'Closing_Date', at: '10:00', ifPast: 'exit' } },
      { id: 'hello', send: { template: 'hello' } },
    ]
    const bench = await createJourneyBench([aJourney(until)])
    await bench.create('1', { Closing_Date: '2026-12-01' })
    await pause(bench)
    await bench.update('1', { Closing_Date: '2026-12-24' })
    await bench.goOn(20 * DAY_MS)
    await resume(bench)
    await bench.goOn(10 * DAY_MS)
    expect(await bench.place('1')).toBe('until')
    await bench.goOn(5 * DAY_MS)
    expect(await bench.sent()).toEqual(['hello'])
  })
})

test('what comes due together is spread when it is resumed', async () => {
  const bench = await createJourneyBench([JOURNEY])
  for (let id = 0; id < 60; id++) await bench.create(String(id), { Mobile: '' })
  await pause(bench)
  await bench.goOn(3 * DAY_MS)
  const resumedAt = bench.now()
  await resume(bench, HOUR_MS)
  await bench.goOn(HOUR_MS / 2)
  const half = (await bench.sent()).filter((name) => name === 'remind').length
  expect(half).toBeGreaterThan(15)
  expect(half).toBeLessThan(45)
  await bench.goOn(HOUR_MS / 2)
  const ended = await bench.instances()
  expect(ended.every(({ endedAt }) => endedAt !== null && endedAt <= resumedAt + HOUR_MS)).toBe(true)
  // Nobody is lost, and hardly two at one moment.
  expect(new Set(ended.map(({ endedAt }) => endedAt)).size).toBeGreaterThan(50)
})

test('asking twice changes nothing, and one that is not there is refused', async () => {
  const bench = await createJourneyBench([JOURNEY])
  expect(await pause(bench)).toEqual({ kind: 'done', details: { definition, paused: true, changed: true } })
  expect(await pause(bench)).toEqual({ kind: 'done', details: { definition, paused: true, changed: false } })
  expect(await resume(bench)).toEqual({ kind: 'done', details: { definition, paused: false, changed: true } })
  expect(await resume(bench)).toEqual({ kind: 'done', details: { definition, paused: false, changed: false } })
  expect(await bench.ask({ do: 'pause', definition: 'journey/nowhere' })).toMatchObject({ code: 'ERR_NOT_FOUND' })
})
