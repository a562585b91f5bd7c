import { describe, expect, test } from 'vitest'
import type { Blueprint, Definition } from '#definitions/definitions.ts'
import { refusalText } from '#engine/blueprint/texts.ts'
import type { Actor } from '#engine/command.ts'
import { approved, sendOf, TANAKA } from '../workbench.ts'
import { ask, COMPLETE, createDesk, DESK, LEGAL, SALES, type Desk } from './dealDesk.ts'

const NOBODY: Actor = { user: '山田', roles: [] }

test('a transition moves the record, tells it once, writes its history, and then acts on the record as it will be (S66)', async () => {
  const desk = await createDesk()
  desk.advance(7_200_000)
  const answer = await desk.take('見積を送る', COMPLETE)
  expect(answer).toEqual({
    kind: 'done',
    details: {
      instanceId: (await desk.instance())!.id,
      transition: '見積を送る',
      state: '見積提示',
      possible: ['交渉に入る', '断念'],
      ended: null,
    },
  })
  expect(await desk.values('Cases', '1')).toEqual({
    Subject: '新宿ビル',
    Amount: 300_000,
    Phase: '見積提示',
    Closing_Date: '2026-12-24',
  })
  const [instance] = await desk.instances()
  const steps = await desk.store.instanceSteps(instance!.id)
  expect(steps.at(-1)).toEqual({
    at: desk.now(),
    kind: 'moved',
    from: '初回接触',
    to: '見積提示',
    via: '見積を送る',
    by: '田中',
    tookMs: 7_200_000,
    data: { data: { Closing_Date: '2026-12-24' }, note: '先方の希望により年内に', checklist: ['与信確認', '在庫確認'] },
  })
  expect(await desk.notified()).toEqual(['manager: 見積提示 2026/12/24'])
  const counts = await desk.store.instanceCounts('blueprint/case-desk')
  expect(counts.standing).toEqual([{ version: 1, position: '見積提示', count: 1 }])
})

test('the follow-up meets workflows, with the person as its actor and the blueprint as its cause', async () => {
  const watch: Definition = {
    kind: 'workflow',
    name: 'watch',
    module: 'Cases',
    trigger: { on: 'field.changed', fields: [{ field: 'Phase', to: '見積提示' }] },
    branches: [{ actions: [{ type: 'notify', role: 'watch', message: '$[案件.段階]' }] }],
  }
  const desk = await createDesk({ definitions: [watch] })
  await desk.take('見積を送る', COMPLETE)
  expect(await desk.notified()).toContain('watch: 見積提示')
  const { items } = await desk.store.records('Cases', { limit: 1 })
  expect(items[0]!.revision).toBe(3)
})

test('an approved template goes out by itself when the state has moved, filled in as the record will be (S67)', async () => {
  const template: Definition = {
    kind: 'template',
    name: 'proposal_sent',
    language: 'ja',
    category: 'UTILITY',
    module: 'Cases',
    body: '{{subject}}の件は現在「{{phase}}」です。',
    parameters: {
      subject: { value: '$[Cases.Subject]', example: '新宿ビル' },
      phase: { value: '$[Cases.Phase]', example: '見積提示' },
    },
  }
  const [first, ...others] = DESK.transitions
  const after = [{ type: 'sendTemplate' as const, template: 'proposal_sent', to: '090-1234-5678' }]
  const desk = await createDesk({
    desk: { ...DESK, transitions: [{ ...first!, after }, ...others] },
    definitions: [template],
  })
  await desk.store.saveTemplates([approved('proposal_sent')], desk.now())
  await desk.take('見積を送る', COMPLETE)
  const [message, ...more] = await desk.messages()
  expect(more).toEqual([])
  expect(message).toMatchObject({ state: 'queued', reason: null })
  expect(sendOf(message)).toMatchObject({
    definition: 'blueprint/case-desk@1',
    pointer: '/transitions/0/after/0',
    to: { phone: TANAKA },
    parameters: { body: [{ value: '新宿ビル' }, { value: '見積提示' }] },
  })
})

describe('refused, and nothing is changed', () => {
  const deep = { ...DESK, exit: undefined, name: 'case-desk' } as Blueprint
  type Case = [string, string, Parameters<Desk['take']>[1], Actor, string, Record<string, unknown>]
  const cases: Case[] = [
    ['a transition that there is not', '差し戻す', {}, SALES, 'ERR_TRANSITION_UNKNOWN', { transition: '差し戻す' }],
    ['one named as every object has it', 'constructor', {}, SALES, 'ERR_TRANSITION_UNKNOWN', {}],
    [
      'a part that there is not',
      '断念',
      { part: '半分' },
      SALES,
      'ERR_TRANSITION_UNKNOWN',
      { transition: '断念/半分' },
    ],
    [
      'a parallel one without its part',
      '受注する',
      {},
      SALES,
      'ERR_INVALID_INPUT',
      { parts: ['法務承認', '経理承認'] },
    ],
    [
      'one of another state',
      '交渉に入る',
      {},
      SALES,
      'ERR_TRANSITION_GONE',
      { state: '初回接触', possible: ['見積を送る', '断念'] },
    ],
    [
      'one from a state that the record has left',
      '断念',
      { from: '見積提示' },
      SALES,
      'ERR_TRANSITION_GONE',
      { state: '初回接触' },
    ],
    ['one by somebody else', '見積を送る', COMPLETE, NOBODY, 'ERR_TRANSITION_NOT_ALLOWED', {}],
    ['one that happens by itself', '自然消滅', {}, SALES, 'ERR_TRANSITION_NOT_ALLOWED', {}],
  ]
  test.each(cases)('%s', async (_, transition, more, actor, code, details) => {
    const desk = await createDesk({ desk: deep })
    const before = await desk.instance()
    expect(await desk.take(transition, more, actor)).toMatchObject({ kind: 'refused', code, details })
    expect(await desk.instance()).toEqual(before)
    expect((await desk.store.record('Cases', '1'))!.revision).toBe(2)
  })

  test('a record that is in no blueprint, and one that is not there', async () => {
    const desk = await createDesk({ values: { Amount: 1 } })
    expect(await desk.take('断念')).toMatchObject({ code: 'ERR_RECORD_NOT_IN_PROCESS', details: { recordId: '1' } })
    expect(await desk.take('断念', { recordId: '2' })).toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  test('a record that does not meet the criteria, with the message of the definition and what was seen', async () => {
    const desk = await createDesk({ values: { Amount: 9_000_000 } })
    const [id] = await desk.happen(
      ask({ do: 'transition', module: 'Cases', recordId: '1', transition: '見積を送る', ...COMPLETE }),
    )
    const trace = (await desk.store.trace(id!))!
    expect(trace.answer).toMatchObject({
      code: 'ERR_TRANSITION_CRITERIA',
      message: '五百万円以上の見積は部長に相談してください。',
    })
    expect(trace.instances).toMatchObject([
      { outcome: 'refused', leaves: [{ pointer: '/transitions/0/before/when/all/0', seen: 9_000_000, result: false }] },
    ])
  })

  test('one of a blueprint that is switched off, until it is on again', async () => {
    const desk = await createDesk()
    await desk.switchTo(false)
    expect(await desk.take('見積を送る', COMPLETE)).toMatchObject({ code: 'ERR_BLUEPRINT_INACTIVE' })
    expect(await desk.standing()).toBe('初回接触')
    await desk.switchTo(true)
    expect(await desk.take('見積を送る', COMPLETE)).toMatchObject({ kind: 'done' })
  })

  test('every refusal has its sentence in both languages, without a gap', async () => {
    const desk = await createDesk()
    for (const [transition, more, actor] of [
      ['差し戻す', {}, SALES],
      ['交渉に入る', {}, SALES],
      ['見積を送る', {}, NOBODY],
      ['見積を送る', {}, SALES],
    ] as const) {
      const answer = await desk.take(transition, more, actor)
      if (answer.kind !== 'refused') throw new TypeError('not refused')
      const facts = answer.details as Record<string, unknown>
      for (const language of ['en', 'ja'] as const) {
        const text = refusalText(answer.code as 'ERR_TRANSITION_GONE', facts, language)
        expect(text).toContain(transition)
        expect(text).not.toMatch(/undefined|[{}]|""|「」/)
      }
    }
  })
})

describe('who may', () => {
  const by = (before: NonNullable<Blueprint['transitions'][0]['before']>): Blueprint => ({
    ...DESK,
    transitions: [
      { name: '断念', from: '*', to: '失注', before },
      ...DESK.transitions.filter(({ name }) => name !== '断念'),
    ],
  })
  type Case = [string, NonNullable<Blueprint['transitions'][0]['before']>, Actor, boolean]
  const cases: Case[] = [
    ['everybody, when nobody is named', {}, NOBODY, true],
    ['a role', { roles: ['sales', 'manager'] }, SALES, true],
    ['no other role', { roles: ['manager'] }, SALES, false],
    ['a user', { users: ['山田'] }, NOBODY, true],
    ['a user or a role', { users: ['山田'], roles: ['sales'] }, SALES, true],
    ['the owner', { owner: true }, { user: 'owner-1', roles: [] }, true],
    ['the owner by address', { owner: true }, { user: 'owner@example.jp', roles: [] }, true],
    ['not the owner by name', { owner: true }, { user: '所有者', roles: [] }, false],
    ['everybody, when the owner is not asked for', { owner: false }, NOBODY, true],
  ]
  test.each(cases)('%s', async (_, before, actor, may) => {
    const Owner = { id: 'owner-1', name: '所有者', email: 'owner@example.jp' }
    const desk = await createDesk({ desk: by(before), values: { Amount: 300_000, Owner } })
    expect((await desk.take('断念', {}, actor)).kind).toBe(may ? 'done' : 'refused')
  })
})

describe('what is filled in', () => {
  const problemsOf = async (desk: Desk, more: Parameters<Desk['take']>[1]) => {
    const answer = await desk.take('見積を送る', more)
    if (answer.kind === 'done') return []
    expect(answer.code).toBe('ERR_TRANSITION_DATA')
    const { problems } = answer.details as { problems: { field: string | null; problem: string; message: string }[] }
    return problems.map(({ field, problem }) => `${field} ${problem}`)
  }

  type Case = [string, Parameters<Desk['take']>[1], string[]]
  const cases: Case[] = [
    [
      'all that is missing at once',
      {},
      ['Closing_Date missing', 'null note_missing', 'null not_ticked', 'null not_ticked'],
    ],
    ['a blank in place of a value', { ...COMPLETE, data: { Closing_Date: '　' } }, ['Closing_Date wrong_type']],
    ['null for what is required', { ...COMPLETE, data: { Closing_Date: null } }, ['Closing_Date missing']],
    ['a note of blanks', { ...COMPLETE, note: ' 　' }, ['null note_missing']],
    ['an item left open', { ...COMPLETE, checklist: ['在庫確認'] }, ['null not_ticked']],
    [
      'an item that is not on the list',
      { ...COMPLETE, checklist: ['与信確認', '在庫確認', '値引き'] },
      ['null not_on_list'],
    ],
    ['a field that is not asked', { ...COMPLETE, data: { Closing_Date: '2026-12-24', Rank: 'A' } }, ['Rank not_asked']],
    ['the state itself', { ...COMPLETE, data: { Closing_Date: '2026-12-24', Phase: '受注' } }, ['Phase not_asked']],
    ['a date that is none', { ...COMPLETE, data: { Closing_Date: '2026-02-30' } }, ['Closing_Date wrong_type']],
    [
      'words for a number',
      { ...COMPLETE, data: { Closing_Date: '2026-12-24', Amount: '三十万' } },
      ['Amount wrong_type'],
    ],
    [
      'merge text for a number',
      { ...COMPLETE, data: { Closing_Date: '2026-12-24', Amount: '$[Cases.Amount]' } },
      ['Amount wrong_type'],
    ],
    [
      'a value outside the picklist',
      { ...COMPLETE, data: { Closing_Date: '2026-12-24', Plan: '最上' } },
      ['Plan not_in_picklist'],
    ],
    ['a value of the picklist', { ...COMPLETE, data: { Closing_Date: '2026-12-24', Plan: '特別' } }, []],
    [
      'a value that fails its check',
      { ...COMPLETE, data: { Closing_Date: '2026-12-24', Amount: 0 } },
      ['Amount check_failed'],
    ],
    ['an optional field emptied', { ...COMPLETE, data: { Closing_Date: '2026-12-24', Plan: null } }, []],
  ]
  test.each(cases)('%s', async (_, more, expected) => {
    const desk = await createDesk()
    expect(await problemsOf(desk, more)).toEqual(expected)
    expect(await desk.standing()).toBe(expected.length === 0 ? '見積提示' : '初回接触')
  })

  test('the criteria of the transition are asked of the record, its checks of the data laid over', async () => {
    const desk = await createDesk()
    const data = { Closing_Date: '2026-12-24', Amount: 9_000_000 }
    expect(await problemsOf(desk, { ...COMPLETE, data })).toEqual([])
  })

  test('a required field may have its value from before', async () => {
    const desk = await createDesk({ values: { Amount: 300_000, Closing_Date: '2026-11-30' } })
    expect(await problemsOf(desk, { ...COMPLETE, data: {} })).toEqual([])
  })

  test('the message of a failed check is that of the definition', async () => {
    const desk = await createDesk()
    const answer = await desk.take('見積を送る', { ...COMPLETE, data: { Closing_Date: '2026-12-24', Amount: -1 } })
    expect(answer).toMatchObject({ message: expect.stringContaining('金額は0より大きくしてください。') as string })
  })
})

describe('a draft', () => {
  test('is kept, is laid under what comes later, and goes with the transition', async () => {
    const desk = await createDesk()
    const saved = await desk.take('見積を送る', {
      partial: true,
      data: { Closing_Date: '2026-12-24' },
      checklist: ['与信確認'],
    })
    expect(saved).toMatchObject({ kind: 'done', details: { state: '初回接触', percentSaved: 50 } })
    expect(await desk.standing()).toBe('初回接触')
    expect((await desk.values('Cases', '1'))?.Closing_Date).toBeUndefined()
    expect((await desk.history()).at(-1)).toBe('noted 初回接触 > 初回接触 via partial_save by 田中')
    const shown = (await desk.view())!.transitions.find(({ name }) => name === '見積を送る')!
    expect(shown.draft).toEqual({ data: { Closing_Date: '2026-12-24' }, note: '', checklist: ['与信確認'] })

    const rest = await desk.take('見積を送る', {
      note: '至急',
      checklist: ['与信確認', '在庫確認'],
      data: { Plan: '標準' },
    })
    expect(rest.kind).toBe('done')
    expect(await desk.values('Cases', '1')).toMatchObject({
      Closing_Date: '2026-12-24',
      Plan: '標準',
      Phase: '見積提示',
    })
    expect((await desk.instance())!.body).toMatchObject({ drafts: [] })
  })

  test('does not keep nonsense, nor for somebody who may not', async () => {
    const desk = await createDesk()
    const wrong = { partial: true, data: { Closing_Date: 'あした' } }
    expect(await desk.take('見積を送る', wrong)).toMatchObject({ code: 'ERR_TRANSITION_DATA' })
    expect(await desk.take('見積を送る', { partial: true }, NOBODY)).toMatchObject({
      code: 'ERR_TRANSITION_NOT_ALLOWED',
    })
    expect(await desk.history()).toHaveLength(1)
  })

  test('does not restart the clocks of the state', async () => {
    const desk = await createDesk()
    const before = await desk.waiting()
    await desk.take('見積を送る', { partial: true, note: '途中' })
    expect(await desk.waiting()).toEqual(before)
  })
})

describe('parallel parts', () => {
  const inTalks = () => createDesk({ values: { Amount: 300_000, Phase: '契約交渉' } })

  test('move the state when all are done, in any order, each with its own people and actions', async () => {
    const desk = await inTalks()
    expect(await desk.take('受注する', { part: '経理承認' })).toMatchObject({
      kind: 'done',
      details: { state: '契約交渉', part: '経理承認', possible: ['断念'] },
    })
    expect(await desk.take('受注する', { part: '経理承認' })).toMatchObject({ code: 'ERR_TRANSITION_GONE' })
    expect(await desk.take('受注する', { part: '法務承認' })).toMatchObject({ code: 'ERR_TRANSITION_NOT_ALLOWED' })
    expect(await desk.take('受注する', { part: '法務承認', data: { Subject: '締結' } }, LEGAL)).toMatchObject({
      kind: 'done',
      details: { state: '受注', possible: [], ended: 'completed' },
    })
    expect(await desk.standing()).toBe('受注 completed')
    expect(await desk.values('Cases', '1')).toMatchObject({ Subject: '締結', Phase: '受注' })
    expect(await desk.notified()).toEqual(['finance: 経理済み', 'manager: 受注: 受注'])
    expect((await desk.history()).slice(1)).toEqual([
      'noted 契約交渉 > 契約交渉 via 受注する/経理承認 by 田中',
      'moved 契約交渉 > 受注 via 受注する/法務承認 by 鈴木',
      'ended 受注 > - via completed by 鈴木',
    ])
  })

  test('a part that names nobody goes by its transition', async () => {
    const desk = await inTalks()
    expect(await desk.take('受注する', { part: '経理承認' }, LEGAL)).toMatchObject({
      code: 'ERR_TRANSITION_NOT_ALLOWED',
    })
  })

  test('are to be done again after the state was left', async () => {
    const desk = await inTalks()
    await desk.take('受注する', { part: '経理承認' })
    await desk.update({ Phase: '見積提示' })
    await desk.take('交渉に入る')
    await desk.take('受注する', { part: '法務承認' }, LEGAL)
    expect(await desk.standing()).toBe('契約交渉')
    await desk.take('受注する', { part: '経理承認' })
    expect(await desk.standing()).toBe('受注 completed')
  })
})

test('of two people who take the same transition one wins, and the other is told what is possible now', async () => {
  const desk = await createDesk()
  const one = { do: 'transition', module: 'Cases', recordId: '1', transition: '見積を送る', from: '初回接触' } as const
  const ids = await desk.happen(
    ask({ ...one, ...COMPLETE }, SALES),
    ask({ ...one, ...COMPLETE }, { user: '佐藤', roles: ['sales'] }),
  )
  const answers = await Promise.all(ids.map(async (id) => (await desk.store.trace(id))!.answer))
  expect(answers).toMatchObject([
    { kind: 'done' },
    { kind: 'refused', code: 'ERR_TRANSITION_GONE', details: { state: '見積提示', possible: ['交渉に入る', '断念'] } },
  ])
  expect((await desk.history()).filter((line) => line.startsWith('moved'))).toHaveLength(1)
})

test('names that mean something to machines and objects are names like others', async () => {
  const odd: Blueprint = {
    kind: 'blueprint',
    name: 'case-desk',
    module: 'Cases',
    field: 'Phase',
    states: { 'a.b': { initial: true }, '#c\\d': {}, '100%': {}, constructor: {}, '*': { final: true } },
    transitions: [
      { name: '*', from: ['a.b'], to: '#c\\d' },
      { name: 'xstate.done.*', from: ['#c\\d'], to: '100%' },
      {
        name: '__proto__',
        from: ['100%'],
        to: 'constructor',
        parallel: [{ name: '__proto__' }, { name: 'toString' }],
      },
      { name: '.', from: ['constructor'], to: '*' },
    ],
  }
  const desk = await createDesk({ desk: odd })
  const stood = []
  for (const [transition, part] of [
    ['*'],
    ['xstate.done.*'],
    ['__proto__', 'toString'],
    ['__proto__', '__proto__'],
    ['.'],
  ] as const) {
    await desk.take(transition, part === undefined ? {} : { part })
    stood.push(await desk.standing())
  }
  expect(stood).toEqual(['#c\\d', '100%', '100%', 'constructor', '* completed'])
})

test('an automatic transition by condition follows at once, and the answer tells where the record has come to', async () => {
  const desk = await createDesk({
    desk: {
      ...DESK,
      transitions: [
        {
          name: '特別扱い',
          from: ['見積提示'],
          to: '契約交渉',
          auto: { when: { all: [{ fact: 'Plan', operator: 'equal', value: '特別' }] } },
        },
        ...DESK.transitions,
      ],
    },
  })
  const answer = await desk.take('見積を送る', { ...COMPLETE, data: { Closing_Date: '2026-12-24', Plan: '特別' } })
  expect(answer).toMatchObject({ kind: 'done', details: { transition: '見積を送る', state: '契約交渉' } })
  expect(await desk.phase()).toBe('契約交渉')
})
