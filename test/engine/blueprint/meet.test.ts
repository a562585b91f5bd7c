import { describe, expect, test } from 'vitest'
import type { Blueprint, Definition } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { decide } from '#engine/decide.ts'
import { createWorkbench, inbound, NOW, recordEvent, TANAKA } from '../workbench.ts'
import { ask, CASES, COMPLETE, createDesk, DESK, SALES } from './dealDesk.ts'

describe('entering', () => {
  test('a record that matches enters at its state, and a blank one at the initial state, which it is told', async () => {
    const desk = await createDesk()
    expect(await desk.standing()).toBe('初回接触')
    expect(await desk.phase()).toBe('初回接触')
    expect(await desk.history()).toEqual(['entered - > 初回接触 via record by crm'])

    const later = await createDesk({ values: { Amount: 300_000, Phase: '見積提示' } })
    expect(await later.standing()).toBe('見積提示')
  })

  const kept: [string, Values, string][] = [
    ['one that does not match', { Amount: 5 }, 'no_match'],
    ['one in a state of its own', { Amount: 300_000, Phase: '保留' }, 'not_a_state'],
    ['one that is done already', { Amount: 300_000, Phase: '受注' }, 'final_state'],
    ['one that would leave at once', { Amount: 300_000, Rank: '対象外' }, 'exit'],
    ['one in the state "__proto__"', { Amount: 300_000, Phase: '__proto__' }, 'not_a_state'],
  ]
  test.each(kept)('%s stays out, and the trace says why', async (_, values, reason) => {
    const desk = await createDesk({ values })
    expect(await desk.standing()).toBeNull()
    expect(await desk.traces(desk.created)).toEqual([`blueprint/case-desk@1 refused ${reason}`])
  })

  test('the trace shows what the entry looked at', async () => {
    const desk = await createDesk({ values: { Amount: 5 } })
    const trace = await desk.store.trace(desk.created)
    expect(trace?.instances?.[0]?.leaves).toMatchObject([{ pointer: '/entry/when/all/0', seen: 5, result: false }])
  })

  test('of several blueprints the lowest order wins, then the name, and a record sits in one', async () => {
    const named = (name: string, order?: number): Blueprint => ({
      ...DESK,
      name,
      ...(order !== undefined && { order }),
    })
    const desk = await createDesk({
      desk: named('b'),
      definitions: [
        named('a'),
        named('z', -1),
        { ...named('first', -2), entry: { when: { all: [{ fact: 'Amount', operator: 'equal', value: 1 }] } } },
      ],
    })
    expect((await desk.instances()).map(({ definition }) => definition)).toEqual(['blueprint/z'])
    expect(await desk.traces(desk.created)).toEqual([
      'blueprint/first@1 refused no_match',
      'blueprint/z@1 entered null',
    ])
    await desk.update({ Subject: '改称' })
    expect(await desk.instances()).toHaveLength(1)
  })

  test('a record made before the blueprint enters when it is next changed', async () => {
    const desk = await createDesk({ values: { Amount: 5 } })
    await desk.update({ Amount: 200_000 })
    expect(await desk.standing()).toBe('初回接触')
  })

  test('a message moves nothing and brings nobody in', async () => {
    const leads: Blueprint = {
      kind: 'blueprint',
      name: 'lead-desk',
      module: 'Leads',
      field: 'Lead_Status',
      entry: { when: { all: [{ fact: 'Company', operator: 'isNotEmpty', value: true }] } },
      states: { 新規: { initial: true }, 済: { final: true } },
      transitions: [
        {
          name: '返信',
          from: ['新規'],
          to: '済',
          auto: { when: { all: [{ fact: 'message', operator: 'isNotEmpty', value: true }] } },
        },
      ],
    }
    const hears: Definition = {
      kind: 'workflow',
      name: 'hears',
      module: 'Leads',
      trigger: { on: 'message.received' },
      branches: [{ actions: [] }],
    }
    const bench = await createWorkbench([leads, hears])
    await bench.happen(recordEvent('created', 'Leads', '1', { Mobile: TANAKA, Company: '伝令商店' }))
    await bench.happen(recordEvent('created', 'Leads', '2', { Mobile: TANAKA }))
    const [id] = await bench.happen(inbound('お願いします'))
    expect(await bench.outcomes(id!)).toHaveLength(2)
    expect((await bench.store.trace(id!))?.instances).toBeUndefined()
    const { items } = await bench.store.instances({}, { limit: 10 })
    expect(items.map(({ recordId, position }) => `${recordId} ${position}`)).toEqual(['1 新規'])
  })
})

describe('the instance follows its field', () => {
  test('to a state that something else wrote, without asking, and without actions', async () => {
    const desk = await createDesk()
    await desk.update({ Phase: '見積提示' }, { actor: '佐藤' })
    expect(await desk.standing()).toBe('見積提示')
    expect((await desk.history()).at(-1)).toBe('moved 初回接触 > 見積提示 via field by 佐藤')
    expect(await desk.notified()).toEqual([])
  })

  test('to a final state, which ends the process', async () => {
    const desk = await createDesk()
    await desk.update({ Phase: '受注' })
    expect(await desk.standing()).toBe('受注 completed')
    expect((await desk.history()).slice(-2)).toEqual([
      'moved 初回接触 > 受注 via field by crm',
      'ended 受注 > - via completed by crm',
    ])
    expect(await desk.waiting()).toEqual([])
  })

  test.each(['保留', '', null])('out of the process when the field says %j', async (Phase) => {
    const desk = await createDesk()
    const id = await desk.update({ Phase })
    expect(await desk.standing()).toBe('初回接触 left_by_field')
    expect(await desk.traces(id)).toContain('blueprint/case-desk@1 ended left_by_field')
    await desk.update({ Subject: '別件' })
    expect(await desk.instances()).toHaveLength(1)
  })

  test('a workflow that writes the field moves the state, and is named in the history', async () => {
    const rush: Definition = {
      kind: 'workflow',
      name: 'rush',
      module: 'Cases',
      trigger: { on: 'field.changed', fields: [{ field: 'Subject' }] },
      branches: [{ actions: [{ type: 'updateRecord', set: { Phase: '契約交渉' } }] }],
    }
    const desk = await createDesk({ definitions: [rush] })
    await desk.update({ Subject: '至急' })
    expect(await desk.standing()).toBe('契約交渉')
    expect((await desk.history()).at(-1)).toBe('moved 初回接触 > 契約交渉 via field by workflow/rush@1')
  })

  // A property found it: the telling of the transition came last, and the record said for ever what was no longer so.
  test('a write of the CRM in the middle of a transition stands, and what was filled in is kept', async () => {
    const desk = await createDesk()
    await desk.happen(
      ask({ do: 'transition', module: 'Cases', recordId: '1', transition: '見積を送る', ...COMPLETE }, SALES),
      recordEvent('updated', 'Cases', '1', { Phase: '契約交渉' }),
    )
    expect(await desk.standing()).toBe('契約交渉')
    expect(await desk.values('Cases', '1')).toMatchObject({ Phase: '契約交渉', Closing_Date: '2026-12-24' })
  })

  test('an update that leaves the field alone moves nothing, though its copy of the field is behind', async () => {
    const desk = await createDesk()
    // All three are decided in one batch: the follow-up of the transition comes after the update.
    await desk.happen(
      ask({ do: 'transition', module: 'Cases', recordId: '1', transition: '見積を送る', ...COMPLETE }, SALES),
      recordEvent('updated', 'Cases', '1', { Subject: '新宿第二ビル' }),
      ask({ do: 'transition', module: 'Cases', recordId: '1', transition: '交渉に入る' }, SALES),
    )
    expect(await desk.standing()).toBe('契約交渉')
    expect(await desk.phase()).toBe('契約交渉')
    expect((await desk.history()).map((line) => line.split(' by ')[0])).toEqual([
      'entered - > 初回接触 via record',
      'moved 初回接触 > 見積提示 via 見積を送る',
      'moved 見積提示 > 契約交渉 via 交渉に入る',
    ])
  })
})

describe('leaving', () => {
  test('a record that comes to match the exit leaves, and comes back only when something about it is news', async () => {
    const desk = await createDesk()
    await desk.update({ Rank: '対象外' })
    expect(await desk.standing()).toBe('初回接触 exit')
    await desk.update({ Rank: 'A' })
    await desk.update({ Subject: '変更' })
    expect(await desk.instances()).toHaveLength(1)
    // Out of the entry and in again.
    await desk.update({ Amount: 10 })
    await desk.update({ Amount: 900_000 })
    expect(await desk.standing()).toBe('初回接触')
    expect(await desk.instances()).toHaveLength(2)
  })

  test('who has left enters again when the field is written', async () => {
    const desk = await createDesk()
    await desk.update({ Phase: '失注' })
    await desk.update({ Subject: '再提案' })
    expect(await desk.standing()).toBe('失注 completed')
    await desk.update({ Phase: '見積提示' })
    expect(await desk.standing()).toBe('見積提示')
  })

  test('what the blueprint itself told the record late does not bring it back', async () => {
    const desk = await createDesk()
    const { id } = (await desk.instance())!
    await desk.happen(
      ask({ do: 'transition', module: 'Cases', recordId: '1', transition: '見積を送る', ...COMPLETE }, SALES),
      ask({ do: 'exit', instanceId: id, reason: 'exited_by_hand' }),
    )
    expect(await desk.phase()).toBe('見積提示')
    expect(await desk.standing()).toBe('見積提示 exited_by_hand')
    expect(await desk.instances()).toHaveLength(1)
  })

  test('a deleted record ends its instance, and says so', async () => {
    const desk = await createDesk()
    const [id] = await desk.happen(recordEvent('deleted', 'Cases', '1', {}))
    expect(await desk.standing()).toBe('初回接触 record_deleted')
    expect(await desk.traces(id!)).toEqual(['blueprint/case-desk@1 ended record_deleted'])
    expect(await desk.waiting()).toEqual([])
  })

  test('a record that leaves one blueprint may enter another at once', async () => {
    const other: Blueprint = { ...DESK, name: 'zz-archive' }
    delete other.exit
    const desk = await createDesk({ definitions: [other] })
    await desk.update({ Rank: '対象外' })
    const [newest, older] = await desk.instances()
    expect([newest!.definition, newest!.status]).toEqual(['blueprint/zz-archive', 'running'])
    expect([older!.definition, older!.reason]).toEqual(['blueprint/case-desk', 'exit'])
  })
})

describe('automatic transitions by condition', () => {
  test('move the record when it comes to match, and tell it', async () => {
    const desk = await createDesk()
    const id = await desk.update({ Rank: '特急' })
    expect(await desk.standing()).toBe('契約交渉')
    expect(await desk.phase()).toBe('契約交渉')
    expect((await desk.history()).at(-1)).toBe('moved 初回接触 > 契約交渉 via 特急 by blueprint/case-desk@1')
    const trace = await desk.store.trace(id)
    expect(trace?.instances?.[0]).toMatchObject({ outcome: 'moved', reason: '特急' })
    expect(trace?.instances?.[0]?.leaves.at(-1)).toMatchObject({
      pointer: '/transitions/3/auto/when/all/0',
      result: true,
    })
  })

  test('move a record that matches when it enters', async () => {
    const desk = await createDesk({ values: { Amount: 300_000, Rank: '特急' } })
    expect(await desk.standing()).toBe('契約交渉')
  })

  const always = { all: [] }
  const circle: Blueprint = {
    kind: 'blueprint',
    name: 'case-desk',
    module: 'Cases',
    field: 'Phase',
    states: { 甲: { initial: true }, 乙: {} },
    transitions: [
      { name: '行き', from: ['甲'], to: '乙', auto: { when: always } },
      { name: '帰り', from: ['乙'], to: '甲', auto: { when: always } },
    ],
  }

  test('that go round for ever move nothing, and the trace says so', async () => {
    const desk = await createDesk({ desk: circle })
    expect(await desk.traces(desk.created)).toEqual([
      'blueprint/case-desk@1 entered null',
      'blueprint/case-desk@1 failed auto_loop',
    ])
    expect(await desk.history()).toHaveLength(1)
    expect(await desk.standing()).toBe('甲')
    expect(await desk.phase()).toBe('甲')
  })

  const set = (Rank: string) => [{ type: 'updateRecord' as const, set: { Rank } }]
  const rank = (value: string) => ({ all: [{ fact: 'Rank', operator: 'equal', value }] })

  test('that answer their own actions for ever are stopped when they have answered once', async () => {
    const desk = await createDesk({
      desk: {
        ...circle,
        transitions: [
          { name: '行き', from: ['甲'], to: '乙', auto: { when: rank('往') }, after: set('復') },
          { name: '帰り', from: ['乙'], to: '甲', auto: { when: rank('復') }, after: set('往') },
        ],
      },
    })
    await desk.update({ Rank: '往' })
    expect((await desk.history()).map((line) => line.split(' by ')[0])).toEqual([
      'entered - > 甲 via record',
      'moved 甲 > 乙 via 行き',
      'moved 乙 > 甲 via 帰り',
    ])
    expect(desk.told()).toContain('blueprint/case-desk@1 refused depth_exceeded')
    // The next thing that the world does begins anew.
    await desk.update({ Subject: '別件' })
    expect(await desk.history()).toHaveLength(5)
  })

  test('that answer their own actions through a workflow end with the chain of causes', async () => {
    const back: Definition = {
      kind: 'workflow',
      name: 'back',
      module: 'Cases',
      trigger: { on: 'field.changed', fields: [{ field: 'Rank' }] },
      repeat: 'always',
      branches: [{ actions: [{ type: 'updateRecord', set: { Phase: '甲' } }] }],
    }
    const desk = await createDesk({
      desk: {
        ...circle,
        transitions: [
          {
            name: '行き',
            from: ['甲'],
            to: '乙',
            auto: { when: always },
            after: [{ type: 'updateRecord', set: { Rank: '$[Cases.Rank]x' } }],
          },
        ],
      },
      definitions: [back],
    })
    await desk.update({ Subject: '始まり' })
    expect((await desk.history()).length).toBeLessThan(20)
    expect(await desk.phase()).toBe(await desk.standing())
  })
})

test('a blueprint that cannot be compiled is left out, and the others work', async () => {
  const bad: Blueprint = {
    ...DESK,
    name: 'bad',
    order: -1,
    entry: { when: { all: [{ fact: 'Amount', operator: 'biggerish', value: 1 }] } },
  }
  const desk = await createDesk({ definitions: [bad] })
  expect(desk.definitions().broken).toMatchObject([{ key: 'blueprint/bad', version: 1 }])
  expect(await desk.standing()).toBe('初回接触')
})

test('a blueprint that fails harms only itself', async () => {
  const desk = await createDesk()
  const instance = (await desk.instance())!
  const trigger = { ...recordEvent('updated', 'Cases', '1', { Phase: '見積提示' }), id: 't', receivedAt: NOW }
  const { lookups, lookupModules, phoneModules } = desk.definitions()
  const known = await desk.store.load({ triggers: [trigger], lookups, lookupModules, phoneModules, pageMax: 10 }, NOW)
  known.instances.set(instance.id, { ...instance, body: { snapshot: { value: '=どこにもない' } } })
  const { changes, trace } = decide(trigger, known, desk.definitions(), NOW)
  expect(trace.instances).toMatchObject([
    { outcome: 'failed', detail: expect.stringContaining('does not fit') as string },
  ])
  expect(changes.map(({ kind }) => kind)).toEqual(['putRecord'])
})

test('the module of the tests knows its states', () => {
  expect(CASES.fields.Phase?.values).toEqual(Object.keys(DESK.states))
})
