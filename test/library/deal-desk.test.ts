import { describe, expect, test } from 'vitest'
import type { Values } from '#definitions/json.ts'
import type { Taking } from '#cli/demo/stage.ts'
import type { Actor } from '#engine/command.ts'
import { SMITH, walk, YAMADA, type Walk } from './walk.ts'

const DESK = 'blueprint/deal-desk'
const sales: Actor = { user: '佐藤', roles: ['sales'] }
const legal: Actor = { user: '法務の鈴木', roles: ['legal'] }
const finance: Actor = { user: '経理の髙橋', roles: ['finance'] }
const stranger: Actor = { user: '配送の伊藤', roles: ['logistics'] }
const REVIEWED = ['契約書の確認 / Contract reviewed', '個人情報の取り扱いの確認 / Personal data reviewed']

/** A deal of two million with 田中 (or Smith), which comes in on Friday, 20 November, at ten. */
async function deal(values: Values = {}): Promise<Walk> {
  const w = await walk('2026-11-20 10:00')
  await w.record('created', 'Contacts', 'c1', { Last_Name: '田中', ...YAMADA })
  await w.record('created', 'Contacts', 'c2', { Last_Name: 'Smith', ...SMITH })
  const one = {
    Deal_Name: '受付システム',
    Amount: 2_000_000,
    Owner: '佐藤',
    Contact_Name: 'c1',
    Stage: 'Qualification',
  }
  await w.record('created', 'Deals', '1', { ...one, ...values })
  return w
}
const take = (w: Walk, as: Actor, taking: Taking) => w.tries('Deals', '1', taking, as)

const propose: Taking = { transition: 'Send proposal', data: { Closing_Date: '2026-12-24', Next_Step: '見積の説明' } }
const negotiate: Taking = { transition: 'Negotiate', data: { Amount: 1_800_000 } }
const approve: Taking = { transition: 'Win', part: 'Legal approval', checklist: REVIEWED }
const confirm: Taking = { transition: 'Win', part: 'Finance approval', data: { Amount: 1_800_000 } }

async function untilReview(values: Values = {}): Promise<Walk> {
  const w = await deal(values)
  expect(await take(w, sales, propose)).toBe('done')
  expect(await take(w, sales, negotiate)).toBe('done')
  return w
}

describe('deal-desk', () => {
  test('is won once legal and finance have both approved, and the customer is thanked (S67)', async () => {
    const w = await untilReview()
    expect(await w.values('Deals', '1')).toMatchObject({
      Stage: 'Negotiation/Review',
      Amount: 1_800_000,
      Next_Step: '見積の説明',
    })
    expect(await take(w, finance, confirm)).toBe('done')
    expect(await w.place(DESK, '1')).toBe('Negotiation/Review')
    expect(await take(w, legal, approve)).toBe('done')
    expect(await w.place(DESK, '1')).toBe('completed 2026-11-20 10:00')
    expect(await w.values('Deals', '1')).toMatchObject({ Stage: 'Won' })
    await w.to('2026-11-20 12:00')
    expect(w.got(YAMADA)).toEqual(['2026-11-20 10:00 proposal_sent/ja', '2026-11-20 10:00 deal_won_thanks/ja'])
    expect(w.words(YAMADA)).toBe(
      'ご契約ありがとうございます、田中様。「受付システム」の準備を始めます。担当者より、これからの進め方を2営業日以内にご連絡いたします。',
    )
  })

  test('speaks the language of the contact behind the deal', async () => {
    const w = await untilReview({ Contact_Name: 'c2' })
    await take(w, legal, approve)
    await take(w, finance, confirm)
    await w.to('2026-11-20 12:00')
    expect(w.got(SMITH)).toEqual(['2026-11-20 01:00 proposal_sent/en', '2026-11-20 01:00 deal_won_thanks/en'])
    expect(w.words(SMITH)).toContain('Thank you for your order, Smith. We are preparing "受付システム" for you.')
  })

  test.each<[string, Actor, Taking, Values, string]>([
    ['somebody of another department', stranger, propose, {}, 'ERR_TRANSITION_NOT_ALLOWED'],
    [
      'a deal without a contact',
      sales,
      propose,
      { Contact_Name: null },
      '連絡先を入力してください。 / Enter a contact first.',
    ],
    ['no closing date', sales, { transition: 'Send proposal' }, {}, 'ERR_TRANSITION_DATA'],
    [
      'a closing date in the past',
      sales,
      { transition: 'Send proposal', data: { Closing_Date: '2026-11-19' } },
      {},
      '完了予定日は今日以降にしてください。 / The closing date cannot be in the past.',
    ],
    ['a step that comes later', sales, negotiate, {}, 'ERR_TRANSITION_GONE'],
    ['a step that does not exist', sales, { transition: '受注する' }, {}, 'ERR_TRANSITION_UNKNOWN'],
    ['what happens by itself', sales, { transition: 'No chance left' }, {}, 'ERR_TRANSITION_NOT_ALLOWED'],
    ['a loss without a reason', sales, { transition: 'Lose' }, {}, 'ERR_TRANSITION_DATA'],
  ])('refuses %s, and nothing is changed', async (_, as, taking, values, words) => {
    const w = await deal(values)
    expect(await take(w, as, taking)).toContain(words)
    expect(await w.place(DESK, '1')).toBe('Qualification')
    expect(await w.values('Deals', '1')).toMatchObject({ Stage: 'Qualification' })
  })

  test.each<[string, Actor, Taking, string]>([
    ['finance in place of legal', finance, approve, 'ERR_TRANSITION_NOT_ALLOWED'],
    ['half a checklist', legal, { ...approve, checklist: REVIEWED.slice(1) }, 'ERR_TRANSITION_DATA'],
    ['an amount of nothing', finance, { ...confirm, data: { Amount: 0 } }, '金額は0より大きくしてください。'],
    ['a way back without a note', sales, { transition: 'Back to proposal' }, 'ERR_TRANSITION_DATA'],
  ])('in negotiation it refuses %s', async (_, as, taking, words) => {
    const w = await untilReview()
    expect(await take(w, as, taking)).toContain(words)
    expect(await w.place(DESK, '1')).toBe('Negotiation/Review')
  })

  test('an approval counts for one visit: who goes back to the proposal asks for both again', async () => {
    const w = await untilReview()
    await take(w, legal, approve)
    expect(await take(w, legal, approve)).toContain('ERR_')
    expect(await take(w, sales, { transition: 'Back to proposal', note: '条件が変わった' })).toBe('done')
    expect(await take(w, sales, negotiate)).toBe('done')
    expect(await take(w, finance, confirm)).toBe('done')
    expect(await w.place(DESK, '1')).toBe('Negotiation/Review')
    expect(await take(w, legal, approve)).toBe('done')
    expect(await w.path(DESK, '1')).toContain('Back to proposal>Proposal Negotiate>Negotiation/Review')
    expect(await w.place(DESK, '1')).toMatch(/^completed/)
  })

  test.each([
    ['Qualification', []],
    ['Proposal', [propose]],
    ['Negotiation/Review', [propose, negotiate]],
  ])('can be lost from %s, with a reason', async (state, before) => {
    const w = await deal()
    for (const taking of before) expect(await take(w, sales, taking)).toBe('done')
    expect(await w.place(DESK, '1')).toBe(state)
    expect(await take(w, sales, { transition: 'Lose', data: { Reason_For_Loss: '予算' } })).toBe('done')
    expect(await w.values('Deals', '1')).toMatchObject({ Stage: 'Lost', Reason_For_Loss: '予算', Tag: ['lost'] })
    expect(await w.place(DESK, '1')).toMatch(/^completed/)
  })

  test.each([
    ['Qualification', []],
    ['Proposal', [propose]],
    ['Negotiation/Review', [propose, negotiate]],
  ])('is lost by itself from %s when no chance is left', async (state, before) => {
    const w = await deal()
    for (const taking of before) await take(w, sales, taking)
    expect(await w.place(DESK, '1')).toBe(state)
    await w.record('updated', 'Deals', '1', { Probability: 0 })
    expect(await w.values('Deals', '1')).toMatchObject({ Stage: 'Lost', Tag: ['lost'] })
    expect(await w.tasks('1')).toEqual([
      '失注の理由を記録する / Record why the deal was lost: 受付システム | 2026-11-23 | 佐藤',
    ])
  })

  test('one that goes quiet after the proposal is asked about in a week, and lost after sixty days', async () => {
    const w = await deal()
    await take(w, sales, propose)
    await w.to('2026-11-27 10:00')
    expect(await w.tasks('1')).toEqual([
      '提案の返事を確認する / Ask for an answer to the proposal: 受付システム | 佐藤',
    ])
    await w.to('2027-01-19 09:59')
    expect(await w.place(DESK, '1')).toBe('Proposal')
    await w.to('2027-01-19 10:00')
    expect(await w.place(DESK, '1')).toBe('completed 2027-01-19 10:00')
    expect(await w.path(DESK, '1')).toMatch(/Gone quiet>Lost/)
    expect(await w.tasks('1')).toContain(
      '失注の理由を記録する / Record why the deal was lost: 受付システム | 2027-01-22 | 佐藤',
    )
  })

  test('tells the manager of a deal that stands still for three working days', async () => {
    const w = await deal()
    // Saturday, Sunday and the holiday on Monday are none.
    await w.to('2026-11-26 09:59')
    expect(await w.notified()).toEqual([])
    await w.to('2026-11-26 10:00')
    expect(await w.notified()).toEqual([
      '2026-11-26 10:00 manager: 三営業日動きがない商談 / No progress for three business days: 受付システム',
    ])
    await w.to('2026-12-31 00:00')
    expect(await w.notified()).toHaveLength(1)
  })

  test('escalates a long negotiation in two levels, over the year-end', async () => {
    const w = await deal()
    await w.to('2026-12-21 10:00')
    await take(w, sales, { ...propose, data: { Closing_Date: '2027-01-29' } })
    await take(w, sales, negotiate)
    await w.to('2027-01-31 00:00')
    const { server } = w
    const [instance] = (await server.denrei.store.instances({ definition: DESK }, { limit: 1 })).items
    const steps = await server.denrei.store.instanceSteps(instance?.id ?? '')
    expect(steps.filter(({ kind }) => kind === 'noted')).toHaveLength(3)
    expect(await w.tasks('1')).toEqual([
      '交渉の状況を確認する / Check on the negotiation: 受付システム | 2026-12-29 | 佐藤',
    ])
    expect((await w.notified()).at(-1)).toBe(
      '2027-01-08 10:00 manager: 十営業日交渉中の商談 / Ten business days in negotiation: 受付システム',
    )
  })

  test('keeps small deals out, and takes in one that grows', async () => {
    const w = await deal({ Amount: 1_000_000 })
    expect(await w.place(DESK, '1')).toBeNull()
    await w.record('updated', 'Deals', '1', { Amount: 1_000_001 })
    expect(await w.place(DESK, '1')).toBe('Qualification')
  })

  test('follows the field when the CRM moves it', async () => {
    const w = await deal()
    await w.record('updated', 'Deals', '1', { Stage: 'Negotiation/Review' })
    expect(await w.path(DESK, '1')).toBe('record>Qualification field>Negotiation/Review')
    await take(w, legal, approve)
    await take(w, finance, confirm)
    expect(await w.values('Deals', '1')).toMatchObject({ Stage: 'Won' })
  })
})
