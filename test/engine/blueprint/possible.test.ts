import { describe, expect, test } from 'vitest'
import type { Blueprint } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import { lockedField, possibleTransitions } from '#engine/blueprint/possible.ts'
import { recordEvent } from '../workbench.ts'
import { COMPLETE, createDesk, DAY_MS, DESK, LEGAL, SALES, type Desk } from './dealDesk.ts'

const shown = async (desk: Desk, name: string, ...rest: Parameters<Desk['view']>) =>
  (await desk.view(...rest))!.transitions.find((one) => one.name === name)!

test('what can be done now, what cannot, and why, as a person sees it', async () => {
  const desk = await createDesk()
  const view = (await desk.view())!
  expect(view).toMatchObject({
    blueprint: 'case-desk',
    version: 1,
    active: true,
    field: 'Phase',
    state: '初回接触',
    since: desk.now(),
  })
  expect(view.escalations).toEqual([
    { level: 0, dueAt: desk.now() + DAY_MS },
    { level: 1, dueAt: desk.now() + 3 * DAY_MS },
  ])
  expect(view.transitions.map(({ name, to, type, possible, dueAt }) => ({ name, to, type, possible, dueAt }))).toEqual([
    { name: '見積を送る', to: '見積提示', type: 'manual', possible: true, dueAt: null },
    { name: '特急', to: '契約交渉', type: 'automatic', possible: false, dueAt: null },
    { name: '断念', to: '失注', type: 'manual', possible: true, dueAt: null },
    { name: '自然消滅', to: '失注', type: 'automatic', possible: false, dueAt: desk.now() + 30 * DAY_MS },
  ])
  expect((await shown(desk, '見積を送る')).fields).toEqual([
    { field: 'Closing_Date', label: '完了予定日', type: 'date', values: [], required: true, value: null },
    { field: 'Amount', label: '金額', type: 'currency', values: [], required: false, value: 300_000 },
    { field: 'Plan', label: 'プラン', type: 'picklist', values: ['標準', '特別'], required: false, value: null },
  ])
})

test('when it is due by itself is when its timer is', async () => {
  const desk = await createDesk()
  const waiting = await desk.waiting()
  const view = (await desk.view())!
  const shownDue = [...view.escalations.map(({ dueAt }) => dueAt), (await shown(desk, '自然消滅')).dueAt!]
  expect(shownDue.map((at) => (at - desk.now()) / DAY_MS)).toEqual(waiting.map(({ inDays }) => inDays))
})

describe('reasons', () => {
  test.each([
    ['ja', '「見積を送る」を実行する権限がありません。'],
    ['en', 'You are not among those who may do "見積を送る".'],
  ] as const)('in %s', async (language, message) => {
    const desk = await createDesk()
    expect((await shown(desk, '見積を送る', LEGAL, language)).reasons).toEqual([{ code: 'not_allowed', message }])
  })

  test('all of them, with the message of the definition', async () => {
    const desk = await createDesk({ values: { Amount: 9_000_000 } })
    expect((await shown(desk, '見積を送る', LEGAL)).reasons).toEqual([
      { code: 'not_allowed', message: '「見積を送る」を実行する権限がありません。' },
      { code: 'criteria', message: '五百万円以上の見積は部長に相談してください。' },
    ])
  })

  test('the blueprint is switched off', async () => {
    const desk = await createDesk()
    await desk.switchTo(false)
    const view = (await desk.view())!
    expect(view.active).toBe(false)
    expect(view.transitions.map(({ possible }) => possible)).toEqual([false, false, false, false])
    expect(view.transitions[0]!.reasons).toEqual([
      { code: 'inactive', message: 'ブループリント「case-desk」は無効です。' },
    ])
  })

  test('criteria about a record behind a lookup', async () => {
    const about: Blueprint = {
      ...DESK,
      transitions: [
        {
          ...DESK.transitions[1]!,
          from: ['初回接触'],
          before: { when: { all: [{ fact: 'Contact_Name.Email', operator: 'isNotEmpty', value: true }] } },
        },
        ...DESK.transitions.slice(2),
      ],
    }
    const desk = await createDesk({ desk: about, values: { Amount: 300_000, Contact_Name: 'c1' } })
    expect(await desk.take('交渉に入る')).toMatchObject({ code: 'ERR_TRANSITION_CRITERIA' })
    await desk.happen(recordEvent('created', 'Contacts', 'c1', { Last_Name: '佐藤', Email: 'sato@example.jp' }))
    const contact = (await desk.store.record('Contacts', 'c1'))!
    const view = possibleTransitions({
      instance: (await desk.instance())!,
      values: (await desk.values('Cases', '1'))!,
      definitions: desk.definitions(),
      settings: await desk.store.settings(),
      now: desk.now(),
      actor: SALES,
      language: 'ja',
      related: new Map([['Contacts/c1', contact]]),
    })
    expect(view!.transitions[0]).toMatchObject({ name: '交渉に入る', possible: true })
    expect(await desk.take('交渉に入る')).toMatchObject({ kind: 'done' })
  })
})

test('a parallel transition shows its parts, each for this person, and those that are done', async () => {
  const desk = await createDesk({ values: { Amount: 300_000, Phase: '契約交渉' } })
  const partsFor = async (...rest: Parameters<Desk['view']>) => {
    const { possible, type, parts } = await shown(desk, '受注する', ...rest)
    return { possible, type, parts: parts.map((one) => [one.name, one.possible, one.done]) }
  }
  expect(await partsFor(LEGAL)).toEqual({
    possible: true,
    type: 'parallel',
    parts: [
      ['法務承認', true, false],
      ['経理承認', false, false],
    ],
  })
  await desk.take('受注する', { part: '法務承認' }, LEGAL)
  expect(await partsFor(LEGAL)).toMatchObject({
    possible: false,
    parts: [
      ['法務承認', false, true],
      ['経理承認', false, false],
    ],
  })
  expect((await shown(desk, '受注する', LEGAL)).parts[0]!.reasons).toEqual([
    { code: 'part_done', message: '「法務承認」は実行済みです。' },
  ])
})

test('what is saved is shown with how much it is', async () => {
  const desk = await createDesk()
  expect(await shown(desk, '見積を送る')).toMatchObject({ draft: null, percentSaved: 0 })
  await desk.take('見積を送る', { partial: true, note: '途中', checklist: ['与信確認', '在庫確認'] })
  expect(await shown(desk, '見積を送る')).toMatchObject({ draft: { note: '途中' }, percentSaved: 75 })
})

test('what is shown as possible is done, and what is not is refused', async () => {
  for (const actor of [SALES, LEGAL]) {
    for (const values of [
      { Amount: 300_000 } as Values,
      { Amount: 9_000_000 },
      { Amount: 300_000, Phase: '契約交渉' },
    ]) {
      const start = await createDesk({ values })
      for (const { name, possible, parts } of (await start.view(actor))!.transitions) {
        for (const [part, may] of parts.length === 0
          ? [[undefined, possible] as const]
          : parts.map((one) => [one.name, one.possible] as const)) {
          const desk = await createDesk({ values })
          const more = name === '見積を送る' ? COMPLETE : part === undefined ? {} : { part }
          const answer = await desk.take(name, more, actor)
          expect(`${name} ${part ?? ''} ${answer.kind}`).toBe(`${name} ${part ?? ''} ${may ? 'done' : 'refused'}`)
        }
      }
    }
  }
})

test('nothing is shown of a record that has left', async () => {
  const desk = await createDesk()
  await desk.update({ Phase: '受注' })
  expect(await desk.view()).toBeNull()
})

test('the field is locked while the record is in process and the blueprint is on', async () => {
  const desk = await createDesk()
  const locked = async () => lockedField({ definitions: desk.definitions(), instance: await desk.instance() })
  expect(await locked()).toBe('Phase')
  await desk.switchTo(false)
  expect(await locked()).toBeNull()
  await desk.switchTo(true)
  await desk.update({ Phase: '失注' })
  expect(await locked()).toBeNull()
  expect(lockedField({ definitions: desk.definitions(), instance: null })).toBeNull()
})
