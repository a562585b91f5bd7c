import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Settings } from '#definitions/settings.ts'
import { defaultSettings } from '#definitions/settings.ts'
import { judgeRecharge, priceOfCredits, RECHARGE_COUNTERS, type RechargeFacts } from '#engine/recharge.ts'
import type { Purchase } from '#engine/state.ts'
import type { PaymentEvent } from '#engine/trigger.ts'
import { table } from '../../table.ts'
import { createWorkbench, NOW, NUMBER } from '../workbench.ts'

const AMOUNT = 10_000_000
let counter = 0

async function openBench(spentMicros = 0) {
  const bench = await createWorkbench([], { creditsMicros: 0 })
  const [id = ''] = await bench.happen({
    kind: 'purchase',
    source: 'api',
    sourceId: `purchase:${counter++}`,
    occurredAt: NOW,
    purchase: {
      provider: 'stripe',
      amountMicros: AMOUNT,
      price: { amountMinor: 1_000, currency: 'usd' },
      memo: '購入',
      actor: '経理',
    },
  })
  const tell = (state: PaymentEvent['state'], more: Partial<PaymentEvent> = {}) =>
    bench.happen({
      kind: 'payment',
      source: 'stripe',
      sourceId: `evt_${counter++}`,
      occurredAt: NOW,
      purchaseId: id,
      provider: 'stripe',
      reference: 'pi_1',
      state,
      ...more,
    })
  const look = async () => {
    const { state, returnedMicros } = (await bench.store.purchase(id)) as Purchase
    const { bought, available, owed, spent, held } = await bench.store.balance()
    expect(bought + owed).toBe(available + spent + held)
    return { state, returnedMicros, bought, available, owed }
  }
  return { ...bench, id, tell, look, spentMicros }
}

const WORDS: Record<string, [PaymentEvent['state'], Partial<PaymentEvent>?]> = {
  pending: ['pending'],
  action: ['needs_action'],
  paid: ['succeeded'],
  failed: ['failed', { error: { code: 'card_declined', detail: 'no' } }],
  cancelled: ['cancelled'],
  half: ['returned', { returnedShare: 0.5 }],
  back: ['returned', { returnedShare: 1 }],
  dispute: ['dispute_opened'],
  won: ['dispute_won', { occurredAt: NOW + 1_000 }],
}

const roads = table(`
  words                          state         available
  pending,paid                   succeeded     10
  paid,paid,paid                 succeeded     10    // told three times, booked once
  paid,pending                   succeeded     10    // a late word undoes nothing
  paid,failed                    succeeded     10
  paid,cancelled                 succeeded     10
  failed                         failed        0
  failed,pending                 failed        0
  failed,paid                    succeeded     10    // the money was taken after all
  cancelled,paid                 succeeded     10
  action,pending,paid            succeeded     10
  paid,half                      succeeded     5
  paid,half,half                 succeeded     5     // the share is of all that went back so far
  paid,half,back                 refunded      0
  paid,back,half                 refunded      0     // the older word comes late
  back,paid                      refunded      0     // word of the payment comes after that of its return
  paid,dispute                   disputed      0
  paid,dispute,dispute           disputed      0
  paid,dispute,won               succeeded     10
  paid,dispute,won,won           succeeded     10
  paid,won,dispute               succeeded     10    // it was won before we heard that it had begun
  paid,half,dispute,won          succeeded     5
  paid,dispute,back              disputed      0
`)
test.each(roads)('S33: a payment that goes $words ends $state', async ({ words, state, available }) => {
  const { tell, look } = await openBench()
  for (const word of words.split(',')) {
    const [told, more] = WORDS[word]!
    await tell(told, more)
  }
  expect(await look()).toMatchObject({ state, available: Number(available) * 1_000_000, owed: 0 })
})

test('whatever is told in whatever order, it is booked once and the balance is never below zero', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...Object.keys(WORDS)), { maxLength: 12 }), async (words) => {
      const { tell, look } = await openBench()
      for (const word of words) {
        const [told, more] = WORDS[word]!
        await tell(told, more)
        const { bought, available, owed, returnedMicros, state } = await look()
        expect(available).toBeGreaterThanOrEqual(0)
        expect(owed).toBeGreaterThanOrEqual(0)
        const isBooked = state === 'succeeded' || state === 'refunded' || state === 'disputed'
        expect(bought).toBe(isBooked ? AMOUNT - returnedMicros : 0)
      }
    }),
    { numRuns: 40 },
  )
}, 30_000)

test('a payment of a purchase that we do not know is kept and moves nothing', async () => {
  const { tell, look, store } = await openBench()
  await tell('succeeded', { purchaseId: 'unknown' })
  expect(await look()).toMatchObject({ state: 'started', available: 0 })
  expect(await store.kept({ field: 'payment.stripe', limit: 5 })).toHaveLength(1)
})

test('S39: the buyer is told why a payment failed, and that it was made after all', async () => {
  const { tell, store } = await openBench()
  await tell('failed', { error: { code: 'expired_card', detail: 'Your card has expired.' } })
  await tell('succeeded')
  const { items } = await store.notifications({ limit: 5 })
  expect(items.map(({ notice }) => notice?.code)).toEqual(['purchase_succeeded', 'purchase_failed'])
  expect(items[1]?.notice?.details).toMatchObject({ code: 'expired_card' })
})

const RECHARGE = { active: true, floorMicros: 5, amountMicros: 10, dailyCapMicros: 20 }
const anAutomatic = (change: Partial<Purchase>): Purchase => ({
  id: `p${counter++}`,
  provider: 'stripe',
  state: 'succeeded',
  automatic: true,
  amountMicros: 10,
  price: null,
  reference: null,
  returnedMicros: 0,
  disputedMicros: 0,
  disputeWonAt: null,
  error: null,
  memo: '',
  actor: 'denrei',
  createdAt: NOW - 3_600_000,
  updatedAt: NOW,
  ...change,
})

/** Something of what a recharge looks at. */
function facts(row: Record<string, string>): RechargeFacts {
  const credits: Settings['credits'] = {
    ...defaultSettings.credits,
    provider: row.provider === 'manual' ? 'manual' : 'stripe',
    autoRecharge: row.set === 'none' ? null : { ...RECHARGE, active: row.set !== 'off' },
  }
  const purchases = row
    .purchases!.split(',')
    .filter((word) => word !== '-')
    .map((state) =>
      state === 'yesterday'
        ? anAutomatic({ createdAt: NOW - 24 * 3_600_000 })
        : state === 'byhand'
          ? anAutomatic({ state: 'pending', automatic: false })
          : anAutomatic({ state: state as Purchase['state'] }),
    )
  const [failures = 0, agoMin = 0] = row.failed === '-' ? [] : row.failed!.split('@').map(Number)
  return {
    settings: { ...defaultSettings, credits },
    purchases: new Map(purchases.map((one) => [one.id, one])),
    boughtMicros: Number(row.bought),
    availableMicros: Number(row.left),
    counters: new Map([
      [RECHARGE_COUNTERS.failures, failures],
      [RECHARGE_COUNTERS.failedAt, NOW - agoMin * 60_000],
    ]),
    numbers: row.number === 'none' ? [] : [{ ...NUMBER, status: row.number === 'off' ? 'PENDING' : 'CONNECTED' }],
    accounts: new Map(),
  }
}

const recharges = table(`
  set   bought  left  number  provider  purchases             failed  | verdict
  on    100     4     on      stripe    -                     -       | buy
  on    100     5     on      stripe    -                     -       | enough
  none  100     0     on      stripe    -                     -       | off
  off   100     0     on      stripe    -                     -       | off
  on    0       0     on      stripe    -                     -       | before_first_purchase  // S34
  on    100     0     none    stripe    -                     -       | number_not_active
  on    100     0     off     stripe    -                     -       | number_not_active
  on    100     0     on      stripe    started               -       | under_way
  on    100     0     on      stripe    pending               -       | under_way
  on    100     0     on      stripe    needs_action          -       | under_way
  on    100     0     on      stripe    byhand                -       | buy
  on    100     0     on      stripe    succeeded             -       | buy
  on    100     0     on      stripe    succeeded,succeeded   -       | capped
  on    100     0     on      stripe    succeeded,failed      -       | buy
  on    100     0     on      stripe    succeeded,yesterday   -       | buy
  on    100     0     on      stripe    -                     1@14    | backing_off
  on    100     0     on      stripe    -                     1@15    | buy
  on    100     0     on      stripe    -                     2@59    | backing_off
  on    100     0     on      stripe    -                     2@60    | buy
  on    100     0     on      stripe    -                     3@239   | backing_off
  on    100     0     on      stripe    -                     9@1439  | backing_off
  on    100     0     on      stripe    -                     9@1440  | buy
  on    100     0     on      manual    -                     -       | provider_manual
`)
test.each(recharges)(
  'S35: set $set, bought $bought, left $left, number $number, purchases $purchases, failed $failed: $verdict',
  (row) => {
    const verdict = judgeRecharge(facts(row), NOW)
    expect('why' in verdict ? verdict.why : verdict.kind).toBe(row.verdict)
  },
)

test.each([
  [1_000_000, 'usd', 100, 100],
  [1_500_000, 'usd', 100, 150],
  [1, 'usd', 100, 1],
  [1_000_001, 'usd', 100, 101],
  [3_000_000, 'jpy', 155.5, 467],
  [1_100_000, 'usd', 110, 121],
])('S39: %i micro-credits in %s at %f cost %i', (amountMicros, currency, pricePerCreditMinor, amountMinor) => {
  expect(priceOfCredits(amountMicros, { currency, pricePerCreditMinor })).toEqual({ amountMinor, currency })
})
