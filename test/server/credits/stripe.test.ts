import { describe, expect, test } from 'vitest'
import { stripeSignature } from '#emulator/stripe/events.ts'
import { ACTIVE_NUMBER, NOW, openServer } from '../openServer.ts'
import { HOUR_MS, MINUTE_MS, openShop } from './shop.ts'

const RECHARGE = { active: true, floorMicros: 2_000_000, amountMicros: 10_000_000, dailyCapMicros: 20_000_000 }

describe('buying', () => {
  test('S38: credits cannot be bought before a number is active, and the answer says the way out', async () => {
    const { call, store } = await openServer()
    const buy = () => call('POST /v1/credits/purchases', { amountMicros: 1_000_000, memo: 'a' })
    expect(await buy()).toMatchObject({ status: 409, body: { code: 'ERR_NUMBER_NOT_ACTIVE' } })
    await store.saveNumbers([{ ...ACTIVE_NUMBER, status: 'PENDING' }], NOW)
    expect((await buy()).text).toContain('denrei connect')
    await store.saveNumbers([{ ...ACTIVE_NUMBER, verified: false }], NOW)
    expect((await buy()).status).toBe(409)
    expect((await store.balance()).bought).toBe(0)
    await store.saveNumbers([ACTIVE_NUMBER], NOW)
    expect((await buy()).status).toBe(201)
  })

  test('S39: a value is entered, the payment is made, the credits are there', async () => {
    const shop = await openShop()
    const { status, body } = await shop.call('POST /v1/credits/purchases', { amountMicros: 5_000_000, memo: '初回' })
    const bought = body as unknown as { purchase: { id: string; state: string; price: object }; clientSecret: string }
    expect(status).toBe(201)
    expect(bought.purchase).toMatchObject({ state: 'needs_action', price: { amountMinor: 500, currency: 'usd' } })
    expect((await shop.balance()).available).toBe(0)
    await shop.stripe.pay(bought.clientSecret, 'pm_card_visa')
    await shop.settle()
    expect(await shop.purchase(bought.purchase.id)).toMatchObject({ state: 'succeeded', error: null })
    expect((await shop.balance()).available).toBe(5_000_000)
    expect(await shop.notices()).toMatchObject([{ code: 'purchase_succeeded', details: { amountMicros: 5_000_000 } }])
    await shop.checkLedger()
  })

  test('S37: the same key buys once, another amount under it is refused', async () => {
    const shop = await openShop()
    const headers = { 'idempotency-key': 'invoice-8' }
    const ask = (amountMicros: number) =>
      shop.call('POST /v1/credits/purchases', { amountMicros, memo: '8' }, { headers })
    const [first, second] = [await ask(3_000_000), await ask(3_000_000)]
    expect(second.body.triggerId).toBe(first.body.triggerId)
    expect((await ask(4_000_000)).body.code).toBe('ERR_EVENT_ID_REUSED')
    expect(await shop.purchases()).toHaveLength(1)
    expect(shop.stripe.account.intents.size).toBe(1)
  })

  test('a bank that asks for a proof gets it, and the card of the first purchase pays the next one', async () => {
    const shop = await openShop()
    await shop.buy(5_000_000, 'pm_card_authenticationRequired')
    shop.stripe.changeKeptCard({ kind: 'pays' })
    const second = await shop.buy(6_000_000)
    expect(second.state).toBe('succeeded')
    expect((await shop.balance()).available).toBe(11_000_000)
    expect([...shop.stripe.account.methods.values()].filter(({ customer }) => customer !== null)).toHaveLength(1)
  })

  test('a declined card is no end while the payer is there: another one pays', async () => {
    const shop = await openShop()
    const declined = await shop.buy(5_000_000, 'pm_card_chargeDeclinedInsufficientFunds')
    expect(declined).toMatchObject({ state: 'needs_action', error: { code: 'insufficient_funds' } })
    const { body } = await shop.call(`POST /v1/credits/purchases/${declined.id}/pay`)
    await shop.stripe.pay((body as unknown as { clientSecret: string }).clientSecret, 'pm_card_jcb')
    await shop.settle()
    expect(await shop.purchase(declined.id)).toMatchObject({ state: 'succeeded', error: null })
    await shop.checkLedger()
  })

  test('a purchase that nobody pays can be cancelled, and after that neither paid nor refunded', async () => {
    const shop = await openShop()
    const { body } = await shop.call('POST /v1/credits/purchases', { amountMicros: 5_000_000, memo: 'a' })
    const id = body.triggerId
    expect(await shop.call(`POST /v1/credits/purchases/${id}/cancel`)).toMatchObject({ body: { state: 'cancelled' } })
    for (const act of ['pay', 'cancel', 'refund']) {
      const { status, body: answer } = await shop.call(
        `POST /v1/credits/purchases/${id}/${act}`,
        act === 'refund' ? {} : undefined,
      )
      expect([act, status, answer.code]).toEqual([act, 409, 'ERR_PURCHASE_NOT_READY'])
    }
  })

  test.each([0, -1, 0.5, 1e30, 1_000_000_000_001, '5', null])('%j micro-credits are refused', async (amountMicros) => {
    const shop = await openShop()
    expect((await shop.call('POST /v1/credits/purchases', { amountMicros, memo: 'a' })).status).toBe(400)
    await expect(
      shop.denrei.buyCredits({ amountMicros: amountMicros as number, memo: 'a' }, 'admin'),
    ).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await shop.purchases()).toEqual([])
    expect(shop.stripe.requests()).toEqual([])
  })

  test('a provider that is not configured is named, with those that are', async () => {
    const { call, store } = await openServer()
    await store.saveNumbers([ACTIVE_NUMBER], NOW)
    const { status, text } = await call('POST /v1/credits/purchases', {
      amountMicros: 1_000_000,
      memo: 'a',
      provider: 'stripe',
    })
    expect(status).toBe(400)
    expect(text).toContain('STRIPE_SECRET_KEY')
  })
})

describe('when Stripe goes wrong', () => {
  test.each(['500', 'close_before', 'close_after'] as const)(
    'an answer lost to %s while the payment is made charges once',
    async (kind) => {
      const shop = await openShop()
      await shop.buy(5_000_000)
      shop.stripe.trouble({ kind, path: '/v1/payment_intents', count: 1 })
      const { body } = await shop.call('POST /v1/credits/purchases', { amountMicros: 7_000_000, memo: '2' })
      await shop.settle()
      for (let minute = 0; minute < 5; minute++) await shop.pass(MINUTE_MS)
      expect(await shop.purchase(body.triggerId)).toMatchObject({ state: 'succeeded' })
      const paid = [...shop.stripe.account.charges.values()].filter((one) => one.amount === 700)
      expect(paid).toHaveLength(1)
      expect((await shop.balance()).available).toBe(12_000_000)
      await shop.checkLedger()
    },
  )

  test('a lost answer to the confirmation charges once', async () => {
    const shop = await openShop()
    await shop.buy(5_000_000)
    shop.stripe.trouble({ kind: 'close_after', path: '/confirm' })
    const second = await shop.buy(7_000_000)
    await shop.pass(5 * MINUTE_MS)
    expect(await shop.purchase(second.id)).toMatchObject({ state: 'succeeded' })
    expect([...shop.stripe.account.charges.values()].filter((one) => one.amount === 700)).toHaveLength(1)
  })

  test('no webhook comes: we ask ourselves, and more and more seldom', async () => {
    const shop = await openShop({}, { hears: false })
    const { body } = await shop.call('POST /v1/credits/purchases', { amountMicros: 5_000_000, memo: 'a' })
    const { clientSecret } = body as unknown as { clientSecret: string }
    await shop.stripe.pay(clientSecret, 'pm_usBankAccount_processing')
    await shop.pass(3 * MINUTE_MS)
    expect(await shop.purchase(body.triggerId)).toMatchObject({ state: 'pending' })
    const before = shop.stripe.requests().length
    for (let hour = 0; hour < 12; hour++) await shop.pass(HOUR_MS)
    expect(shop.stripe.requests().length - before).toBeLessThan(12)
    shop.stripe.account.settle([...shop.stripe.account.intents.keys()][0] ?? '')
    await shop.pass(6 * HOUR_MS)
    expect(await shop.purchase(body.triggerId)).toMatchObject({ state: 'succeeded' })
    expect((await shop.balance()).available).toBe(5_000_000)
  })

  test('a payer who never comes back is given up after a day', async () => {
    const shop = await openShop()
    const { body } = await shop.call('POST /v1/credits/purchases', { amountMicros: 5_000_000, memo: 'a' })
    for (let hour = 0; hour < 30; hour += 3) await shop.pass(3 * HOUR_MS)
    expect(await shop.purchase(body.triggerId)).toMatchObject({ state: 'cancelled' })
    expect(await shop.notices()).toMatchObject([{ code: 'purchase_failed' }])
  })

  test('a wrong key is no end: nothing is charged, and no part of it is told', async () => {
    const shop = await openShop()
    shop.stripe.trouble({ kind: '429', path: '/v1/', count: 2 })
    const { status, body } = await shop.call('POST /v1/credits/purchases', { amountMicros: 5_000_000, memo: 'a' })
    expect(status).toBe(201)
    expect(['started', 'needs_action']).toContain((await shop.purchase(body.triggerId)).state)
  })
})

describe('webhooks', () => {
  test('a payment that is told twice is booked once', async () => {
    const shop = await openShop()
    shop.stripe.doubleWebhooks()
    await shop.buy(5_000_000)
    for (const { id } of shop.stripe.events()) await shop.stripe.resend(id)
    await shop.settle()
    expect((await shop.balance()).bought).toBe(5_000_000)
    expect((await shop.notices()).filter(({ code }) => code === 'purchase_succeeded')).toHaveLength(1)
  })

  const raw = (shop: Awaited<ReturnType<typeof openShop>>, body: string, signature?: string) =>
    shop.call('POST /v1/payments/stripe', body, {
      role: null,
      headers: {
        'content-type': 'application/json',
        ...(signature === undefined ? {} : { 'stripe-signature': signature }),
      },
    })
  const event = (more: object = {}) =>
    JSON.stringify({
      id: 'evt_1',
      type: 'customer.updated',
      created: NOW / 1000,
      data: { object: { id: 'cus_1', email: 'taro@example.com' } },
      ...more,
    })

  test('either secret proves them while one is being replaced; another, none, or an old one does not', async () => {
    const shop = await openShop()
    const body = event()
    for (const [signature, status] of [
      [stripeSignature('whsec_first', body, NOW), 200],
      [stripeSignature('whsec_second', body, NOW), 200],
      [stripeSignature('whsec_third', body, NOW), 401],
      [stripeSignature('whsec_first', body, NOW - 10 * MINUTE_MS), 401],
      ['t=1,v1=00', 401],
      ['', 401],
      [undefined, 401],
    ] as const) {
      expect([signature, (await raw(shop, body, signature)).status]).toEqual([signature, status])
    }
    expect((await raw(shop, `${body} `, stripeSignature('whsec_first', body, NOW))).status).toBe(401)
  })

  test('what nothing reads is kept by its name, without what it says of the payer', async () => {
    const shop = await openShop()
    const body = event()
    expect((await raw(shop, body, stripeSignature('whsec_first', body, NOW))).status).toBe(200)
    await shop.settle()
    const kept = await shop.store.kept({ field: 'stripe.customer.updated', limit: 10 })
    expect(kept).toMatchObject([{ value: { event: 'evt_1', object: 'cus_1' } }])
    expect(JSON.stringify(kept)).not.toContain('taro@example.com')
  })

  test.each([
    ['no JSON', 'nonsense'],
    ['no event', '{"a":1}'],
  ])('%s is refused though it is signed', async (_, body) => {
    const shop = await openShop()
    expect((await raw(shop, body, stripeSignature('whsec_first', body, NOW))).status).toBe(400)
  })

  test('a payment of somebody else is not ours', async () => {
    const shop = await openShop()
    const body = event({
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_other', metadata: { order: '7' }, last_payment_error: null } },
    })
    expect((await raw(shop, body, stripeSignature('whsec_first', body, NOW))).status).toBe(200)
    await shop.settle()
    expect((await shop.balance()).bought).toBe(0)
  })

  test('while Stripe cannot be asked whose dispute it is, it is told to send it again', async () => {
    const shop = await openShop({}, { hears: false })
    const bought = await shop.buy(5_000_000)
    const reference = [...shop.stripe.account.intents.keys()][0] ?? ''
    const body = event({
      type: 'charge.dispute.created',
      data: { object: { id: 'du_1', payment_intent: reference, amount: 500, status: 'needs_response' } },
    })
    shop.stripe.trouble({ kind: 'close_before', path: reference, count: 2 })
    expect((await raw(shop, body, stripeSignature('whsec_first', body, NOW))).status).toBe(502)
    expect((await raw(shop, body, stripeSignature('whsec_first', body, NOW))).status).toBe(200)
    await shop.settle()
    expect(await shop.purchase(bought.id)).toMatchObject({ state: 'disputed' })
  })
})

describe('money that goes back', () => {
  test('a refund after part was spent takes what is left; the rest is owed, and the next purchase pays it', async () => {
    const shop = await openShop()
    const bought = await shop.buy(10_000_000)
    await shop.spend(4_000_000)
    const { status } = await shop.call(`POST /v1/credits/purchases/${bought.id}/refund`, {})
    expect(status).toBe(200)
    await shop.settle()
    expect(await shop.purchase(bought.id)).toMatchObject({ state: 'refunded', returnedMicros: 10_000_000 })
    expect(await shop.balance()).toMatchObject({ available: 0, owed: 4_000_000, spent: 4_000_000 })
    await shop.checkLedger()
    await shop.buy(6_000_000)
    expect(await shop.balance()).toMatchObject({ available: 2_000_000, owed: 0 })
    await shop.checkLedger()
  })

  test('parts of it go back one by one, each once, and never more than was paid', async () => {
    const shop = await openShop()
    const bought = await shop.buy(10_000_000)
    const refund = (amountMicros: number, key: string) =>
      shop.call(
        `POST /v1/credits/purchases/${bought.id}/refund`,
        { amountMicros },
        { headers: { 'idempotency-key': key } },
      )
    expect((await refund(3_000_000, 'a')).body).toMatchObject({ returnedMicros: 3_000_000, state: 'succeeded' })
    expect((await refund(3_000_000, 'a')).body).toMatchObject({ returnedMicros: 3_000_000 })
    expect((await refund(8_000_000, 'b')).status).toBe(400)
    expect((await refund(7_000_000, 'c')).body).toMatchObject({ returnedMicros: 10_000_000, state: 'refunded' })
    await shop.settle()
    expect(shop.stripe.account.refunds.size).toBe(2)
    expect(await shop.balance()).toMatchObject({ available: 0, bought: 0, owed: 0 })
    await shop.checkLedger()
  })

  test('a dispute takes the credits, winning it gives them back', async () => {
    const shop = await openShop()
    const bought = await shop.buy(10_000_000)
    await shop.spend(4_000_000)
    const { id } = shop.stripe.account.dispute([...shop.stripe.account.intents.keys()][0] ?? '')
    await shop.settle()
    expect(await shop.purchase(bought.id)).toMatchObject({ state: 'disputed', returnedMicros: 10_000_000 })
    expect(await shop.balance()).toMatchObject({ available: 0, owed: 4_000_000 })
    expect((await shop.notices()).map(({ code }) => code)).toContain('purchase_disputed')
    shop.stripe.account.closeDispute(id, 'won')
    await shop.settle()
    expect(await shop.purchase(bought.id)).toMatchObject({ state: 'succeeded', returnedMicros: 0 })
    expect(await shop.balance()).toMatchObject({ available: 6_000_000, owed: 0 })
    await shop.checkLedger()
  })

  test('a dispute that is lost stays lost', async () => {
    const shop = await openShop()
    const bought = await shop.buy(10_000_000, 'pm_card_createDispute')
    shop.stripe.account.closeDispute([...shop.stripe.account.disputes.keys()][0] ?? '', 'lost')
    await shop.settle()
    expect(await shop.purchase(bought.id)).toMatchObject({ state: 'disputed' })
    expect(await shop.balance()).toMatchObject({ available: 0, bought: 0 })
  })
})

describe('auto-recharge', () => {
  test('S34: nothing is bought by itself before the first purchase', async () => {
    const shop = await openShop({ autoRecharge: RECHARGE })
    await shop.pass(MINUTE_MS)
    expect(await shop.purchases()).toEqual([])
  })

  test('S35, S36, S40, S41: below the floor the set number of credits is bought, once', async () => {
    const shop = await openShop({ autoRecharge: RECHARGE })
    await shop.buy(5_000_000)
    await shop.pass(MINUTE_MS)
    expect(await shop.purchases()).toHaveLength(1)
    await shop.spend(3_500_000)
    await shop.pass(10_000)
    expect((await shop.purchases())[0]).toMatchObject({
      automatic: true,
      state: 'succeeded',
      amountMicros: 10_000_000,
      actor: 'denrei',
    })
    expect((await shop.balance()).available).toBe(11_500_000)
    await shop.pass(MINUTE_MS)
    expect(await shop.purchases()).toHaveLength(2)
  })

  test('S35: while one is under way there is no second', async () => {
    const shop = await openShop({ autoRecharge: RECHARGE })
    await shop.buy(5_000_000)
    await shop.spend(3_500_000)
    shop.stripe.changeKeptCard({ kind: 'pays_later' })
    for (let n = 0; n < 20; n++) await shop.pass(10_000)
    expect(await shop.purchases()).toHaveLength(2)
    const [automatic] = await shop.purchases()
    shop.stripe.account.settle(automatic?.reference ?? '')
    await shop.pass(10_000)
    expect((await shop.balance()).available).toBe(11_500_000)
  })

  test('no more is bought in a day than the cap; it is told once, and goes on the next day', async () => {
    const shop = await openShop({ autoRecharge: RECHARGE })
    await shop.buy(5_000_000)
    for (let n = 0; n < 4; n++) {
      await shop.spend((await shop.balance()).available)
      await shop.pass(MINUTE_MS)
    }
    const automatic = async () => (await shop.purchases()).filter((one) => one.automatic).length
    expect(await automatic()).toBe(2)
    expect((await shop.notices()).filter(({ code }) => code === 'recharge_capped')).toHaveLength(1)
    // Noon in Tokyo plus twelve hours is the next day there.
    await shop.pass(12 * HOUR_MS)
    expect(await automatic()).toBe(3)
  })

  test('a declined card is tried again after 15 minutes, 1, 4 and 24 hours, and told once', async () => {
    const shop = await openShop({ autoRecharge: RECHARGE })
    await shop.buy(5_000_000)
    await shop.spend(4_000_000)
    shop.stripe.changeKeptCard({ kind: 'declines', declineCode: 'insufficient_funds' })
    const tries = async () => (await shop.purchases()).filter((one) => one.automatic).length
    await shop.pass(10_000)
    expect(await tries()).toBe(1)
    let count = 1
    for (const waitMs of [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS]) {
      await shop.pass(waitMs - MINUTE_MS)
      expect(await tries()).toBe(count)
      await shop.pass(2 * MINUTE_MS)
      count++
      expect(await tries()).toBe(count)
    }
    expect((await shop.purchases())[0]).toMatchObject({ state: 'failed', error: { code: 'insufficient_funds' } })
    expect((await shop.notices()).filter(({ code }) => code === 'recharge_failed')).toHaveLength(1)
    // What was declined with nobody there cannot be paid by chance later.
    for (const intent of shop.stripe.account.intents.values()) {
      expect(['succeeded', 'canceled']).toContain(intent.status)
    }
    shop.stripe.changeKeptCard({ kind: 'pays' })
    await shop.pass(25 * HOUR_MS)
    expect((await shop.balance()).available).toBe(11_000_000)
    await shop.checkLedger()
  })

  test('a bank that wants to see the payer is told as such, and stands in the way of nothing after a day', async () => {
    const shop = await openShop({ autoRecharge: RECHARGE })
    await shop.buy(5_000_000)
    await shop.spend(4_000_000)
    shop.stripe.changeKeptCard({ kind: 'asks' })
    await shop.pass(10_000)
    expect((await shop.purchases())[0]).toMatchObject({ state: 'needs_action', automatic: true })
    expect(await shop.notices()).toContainEqual(
      expect.objectContaining({
        code: 'recharge_failed',
        details: expect.objectContaining({ code: 'authentication_required' }) as object,
      }),
    )
    shop.stripe.changeKeptCard({ kind: 'pays' })
    for (let hour = 0; hour < 36; hour += 3) await shop.pass(3 * HOUR_MS)
    expect((await shop.purchases()).map(({ state }) => state)).toEqual(['succeeded', 'cancelled', 'succeeded'])
  })

  test('credits that are booked by hand cannot be bought by themselves: that is told once', async () => {
    const shop = await openShop({ autoRecharge: RECHARGE, provider: 'manual' })
    await shop.call('POST /v1/credits/purchases', { amountMicros: 1_000_000, memo: '請求書' })
    for (let hour = 0; hour < 5; hour++) await shop.pass(HOUR_MS)
    expect(await shop.purchases()).toHaveLength(1)
    expect((await shop.notices()).filter(({ code }) => code === 'recharge_failed')).toMatchObject([
      { details: { code: 'provider_manual' } },
    ])
  })
})
