import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Posting } from '#engine/decision.ts'
import { applyStatus } from '#engine/ladder.ts'
import { assertBalanced, sumPostings } from '#engine/ledger.ts'
import type { Message, MessageState } from '#engine/message.ts'
import { toldPrice } from '#engine/toldPrice.ts'
import type { StatusEvent } from '#engine/trigger.ts'
import { table } from '../table.ts'
import { aMessage, aStatus, aWork, NOW, someSettings } from './builders.ts'

const SETTINGS = someSettings()
const REGULAR = { billable: true, model: 'PMP', type: 'regular', category: 'utility' }
const FREE = { billable: false, model: 'PMP', type: 'free_entry_point', category: 'referral_conversion' }

/** Applies statuses one after the other, as commits would. */
function climb(start: Message, events: StatusEvent[], availableMicros = 0) {
  const climbed = { message: start, postings: [] as Posting[], notes: [] as string[], news: [] as string[] }
  for (const event of events) {
    const available = availableMicros + sumPostings(climbed.postings).available
    const { move, postings, news, notes } = applyStatus(climbed.message, event, NOW + 10_000, SETTINGS, available)
    const { id: _id, ...changes } = move ?? { id: '' }
    climbed.message = { ...climbed.message, ...changes }
    climbed.postings.push(...postings)
    climbed.notes.push(...notes)
    if (news) climbed.news.push(event.status)
  }
  assertBalanced(climbed.postings)
  return climbed
}

const cases = table(`
  from       told                 | state      hold      notes
  sending    sent                 | sent       held      -                       // before our own answer is stored
  accepted   sent                 | sent       held      -
  accepted   sent delivered read  | read       captured  -
  accepted   sent sent            | sent       held      duplicate_status
  accepted   read                 | read       captured  -                       // read implies delivered
  accepted   played               | read       captured  -
  accepted   read delivered sent  | read       captured  late_status late_status // backwards
  accepted   failed               | failed     released  -
  accepted   sent failed          | failed     released  -
  accepted   failed sent          | failed     released  late_status
  accepted   delivered failed     | delivered  captured  failed_after_delivered  // a linked device
  accepted   failed delivered     | delivered  captured  delivered_after_failed
  accepted   read failed          | read       captured  failed_after_delivered
  unknown    sent                 | sent       held      -                       // the lost answer is found
  unknown    failed               | failed     released  -
  gave_up    delivered            | delivered  captured  -                       // given up too early
  queued     sent                 | sent       released  -                       // put back, but the first try had left
  held       delivered            | delivered  captured  -
  blocked    read                 | read       captured  -
`)
test.each(cases)('$from, then told $told: $state, credits $hold', (row) => {
  const givenBack = ['gave_up', 'queued', 'held', 'blocked'].includes(row.from)
  const start = aMessage({ state: row.from as MessageState, holdState: givenBack ? 'released' : 'held' })
  const events = row.told.split(' ').map((status) => aStatus(status as StatusEvent['status'], { pricing: REGULAR }))
  const { message, notes } = climb(start, events, 1_000_000)
  expect(message.state).toBe(row.state)
  expect(message.holdState).toBe(row.hold)
  expect(notes.join(' ') || '-').toBe(row.notes)
})

describe('what is kept of a status', () => {
  test('each leaves its own instant, the earliest told, and the id at WhatsApp', () => {
    const { message } = climb(aMessage(), [
      aStatus('read', { occurredAt: NOW + 9_000 }),
      aStatus('read', { occurredAt: NOW + 8_000 }),
      aStatus('sent', { occurredAt: NOW + 1_000 }),
    ])
    expect(message).toMatchObject({ wamid: 'wamid.A', sentAt: NOW + 1_000, deliveredAt: null, readAt: NOW + 8_000 })
  })

  test('a failure leaves its code and its words', () => {
    const errors = [{ code: 131026, title: 'Message undeliverable', details: '受信者が規約に未同意' }]
    expect(climb(aMessage(), [aStatus('failed', { errors })]).message).toMatchObject({
      reason: 'whatsapp_131026',
      detail: 'Message undeliverable: 受信者が規約に未同意',
    })
    expect(climb(aMessage(), [aStatus('failed')]).message).toMatchObject({ reason: 'unknown', detail: null })
  })

  test('a delivery clears the reason for which the message was given up or failed, and keeps when it failed', () => {
    const { message } = climb(aMessage(), [
      aStatus('failed', { errors: [{ code: 131000, title: 'Something went wrong' }] }),
      aStatus('delivered'),
    ])
    expect(message).toMatchObject({ state: 'delivered', reason: null, detail: null, failedAt: NOW + 2_000 })
  })

  test('the failure of a first try is not the end of a message that was sent again', () => {
    const again = aMessage({ state: 'accepted', wamid: 'wamid.B' })
    expect(applyStatus(again, aStatus('failed'), NOW, SETTINGS)).toEqual({
      move: null,
      postings: [],
      news: false,
      notes: ['failed_other_attempt'],
    })
    expect(climb(again, [aStatus('delivered')]).message).toMatchObject({ state: 'delivered', wamid: 'wamid.B' })
  })

  test('a status that names a piece of work is left alone', () => {
    const work = aMessage({ intent: aWork() })
    expect(applyStatus(work, aStatus('sent'), NOW, SETTINGS)).toMatchObject({ move: null, notes: ['status_of_work'] })
  })

  test('each status is news once, and a failure that a delivery refutes never', () => {
    const told = ['read', 'sent', 'read', 'delivered', 'sent', 'failed'] as const
    expect(
      climb(
        aMessage(),
        told.map((status) => aStatus(status)),
      ).news,
    ).toEqual(['read', 'sent', 'delivered'])
  })
})

describe('what a message costs', () => {
  const prices = table(`
    held   available  pricing                         | paid   hold
    11300  0          regular utility                 | 11300  captured
    11300  0          -                               | 11300  captured  // nothing told: what was held
    11300  0          free_entry_point utility        | 0      released
    11300  0          free_customer_service utility   | 0      released
    84200  0          regular utility                 | 11300  captured  // the rest goes back
    11300  200000     regular marketing               | 84200  captured  // WhatsApp moved the template meanwhile
    11300  0          regular marketing               | 11300  captured  // no more than there is
    11300  20000      regular marketing               | 31300  captured
    11300  0          regular authentication          | 11300  captured
    11300  0          regular service                 | 11300  captured  // beyond the free 1,000 of the month
    11300  0          free_customer_service service   | 0      released  // among them
    0      50000      regular service                 | 11300  captured
    11300  0          regular group_marketing         | 11300  captured  // a category without a rate: what was held
    0      50000      regular utility                 | 11300  captured  // thought free, but charged
  `)
  test.each(prices)('held $held, told $pricing with $available available: $paid', (row) => {
    const [type, category] = row.pricing.split(' ')
    const pricing = category === undefined ? {} : { pricing: { type, category } as StatusEvent['pricing'] & object }
    const { message, postings } = climb(
      aMessage({ priceMicros: +row.held }),
      [aStatus('delivered', pricing)],
      +row.available,
    )
    expect(message).toMatchObject({ priceMicros: +row.paid, holdState: row.hold })
    expect(sumPostings(postings)).toMatchObject({ held: 0 - +row.held, spent: +row.paid })
  })

  test('the price told with the read corrects what a delivery without one captured', () => {
    const { message, postings } = climb(aMessage({ priceMicros: 84_200 }), [
      aStatus('delivered'),
      aStatus('read', { pricing: REGULAR }),
    ])
    expect(message).toMatchObject({ priceMicros: 11_300, holdState: 'captured' })
    expect(sumPostings(postings)).toMatchObject({ held: -84_200, available: 72_900, spent: 11_300 })
  })

  test('a late delivery of a message whose hold was given back is paid as far as credits go, never below zero', () => {
    const gaveUp = aMessage({ state: 'gave_up', holdState: 'released' })
    const { message, postings, notes } = climb(gaveUp, [aStatus('delivered', { pricing: REGULAR })], 5_000)
    expect(message).toMatchObject({ state: 'delivered', priceMicros: 5_000, holdState: 'captured' })
    expect(sumPostings(postings)).toMatchObject({ available: -5_000, spent: 5_000 })
    expect(notes).toEqual(['unpaid 6300'])
  })

  test('the card and the policy of the day of the delivery hold, not those of the day of the webhook', () => {
    const before = Date.parse('2026-09-30T23:00:00+09:00')
    const pricing = { type: 'regular', category: 'marketing' }
    expect(toldPrice({ pricing }, 'Rest of Asia Pacific', before, SETTINGS)).toBe(73_200)
    expect(toldPrice({ pricing }, 'Rest of Asia Pacific', NOW, SETTINGS)).toBe(84_200)
    expect(toldPrice({ pricing }, 'Rest of Asia Pacific', NOW, { ...SETTINGS, markupMicros: 800 })).toBe(85_000)
  })

  test('a status heard late is priced by the day of the delivery, even when the read is heard first', () => {
    const lastDay = Date.parse('2026-09-30T12:00:00+09:00')
    const pricing = { type: 'regular', category: 'marketing' }
    const start = aMessage({ priceMicros: 84_200 })
    const delivered = aStatus('delivered', { occurredAt: lastDay })
    const read = aStatus('read', { occurredAt: NOW, pricing })
    expect(climb(start, [delivered, read]).message.priceMicros).toBe(73_200)
    expect(climb(start, [read, { ...delivered, pricing }]).message.priceMicros).toBe(73_200)
  })

  test('a free message that fails has no hold to give back', () => {
    const { message, postings } = climb(aMessage({ priceMicros: 0, holdState: 'none' }), [aStatus('failed')])
    expect(message).toMatchObject({ state: 'failed', holdState: 'none' })
    expect(postings).toEqual([])
  })

  test('an old webhook that tells only whether it is billable is understood', () => {
    expect(toldPrice({ pricing: { billable: false, category: 'utility' } }, 'India', NOW, SETTINGS)).toBe(0)
    expect(toldPrice({ pricing: { billable: true, category: 'utility' } }, 'India', NOW, SETTINGS)).toBe(1_400)
    expect(
      toldPrice({ pricing: { billable: false, type: 'regular', category: 'utility' } }, 'India', NOW, SETTINGS),
    ).toBe(1_400)
    expect(toldPrice({}, 'India', NOW, SETTINGS)).toBe(null)
  })
})

describe('laws', () => {
  const status = fc.constantFrom<StatusEvent['status'][]>('sent', 'delivered', 'read', 'failed')
  /** WhatsApp tells the price on one of delivered and read, or on both alike. */
  const story = fc
    .record({
      told: fc.uniqueArray(status, { minLength: 1 }),
      pricing: fc.constantFrom(REGULAR, FREE, { ...REGULAR, category: 'marketing' }),
      silent: fc.constantFrom('delivered', 'read', 'neither'),
      state: fc.constantFrom<MessageState[]>('sending', 'unknown', 'accepted'),
    })
    .map(({ told, pricing, silent, state }) => ({
      start: aMessage({ state }),
      events: told.map((status) => aStatus(status, status === silent ? {} : { pricing })),
    }))
  const orders = story.chain(({ start, events }) => {
    const order = fc
      .tuple(fc.shuffledSubarray(events, { minLength: events.length }), fc.array(fc.constantFrom(...events)))
      .map(([all, again]) => [...all, ...again])
    return fc.record({ start: fc.constant(start), one: order, other: order.chain((order) => shuffled(order)) })
  })
  function shuffled(events: StatusEvent[]) {
    return fc.shuffledSubarray(events, { minLength: events.length })
  }
  /** When our own answer is not stored yet, the first status heard tells the instant of acceptance. */
  function end({ message, postings }: ReturnType<typeof climb>) {
    const { acceptedAt: _acceptedAt, ...rest } = message
    return { ...rest, sums: sumPostings(postings) }
  }

  test('whatever the order and the repetitions, the message and the ledger end the same', () => {
    fc.assert(
      fc.property(orders, ({ start, one, other }) => {
        expect(end(climb(start, one, 1_000_000))).toEqual(end(climb(start, other, 1_000_000)))
      }),
      { numRuns: 500 },
    )
  })

  test('a message never goes down, is captured once, and leaves no hold when it is delivered or failed', () => {
    const rungs: MessageState[] = ['sending', 'unknown', 'accepted', 'sent', 'failed', 'delivered', 'read']
    fc.assert(
      fc.property(orders, fc.nat({ max: 100_000 }), ({ start, one }, availableMicros) => {
        let last = -1
        for (const [index] of one.entries()) {
          const { message, postings } = climb(start, one.slice(0, index + 1), availableMicros)
          const rung = rungs.indexOf(message.state)
          expect(rung).toBeGreaterThanOrEqual(last)
          last = rung
          const sums = sumPostings(postings)
          expect(availableMicros + sums.available).toBeGreaterThanOrEqual(0)
          expect(sums.held).toBe(rung >= rungs.indexOf('failed') ? -start.priceMicros : 0)
          expect(sums.spent).toBe(message.holdState === 'captured' ? message.priceMicros : 0)
          const ids = postings.filter(({ amountMicros }) => amountMicros > 0).map(({ txId }) => txId)
          expect(ids).toHaveLength(new Set(ids).size)
        }
      }),
      { numRuns: 300 },
    )
  })
})
