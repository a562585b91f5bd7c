import { describe, expect, test } from 'vitest'
import type { Blueprint } from '#definitions/definitions.ts'
import type { Move } from '#engine/command.ts'
import { ask, COMPLETE, createDesk, DAY_MS, DESK, LEGAL, type Desk } from './dealDesk.ts'

/** The second version: one state renamed, one more level, the parts by other people. */
const SECOND: Blueprint = {
  ...DESK,
  description: '第二版',
  states: {
    初回接触: {
      initial: true,
      sla: [
        { within: 'P1D', actions: [{ type: 'notify', role: 'manager', message: '新一日' }] },
        { within: 'P2D', actions: [{ type: 'notify', role: 'manager', message: '新二日' }] },
        { within: 'P10D', actions: [{ type: 'notify', role: 'manager', message: '新十日' }] },
      ],
    },
    見積: {},
    契約交渉: {},
    受注: { final: true },
    失注: { final: true },
  },
  transitions: [
    { ...DESK.transitions[0]!, to: '見積', during: { note: 'required' } },
    { name: '交渉に入る', from: ['見積'], to: '契約交渉' },
    {
      ...DESK.transitions[2]!,
      parallel: [{ name: '法務承認' }, { name: '経理承認' }, { name: '社長承認' }],
    },
    { name: '断念', from: '*', to: '失注' },
  ],
}

async function migrate(desk: Desk, positions: Record<string, Move>, otherwise: Move = { to: 'stay' }, to = SECOND) {
  await desk.define([to])
  const [id] = await desk.happen(
    ask({ do: 'migrate', definition: 'blueprint/case-desk', from: 1, to: 2, positions, otherwise, after: '' }),
  )
  return desk.traces(id!)
}
const at = (position: string): Move => ({ to: 'position', position })

test('a record in process stays on its version until it is brought over', async () => {
  const desk = await createDesk()
  await desk.define([SECOND])
  await desk.take('見積を送る', COMPLETE)
  expect(await desk.standing()).toBe('見積提示')
  expect((await desk.instance())!.version).toBe(1)
})

test('stay leaves all as it is', async () => {
  const desk = await createDesk()
  const before = await desk.instance()
  expect(await migrate(desk, { 初回接触: { to: 'stay' } })).toEqual([])
  expect(await desk.instance()).toEqual(before)
})

test('exit ends the process as an edit, and the field is free again', async () => {
  const desk = await createDesk()
  await migrate(desk, {}, { to: 'exit' })
  expect(await desk.standing()).toBe('初回接触 process_exit_on_edit')
  expect(await desk.waiting()).toEqual([])
  expect(await desk.phase()).toBe('初回接触')
})

test('another state is told to the record, and its clocks begin there', async () => {
  const desk = await createDesk()
  await desk.take('見積を送る', COMPLETE)
  expect(await migrate(desk, { 見積提示: at('初回接触') })).toEqual(['blueprint/case-desk@2 migrated null'])
  expect(await desk.standing()).toBe('初回接触')
  expect(await desk.phase()).toBe('初回接触')
  expect((await desk.instance())!.version).toBe(2)
  expect((await desk.waiting()).map(({ name, inDays }) => `${name} ${inDays}`)).toEqual([
    'sla/0 1',
    'sla/1 2',
    'sla/2 10',
  ])
  expect((await desk.history()).at(-1)).toBe('migrated 見積提示 > 初回接触 via migrated by 田中')
})

test('a state that the new version does not have is refused, and nothing is half done', async () => {
  const desk = await createDesk()
  const before = await desk.instance()
  const waiting = await desk.waiting()
  expect(await migrate(desk, { 初回接触: at('見積提示') })).toEqual(['blueprint/case-desk@1 refused no_such_state'])
  expect(await desk.instance()).toEqual(before)
  expect(await desk.waiting()).toEqual(waiting)
})

test('a final state ends the process', async () => {
  const desk = await createDesk()
  await migrate(desk, { 初回接触: at('失注') })
  expect(await desk.standing()).toBe('失注 completed')
  expect(await desk.phase()).toBe('失注')
})

test('the exit of the new version is asked at once', async () => {
  const desk = await createDesk()
  await migrate(desk, {}, at('初回接触'), {
    ...SECOND,
    exit: { when: { all: [{ fact: 'Amount', operator: 'lessThan', value: 1_000_000 }] } },
  })
  expect(await desk.standing()).toBe('初回接触 exit')
})

describe('in the same state', () => {
  test('the clocks go on from when it came there, and nothing of the past is told twice', async () => {
    const desk = await createDesk()
    // Two of the three days are over; one level was told.
    desk.advance(1.5 * DAY_MS)
    await desk.settle()
    expect(await desk.notified()).toEqual(['manager: 一日動きなし: 新宿ビル'])
    await migrate(desk, {}, at('初回接触'))
    expect((await desk.waiting()).map(({ name, inDays }) => `${name} ${inDays}`)).toEqual(['sla/1 0.5', 'sla/2 8.5'])
    expect(await desk.notified()).toHaveLength(1)
  })

  test('of several levels that are over now, the last is told, once', async () => {
    const desk = await createDesk({ desk: { ...DESK, states: { ...DESK.states, 初回接触: { initial: true } } } })
    desk.advance(5 * DAY_MS)
    await migrate(desk, {}, at('初回接触'))
    await desk.settle()
    expect(await desk.notified()).toEqual(['manager: 新二日'])
    await desk.define([{ ...SECOND, description: '第三版' }])
    await desk.happen(
      ask({
        do: 'migrate',
        definition: 'blueprint/case-desk',
        from: 2,
        to: 3,
        positions: {},
        otherwise: at('初回接触'),
        after: '',
      }),
    )
    await desk.settle()
    expect((await desk.instance())!.version).toBe(3)
    expect(await desk.notified()).toEqual(['manager: 新二日'])
    expect((await desk.waiting()).map(({ name }) => name)).toEqual(['sla/2'])
  })

  test('what was saved is kept for the transitions that are left', async () => {
    const desk = await createDesk()
    await desk.take('見積を送る', { partial: true, note: '途中まで' })
    await desk.take('断念', { partial: true })
    await migrate(desk, {}, at('初回接触'))
    expect(await desk.take('見積を送る')).toMatchObject({ kind: 'done', details: { state: '見積' } })
  })

  test('of what was saved, that which is not asked for any more is in nobody’s way', async () => {
    const desk = await createDesk()
    await desk.take('見積を送る', { partial: true, note: '途中', data: { Plan: '標準' }, checklist: ['与信確認'] })
    await migrate(desk, {}, at('初回接触'))
    expect(await desk.take('見積を送る')).toMatchObject({ kind: 'done', details: { state: '見積' } })
    expect(await desk.values('Cases', '1')).not.toHaveProperty('Plan')
  })

  test('done parts stay done, and new ones are still to be done', async () => {
    const desk = await createDesk({ values: { Amount: 300_000, Phase: '契約交渉' } })
    await desk.take('受注する', { part: '法務承認' }, LEGAL)
    await migrate(desk, {}, at('契約交渉'))
    await desk.take('受注する', { part: '経理承認' })
    expect(await desk.standing()).toBe('契約交渉')
    await desk.take('受注する', { part: '社長承認' })
    expect(await desk.standing()).toBe('受注 completed')
  })

  test('a transition of which only done parts are left begins anew, so that it can be taken', async () => {
    const desk = await createDesk({ values: { Amount: 300_000, Phase: '契約交渉' } })
    await desk.take('受注する', { part: '法務承認' }, LEGAL)
    const fewer = SECOND.transitions.map((one) =>
      one.parallel === undefined ? one : { ...one, parallel: [{ name: '法務承認' }] as never },
    )
    await migrate(desk, {}, at('契約交渉'), { ...SECOND, transitions: fewer })
    await desk.take('受注する', { part: '法務承認' })
    expect(await desk.standing()).toBe('受注 completed')
  })
})

test('a record that was brought over is not entered, nor brought over, again', async () => {
  const desk = await createDesk()
  await migrate(desk, {}, at('初回接触'))
  const [id] = await desk.happen(
    ask({
      do: 'migrate',
      definition: 'blueprint/case-desk',
      from: 1,
      to: 2,
      positions: {},
      otherwise: at('初回接触'),
      after: '',
    }),
  )
  expect(await desk.traces(id!)).toEqual([])
  await desk.update({ Subject: '改称' })
  expect(await desk.instances()).toHaveLength(1)
})
