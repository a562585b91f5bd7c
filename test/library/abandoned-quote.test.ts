import { describe, expect, test } from 'vitest'
import { SMITH, walk, YAMADA, type Walk } from './walk.ts'

const JOURNEY = 'journey/abandoned-quote'
const ASK = '2026-11-28 10:00 quote_followup/ja'
const EXPIRING = '2026-12-08 10:00 quote_expiring/ja'

/** A quote for 鈴木 that is sent out on Tuesday, 24 November, at three. */
async function quoted(values: Record<string, string | null> = {}): Promise<Walk> {
  const w = await walk('2026-11-24 15:00')
  await w.record('created', 'Contacts', 'c1', { Last_Name: '鈴木', ...YAMADA })
  await w.record('created', 'Contacts', 'c2', { Last_Name: 'Smith', ...SMITH })
  const quote = { Subject: '受付システム', Quote_Stage: 'Draft', Valid_Till: '2026-12-10', Owner: 'sales-1' }
  await w.record('created', 'Quotes', '1', { ...quote, Contact_Name: 'c1', ...values })
  await w.record('updated', 'Quotes', '1', { Quote_Stage: 'Delivered' })
  return w
}

describe('abandoned-quote', () => {
  test('asks after three days, warns before the quote expires, and hands over to a person (S68)', async () => {
    const w = await quoted()
    await w.to('2026-12-08 12:00')
    expect(w.got(YAMADA)).toEqual([ASK, EXPIRING])
    expect(w.words(YAMADA)).toContain('お見積もり「受付システム」の有効期限は2026年12月10日までとなっております。')
    await w.to('2026-12-31 00:00')
    expect(await w.tasks('1')).toEqual([
      '見積書の件で電話する / Call about the quote: 受付システム | 2026-12-10 | High | sales-1',
    ])
    expect(await w.place(JOURNEY, '1')).toBe('unanswered 2026-12-09 10:00')
    const day = 'timeout>near else>another-day goto>answer '
    expect(await w.path(JOURNEY, '1')).toBe(
      `record>breathe next>ask next>answer ${day.repeat(9)}timeout>near branch/0>expiring next>last-chance timeout>call next>unanswered unanswered>`,
    )
    expect(w.got(YAMADA)).toHaveLength(2)
  })

  test('writes to a contact abroad in their language, by the hours of their own day', async () => {
    const w = await quoted({ Contact_Name: 'c2' })
    await w.to('2026-12-08 20:00')
    // A quote has no zone of its own; the contact's serves.
    expect(w.got(SMITH)).toEqual(['2026-11-27 10:00 quote_followup/en', '2026-12-08 10:00 quote_expiring/en'])
    expect(w.words(SMITH)).toContain('Our quote for "受付システム" is valid until December 10, 2026 only.')
  })

  test.each([
    ['the question', '2026-11-30 11:00', '2026-12-01', 1],
    ['the warning', '2026-12-08 18:30', '2026-12-09', 2],
  ])('an answer to %s goes to the owner', async (_, wall, due, messages) => {
    const w = await quoted()
    await w.to(wall)
    await w.write(YAMADA.Mobile, '値引きはできますか')
    expect(await w.place(JOURNEY, '1')).toBe(`answered ${wall}`)
    expect(await w.tasks('1')).toEqual([
      `見積書への返信に答える / Answer the reply to the quote: 受付システム | ${due} | High | sales-1`,
    ])
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toHaveLength(messages)
  })

  test('an answer on any day between the two messages is heard at once', async () => {
    const w = await quoted()
    await w.to('2026-12-05 12:00')
    await w.write(YAMADA.Mobile, '社内で検討中です')
    expect(await w.place(JOURNEY, '1')).toBe('answered 2026-12-05 12:00')
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toEqual([ASK])
  })

  test('warns on the date as it is by now, and a weekend is no time to answer', async () => {
    const w = await quoted()
    await w.record('updated', 'Quotes', '1', { Valid_Till: '2026-12-01' })
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toEqual([ASK, '2026-11-29 10:00 quote_expiring/ja']) // a Sunday
    expect(await w.place(JOURNEY, '1')).toBe('unanswered 2026-12-01 09:00')
  })

  test.each([
    ['has expired already', '2026-11-27'],
    ['is valid for long', '2027-03-31'],
    ['never expires', null],
  ])('calls after two weeks without a warning when the quote %s', async (_, Valid_Till) => {
    const w = await quoted({ Valid_Till })
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toEqual([ASK])
    expect(await w.place(JOURNEY, '1')).toBe('unanswered 2026-12-13 10:00')
    expect(await w.path(JOURNEY, '1')).toContain('another-day next>call')
  })

  test.each([
    ['Confirmed', 'goal'],
    ['Closed Won', 'goal'],
    ['Closed Lost', 'quote-lost'],
    ['On Hold', 'quote-lost'],
  ])('is over at once when the quote is %s: %s', async (Quote_Stage, reason) => {
    const w = await quoted()
    await w.to('2026-11-29 09:00')
    await w.record('updated', 'Quotes', '1', { Quote_Stage })
    expect(await w.place(JOURNEY, '1')).toBe(`${reason} 2026-11-29 09:00`)
    await w.to('2026-12-31 00:00')
    expect(w.got(YAMADA)).toEqual([ASK])
    expect(await w.tasks('1')).toEqual([])
  })

  test('who stops marketing is left alone, and a quote that is sent again is asked after again', async () => {
    const w = await quoted()
    await w.to('2026-11-29 09:00')
    await w.write(YAMADA.Mobile, '配信停止')
    expect(await w.place(JOURNEY, '1')).toBe('opted-out 2026-11-29 09:00')
    await w.record('updated', 'Quotes', '1', { Quote_Stage: 'Negotiation' })
    await w.record('updated', 'Quotes', '1', { Quote_Stage: 'Delivered' })
    await w.write(YAMADA.Mobile, '配信再開')
    await w.to('2026-12-03 12:00')
    expect(w.got(YAMADA)).toEqual([ASK, '2026-12-02 10:00 quote_followup/ja'])
  })
})
