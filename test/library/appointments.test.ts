import { describe, expect, test } from 'vitest'
import { at, clock, SMITH, walk, YAMADA, type Walk } from './walk.ts'

const CONFIRMED = 'appointment_confirmed'
const REMINDER = 'appointment_reminder'
const yamada = { Customer_Name: '山田', Menu: 'カット', Owner: 'salon-1', Status: 'Booked', ...YAMADA }
const smith = { Customer_Name: 'Smith', Menu: 'カット', Owner: 'salon-1', Status: 'Booked', ...SMITH }

/** Booked on Friday for Tuesday at two in Tokyo. */
async function booked(change: Record<string, string> = {}): Promise<Walk> {
  const w = await walk('2026-11-20 12:00')
  await w.record('created', 'Appointments', '1', { ...yamada, Starts_At: '2026-11-24T14:00:00+09:00', ...change })
  await w.record('created', 'Appointments', '2', { ...smith, Starts_At: '2026-11-24T14:00:00Z', ...change })
  return w
}

describe('appointment-reminder', () => {
  test('reminds at six on the evening before, by the clock of the customer (S66)', async () => {
    const w = await booked()
    await w.to('2026-11-25 12:00')
    expect(w.got(YAMADA)).toEqual([`2026-11-20 12:00 ${CONFIRMED}/ja`, `2026-11-23 18:00 ${REMINDER}/ja`])
    expect(w.words(YAMADA)).toContain('日時は2026/11/24 14:00、メニューはカットです。')
    expect(w.got(SMITH)).toEqual([`2026-11-20 03:00 ${CONFIRMED}/en`, `2026-11-23 18:00 ${REMINDER}/en`])
    expect(w.words(SMITH)).toContain('Time: Nov 24, 2026, 2:00 PM. Service: カット.')
  })

  test('follows an appointment that is moved, also after it was reminded of', async () => {
    const w = await booked()
    await w.to('2026-11-22 12:00')
    await w.record('updated', 'Appointments', '1', { Starts_At: '2026-11-27T10:00:00+09:00', Status: 'Changed' })
    await w.to('2026-11-26 12:00')
    expect(w.got(YAMADA)).toHaveLength(1)
    await w.to('2026-11-26 19:00')
    expect(w.got(YAMADA).at(-1)).toBe(`2026-11-26 18:00 ${REMINDER}/ja`)
    await w.record('updated', 'Appointments', '1', { Starts_At: '2026-12-01T10:00:00+09:00' })
    await w.to('2026-12-02 00:00')
    expect(w.got(YAMADA)).toEqual([
      `2026-11-20 12:00 ${CONFIRMED}/ja`,
      `2026-11-26 18:00 ${REMINDER}/ja`,
      `2026-11-30 18:00 ${REMINDER}/ja`,
    ])
    expect(w.words(YAMADA)).toContain('2026/12/01 10:00')
  })

  test('leaves those in peace who cancelled, whose record is gone, or who book for the same day', async () => {
    const w = await booked()
    await w.to('2026-11-23 10:00')
    await w.record('updated', 'Appointments', '1', { Status: 'Cancelled' })
    await w.record('deleted', 'Appointments', '2')
    expect(await w.notified()).toEqual([
      '2026-11-23 10:00 reception: 予約が削除されました / Deleted: Smith様 Nov 24, 2026, 2:00 PM',
    ])
    await w.to('2026-11-24 12:00')
    await w.record('created', 'Appointments', '3', { ...yamada, Starts_At: '2026-11-24T15:00:00+09:00' })
    await w.to('2026-11-26 00:00')
    expect(w.got(YAMADA)).toEqual([`2026-11-20 12:00 ${CONFIRMED}/ja`, `2026-11-24 12:00 ${CONFIRMED}/ja`])
    expect(w.got(SMITH)).toEqual([`2026-11-20 03:00 ${CONFIRMED}/en`])
  })

  test('six in the evening is six in the evening when the clocks change on the day between', async () => {
    const w = await walk('2026-10-20 12:00')
    // British Summer Time ends on 25 October.
    await w.record('created', 'Appointments', '2', { ...smith, Starts_At: '2026-10-26T09:00:00Z' })
    await w.to('2026-10-27 00:00')
    expect(w.got(SMITH).at(-1)).toBe(`2026-10-25 18:00 ${REMINDER}/en`)
    expect(w.received(SMITH.Mobile).at(-1)?.acceptedAt).toBe(at('2026-10-25 18:00', 'UTC'))
    expect(clock(at('2026-10-25 18:00', 'UTC'))).toBe('2026-10-26 03:00')
  })
})

describe('appointment-answered', () => {
  test.each([
    ['yamada', YAMADA, '1', '予定どおり行きます'],
    ['smith', SMITH, '2', 'I will come'],
  ])('notes that %s will come', async (_, person, id, label) => {
    const w = await booked()
    await w.to('2026-11-24 06:00')
    await w.tap(person.Mobile, label)
    expect(await w.values('Appointments', id)).toMatchObject({ Tag: ['confirmed'] })
    expect(await w.tasks(id)).toEqual([])
  })

  test.each([
    ['2026-11-21 09:00', '日時を変更したい'], // on the confirmation
    ['2026-11-23 19:00', '変更したい'], // on the reminder
  ])('at %s 「%s」 is a call', async (wall, label) => {
    const w = await booked()
    await w.to(wall)
    await w.tap(YAMADA.Mobile, label)
    expect(await w.tasks('1')).toEqual([
      expect.stringMatching(
        /^予約の変更について電話する \/ Call about another time: 山田様 2026\/11\/24 14:00 \| 2026-11-2[24] \| High \| salon-1$/,
      ),
    ])
  })

  test('a wish to cancel goes to a person, who knows which appointment is meant', async () => {
    const w = await booked()
    await w.tap(SMITH.Mobile, 'Cancel it')
    expect(await w.tasks('2')).toEqual([
      'キャンセルの希望を確かめる / Wants to cancel: Smith様 Nov 24, 2026, 2:00 PM | 2026-11-21 | High | salon-1',
    ])
    expect(await w.notified()).toEqual([
      '2026-11-20 12:00 reception: キャンセルの希望があります / Wants to cancel: Smith様 Nov 24, 2026, 2:00 PM',
    ])
    expect(await w.values('Appointments', '2')).toMatchObject({ Status: 'Booked' })
  })

  test('says nothing about an appointment that was', async () => {
    const w = await booked()
    await w.to('2026-11-26 12:00')
    await w.tap(YAMADA.Mobile, '変更したい')
    expect(await w.tasks('1')).toEqual([])
  })
})
