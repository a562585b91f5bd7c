import { describe, expect, test } from 'vitest'
import type { Journey, Step } from '#definitions/definitions.ts'
import type { Move } from '#engine/command.ts'
import { aJourney, createJourneyBench, DAY_MS, equal, HOUR_MS, type JourneyBench } from './journeyBench.ts'

const FIRST: Step[] = [
  { id: 'hello', send: { template: 'hello' } },
  { id: 'wait', wait: 'P3D' },
  { id: 'remind', send: { template: 'remind' } },
  { id: 'end', exit: 'completed' },
]

async function standingAt(steps: Step[], after = 0, more: Partial<Journey> = {}): Promise<JourneyBench> {
  const bench = await createJourneyBench([aJourney(steps, more)])
  await bench.create('1')
  await bench.goOn(after)
  return bench
}

async function bring(bench: JourneyBench, steps: Step[], otherwise: Move, more: Partial<Journey> = {}) {
  await bench.define([aJourney(steps, more)])
  const migrate = { do: 'migrate' as const, definition: 'journey/trial-nurture', from: 1, to: 2, positions: {} }
  await bench.ask({ ...migrate, otherwise, after: '' })
}

const to = (position: string): Move => ({ to: 'position', position })

test('without a word from anybody, an instance goes on in the version it entered', async () => {
  const bench = await standingAt(FIRST)
  await bench.define([aJourney([{ id: 'hello', send: { template: 'thanks' } }])])
  await bench.create('2')
  await bench.goOn(4 * DAY_MS)
  expect(await bench.sent()).toEqual(['hello', 'thanks', 'remind'])
  expect((await bench.instances()).map(({ version }) => version)).toEqual([1, 2])
})

describe('brought to the newest version', () => {
  const waits = (span: string): Step[] => [
    { id: 'hello', send: { template: 'hello' } },
    { id: 'wait', wait: span },
    { id: 'thanks', send: { template: 'thanks' } },
  ]

  test.each([
    ['P3D', 2],
    ['P5D', 4],
    ['P2D', 1],
    ['PT1H', 0], // over already
  ])('after one day at a wait that is now %s, it waits %i more days', async (span, days) => {
    const bench = await standingAt(FIRST, DAY_MS)
    await bring(bench, waits(span), to('wait'))
    if (days > 0) {
      await bench.goOn(days * DAY_MS - 1)
      expect(await bench.sent()).toEqual(['hello'])
      await bench.goOn(1)
    }
    expect(await bench.sent()).toEqual(['hello', 'thanks'])
    const [instance] = await bench.instances('1')
    expect(instance).toMatchObject({ version: 2, reason: 'completed' })
    expect(await bench.path('1')).toContain('wait -migrated> wait')
  })

  test('at another step it waits from now on', async () => {
    const bench = await standingAt(FIRST, DAY_MS)
    await bring(bench, [{ id: 'pause', wait: 'P3D' }, ...waits('P1D')], to('pause'))
    await bench.goOn(3 * DAY_MS - 1)
    expect(await bench.place('1')).toBe('pause')
  })

  test('a message that was sent is not sent again', async () => {
    const bench = await standingAt(FIRST, DAY_MS)
    await bring(bench, waits('P3D'), to('hello'))
    expect(await bench.sent()).toEqual(['hello'])
    expect(await bench.path('1')).toEqual([
      '-record> hello',
      'hello -next> wait',
      'wait -migrated> hello',
      'hello -already_sent> wait',
    ])
  })

  test('one that is held by quiet hours is sent when they are over, once', async () => {
    const quiet = { quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'hold' } } as const
    const bench = await createJourneyBench([aJourney(FIRST, quiet)])
    bench.advance(12 * HOUR_MS)
    await bench.create('1')
    await bring(bench, waits('P3D'), to('hello'), quiet)
    expect(await bench.sent()).toEqual([])
    await bench.goOn(DAY_MS)
    expect(await bench.sent()).toEqual(['hello'])
  })

  test('one that is to be sent for the second time, and is held, is sent for the second time', async () => {
    const quiet = { quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'hold' } } as const
    const twice: Step[] = [
      { id: 'hello', send: { template: 'hello' } },
      { id: 'wait', wait: 'PT12H' },
      { id: 'again', goto: 'hello', max: 1 },
    ]
    const bench = await standingAt(twice, 12 * HOUR_MS, quiet)
    expect([await bench.place('1'), await bench.sent()]).toEqual(['hello', ['hello']])
    await bring(bench, waits('P3D'), to('hello'), quiet)
    await bench.goOn(DAY_MS)
    expect(await bench.sent()).toEqual(['hello', 'hello'])
  })

  test('a message that was not sent yet is', async () => {
    const bench = await standingAt(FIRST)
    await bring(bench, waits('P3D'), to('thanks'))
    expect(await bench.sent()).toEqual(['hello', 'thanks'])
  })

  test('a goal that matches by now ends it', async () => {
    const bench = await standingAt(FIRST)
    await bench.update('1', { Lead_Status: 'Open' })
    await bring(bench, FIRST, to('wait'), { goal: { when: equal('Lead_Status', 'Open') } })
    expect(await bench.place('1')).toBe('ended: goal')
  })

  test('what it remembers comes along: a reply that the old version did not want', async () => {
    const wants = (text: string): Step[] => [
      { id: 'hello', send: { template: 'hello' } },
      { id: 'reply', waitFor: { on: 'message.received', text: [text] }, timeout: 'P3D' },
      { id: 'end', exit: 'heard' },
    ]
    const bench = await standingAt(wants('はい'))
    await bench.reply('OK')
    await bring(bench, wants('ok'), to('reply'))
    expect(await bench.place('1')).toBe('ended: heard')
  })

  test('to a step that is not there: it stays, and the trace says why', async () => {
    const bench = await standingAt(FIRST)
    await bring(bench, waits('P3D'), to('nowhere'))
    const [instance] = await bench.instances('1')
    expect(instance).toMatchObject({ version: 1, position: 'wait', status: 'running' })
    await bench.goOn(4 * DAY_MS)
    expect(await bench.sent()).toEqual(['hello', 'remind'])
  })

  test('to a version about another module: it stays, and the trace says why', async () => {
    const bench = await standingAt(FIRST)
    await bench.define([aJourney(FIRST, { module: 'Deals' })])
    const move = { do: 'migrate' as const, definition: 'journey/trial-nurture', from: 1, to: 2, positions: {} }
    await bench.ask({ ...move, otherwise: to('wait'), after: '' })
    expect(await bench.instances('1')).toMatchObject([{ version: 1, status: 'running', position: 'wait' }])
    await bench.goOn(3 * DAY_MS)
    expect(await bench.sent()).toEqual(['hello', 'remind'])
  })

  test('or out of it', async () => {
    const bench = await standingAt(FIRST)
    await bring(bench, waits('P3D'), { to: 'exit' })
    expect(await bench.place('1')).toBe('ended: journey_exit_on_edit')
    await bench.goOn(9 * DAY_MS)
    expect(await bench.sent()).toEqual(['hello'])
  })

  test('or not at all', async () => {
    const bench = await standingAt(FIRST)
    await bring(bench, waits('P3D'), { to: 'stay' })
    expect(await bench.instances('1')).toMatchObject([{ version: 1, position: 'wait' }])
  })

  test('while it is paused it comes over, and stands until it is resumed', async () => {
    const bench = await standingAt(FIRST)
    const definition = 'journey/trial-nurture'
    await bench.ask({ do: 'pause', definition })
    await bring(bench, waits('P1D'), to('wait'))
    await bench.goOn(5 * DAY_MS)
    expect(await bench.sent()).toEqual(['hello'])
    await bench.ask({ do: 'resume', definition, spreadMs: 0 })
    await bench.goOn(0)
    expect(await bench.sent()).toEqual(['hello', 'thanks'])
  })
})
