import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Posting } from '#engine/decision.ts'
import { assertBalanced, capture, correct, hold, purchase, release, sumPostings } from '#engine/ledger.ts'
import { table } from '../table.ts'
import { NOW } from './builders.ts'

/** `available -5, spent +5`, one word a posting. */
function short(postings: Posting[]): string {
  return postings
    .map(({ account, amountMicros }) => `${account}${amountMicros < 0 ? '' : '+'}${amountMicros}`)
    .join(' ')
}

test('each movement is two postings that sum to zero, under an id of its own', () => {
  expect(purchase('t', 500, '振込', NOW)).toEqual([
    { txId: 't:purchase', account: 'purchases', amountMicros: -500, messageId: null, memo: '振込', at: NOW },
    { txId: 't:purchase', account: 'available', amountMicros: 500, messageId: null, memo: '振込', at: NOW },
  ])
  expect(short(hold('m', 3, 70, NOW))).toBe('available-70 held+70')
  expect(hold('m', 3, 70, NOW)[0]?.txId).toBe('m:hold:3')
  expect(short(release('m', 3, 70, NOW))).toBe('held-70 available+70')
  expect(release('m', 3, 70, NOW)[0]?.txId).toBe('m:release:3')
})

test('what costs nothing moves nothing, and what is no amount is refused', () => {
  expect(hold('m', 1, 0, NOW)).toEqual([])
  expect(() => hold('m', 1, -1, NOW)).toThrow('no amount')
  expect(() => hold('m', 1, 0.5, NOW)).toThrow('no amount')
  expect(() => purchase('t', Number.NaN, '', NOW)).toThrow('no amount')
})

const captures = table(`
  held  price  available | postings                                        paid
  100   100    0         | held-100 spent+100                              100
  100   60     0         | held-60 spent+60 held-40 available+40           60
  100   0      0         | held-100 available+100                          0
  100   130    50        | held-100 spent+100 available-30 spent+30        130
  100   130    20        | held-100 spent+100 available-20 spent+20        120  // the rest is forgone
  100   130    -5        | held-100 spent+100                              100
  0     80     200       | available-80 spent+80                           80   // its hold was given back before
  0     80     0         | -                                               0
`)
test.each(captures)('holding $held with $available available, a price of $price pays $paid', (row) => {
  const charge = {
    messageId: 'm',
    fence: 1,
    heldMicros: +row.held,
    priceMicros: +row.price,
    availableMicros: +row.available,
  }
  const { postings, paidMicros } = capture(charge, NOW)
  assertBalanced(postings)
  expect(short(postings) || '-').toBe(row.postings)
  expect(paidMicros).toBe(+row.paid)
})

const corrections = table(`
  captured  price  available | postings                 paid
  100       40     0         | spent-60 available+60    40
  100       0      0         | spent-100 available+100  0
  100       150    80        | available-50 spent+50    150
  100       150    10        | available-10 spent+10    110
  100       100    10        | -                        100
`)
test.each(corrections)('a captured $captured that should be $price ends at $paid', (row) => {
  const { postings, paidMicros } = correct(
    {
      messageId: 'm',
      capturedMicros: +row.captured,
      priceMicros: +row.price,
      availableMicros: +row.available,
      cause: 'c',
    },
    NOW,
  )
  assertBalanced(postings)
  expect(short(postings) || '-').toBe(row.postings)
  expect(paidMicros).toBe(+row.paid)
})

test('postings that do not sum to zero in their transaction are caught', () => {
  const [first, second] = hold('m', 1, 5, NOW)
  expect(() => assertBalanced([first!])).toThrow('m:hold:1')
  expect(() => assertBalanced([first!, { ...second!, txId: 'other' }])).toThrow('sum to')
  expect(() => assertBalanced([{ ...first!, amountMicros: 0.5 }])).toThrow('not an integer')
})

/** What may happen to the credits of a few messages, in any order; what makes no sense is passed over. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('buy' as const), amount: fc.nat({ max: 500_000 }) }),
  fc.record({ kind: fc.constant('hold' as const), message: fc.nat({ max: 4 }), amount: fc.nat({ max: 200_000 }) }),
  fc.record({ kind: fc.constant('capture' as const), message: fc.nat({ max: 4 }), amount: fc.nat({ max: 300_000 }) }),
  fc.record({ kind: fc.constant('release' as const), message: fc.nat({ max: 4 }) }),
  fc.record({ kind: fc.constant('correct' as const), message: fc.nat({ max: 4 }), amount: fc.nat({ max: 300_000 }) }),
)

test('whatever happens, every transaction and the whole sum to zero, and nothing goes below zero', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ledger: Posting[] = []
      const held = new Map<number, { fence: number; micros: number }>()
      const captured = new Map<number, number>()
      for (const [index, step] of steps.entries()) {
        const availableMicros = sumPostings(ledger).available
        if (step.kind === 'buy') {
          ledger.push(...purchase(`t${index}`, step.amount, 'bought', NOW))
          continue
        }
        const messageId = `m${step.message}`
        const mine = held.get(step.message)
        if (step.kind === 'hold' && !mine && !captured.has(step.message) && step.amount <= availableMicros) {
          ledger.push(...hold(messageId, index, step.amount, NOW))
          held.set(step.message, { fence: index, micros: step.amount })
        } else if (step.kind === 'release' && mine) {
          ledger.push(...release(messageId, mine.fence, mine.micros, NOW))
          held.delete(step.message)
        } else if (step.kind === 'capture' && !captured.has(step.message)) {
          const { fence, micros } = mine ?? { fence: 0, micros: 0 }
          const charge = { messageId, fence, heldMicros: micros, priceMicros: step.amount, availableMicros }
          const { postings, paidMicros } = capture(charge, NOW)
          ledger.push(...postings)
          held.delete(step.message)
          captured.set(step.message, paidMicros)
        } else if (step.kind === 'correct' && captured.has(step.message)) {
          const capturedMicros = captured.get(step.message) ?? 0
          const charge = { messageId, capturedMicros, priceMicros: step.amount, availableMicros, cause: String(index) }
          const { postings, paidMicros } = correct(charge, NOW)
          ledger.push(...postings)
          captured.set(step.message, paidMicros)
        }
        assertBalanced(ledger)
        const { bought, available, held: heldSum, spent } = sumPostings(ledger)
        expect(available + heldSum + spent).toBe(bought)
        expect(Math.min(available, heldSum, spent)).toBeGreaterThanOrEqual(0)
        expect(heldSum).toBe([...held.values()].reduce((sum, { micros }) => sum + micros, 0))
        expect(spent).toBe([...captured.values()].reduce((sum, micros) => sum + micros, 0))
      }
      expect(ledger.reduce((sum, { amountMicros }) => sum + amountMicros, 0)).toBe(0)
    }),
  )
})
