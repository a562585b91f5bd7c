import { describe, expect, test } from 'vitest'
import { SMITH, walk, YAMADA, type Walk } from './walk.ts'

const JOURNEY = 'journey/payment-failure'
const yamada = { Name: '山田様 Standard', Customer_Name: '山田', Plan: 'Standard', Price: 12_000, ...YAMADA }
const smith = { Name: 'Smith Light', Customer_Name: 'Smith', Plan: 'Light', Price: 8_000, ...SMITH }
const CALL = 'お支払いの件で電話する / Call about the payment: 山田様 Standard'
const HELP = 'お支払いの相談に答える / Answer about the payment: 山田様 Standard'

/** Both payments fail, on a Friday before a long weekend: Monday, 23 November, is a holiday. */
async function failed(change: Record<string, string> = {}, start = '2026-11-20 15:00'): Promise<Walk> {
  const w = await walk(start)
  const more = { Status: 'Active', Owner: 'sales-1', Payment_Link: 'https://example.com/pay/1', Tag: ['onboarded'] }
  await w.record('created', 'Subscriptions', '1', { ...yamada, ...more, ...change })
  await w.record('created', 'Subscriptions', '2', { ...smith, ...more, Owner: 'sales-2' })
  for (const id of ['1', '2']) await w.record('updated', 'Subscriptions', id, { Status: 'Payment Failed' })
  return w
}

describe('payment-failure', () => {
  test('escalates by working days, from a word to the customer up to suspension (S68)', async () => {
    const w = await failed()
    await w.to('2026-12-31 00:00')
    // Two working days from Friday at three: Tuesday and Wednesday.
    expect(w.got(YAMADA)).toEqual(['2026-11-20 15:00 payment_failed/ja', '2026-11-25 15:00 payment_failed_reminder/ja'])
    expect(w.got(SMITH)).toEqual(['2026-11-20 08:00 payment_failed/en', '2026-11-25 08:00 payment_failed_reminder/en'])
    expect(await w.tasks('1')).toEqual([`${CALL} | 2026-11-28 | High | sales-1`])
    expect(await w.notified()).toEqual([
      '2026-12-01 15:00 manager: 未払いの契約があります / Still unpaid: 山田様 Standard',
      '2026-12-01 17:00 manager: 未払いの契約があります / Still unpaid: Smith Light',
    ])
    expect(await w.path(JOURNEY, '1')).toBe(
      'record>tell next>undelivered timeout>remind next>trouble timeout>phone next>owner-tries next>manager next>last-days next>suspend next>suspended suspended>',
    )
    expect(await w.place(JOURNEY, '1')).toBe('suspended 2026-12-08 15:00')
    expect(await w.values('Subscriptions', '1')).toMatchObject({ Status: 'Suspended' })
  })

  test('says how much, for what and where to pay', async () => {
    const w = await failed()
    await w.to('2026-11-21 00:00')
    expect(w.words(YAMADA)).toContain('「Standard」の￥12,000を決済できませんでした。')
    expect(w.words(YAMADA)).toContain('次のページでご確認ください。\nhttps://example.com/pay/1\n')
    expect(w.words(SMITH)).toContain('we could not charge ¥8,000 for your Light subscription')
  })

  test.each([
    ['WhatsApp cannot deliver to', '+819012340026', 'payment_failed/ja', []],
    ['has no mobile number', '03-1234-5678', undefined, ['payment_failed blocked recipient_invalid']],
  ])('who %s is called at once', async (_, Mobile, message, kept) => {
    const w = await failed({ Mobile })
    await w.to('2026-11-20 15:05')
    expect(w.got({ ...YAMADA, Mobile }).map((one) => one.split(' ').at(-1))).toEqual(
      message === undefined ? [] : [message],
    )
    expect(await w.kept()).toEqual(kept)
    expect(await w.path(JOURNEY, '1')).toBe('record>tell next>undelivered then>phone next>owner-tries')
    expect(await w.tasks('1')).toEqual([`${CALL} | 2026-11-21 | High | sales-1`])
  })

  test('the year ends without working days: nobody is pressed in the holidays', async () => {
    const w = await failed({}, '2026-12-28 11:00')
    await w.to('2027-01-31 00:00')
    // The 28th closes at noon, and the office opens again on Monday, 4 January.
    expect(w.got(YAMADA)).toEqual(['2026-12-28 11:00 payment_failed/ja', '2027-01-05 11:00 payment_failed_reminder/ja'])
  })

  test('a cry for help is answered by a person, and the clock goes on', async () => {
    const w = await failed()
    await w.to('2026-11-26 10:00')
    await w.write(YAMADA.Mobile, 'カードが使えません')
    expect(await w.tasks('1')).toEqual([`${HELP} | 2026-11-27 | High | sales-1`])
    await w.to('2026-12-31 00:00')
    expect(await w.path(JOURNEY, '1')).toContain('next>trouble then>help next>owner-tries next>manager')
    expect(await w.place(JOURNEY, '1')).toBe('suspended 2026-12-07 10:00')
  })

  test.each([
    ['Active', 'goal'],
    ['Renewed', 'goal'],
    ['Cancelled', 'cancelled'],
  ])('is over as soon as the subscription is %s: %s', async (Status, reason) => {
    const w = await failed()
    await w.to('2026-11-27 18:00')
    expect(await w.tasks('1')).toHaveLength(1)
    await w.record('updated', 'Subscriptions', '1', { Status })
    expect(await w.place(JOURNEY, '1')).toBe(`${reason} 2026-11-27 18:00`)
    await w.to('2026-12-31 00:00')
    expect(await w.values('Subscriptions', '1')).toMatchObject({ Status })
    expect((await w.notified()).filter((one) => one.includes('山田'))).toEqual([])
  })

  test('at night it waits for the morning of the customer, and a payment meanwhile spares them the message', async () => {
    const w = await failed({}, '2026-11-24 23:00')
    await w.to('2026-11-25 07:00')
    await w.record('updated', 'Subscriptions', '2', { Status: 'Active' })
    await w.to('2026-11-25 12:00')
    expect(w.got(YAMADA)).toEqual(['2026-11-25 08:00 payment_failed/ja'])
    // 14:00 in London when it failed: they were told at once.
    expect(w.got(SMITH)).toEqual(['2026-11-24 14:00 payment_failed/en'])
  })

  test('a second failure is told again', async () => {
    const w = await failed()
    await w.record('updated', 'Subscriptions', '1', { Status: 'Active' })
    await w.to('2026-12-20 12:00')
    await w.record('updated', 'Subscriptions', '1', { Status: 'Payment Failed' })
    await w.to('2026-12-20 13:00')
    expect(w.got(YAMADA)).toEqual(['2026-11-20 15:00 payment_failed/ja', '2026-12-20 12:00 payment_failed/ja'])
  })
})
