import { describe, expect, test } from 'vitest'
import type { Blueprint } from '#definitions/definitions.ts'
import { recordEvent } from '../workbench.ts'
import { COMPLETE, createDesk, DAY_MS, DESK, type Desk } from './dealDesk.ts'

/** Lets days pass one by one, as a server would see them. */
async function days(desk: Desk, count: number) {
  for (let day = 0; day < count; day++) {
    desk.advance(DAY_MS)
    await desk.settle()
  }
}

describe('the SLA of a state', () => {
  test('escalates level by level, once each, and the record stays', async () => {
    const desk = await createDesk()
    expect(await desk.waiting()).toEqual([
      { name: 'sla/0', inDays: 1 },
      { name: 'sla/1', inDays: 3 },
      { name: 'auto/自然消滅', inDays: 30 },
    ])
    await days(desk, 2)
    expect(await desk.notified()).toEqual(['manager: 一日動きなし: 新宿ビル'])
    await days(desk, 10)
    expect(await desk.notified()).toEqual(['manager: 一日動きなし: 新宿ビル', 'director: 三日動きなし: 新宿ビル'])
    expect(await desk.standing()).toBe('初回接触')
    expect((await desk.history()).slice(1)).toEqual([
      'noted 初回接触 > 初回接触 via escalated by blueprint/case-desk@1',
      'noted 初回接触 > 初回接触 via escalated by blueprint/case-desk@1',
    ])
  })

  test('starts anew when the state is entered again, and is over when it is left', async () => {
    const desk = await createDesk()
    await days(desk, 2)
    await desk.update({ Phase: '見積提示' })
    expect((await desk.waiting()).map(({ name }) => name)).toEqual(['auto/自然消滅'])
    await days(desk, 5)
    expect(await desk.notified()).toHaveLength(1)
    await desk.update({ Phase: '初回接触' })
    expect(await desk.waiting()).toEqual([
      { name: 'sla/0', inDays: 1 },
      { name: 'sla/1', inDays: 3 },
      { name: 'auto/自然消滅', inDays: 30 },
    ])
  })

  test('counts working time by the calendar that it names', async () => {
    const weekdays: Blueprint = {
      ...DESK,
      states: {
        ...DESK.states,
        初回接触: {
          initial: true,
          sla: {
            within: { unit: 'business_days', count: 2 },
            actions: [{ type: 'notify', role: 'manager', message: '遅れ' }],
          },
        },
      },
    }
    // Sunday, 10:00 in Tokyo: the two working days are Monday and Tuesday.
    const desk = await createDesk({ desk: weekdays })
    const [sla] = await desk.waiting()
    expect(sla?.name).toBe('sla/0')
    expect(sla!.inDays).toBeGreaterThan(1.9)
    expect(sla!.inDays).toBeLessThan(3.1)
  })
})

describe('an automatic transition by time', () => {
  test('moves the record, whoever may, with its actions, as the blueprint', async () => {
    const desk = await createDesk()
    await days(desk, 31)
    expect(await desk.standing()).toBe('失注 completed')
    expect(await desk.phase()).toBe('失注')
    expect((await desk.history()).slice(-2)).toEqual([
      'moved 初回接触 > 失注 via 自然消滅 by blueprint/case-desk@1',
      'ended 失注 > - via completed by blueprint/case-desk@1',
    ])
  })

  test('is counted from when the present state was entered', async () => {
    const desk = await createDesk()
    await days(desk, 29)
    await desk.take('見積を送る', COMPLETE)
    await days(desk, 29)
    expect(await desk.standing()).toBe('見積提示')
    await days(desk, 1)
    expect(await desk.standing()).toBe('失注 completed')
  })

  test('leaves a record that does not meet its criteria, and says why', async () => {
    const picky: Blueprint = {
      ...DESK,
      transitions: DESK.transitions.map((one) =>
        one.name === '自然消滅'
          ? { ...one, before: { when: { all: [{ fact: 'Rank', operator: 'equal', value: '消滅可' }] } } }
          : one,
      ),
    }
    const desk = await createDesk({ desk: picky })
    await days(desk, 31)
    expect(await desk.standing()).toBe('初回接触')
    expect(desk.told()).toContain('blueprint/case-desk@1 ignored criteria')
  })

  test('goes on by condition from where it has led', async () => {
    const chain: Blueprint = {
      ...DESK,
      transitions: [
        { name: '放置', from: ['初回接触'], to: '見積提示', auto: { after: 'P1D' } },
        { name: '続き', from: ['見積提示'], to: '契約交渉', auto: { when: { all: [] } } },
        { name: '締め', from: ['契約交渉'], to: '受注' },
        { name: '断念', from: '*', to: '失注' },
      ],
    }
    const desk = await createDesk({ desk: chain })
    await days(desk, 1)
    expect(await desk.standing()).toBe('契約交渉')
    expect(await desk.phase()).toBe('契約交渉')
  })
})

test('while the blueprint is switched off its timers do nothing, and records keep their state', async () => {
  const desk = await createDesk()
  await desk.switchTo(false)
  await days(desk, 40)
  expect(await desk.notified()).toEqual([])
  expect(await desk.standing()).toBe('初回接触')
  await desk.update({ Rank: '特急' })
  expect(await desk.standing()).toBe('初回接触')
  await desk.update({ Phase: '見積提示' })
  expect(await desk.standing()).toBe('見積提示')
})

test('what came due while the blueprint was switched off happens when it is on again, once', async () => {
  const desk = await createDesk()
  await desk.switchTo(false)
  await days(desk, 31)
  expect(await desk.standing()).toBe('初回接触')
  await desk.switchTo(true)
  await desk.settle()
  expect(await desk.notified()).toEqual(['manager: 一日動きなし: 新宿ビル', 'director: 三日動きなし: 新宿ビル'])
  expect(await desk.standing()).toBe('失注 completed')
  expect(await desk.waiting()).toEqual([])
})

test('a clock that fires as the blueprint is switched off waits, and is not lost', async () => {
  const desk = await createDesk()
  desk.advance(DAY_MS)
  // Fired, and not decided yet.
  expect(await desk.store.fireTimers(desk.now(), 10, desk.shell.newId)).toBe(1)
  await desk.switchTo(false)
  expect(desk.told()).toContain('blueprint/case-desk@1 ignored inactive')
  expect(await desk.notified()).toEqual([])
  await desk.switchTo(true)
  await desk.settle()
  expect(await desk.notified()).toEqual(['manager: 一日動きなし: 新宿ビル'])
})

test('a timer of a record that was deleted does nothing more', async () => {
  const desk = await createDesk()
  await desk.happen(recordEvent('deleted', 'Cases', '1', {}))
  await days(desk, 31)
  expect(await desk.notified()).toEqual([])
  expect(await desk.standing()).toBe('初回接触 record_deleted')
})
