import { describe, expect, test } from 'vitest'
import type { Step, WaitFor } from '#definitions/definitions.ts'
import { compileReply } from '#engine/journey/reply.ts'
import { table } from '../../table.ts'
import { inbound } from '../workbench.ts'
import { aJourney, createJourneyBench, DAY_MS, equal, HOUR_MS, MINUTE_MS } from './journeyBench.ts'

describe('replies', () => {
  const yes = compileReply({ text: ['はい', 'ハイ', 'Yes'] })
  const cases = table(`
    text          | heard
    はい          | yes
    ハイ          | yes
    ﾊｲ            | yes    // half-width katakana
    YES           | yes
    ｙｅｓ        | yes    // full-width letters
    "\\u3000はい\\u3000"    | yes    // wide spaces around it
    " yes\\n"      | yes
    はい。        | no     // the whole text
    はいはい      | no
    いいえ        | no
    yes please    | no
    ""            | no
  `)
  test.each(cases)('"$text": $heard', ({ text, heard }) => {
    expect(yes({ type: 'text', text })).toBe(heard === 'yes')
  })

  test('half-width kana with a voiced mark is the letter it stands for', () => {
    expect(compileReply({ text: ['ダメ'] })({ type: 'text', text: 'ﾀﾞﾒ' })).toBe(true)
  })

  const renew = compileReply({ button: ['renew:yes', 'いいえ'] })
  test.each([
    ['button', 'renew:yes', '更新する', true],
    ['interactive', 'other', 'いいえ', true],
    ['button', 'renew:no', '更新しない', false],
    // Typed words may be anybody's.
    ['text', null, 'いいえ', false],
    ['text', null, 'renew:yes', false],
  ])('%s with payload %s and title %s: %s', (type, payload, text, heard) => {
    expect(renew({ type, payload, text })).toBe(heard)
  })

  test('with text and button, either will do; with neither, anything; without a message, nothing wanted is there', () => {
    const either = compileReply({ text: ['はい'], button: ['yes'] })
    expect(either({ type: 'text', text: 'はい' })).toBe(true)
    expect(either({ type: 'button', text: 'うん', payload: 'yes' })).toBe(true)
    expect(compileReply({})({ type: 'image' })).toBe(true)
    expect(either(undefined)).toBe(false)
  })
})

/** Sends, does the steps between, and waits. */
function waiting(waitFor: WaitFor, between: Step[] = []): Step[] {
  return [
    { id: 'hello', send: { template: 'hello' } },
    ...between,
    { id: 'wait', waitFor, timeout: 'P2D', then: 'yes', else: 'no' },
    { id: 'no', exit: 'no' },
    { id: 'yes', exit: 'yes' },
  ]
}

describe('waiting for a message', () => {
  test('an answer that does not match is passed over, and one that does ends the wait', async () => {
    const bench = await createJourneyBench([aJourney(waiting({ on: 'message.received', text: ['はい'] }))])
    await bench.create('1')
    await bench.reply('いくらですか')
    expect(await bench.place('1')).toBe('wait')
    await bench.reply('ﾊｲ')
    expect(await bench.place('1')).toBe('wait') // ハイ is not はい
    await bench.reply(' はい ')
    expect(await bench.place('1')).toBe('ended: yes')
  })

  test('a tapped button is heard by its payload', async () => {
    const bench = await createJourneyBench([aJourney(waiting({ on: 'message.received', button: ['renew:yes'] }))])
    await bench.create('1')
    await bench.reply('renew:yes')
    expect(await bench.place('1')).toBe('wait')
    await bench.tap('renew:yes', '更新する')
    expect(await bench.place('1')).toBe('ended: yes')
  })

  test('a condition on the record must hold as well', async () => {
    const waitFor: WaitFor = { on: 'message.received', when: equal('Lead_Status', 'Open') }
    const bench = await createJourneyBench([aJourney(waiting(waitFor))])
    await bench.create('1')
    await bench.reply('はい')
    expect(await bench.place('1')).toBe('wait')
    await bench.update('1', { Lead_Status: 'Open' })
    await bench.reply('はい')
    expect(await bench.place('1')).toBe('ended: yes')
  })

  const later: Step[] = [{ id: 'hour', wait: 'PT1H' }]

  test('a reply that comes before the step is reached counts, for it came after the message', async () => {
    const bench = await createJourneyBench([
      aJourney(waiting({ on: 'message.received', text: ['はい', 'ハイ'] }, later)),
    ])
    await bench.create('1')
    bench.advance(MINUTE_MS)
    await bench.reply('まだ考え中')
    await bench.reply('ﾊｲ')
    expect(await bench.place('1')).toBe('hour')
    await bench.goOn(HOUR_MS)
    expect(await bench.place('1')).toBe('ended: yes')
    expect(await bench.path('1')).toContain('wait -then> yes')
  })

  test('what was written before the message is no answer to it, also when it comes late', async () => {
    const bench = await createJourneyBench([aJourney(waiting({ on: 'message.received' }))])
    await bench.reply('こんにちは')
    bench.advance(HOUR_MS)
    await bench.create('1')
    await bench.reply('一時間前に書いたこと', bench.now() - HOUR_MS)
    expect(await bench.place('1')).toBe('wait')
    await bench.reply('今')
    expect(await bench.place('1')).toBe('ended: yes')
  })

  test('a new message asks anew: what was said to the one before is past', async () => {
    const again: Step[] = [
      { id: 'hour', wait: 'PT1H' },
      { id: 'remind', send: { template: 'remind' } },
    ]
    const bench = await createJourneyBench([aJourney(waiting({ on: 'message.received' }, again))])
    await bench.create('1')
    await bench.reply('はい')
    await bench.goOn(HOUR_MS)
    expect(await bench.place('1')).toBe('wait')
  })

  test('one reply is taken by one step', async () => {
    const steps: Step[] = [
      { id: 'hello', send: { template: 'hello' } },
      { id: 'hour', wait: 'PT1H' },
      { id: 'first', waitFor: { on: 'message.received' }, timeout: 'P1D' },
      { id: 'second', waitFor: { on: 'message.received' }, timeout: 'P1D' },
      { id: 'end', exit: 'both' },
    ]
    const bench = await createJourneyBench([aJourney(steps)])
    await bench.create('1')
    await bench.reply('一つ目')
    await bench.goOn(HOUR_MS)
    expect(await bench.place('1')).toBe('second')
    await bench.reply('二つ目')
    expect(await bench.place('1')).toBe('ended: both')
  })

  test('later steps still see what was answered, through waits and whatever else happens', async () => {
    const steps: Step[] = [
      { id: 'hello', send: { template: 'hello' } },
      { id: 'wait', waitFor: { on: 'message.received' }, timeout: 'P2D' },
      { id: 'day', wait: 'P1D' },
      {
        id: 'which',
        branch: [{ when: { fact: 'message', path: '$.text', operator: 'equal', value: '東京' }, goto: 'tokyo' }],
      },
      { id: 'other', exit: 'other' },
      { id: 'tokyo', exit: 'tokyo' },
    ]
    const bench = await createJourneyBench([aJourney(steps)])
    await bench.create('1')
    await bench.reply('東京')
    await bench.reply('どうも')
    await bench.tell(0, 'read')
    await bench.goOn(DAY_MS)
    expect(await bench.place('1')).toBe('ended: tokyo')
  })

  test('a reply that came before the message was told to be read is what later steps see', async () => {
    const steps: Step[] = [
      { id: 'hello', send: { template: 'hello' } },
      { id: 'read', waitFor: { on: 'message.status', status: ['read'] }, timeout: 'P1D' },
      { id: 'reply', waitFor: { on: 'message.received' }, timeout: 'P1D' },
      {
        id: 'which',
        branch: [{ when: { fact: 'message', path: '$.text', operator: 'equal', value: '東京' }, goto: 'tokyo' }],
      },
      { id: 'other', exit: 'other' },
      { id: 'tokyo', exit: 'tokyo' },
    ]
    const bench = await createJourneyBench([aJourney(steps)])
    await bench.create('1')
    await bench.reply('東京')
    await bench.tell(0, 'read')
    expect(await bench.place('1')).toBe('ended: tokyo')
  })

  test('also without a message before it: whoever writes from the phone of the record is heard', async () => {
    const wait: Step = { id: 'wait', waitFor: { on: 'message.received' }, timeout: 'P1D' }
    const bench = await createJourneyBench([aJourney([wait])])
    expect(bench.definitions().phoneModules).toEqual(['Leads'])
    await bench.create('1')
    await bench.reply('はい')
    expect(await bench.place('1')).toBe('ended: completed')
  })

  test('a message from somebody else is not heard', async () => {
    const bench = await createJourneyBench([aJourney(waiting({ on: 'message.received' }))])
    await bench.create('1')
    await bench.reply('はい', bench.now(), '819099998888')
    expect(await bench.place('1')).toBe('wait')
  })

  test('two records with one phone both hear it', async () => {
    const bench = await createJourneyBench([aJourney(waiting({ on: 'message.received' }))])
    await bench.create('1')
    await bench.create('2')
    await bench.reply('はい')
    expect([await bench.place('1'), await bench.place('2')]).toEqual(['ended: yes', 'ended: yes'])
  })
})

describe('waiting for what becomes of a message', () => {
  const on = 'message.status' as const

  const cases = table(`
    wanted       told               | place
    read         sent               | wait
    read         sent,delivered     | wait
    read         read               | ended: yes
    read         played             | ended: yes
    delivered    read               | ended: yes   // read implies delivered
    sent         delivered          | ended: yes
    failed       delivered          | wait
    failed       failed             | ended: yes
    read,failed  sent,failed        | ended: yes
    delivered    sent,failed        | wait
  `)
  test.each(cases)('for $wanted, told $told: $place', async ({ wanted, told, place }) => {
    const status = wanted.split(',') as 'read'[]
    const bench = await createJourneyBench([aJourney(waiting({ on, status }))])
    await bench.create('1')
    for (const one of told.split(',') as 'read'[]) await bench.tell(0, one)
    expect(await bench.place('1')).toBe(place)
  })

  test.each(['blocked', 'failed', 'gave_up'] as const)('%s on our side is told too', async (state) => {
    const bench = await createJourneyBench([aJourney(waiting({ on, status: [state] }))])
    await bench.create('1')
    await bench.fail(0, state, 'opted_out')
    expect(await bench.place('1')).toBe('ended: yes')
  })

  test('what has come before the step is reached counts at once', async () => {
    const between: Step[] = [{ id: 'hour', wait: 'PT1H' }]
    const bench = await createJourneyBench([aJourney(waiting({ on, status: ['delivered'] }, between))])
    await bench.create('1')
    await bench.tell(0, 'delivered')
    await bench.tell(0, 'read')
    await bench.goOn(HOUR_MS)
    expect(await bench.place('1')).toBe('ended: yes')
  })

  test('it never goes down: `delivered` may be told after `read`', async () => {
    const between: Step[] = [{ id: 'hour', wait: 'PT1H' }]
    const bench = await createJourneyBench([aJourney(waiting({ on, status: ['read'] }, between))])
    await bench.create('1')
    await bench.tell(0, 'read')
    await bench.tell(0, 'delivered')
    await bench.goOn(HOUR_MS)
    expect(await bench.place('1')).toBe('ended: yes')
  })

  test('what is told of an earlier message of the same step is past', async () => {
    const again: Step[] = [
      { id: 'hour', wait: 'PT1H' },
      { id: 'again', goto: 'hello', max: 1 },
    ]
    const bench = await createJourneyBench([aJourney(waiting({ on, status: ['failed'] }, again))])
    await bench.create('1')
    await bench.goOn(1.5 * HOUR_MS)
    expect(await bench.sent()).toEqual(['hello', 'hello'])
    await bench.tell(0, 'failed')
    await bench.goOn(HOUR_MS)
    expect(await bench.place('1')).toBe('wait')
    await bench.tell(1, 'failed')
    expect(await bench.place('1')).toBe('ended: yes')
  })

  const two: Step[] = [
    { id: 'hour', wait: 'PT1H' },
    { id: 'remind', send: { template: 'remind' } },
  ]

  test('by default it is the latest message of the journey, or that of the step named', async () => {
    const latest = aJourney(waiting({ on, status: ['read'] }, two))
    const named = aJourney(waiting({ on, status: ['read'], of: 'hello' }, two), { name: 'named' })
    const bench = await createJourneyBench([latest, named])
    await bench.create('1')
    await bench.goOn(HOUR_MS)
    const places = async () => (await bench.instances('1')).map(({ position }) => position).sort()
    const [first, second] = await bench.messages()
    expect([first, second].map((one) => one?.intent.definition)).toEqual(['journey/named@1', 'journey/trial-nurture@1'])
    await bench.tell(0, 'read')
    expect(await places()).toEqual(['wait', 'yes'])
    await bench.tell(1, 'read')
    expect(await places()).toEqual(['wait', 'yes']) // the first message of the other, which waits for its second
    await bench.tell(3, 'read')
    expect(await places()).toEqual(['yes', 'yes'])
  })

  test('what is told of another message does not make it look again', async () => {
    const when = { fact: 'message', path: '$.template', operator: 'equal', value: 'remind' }
    const waitFor: WaitFor = { on, status: ['read'], of: 'hello', when }
    const bench = await createJourneyBench([aJourney(waiting(waitFor, two))])
    await bench.create('1')
    await bench.goOn(HOUR_MS)
    await bench.tell(0, 'read')
    await bench.tell(1, 'read')
    expect(await bench.place('1')).toBe('wait')
  })

  test('the reason of a failure decides where it goes', async () => {
    const when = { fact: 'message', path: '$.reason', operator: 'equal', value: 'window_closed' }
    const bench = await createJourneyBench([aJourney(waiting({ on, status: ['blocked'], when }))])
    await bench.create('1')
    await bench.create('2')
    await bench.fail(0, 'blocked', 'opted_out')
    await bench.fail(1, 'blocked', 'window_closed')
    expect([await bench.place('1'), await bench.place('2')]).toEqual(['wait', 'ended: yes'])
  })

  test('messages of a workflow for the same record are nothing to it', async () => {
    const workflow = {
      kind: 'workflow' as const,
      name: 'a-first',
      module: 'Leads',
      trigger: { on: 'record.created' as const },
      branches: [{ actions: [{ type: 'sendTemplate' as const, template: 'thanks' }] }],
    }
    const bench = await createJourneyBench([workflow, aJourney(waiting({ on, status: ['read'] }))])
    await bench.create('1')
    expect(await bench.sent()).toEqual(['thanks', 'hello'])
    await bench.tell(0, 'read')
    expect(await bench.place('1')).toBe('wait')
  })
})

describe('waiting for a change of the record', () => {
  const on = 'record.updated' as const

  test.each<[string, Extract<WaitFor, { on: 'record.updated' }>, string]>([
    ['any change', { on }, 'ended: yes'],
    ['this field', { on, fields: ['Lead_Status'] }, 'ended: yes'],
    ['another field', { on, fields: ['Company', 'Email'] }, 'wait'],
    ['this field to that value', { on, fields: ['Lead_Status'], when: equal('Lead_Status', 'Open') }, 'ended: yes'],
    ['this field to another value', { on, fields: ['Lead_Status'], when: equal('Lead_Status', 'Won') }, 'wait'],
  ])('%s', async (_, waitFor, place) => {
    const bench = await createJourneyBench([aJourney(waiting(waitFor))])
    await bench.create('1')
    await bench.update('1', { Lead_Status: 'Open' })
    expect(await bench.place('1')).toBe(place)
  })

  // The event of a step's own change comes when the instance has gone on to wait already.
  test('a change by the journey itself is no news to it, whatever comes after is', async () => {
    const set: Step = { id: 'set', do: [{ type: 'updateRecord', set: { Lead_Status: 'Open' } }] }
    const bench = await createJourneyBench([aJourney(waiting({ on, fields: ['Lead_Status'] }, [set]))])
    await bench.create('1')
    expect(await bench.values('Leads', '1')).toMatchObject({ Lead_Status: 'Open' })
    expect(await bench.place('1')).toBe('wait')
    await bench.update('1', { Lead_Status: 'Contacted' })
    expect(await bench.place('1')).toBe('ended: yes')
  })

  test('a change by another journey of the record counts', async () => {
    const set: Step = { id: 'set', do: [{ type: 'updateRecord', set: { Lead_Status: 'Open' } }] }
    const other = aJourney([set], { name: 'other', entry: { trigger: { on: 'manual' } } })
    const bench = await createJourneyBench([aJourney(waiting({ on, fields: ['Lead_Status'] })), other])
    await bench.create('1')
    await bench.ask({ do: 'enroll', journey: 'other', recordIds: ['1'] })
    expect((await bench.instances('1')).map(({ definition, reason }) => `${definition} ${reason}`)).toEqual([
      'journey/trial-nurture yes',
      'journey/other completed',
    ])
  })
})

describe('a reply that quotes a message', () => {
  const two = () => [
    aJourney(waiting({ on: 'message.received' }), { name: 'first' }),
    aJourney(waiting({ on: 'message.received' }), { name: 'second' }),
  ]
  async function asked() {
    const bench = await createJourneyBench(two())
    await bench.create('1')
    await bench.tell(0, 'delivered')
    await bench.tell(1, 'delivered')
    const places = async () =>
      (await bench.instances()).map(({ definition, status, reason }) => `${definition} ${reason ?? status}`).toSorted()
    const quote = async (contextId?: string) => {
      const message = {
        id: `wamid.quote${contextId}`,
        type: 'text',
        text: 'はい',
        raw: {},
        ...(contextId !== undefined && { contextId }),
      }
      await bench.happen(inbound('はい', { occurredAt: bench.now(), message }))
    }
    const wamids = (await bench.messages()).map(({ wamid }) => wamid!)
    return { ...bench, places, quote, wamids }
  }

  test('is heard by the journey that sent that message, and by no other', async () => {
    const { places, quote, wamids } = await asked()
    await quote(wamids[1])
    expect(await places()).toEqual(['journey/first running', 'journey/second yes'])
    await quote(wamids[0])
    expect(await places()).toEqual(['journey/first yes', 'journey/second yes'])
  })

  test('is heard by all when the message is not one of ours', async () => {
    const { places, quote } = await asked()
    await quote('wamid.of-somebody-else')
    expect(await places()).toEqual(['journey/first yes', 'journey/second yes'])
  })

  test('is heard by all when it quotes nothing', async () => {
    const { places, quote } = await asked()
    await quote()
    expect(await places()).toEqual(['journey/first yes', 'journey/second yes'])
  })
})
