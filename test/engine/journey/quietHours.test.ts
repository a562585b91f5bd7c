import { expect, test } from 'vitest'
import type { Journey } from '#definitions/definitions.ts'
import { sendOf } from '../workbench.ts'
import { table } from '../../table.ts'
import { aJourney, createJourneyBench, DAY_MS, equal, HOUR_MS } from './journeyBench.ts'

function quiet(quietHours: Partial<NonNullable<Journey['quietHours']>> = {}, more: Partial<Journey> = {}): Journey {
  return aJourney(
    [
      { id: 'hello', send: { template: 'hello' } },
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P1D' },
    ],
    {
      quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'hold', ...quietHours },
      ...more,
    },
  )
}

/** When the only message was queued. */
async function queuedAt(at: string, values: Record<string, string>, journey = quiet()): Promise<string> {
  const bench = await createJourneyBench([journey])
  bench.advance(Date.parse(at) - bench.now())
  await bench.create('1', values)
  await bench.goOn(2 * DAY_MS)
  const [message] = await bench.messages()
  return message === undefined ? 'never' : new Date(message.createdAt).toISOString().replace(':00.000Z', 'Z')
}

// In the zone of the contact; without one, in that of the settings, Tokyo.
const cases = table(`
  at                    zone              | queued
  2026-11-22T03:00Z     -                 | 2026-11-22T03:00Z  // noon in Tokyo
  2026-11-22T11:59Z     -                 | 2026-11-22T11:59Z  // 20:59
  2026-11-22T12:00Z     -                 | 2026-11-23T00:00Z  // 21:00 is quiet, until 09:00 the next day
  2026-11-22T20:00Z     -                 | 2026-11-23T00:00Z  // 05:00
  2026-11-23T00:00Z     -                 | 2026-11-23T00:00Z  // 09:00 is not
  2026-11-22T03:00Z     America/New_York  | 2026-11-22T14:00Z  // 22:00 there the day before
  2026-11-22T12:00Z     Europe/Berlin     | 2026-11-22T12:00Z  // 13:00 there
  2026-10-24T20:00Z     Europe/Berlin     | 2026-10-25T08:00Z  // 22:00; that night is an hour longer
  2027-03-27T21:00Z     Europe/Berlin     | 2027-03-28T07:00Z  // 22:00; that night is an hour shorter
  2026-11-22T12:00Z     Mars/Olympus      | 2026-11-23T00:00Z  // no such zone: that of the settings
`)
test.each(cases)('entered at $at in zone $zone, the message is queued at $queued', async ({ at, zone, queued }) => {
  expect(await queuedAt(at, zone === '-' ? {} : { Time_Zone: zone })).toBe(queued)
})

test('a zone of the journey counts for everybody', async () => {
  const journey = quiet({ timezone: 'Europe/Berlin' })
  expect(await queuedAt('2026-11-22T21:00Z', { Time_Zone: 'Asia/Tokyo' }, journey)).toBe('2026-11-23T08:00Z')
})

test('while it is held it stands at the step, and nothing is in the outbox', async () => {
  const bench = await createJourneyBench([quiet()])
  bench.advance(12 * HOUR_MS)
  await bench.create('1')
  expect(await bench.place('1')).toBe('hello')
  expect(await bench.messages()).toEqual([])
  await bench.goOn(11 * HOUR_MS)
  expect(await bench.path('1')).toEqual(['-record> hello', 'hello -next> reply'])
})

test('otherwise `skip`, it passes over the message', async () => {
  const bench = await createJourneyBench([quiet({ otherwise: 'skip' })])
  bench.advance(12 * HOUR_MS)
  await bench.create('1')
  expect(await bench.messages()).toEqual([])
  expect(await bench.path('1')).toEqual(['-record> hello', 'hello -quiet_hours> reply'])
})

test('the message carries them, for it may wait in the outbox until they begin', async () => {
  const bench = await createJourneyBench([quiet({ otherwise: 'skip' })])
  await bench.create('1')
  expect(sendOf((await bench.messages())[0]).quietHours).toEqual({
    from: '21:00',
    to: '09:00',
    timezone: 'contact',
    otherwise: 'block',
  })
})

test('who reaches the goal while a message is held gets none', async () => {
  const bench = await createJourneyBench([quiet({}, { goal: { when: equal('Lead_Status', 'Converted') } })])
  bench.advance(12 * HOUR_MS)
  await bench.create('1')
  await bench.update('1', { Lead_Status: 'Converted' })
  await bench.goOn(DAY_MS)
  expect(await bench.place('1')).toBe('ended: goal')
  expect(await bench.messages()).toEqual([])
})

test.each([
  ['America/New_York', '2026-11-23T00:00:00.000Z'], // 19:00 there
  ['Europe/London', '2026-11-23T09:00:00.000Z'], // midnight there: held again
])('who has moved to %s meanwhile gets it at %s', async (Time_Zone, at) => {
  const bench = await createJourneyBench([quiet()])
  bench.advance(12 * HOUR_MS)
  await bench.create('1')
  await bench.update('1', { Time_Zone })
  await bench.goOn(2 * DAY_MS)
  expect((await bench.messages()).map(({ createdAt }) => new Date(createdAt).toISOString())).toEqual([at])
})
