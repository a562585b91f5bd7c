import { describe, expect, test } from 'vitest'
import type { Condition, Journey, JourneyTrigger, Step } from '#definitions/definitions.ts'
import { inbound, recordEvent } from '../workbench.ts'
import { table } from '../../table.ts'
import { aJourney, createJourneyBench, DAY_MS, equal } from './journeyBench.ts'

const DAY_LONG: Step[] = [{ id: 'day', wait: 'P1D' }]
const open = equal('Lead_Status', 'Open')

function entering(trigger: JourneyTrigger, more: Partial<Journey['entry']> = {}): Journey {
  return aJourney(DAY_LONG, { entry: { trigger, ...more } })
}

describe('which events let a record in', () => {
  const changed: JourneyTrigger = { on: 'field.changed', fields: [{ field: 'Lead_Status', to: 'Open' }] }
  test.each<[string, JourneyTrigger, Condition | undefined, number]>([
    ['created', { on: 'record.created' }, undefined, 1],
    ['created, and matches', { on: 'record.created' }, equal('Company', '伝令商店'), 1],
    ['created, and does not match', { on: 'record.created' }, equal('Company', '他社'), 0],
    ['updated', { on: 'record.updated' }, undefined, 1],
    ['saved', { on: 'record.saved' }, undefined, 1],
    ['a field changed so', changed, undefined, 1],
    ['a field changed otherwise', { ...changed, fields: [{ field: 'Lead_Status', to: 'Won' }] }, undefined, 0],
    ['comes to match', { on: 'condition' }, open, 1],
    ['never matches', { on: 'condition' }, equal('Lead_Status', 'Won'), 0],
    ['by hand only', { on: 'manual' }, undefined, 0],
    ['a message came', { on: 'message.received' }, undefined, 1],
    [
      'a message that says so',
      { on: 'message.received' },
      { fact: 'message', path: '$.text', operator: 'equal', value: 'はい' },
      1,
    ],
    [
      'a message that says otherwise',
      { on: 'message.received' },
      { fact: 'message', path: '$.text', operator: 'equal', value: 'いいえ' },
      0,
    ],
  ])('%s', async (_, trigger, when, entries) => {
    const bench = await createJourneyBench([entering(trigger, when && { when })])
    await bench.create('1', { Company: '伝令商店' })
    await bench.update('1', { Lead_Status: 'Open' })
    await bench.reply('はい')
    expect(await bench.instances('1')).toHaveLength(entries)
  })

  test('a message of a workflow that is blocked lets the record in', async () => {
    const workflow = {
      kind: 'workflow' as const,
      name: 'welcome',
      module: 'Leads',
      trigger: { on: 'record.created' as const },
      branches: [{ actions: [{ type: 'sendTemplate' as const, template: 'hello' }] }],
    }
    const bench = await createJourneyBench([workflow, entering({ on: 'message.status', status: ['blocked'] })])
    await bench.create('1')
    await bench.tell(0, 'sent')
    expect(await bench.instances('1')).toEqual([])
    await bench.fail(0, 'blocked', 'opted_out')
    expect(await bench.instances('1')).toHaveLength(1)
  })

  test('switched off, nobody enters, and those in it go on', async () => {
    const bench = await createJourneyBench([aJourney([...DAY_LONG, { id: 'hello', send: { template: 'hello' } }])])
    await bench.create('1')
    await bench.store.setActive('journey/trial-nurture', false, bench.now(), bench.shell.newId)
    await bench.define([])
    await bench.create('2')
    await bench.goOn(DAY_MS)
    expect(await bench.instances('2')).toEqual([])
    expect(await bench.sent()).toEqual(['hello'])
  })
})

describe('a condition as trigger', () => {
  // Each column is a save of the record; it enters when it comes to match, and not while it merely keeps matching.
  const cases = table(`
    statuses              | entries
    Open                  | 1   // born so
    New,Open              | 1
    Open,Open             | 1
    Open,Won              | 1
    Open,Won,Open         | 2
    New,Won               | 0
    New,Open,New,Open     | 2
  `)
  test.each(cases)('$statuses: $entries', async ({ statuses, entries }) => {
    const bench = await createJourneyBench([entering({ on: 'condition' }, { when: open, reentry: 'always' })])
    const [first, ...more] = statuses.split(',')
    await bench.create('1', { Lead_Status: first! })
    for (const [index, status] of more.entries()) await bench.update('1', { Lead_Status: status, City: `${index}` })
    expect(await bench.instances('1')).toHaveLength(Number(entries))
  })

  test.each<[string, Condition, number]>([
    ['behind a lookup', { fact: 'Owner.Email', operator: 'equal', value: 'x@example.com' }, 1],
    ['about time', { fact: 'Closing_Date', operator: 'inNext', value: 7 }, 1],
    ['about fields alone', open, 0],
  ])('one that asks %s is looked at by %i saves of another field', async (_, when, looked) => {
    const bench = await createJourneyBench([entering({ on: 'condition' }, { when })])
    await bench.create('1')
    const trigger = await bench.update('1', { City: '東京' })
    const refused = Array.from({ length: looked }, () => ({ outcome: 'refused', reason: 'no_match' }))
    expect(await bench.told(trigger)).toMatchObject(refused)
  })

  test('what came to match by time alone is found by the next save, and not again', async () => {
    const when: Condition = { fact: 'Closing_Date', operator: 'inNext', value: 7 }
    const bench = await createJourneyBench([entering({ on: 'condition' }, { when, reentry: 'always' })])
    await bench.create('1', { Closing_Date: '2026-12-10' })
    await bench.goOn(15 * DAY_MS)
    await bench.update('1', { City: '東京' })
    expect(await bench.instances('1')).toHaveLength(1)
    const again = await bench.update('1', { City: '大阪' })
    expect(await bench.told(again)).toMatchObject([{ outcome: 'refused', reason: 'matched_before' }])
  })
})

describe('re-entry', () => {
  // Entered at once, after 12 hours (still running), and after 2 and 40 days (over since the first day).
  const cases = table(`
    reentry     | entries | refusals
    default     | 1 | already_entered,already_entered,already_entered
    never       | 1 | already_entered,already_entered,already_entered
    after_exit  | 3 | still_running
    always      | 4 | -
    P30D        | 2 | still_running,too_soon
    PT1H        | 3 | still_running
  `)
  test.each(cases)('$reentry: $entries entries', async ({ reentry, entries, refusals }) => {
    const rule =
      reentry === 'default'
        ? {}
        : { reentry: reentry.startsWith('P') ? { after: reentry } : (reentry as 'never' | 'after_exit' | 'always') }
    const bench = await createJourneyBench([entering({ on: 'record.saved' }, rule)])
    const triggers = [await bench.create('1')]
    for (const [index, ms] of [0.5 * DAY_MS, 1.5 * DAY_MS, 38 * DAY_MS].entries()) {
      await bench.goOn(ms)
      triggers.push(await bench.update('1', { City: `${index}` }))
    }
    expect(await bench.instances('1')).toHaveLength(Number(entries))
    const told = (await Promise.all(triggers.map((id) => bench.told(id)))).flat()
    const refused = told.filter(({ outcome }) => outcome === 'refused').map(({ reason }) => reason)
    expect(refused.join(',')).toBe(refusals === '-' ? '' : refusals)
  })

  test('the event that ends it does not let it in again', async () => {
    const steps: Step[] = [{ id: 'wait', waitFor: { on: 'record.updated' }, timeout: 'P9D' }]
    const bench = await createJourneyBench([
      aJourney(steps, { entry: { trigger: { on: 'record.saved' }, reentry: 'after_exit' } }),
    ])
    await bench.create('1')
    await bench.update('1', { City: '東京' })
    expect(await bench.instances('1')).toHaveLength(1)
    await bench.update('1', { City: '大阪' })
    expect(await bench.instances('1')).toHaveLength(2)
  })

  test('with a key a record may be in it several times at once, once for each value', async () => {
    const bench = await createJourneyBench([
      entering({ on: 'record.saved' }, { key: '$[Leads.Company]-$[Leads.City]', reentry: 'after_exit' }),
    ])
    await bench.create('1', { Company: '注文', City: '1' })
    await bench.update('1', { City: '2' })
    await bench.update('1', { City: '1' })
    const trigger = await bench.update('1', { City: null })
    expect((await bench.instances('1')).map(({ key }) => key)).toEqual(['注文-1', '注文-2'])
    expect(await bench.told(trigger)).toMatchObject([{ outcome: 'refused', reason: 'key_missing' }])
  })

  test('whoever has reached the goal, or would leave at once, does not enter', async () => {
    const goal = { goal: { when: open }, exits: [{ name: 'lost', when: equal('Lead_Status', 'Lost Lead') }] }
    const bench = await createJourneyBench([aJourney(DAY_LONG, goal)])
    const reached = await bench.create('1', { Lead_Status: 'Open' })
    const lost = await bench.create('2', { Lead_Status: 'Lost Lead' })
    expect(await bench.told(reached)).toMatchObject([{ outcome: 'refused', reason: 'goal_matches' }])
    expect(await bench.told(lost)).toMatchObject([{ outcome: 'refused', reason: 'exit_matches' }])
  })
})

describe('loops', () => {
  const set = (Lead_Status: string): Step => ({ id: 'set', do: [{ type: 'updateRecord', set: { Lead_Status } }] })

  test('a journey does not enter again by what it does itself', async () => {
    const bench = await createJourneyBench([
      aJourney([set('$[Leads.Company]')], { entry: { trigger: { on: 'record.saved' }, reentry: 'always' } }),
    ])
    await bench.create('1', { Company: '伝令商店' })
    expect(await bench.instances('1')).toHaveLength(1)
    await bench.update('1', { City: '東京' })
    expect(await bench.instances('1')).toHaveLength(2)
  })

  test('two that set each other off stop', async () => {
    const status = (from: string, to: string, name: string) =>
      aJourney([set(to)], {
        name,
        entry: { trigger: { on: 'field.changed', fields: [{ field: 'Lead_Status', to: from }] }, reentry: 'always' },
      })
    const bench = await createJourneyBench([status('ping', 'pong', 'one'), status('pong', 'ping', 'two')])
    await bench.create('1')
    await bench.update('1', { Lead_Status: 'ping' })
    expect(await bench.instances('1')).toHaveLength(2)
  })

  test('six journeys in a row are too many causes', async () => {
    const all = [0, 1, 2, 3, 4, 5, 6].map((index) =>
      aJourney([set(String(index + 1))], {
        name: `j${index}`,
        entry: { trigger: { on: 'field.changed', fields: [{ field: 'Lead_Status', to: String(index) }] } },
      }),
    )
    const bench = await createJourneyBench(all)
    await bench.create('1')
    await bench.update('1', { Lead_Status: '0' })
    expect(await bench.instances('1')).toHaveLength(5)
  })
})

describe('by hand', () => {
  const manual = entering({ on: 'manual' }, { when: open })

  test('each record is answered for, once, in the order asked for', async () => {
    const bench = await createJourneyBench([manual])
    await bench.create('1', { Lead_Status: 'Open' })
    await bench.create('2')
    const answer = await bench.ask({ do: 'enroll', journey: 'trial-nurture', recordIds: ['2', '1', 'x', '1'] })
    const [instance] = await bench.instances('1')
    expect(answer).toEqual({
      kind: 'done',
      details: {
        records: [
          { recordId: '2', outcome: 'refused', reason: 'no_match' },
          { recordId: '1', outcome: 'entered', instanceId: instance!.id },
          { recordId: 'x', outcome: 'refused', reason: 'record_missing' },
        ],
        entered: 1,
        refused: { no_match: 1, record_missing: 1 },
      },
    })
    expect((await bench.store.instanceSteps(instance!.id))[0]).toMatchObject({ via: 'command', by: '佐藤' })
    const again = await bench.ask({ do: 'enroll', journey: 'journey/trial-nurture', recordIds: ['1'] })
    expect(again).toMatchObject({ details: { refused: { already_entered: 1 } } })
  })

  test('a condition as trigger asks only that the record matches', async () => {
    const bench = await createJourneyBench([entering({ on: 'condition' }, { when: open, reentry: 'after_exit' })])
    await bench.create('1', { Lead_Status: 'Open' })
    await bench.goOn(2 * DAY_MS)
    const answer = await bench.ask({ do: 'enroll', journey: 'trial-nurture', recordIds: ['1'] })
    expect(answer).toMatchObject({ details: { entered: 1 } })
  })

  test('a journey that is not there, or is switched off', async () => {
    const bench = await createJourneyBench([manual])
    await bench.create('1', { Lead_Status: 'Open' })
    expect(await bench.ask({ do: 'enroll', journey: 'nowhere', recordIds: ['1'] })).toMatchObject({
      kind: 'refused',
      code: 'ERR_NOT_FOUND',
    })
    await bench.store.setActive('journey/trial-nurture', false, bench.now(), bench.shell.newId)
    await bench.define([])
    expect(await bench.ask({ do: 'enroll', journey: 'trial-nurture', recordIds: ['1'] })).toMatchObject({
      details: { refused: { inactive: 1 } },
    })
  })
})

test('a journey that only listens makes its module one whose records are found by phone', async () => {
  const goal = { fact: 'message', path: '$.text', operator: 'equal', value: '買います' }
  const bench = await createJourneyBench([aJourney(DAY_LONG, { goal: { when: goal } })])
  expect(bench.definitions().phoneModules).toEqual(['Leads'])
  const deaf = await createJourneyBench([aJourney(DAY_LONG)])
  expect(deaf.definitions().phoneModules).toEqual([])
  await bench.happen(recordEvent('created', 'Leads', '1', { Mobile: '+819012345678' }))
  await bench.happen(inbound('買います'))
  expect(await bench.place('1')).toBe('ended: goal')
})

test('journeys that cannot be run are told, and the rest works', async () => {
  const bench = await createJourneyBench([
    aJourney([{ id: 'go', goto: 'nowhere', max: 1 }], { name: 'lost' }),
    aJourney([...DAY_LONG, ...DAY_LONG], { name: 'twice' }),
    aJourney(DAY_LONG, { name: 'unknown', goal: { when: { condition: 'nobody' } } }),
    aJourney(DAY_LONG),
  ])
  await bench.create('1')
  expect(bench.definitions().broken.map(({ key }) => key)).toEqual(['journey/lost', 'journey/twice', 'journey/unknown'])
  expect(await bench.instances('1')).toHaveLength(1)
})
