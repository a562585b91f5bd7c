import { describe, expect, test } from 'vitest'
import { at, SMITH, walk, YAMADA, type Walk } from './walk.ts'

const JOURNEY = 'journey/renewal'
const NOTICE = '2026-11-22 10:00 renewal_notice/ja'
const LAST_CALL = '2026-12-15 10:00 renewal_last_call/ja'
const yamada = { Name: '山田様 Standard', Customer_Name: '山田', Plan: 'Standard', Price: 12_000, ...YAMADA }
const smith = { Name: 'Smith Light', Customer_Name: 'Smith', Plan: 'Light', Price: 8_000, ...SMITH }

/** Subscriptions of years, up for renewal on 22 December; nothing of them is new. */
async function subscribed(values: Record<string, string | boolean | null> = {}): Promise<Walk> {
  const w = await walk('2026-11-01 12:00')
  const common = { Status: 'Renewed', Renewal_Date: '2026-12-22', Auto_Renew: false, Owner: 'sales-1', ...values }
  await w.record('created', 'Subscriptions', '1', { ...yamada, ...common })
  await w.record('created', 'Subscriptions', '2', { ...smith, ...common })
  return w
}

describe('renewal', () => {
  test('tells thirty days before, asks a week before, each at ten on their own clock (S68)', async () => {
    const w = await subscribed()
    await w.to('2026-11-23 00:00')
    expect(w.got(YAMADA)).toEqual([NOTICE])
    expect(w.words(YAMADA)).toContain('「Standard」は2026年12月22日に更新日を迎えます。更新後の料金は￥12,000です。')
    expect(w.got(SMITH)).toEqual(['2026-11-22 10:00 renewal_notice/en'])
    expect(w.words(SMITH)).toContain('Your Light subscription comes up for renewal on December 22, 2026, at ¥8,000.')
    await w.to('2026-12-16 00:00')
    expect(w.got(YAMADA)).toEqual([NOTICE, LAST_CALL])
    expect(w.got(SMITH)).toEqual(['2026-11-22 10:00 renewal_notice/en', '2026-12-15 10:00 renewal_last_call/en'])
  })

  test.each([
    ['更新する', 'Renew', 'Renewed', 'renewed'],
    ['更新しない', 'Do not renew', 'Cancelled', 'cancelled'],
  ])('a tap on 「%s」 or "%s" makes the subscription %s', async (label, inEnglish, Status, reason) => {
    const w = await subscribed({ Status: 'Active' })
    await w.to('2026-12-15 22:00')
    await w.tap(YAMADA.Mobile, label)
    expect(await w.place(JOURNEY, '1')).toBe(`${reason} 2026-12-15 22:00`)
    expect(await w.values('Subscriptions', '1')).toMatchObject({ Status })
    expect(await w.values('Subscriptions', '2')).toMatchObject({ Status: 'Active' })
    await w.tap(SMITH.Mobile, inEnglish)
    expect(await w.place(JOURNEY, '2')).toBe(`${reason} 2026-12-15 22:00`)
    expect(await w.values('Subscriptions', '2')).toMatchObject({ Status })
    expect([await w.tasks('1'), await w.tasks('2')]).toEqual([[], []])
  })

  test('a tap is about the subscription whose message it answers, and no other of the same person', async () => {
    const w = await subscribed()
    await w.record('created', 'Subscriptions', '3', {
      ...{ ...yamada, Name: '山田様 Premium', Plan: 'Premium', Status: 'Active' },
      ...{ Renewal_Date: '2026-12-23', Auto_Renew: false, Owner: 'sales-1' },
    })
    await w.to('2026-12-16 12:00')
    expect(w.words(YAMADA)).toContain('「Premium」')
    await w.tap(YAMADA.Mobile, '更新する')
    expect(await w.place(JOURNEY, '3')).toBe('renewed 2026-12-16 12:00')
    expect(await w.place(JOURNEY, '1')).toBe('choice')
  })

  test.each(['更新をお願いします', '停止'])('typed words (「%s」) are for a person', async (words) => {
    const w = await subscribed()
    await w.to('2026-12-15 11:00')
    await w.write(YAMADA.Mobile, words)
    expect(await w.place(JOURNEY, '1')).toBe('answered 2026-12-15 11:00')
    expect(await w.tasks('1')).toEqual([
      '契約の更新についての返信に答える / Answer the reply about the renewal: 山田様 Standard | 2026-12-16 | High | sales-1',
    ])
    expect(await w.values('Subscriptions', '1')).toMatchObject({ Status: 'Renewed' })
  })

  test('silence is asked about by a person, two days before the date', async () => {
    const w = await subscribed()
    await w.to('2026-12-31 00:00')
    expect(await w.place(JOURNEY, '1')).toBe('no-answer 2026-12-20 10:00')
    expect(await w.tasks('1')).toEqual([
      '契約の更新をうかがう / Ask about the renewal: 山田様 Standard | 2026-12-21 | High | sales-1',
    ])
    expect(await w.place(JOURNEY, '2')).toBe('no-answer 2026-12-20 19:00')
  })

  test('one that renews by itself is announced, and nothing asked', async () => {
    const w = await subscribed({ Auto_Renew: true })
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toEqual(['2026-11-22 10:00 renewal_automatic/ja'])
    expect(w.words(YAMADA)).toContain('2026年12月22日に自動で更新されます')
    expect(w.words(SMITH)).toContain('renews by itself on December 22, 2026, at ¥8,000.')
    expect(await w.path(JOURNEY, '1')).toBe('timer>kind branch/0>automatic next>objection timeout>renews renewed>')
    expect(await w.place(JOURNEY, '1')).toBe('renewed 2026-12-22 10:00')
    expect(await w.tasks('1')).toEqual([])
  })

  test('an objection to that goes to a person', async () => {
    const w = await subscribed({ Auto_Renew: true })
    await w.to('2026-12-10 15:00')
    await w.write(SMITH.Mobile, 'Please cancel it.')
    expect(await w.place(JOURNEY, '2')).toBe('answered 2026-12-10 15:00')
    expect(await w.tasks('2')).toHaveLength(1)
    await w.record('updated', 'Subscriptions', '1', { Status: 'Cancelled' })
    expect(await w.place(JOURNEY, '1')).toBe('cancelled 2026-12-10 15:00')
  })

  test('follows the date when it is moved, before the notice and after it', async () => {
    const w = await subscribed()
    await w.record('updated', 'Subscriptions', '1', { Renewal_Date: '2027-01-10' })
    await w.to('2026-12-01 00:00')
    expect(w.got(YAMADA)).toEqual([])
    await w.record('updated', 'Subscriptions', '2', { Renewal_Date: '2027-01-22' })
    await w.to('2027-01-20 00:00')
    expect(w.got(YAMADA)).toEqual(['2026-12-11 10:00 renewal_notice/ja', '2027-01-03 10:00 renewal_last_call/ja'])
    // Asked for the date as it is by now, and not told of it a second time.
    expect(w.got(SMITH)).toContain('2027-01-15 10:00 renewal_last_call/en')
  })

  test('comes again with the next date, and neither to who has cancelled nor without a date', async () => {
    const w = await subscribed()
    await w.record('updated', 'Subscriptions', '2', { Status: 'Cancelled' })
    await w.record('created', 'Subscriptions', '3', { ...yamada, Status: 'Renewed', Renewal_Date: null })
    await w.to('2026-12-15 12:00')
    await w.tap(YAMADA.Mobile, '更新する')
    await w.record('updated', 'Subscriptions', '1', { Renewal_Date: '2027-12-22' })
    await w.to('2027-11-23 00:00')
    expect(w.got(YAMADA)).toEqual([NOTICE, LAST_CALL, '2027-11-22 10:00 renewal_notice/ja'])
    expect(w.got(SMITH)).toEqual([])
    expect(await w.place(JOURNEY, '3')).toBeNull()
    expect(w.now()).toBe(at('2027-11-23 00:00'))
  })
})
