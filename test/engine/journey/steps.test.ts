import { describe, expect, test } from 'vitest'
import type { Journey, Step } from '#definitions/definitions.ts'
import { sendOf, TANAKA } from '../workbench.ts'
import { aJourney, createJourneyBench, DAY_MS, equal, HOUR_MS, MINUTE_MS } from './journeyBench.ts'

/** The seed page's example, shortened. */
const NURTURE: Step[] = [
  { id: 'hello', send: { template: 'hello' } },
  { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P2D', then: 'thanks', else: 'remind' },
  { id: 'remind', send: { template: 'remind' }, next: 'end' },
  { id: 'thanks', do: [{ type: 'updateRecord', set: { Lead_Status: 'Contacted' } }] },
  { id: 'end', exit: 'completed' },
]

describe('a journey from end to end', () => {
  test('who answers is thanked, and each step is one line of the history', async () => {
    const bench = await createJourneyBench([aJourney(NURTURE)])
    await bench.create('1')
    expect(await bench.place('1')).toBe('reply')
    bench.advance(HOUR_MS)
    await bench.reply('ありがとうございます')
    expect(await bench.path('1')).toEqual([
      '-record> hello',
      'hello -next> reply',
      'reply -then> thanks',
      'thanks -next> end',
      'end -completed>',
    ])
    expect(await bench.values('Leads', '1')).toMatchObject({ Lead_Status: 'Contacted' })
    expect(await bench.sent()).toEqual(['hello'])
    const [instance] = await bench.instances('1')
    const [, , moved] = await bench.store.instanceSteps(instance!.id)
    expect(moved).toMatchObject({ tookMs: HOUR_MS, by: 'journey/trial-nurture@1' })
  })

  test('who does not answer is reminded when the time is over, and not a moment before', async () => {
    const bench = await createJourneyBench([aJourney(NURTURE)])
    await bench.create('1')
    await bench.goOn(2 * DAY_MS - 1)
    expect(await bench.sent()).toEqual(['hello'])
    await bench.goOn(1)
    expect(await bench.sent()).toEqual(['hello', 'remind'])
    expect(await bench.path('1')).toContain('reply -timeout> remind')
    expect(await bench.place('1')).toBe('ended: completed')
    expect(await bench.store.timers({ state: 'waiting' })).toEqual([])
  })

  test('the message tells which instance and step wants it, and the instance whom it wrote to', async () => {
    const bench = await createJourneyBench([aJourney(NURTURE)])
    await bench.create('1')
    const [instance] = await bench.instances('1')
    expect(sendOf((await bench.messages())[0])).toMatchObject({
      instanceId: instance!.id,
      step: 'hello',
      definition: 'journey/trial-nurture@1',
      pointer: '/steps/0/send',
      to: { phone: TANAKA },
    })
    expect(instance!.addresses).toEqual(expect.arrayContaining([TANAKA, TANAKA.slice(1)]))
  })

  test('a deleted record ends its journeys, and nothing fires any more', async () => {
    const bench = await createJourneyBench([aJourney(NURTURE)])
    await bench.create('1')
    await bench.happen({
      kind: 'record',
      source: 'crm',
      sourceId: 'gone',
      occurredAt: bench.now(),
      op: 'deleted',
      module: 'Leads',
      recordId: '1',
      values: {},
      mode: 'merge',
    })
    await bench.goOn(3 * DAY_MS)
    expect(await bench.place('1')).toBe('ended: record_deleted')
    expect(await bench.sent()).toEqual(['hello'])
  })
})

describe('goal and exits', () => {
  const journey = aJourney(
    [
      { id: 'hello', send: { template: 'hello' } },
      { id: 'month', wait: 'P30D' },
      { id: 'remind', send: { template: 'remind' } },
    ],
    {
      goal: { when: equal('Lead_Status', 'Converted') },
      exits: [
        { name: 'lost', when: equal('Lead_Status', 'Lost Lead') },
        {
          name: 'asked-to-stop',
          when: { fact: 'message', path: '$.text', operator: 'equal', value: '停止' },
        },
      ],
    },
  )

  test.each([
    ['Converted', 'ended: goal'],
    ['Lost Lead', 'ended: lost'],
    ['Contacted', 'month'],
  ])('in the middle of a wait of 30 days, %s: %s', async (status, place) => {
    const bench = await createJourneyBench([journey])
    await bench.create('1')
    await bench.goOn(DAY_MS)
    await bench.update('1', { Lead_Status: status })
    expect(await bench.place('1')).toBe(place)
    await bench.goOn(40 * DAY_MS)
    expect(await bench.sent()).toEqual(place === 'month' ? ['hello', 'remind'] : ['hello'])
  })

  test('an exit may look at what the contact writes', async () => {
    const bench = await createJourneyBench([journey])
    await bench.create('1')
    await bench.reply('あとで')
    expect(await bench.place('1')).toBe('month')
    await bench.reply('停止')
    expect(await bench.place('1')).toBe('ended: asked-to-stop')
  })

  test('the goal outranks an exit, and both outrank what the step waits for', async () => {
    const both = aJourney(
      [
        { id: 'wait', waitFor: { on: 'record.updated' }, timeout: 'P9D', then: 'hello' },
        { id: 'hello', send: { template: 'hello' } },
      ],
      { goal: { when: equal('Lead_Status', 'Won') }, exits: [{ name: 'out', when: equal('Lead_Status', 'Won') }] },
    )
    const bench = await createJourneyBench([both])
    await bench.create('1')
    await bench.update('1', { Lead_Status: 'Won' })
    expect(await bench.place('1')).toBe('ended: goal')
    expect(await bench.sent()).toEqual([])
  })

  test('what lies behind a lookup is looked at when a wait is over: nobody told us', async () => {
    const deal = aJourney(
      [
        { id: 'day', wait: 'P1D' },
        { id: 'tag', do: [{ type: 'addTags', tags: ['late'] }] },
      ],
      {
        module: 'Deals',
        goal: { when: equal('Contact_Name.Lead_Source', 'Partner') },
      },
    )
    const bench = await createJourneyBench([deal])
    const event = (module: string, recordId: string, values: Record<string, string>) => ({
      kind: 'record' as const,
      source: 'crm',
      sourceId: `${module}${recordId}${JSON.stringify(values)}`,
      occurredAt: bench.now(),
      op: 'saved' as const,
      module,
      recordId,
      values,
      mode: 'merge' as const,
    })
    await bench.happen(event('Contacts', 'c', { Lead_Source: 'Web' }), event('Deals', 'd', { Contact_Name: 'c' }))
    await bench.happen(event('Contacts', 'c', { Lead_Source: 'Partner' }))
    await bench.goOn(DAY_MS)
    const [instance] = await bench.instances()
    expect(instance).toMatchObject({ status: 'ended', reason: 'goal' })
    expect(await bench.values('Deals', 'd')).not.toHaveProperty('Tag')
  })
})

describe('waits', () => {
  test('a wait ends at a time of day in the zone of the contact', async () => {
    const bench = await createJourneyBench([
      aJourney([
        { id: 'days', wait: 'P2D', at: '09:30' },
        { id: 'hello', send: { template: 'hello' } },
      ]),
    ])
    await bench.create('tokyo')
    await bench.create('berlin', { Time_Zone: 'Europe/Berlin' })
    const timers = await bench.store.timers({ state: 'waiting' })
    const due = Object.fromEntries(timers.map(({ recordId, dueAt }) => [recordId, new Date(dueAt).toISOString()]))
    // It is 10:00 in Tokyo, so two days later 09:30 is past; in Berlin it is 02:00.
    expect(due).toEqual({ tokyo: '2026-11-25T00:30:00.000Z', berlin: '2026-11-24T08:30:00.000Z' })
  })

  test('a wait of no length is none', async () => {
    const bench = await createJourneyBench([aJourney([{ id: 'none', wait: 'PT0S' }])])
    await bench.create('1')
    expect(await bench.path('1')).toEqual(['-record> none', 'none -completed>'])
  })

  const until = (ifPast?: 'skip' | 'send' | 'exit'): Journey =>
    aJourney([
      { id: 'until', waitUntil: { field: 'Closing_Date', offset: '-P1D', at: '10:00', ...(ifPast && { ifPast }) } },
      { id: 'hello', send: { template: 'hello' } },
      { id: 'thanks', send: { template: 'thanks' } },
    ])

  test.each<[string, 'skip' | 'send' | 'exit' | undefined, string[], string]>([
    ['2026-11-22', undefined, ['thanks'], 'ended: completed'],
    ['2026-11-22', 'skip', ['thanks'], 'ended: completed'],
    ['2026-11-22', 'send', ['hello', 'thanks'], 'ended: completed'],
    ['2026-11-22', 'exit', [], 'ended: date_past'],
    ['', 'exit', [], 'ended: date_past'],
    ['あした', 'send', ['hello', 'thanks'], 'ended: completed'],
    ['2026-11-24', 'exit', [], 'until'],
    ['2026-11-23', 'exit', ['hello', 'thanks'], 'ended: completed'], // 10:00 today: this very moment
  ])('waiting for the day before %j, if past %s: %j', async (date, ifPast, sent, place) => {
    const bench = await createJourneyBench([until(ifPast)])
    await bench.create('1', { Closing_Date: date })
    expect(await bench.sent()).toEqual(sent)
    expect(await bench.place('1')).toBe(place)
  })

  test('when the date changes it waits for the new one only', async () => {
    const bench = await createJourneyBench([until('exit')])
    await bench.create('1', { Closing_Date: '2026-12-01' })
    await bench.update('1', { Closing_Date: '2026-12-10' })
    await bench.goOn(10 * DAY_MS)
    expect(await bench.place('1')).toBe('until')
    await bench.update('1', { Company: '伝令商店' })
    await bench.goOn(8 * DAY_MS)
    expect(await bench.sent()).toEqual(['hello', 'thanks'])
    const timers = await bench.store.timers({ recordId: '1', module: 'Leads' })
    expect(timers.map(({ state }) => state).sort()).toEqual(['cancelled', 'fired'])
  })

  test.each([
    ['America/New_York', '2026-11-30T15:00:00.000Z'],
    ['Pacific/Auckland', '2026-11-29T21:00:00.000Z'],
  ])('when the contact moves to %s, it is 10:00 there', async (Time_Zone, at) => {
    const bench = await createJourneyBench([until('exit')])
    await bench.create('1', { Closing_Date: '2026-12-01' })
    await bench.update('1', { Time_Zone })
    await bench.goOn(20 * DAY_MS)
    const [message] = await bench.messages()
    expect(new Date(message!.createdAt).toISOString()).toBe(at)
  })

  test('when the zone of the settings changes, whoever has none waits by the new one', async () => {
    const bench = await createJourneyBench([until('exit')])
    await bench.create('1', { Closing_Date: '2026-12-01' })
    await bench.store.saveSettings({ ...(await bench.store.settings()), timezone: 'Europe/Berlin' }, bench.now())
    await bench.goOn(20 * DAY_MS)
    const [message] = await bench.messages()
    expect(new Date(message!.createdAt).toISOString()).toBe('2026-11-30T09:00:00.000Z')
  })

  test('when the date is moved into the past, `ifPast` decides', async () => {
    const bench = await createJourneyBench([until('exit')])
    await bench.create('1', { Closing_Date: '2026-12-01' })
    await bench.update('1', { Closing_Date: '2026-11-01' })
    expect(await bench.place('1')).toBe('ended: date_past')
  })

  test('a timer that fires late still goes on: it waited as it should', async () => {
    const bench = await createJourneyBench([until('exit')])
    await bench.create('1', { Closing_Date: '2026-12-01' })
    bench.advance(30 * DAY_MS)
    await bench.settle()
    expect(await bench.sent()).toEqual(['hello', 'thanks'])
  })
})

describe('branch, goto and exit', () => {
  test.each([
    [150, 'ended: big'],
    [100, 'ended: middle'],
    [5, 'ended: small'],
  ])('with %i employees: %s', async (employees, place) => {
    const more = (value: number) => ({ fact: 'No_of_Employees', operator: 'greaterThan', value })
    const bench = await createJourneyBench([
      aJourney(
        [
          {
            id: 'size',
            branch: [
              { when: more(100), goto: 'big' },
              { when: { condition: 'middle' }, goto: 'middle' },
            ],
          },
          { id: 'small', exit: 'small' },
          { id: 'middle', exit: 'middle' },
          { id: 'big', exit: 'big' },
        ],
        { conditions: { middle: more(10) } },
      ),
    ])
    await bench.create('1', { No_of_Employees: employees })
    expect(await bench.place('1')).toBe(place)
  })

  test('a goto is gone as often as it says, and then it goes on below', async () => {
    const bench = await createJourneyBench([
      aJourney([
        { id: 'remind', send: { template: 'remind' } },
        { id: 'day', wait: 'P1D' },
        { id: 'again', goto: 'remind', max: 2 },
        { id: 'end', exit: 'no-answer' },
      ]),
    ])
    await bench.create('1')
    await bench.goOn(10 * DAY_MS)
    expect(await bench.sent()).toEqual(['remind', 'remind', 'remind'])
    expect(await bench.place('1')).toBe('ended: no-answer')
    expect((await bench.path('1')).filter((way) => way.startsWith('again'))).toEqual([
      'again -goto> remind',
      'again -goto> remind',
      'again -next> end',
    ])
  })

  // `constructor` and `toString` are step ids like any other, and names that every object knows.
  test.each(['constructor', 'toString', 'valueOf'])('a goto may be called "%s"', async (id) => {
    const bench = await createJourneyBench([
      aJourney([
        { id: 'day', wait: 'P1D' },
        { id, goto: 'day', max: 2 },
        { id: 'end', exit: 'over' },
      ]),
    ])
    await bench.create('1')
    await bench.goOn(9 * DAY_MS)
    expect((await bench.path('1')).filter((way) => way.startsWith(id))).toEqual([
      `${id} -goto> day`,
      `${id} -goto> day`,
      `${id} -next> end`,
    ])
    expect(await bench.place('1')).toBe('ended: over')
  })

  test('500 steps in a row without a wait are no circle', async () => {
    const steps = Array.from({ length: 500 }, (_, index): Step => ({
      id: `step${index}`,
      do: [{ type: 'notify', role: 'sales', message: String(index) }],
    }))
    const bench = await createJourneyBench([aJourney(steps)])
    await bench.create('1')
    expect(await bench.place('1')).toBe('ended: completed')
    expect((await bench.store.notifications({ limit: 1 })).items.map(({ message }) => message)).toEqual(['499'])
  })

  test('one that goes round without a wait is ended, nothing of it goes out, and others are not held up', async () => {
    const round = aJourney(
      [
        { id: 'hello', send: { template: 'hello' } },
        { id: 'none', wait: 'PT0S', next: 'hello' },
      ],
      { name: 'round' },
    )
    const bench = await createJourneyBench([round, aJourney([{ id: 'thanks', send: { template: 'thanks' } }])])
    const trigger = await bench.create('1')
    const reasons = (await bench.instances('1')).map(({ definition, reason }) => [definition, reason])
    expect(reasons).toEqual([
      ['journey/round', 'failed_steps'],
      ['journey/trial-nurture', 'completed'],
    ])
    expect(await bench.sent()).toEqual(['thanks'])
    expect(await bench.told(trigger)).toMatchObject([
      { outcome: 'failed', reason: 'failed_steps', detail: expect.stringContaining('202 steps') as string },
      { outcome: 'entered', reason: 'completed' },
    ])
  })

  test('a step that throws ends its own instance and takes back what it did', async () => {
    const broken = aJourney(
      [
        { id: 'hello', send: { template: 'hello' } },
        // The calendar opens never: there is no such working time.
        { id: 'never', wait: { unit: 'business_days', count: 2, calendar: 'closed' } },
      ],
      { name: 'broken' },
    )
    const closed = { kind: 'calendar' as const, name: 'closed', timezone: 'Asia/Tokyo', week: {} }
    const bench = await createJourneyBench([closed, broken, aJourney([{ id: 'thanks', send: { template: 'thanks' } }])])
    const trigger = await bench.create('1')
    expect((await bench.instances('1')).map(({ reason }) => reason)).toEqual(['failed', 'completed'])
    expect(await bench.sent()).toEqual(['thanks'])
    const [failed] = await bench.told(trigger)
    expect(failed).toMatchObject({ definition: 'journey/broken@1', outcome: 'failed', reason: 'failed' })
    expect(failed?.detail).not.toBe('')
  })

  test('a condition that throws harms its own journey only, and no event is set aside', async () => {
    const other = aJourney([{ id: 'wait', wait: 'P1D' }], {
      name: 'other',
      entry: { trigger: { on: 'record.saved' }, reentry: 'always' },
    })
    const bench = await createJourneyBench([aJourney(NURTURE), other])
    await bench.create('1')
    const compiled = bench.definitions().journeys.newest('journey/trial-nurture')!
    const throws = () => {
      throw new RangeError('bad data')
    }
    compiled.goal = throws
    const updated = await bench.update('1', { City: '東京' })
    const created = await bench.create('2')
    expect(await bench.told(updated)).toMatchObject([
      { definition: 'journey/trial-nurture@1', outcome: 'failed', reason: 'failed', detail: 'bad data', from: 'reply' },
      { definition: 'journey/other@1', outcome: 'entered' },
    ])
    expect(await bench.told(created)).toMatchObject([
      { definition: 'journey/other@1', outcome: 'entered' },
      { definition: 'journey/trial-nurture@1', instanceId: null, outcome: 'failed', reason: 'failed' },
    ])
    expect((await bench.store.depths(bench.now())).inboxQuarantined).toBe(0)
  })

  test('a long way of plain steps is no round', async () => {
    const steps = Array.from({ length: 190 }, (_, index): Step => ({ id: `s${index}`, wait: 'PT0S' }))
    const bench = await createJourneyBench([aJourney(steps)])
    await bench.create('1')
    expect(await bench.place('1')).toBe('ended: completed')
  })
})

test('what a `do` sends is of the journey too: caps and quiet hours hold, replies are heard', async () => {
  const bench = await createJourneyBench([
    aJourney(
      [
        { id: 'both', do: [{ type: 'sendTemplate', template: 'hello', to: '+819011112222' }] },
        { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P1D' },
      ],
      {
        quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'skip' },
        frequencyCap: { max: 2, per: 'P7D', otherwise: 'hold' },
      },
    ),
  ])
  await bench.create('1')
  expect(sendOf((await bench.messages())[0])).toMatchObject({
    step: 'both',
    quietHours: { from: '21:00', to: '09:00', timezone: 'contact', otherwise: 'block' },
    frequencyCap: { max: 2, per: 'P7D', otherwise: 'hold' },
  })
  bench.advance(MINUTE_MS)
  // Not the record's own phone: the number it was sent to.
  await bench.reply('はい', bench.now(), '819011112222')
  expect(await bench.place('1')).toBe('ended: completed')
})

describe('what a step changes in its own record', () => {
  const set: Step = { id: 'set', do: [{ type: 'updateRecord', set: { Lead_Status: 'Contacted' } }] }
  const look: Step = { id: 'look', branch: [{ when: equal('Lead_Status', 'Contacted'), goto: 'yes' }], else: 'no' }

  test('is seen by the steps after it, though it follows as an event', async () => {
    const ends: Step[] = [
      { id: 'no', exit: 'not-seen' },
      { id: 'yes', exit: 'seen' },
    ]
    const bench = await createJourneyBench([aJourney([set, look, ...ends])])
    await bench.create('1')
    expect(await bench.place('1')).toBe('ended: seen')
    expect(await bench.values('Leads', '1')).toMatchObject({ Lead_Status: 'Contacted' })
  })

  test('reaches the goal at once, also by a tag', async () => {
    const tag: Step = { id: 'tag', do: [{ type: 'addTags', tags: ['ようこそ'] }] }
    const goal = { when: { all: [{ fact: 'Tag', operator: 'contains', value: 'ようこそ' }] } }
    const bench = await createJourneyBench([aJourney([tag, { id: 'end', exit: 'completed' }], { goal })])
    await bench.create('1')
    expect(await bench.place('1')).toBe('ended: goal')
  })
})
