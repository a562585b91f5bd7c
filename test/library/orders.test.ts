import { expect, test } from 'vitest'
import { walk, YAMADA, type Walk } from './walk.ts'

const LATE = 'お届けの遅れを連絡する / Tell the customer about the delay: SO-1 | 2026-12-02 | High | sales-1'

async function ordered(): Promise<Walk> {
  const w = await walk('2026-11-20 12:00')
  await w.record('created', 'Contacts', 'c1', { Last_Name: '山田', ...YAMADA })
  const order = {
    Subject: '受付システム',
    SO_Number: 'SO-1',
    Due_Date: '2026-11-30',
    Contact_Name: 'c1',
    Owner: 'sales-1',
  }
  await w.record('created', 'Sales_Orders', '1', { ...order, Status: 'Approved' })
  return w
}

test('order-shipped tells of the parcel; without a tracking number somebody enters it first', async () => {
  const w = await ordered()
  await w.record('updated', 'Sales_Orders', '1', { Status: 'Shipped', Tracking_Number: '3906-1122-4410' })
  await w.to('2026-11-20 12:05')
  expect(w.got(YAMADA)).toEqual(['2026-11-20 12:00 order_shipped/ja'])
  expect(w.words(YAMADA)).toContain('ご注文番号はSO-1、お届けの予定日は2026年11月30日です。')
  await w.record('created', 'Sales_Orders', '2', { Subject: '名札', SO_Number: 'SO-2', Contact_Name: 'c1' })
  await w.record('updated', 'Sales_Orders', '2', { Status: 'Shipped' })
  expect(await w.tasks('2')).toEqual(['追跡番号を入力する / Enter the tracking number: SO-2 | Normal'])
})

test('order-late marks an order once that is touched after its date and has not arrived', async () => {
  const w = await ordered()
  await w.to('2026-11-30 23:00')
  await w.record('updated', 'Sales_Orders', '1', { Pending: '入荷待ち' })
  expect(await w.tasks('1')).toEqual([])
  await w.to('2026-12-01 09:00')
  await w.record('updated', 'Sales_Orders', '1', { Pending: '通関待ち' })
  await w.record('updated', 'Sales_Orders', '1', { Pending: '配送待ち' })
  expect(await w.tasks('1')).toEqual([LATE])
  expect(await w.values('Sales_Orders', '1')).toMatchObject({ Tag: ['late'] })
})

test('an order that has arrived is not late', async () => {
  const w = await ordered()
  await w.to('2026-12-01 09:00')
  await w.record('updated', 'Sales_Orders', '1', { Status: 'Delivered' })
  expect(await w.tasks('1')).toEqual([])
})
