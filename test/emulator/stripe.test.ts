import Stripe from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import { virtualTime } from '#emulator/scheduler.ts'
import { readForm } from '#emulator/stripe/form.ts'
import { startStripe } from '#emulator/stripe/stripe.ts'

const NOW = Date.parse('2026-11-22T03:00:00Z')

/** Stripe's own package, as it comes, against the double. */
async function open() {
  const double = await startStripe({ schedule: virtualTime(NOW), seed: 1 })
  onTestFinished(() => double.close())
  const { hostname, port } = new URL(double.url)
  const stripe = new Stripe('sk_test_denrei', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    timeout: 2_000,
  })
  const customer = await stripe.customers.create({ description: '伝令', metadata: { shop: '東京' } })
  const intent = (more: object = {}, key?: string) =>
    stripe.paymentIntents.create(
      {
        amount: 500,
        currency: 'usd',
        customer: customer.id,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        ...more,
      },
      key === undefined ? {} : { idempotencyKey: key },
    )
  return { double, stripe, customer, intent }
}

test('forms are read as they are nested', () => {
  expect(
    readForm('amount=5&metadata[a]=1&metadata[b c]=%E4%BC%9D&expand[0]=x&automatic_payment_methods[enabled]=true'),
  ).toMatchObject({
    amount: '5',
    metadata: { a: '1', 'b c': '伝' },
    expand: { 0: 'x' },
    automatic_payment_methods: { enabled: 'true' },
  })
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  readForm('__proto__[polluted]=1')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('a card is charged, kept, and charged again with nobody there', async () => {
  const { stripe, customer, intent } = await open()
  expect(customer.metadata).toEqual({ shop: '東京' })
  const first = await intent({ setup_future_usage: 'off_session' })
  expect(first.status).toBe('requires_payment_method')
  expect(await stripe.paymentIntents.confirm(first.id, { payment_method: 'pm_card_visa' })).toMatchObject({
    status: 'succeeded',
  })
  const { data } = await stripe.customers.listPaymentMethods(customer.id, { limit: 1 })
  const second = await intent()
  const paid = await stripe.paymentIntents.confirm(second.id, { payment_method: data[0]!.id, off_session: true })
  expect(paid.status).toBe('succeeded')
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(second.id, { expand: ['latest_charge'] })
  expect(charge).toMatchObject({ amount: 500, amount_refunded: 0 })
})

test('one key makes one payment, and is not for another', async () => {
  const { double, intent } = await open()
  const [first, again] = [await intent({}, 'k'), await intent({}, 'k')]
  expect(again.id).toBe(first.id)
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
  expect(double.account.intents.size).toBe(1)
  await expect(intent({ amount: 600 }, 'k')).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
  double.trouble({ kind: '500', path: '/payment_intents' })
  await expect(intent({}, 'l')).rejects.toBeInstanceOf(Stripe.errors.StripeAPIError)
  await expect(intent({}, 'l')).rejects.toBeInstanceOf(Stripe.errors.StripeAPIError)
  await double.advance(25 * 3_600_000)
  expect((await intent({}, 'l')).id).toMatch(/^pi_/)
})

test.each([
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
])('%s says no as the library understands it', async (card, declineCode) => {
  const { stripe, intent } = await open()
  const { id } = await intent()
  const error = await stripe.paymentIntents.confirm(id, { payment_method: card }).catch((one: unknown) => one)
  expect(error).toBeInstanceOf(Stripe.errors.StripeCardError)
  expect(error).toMatchObject({ code: 'card_declined', decline_code: declineCode, payment_intent: { id } })
  expect((await stripe.paymentIntents.retrieve(id)).last_payment_error).toMatchObject({ decline_code: declineCode })
})

test('what Stripe refuses is refused', async () => {
  const { stripe, intent, double } = await open()
  const { id } = await intent()
  await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
  const refused = async (work: Promise<unknown>) =>
    ((await work.catch((error: unknown) => error)) as { code?: string }).code
  expect(await refused(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' }))).toBe(
    'payment_intent_unexpected_state',
  )
  expect(await refused(stripe.paymentIntents.cancel(id))).toBe('payment_intent_unexpected_state')
  expect(await refused(intent({ amount: 10 }))).toBe('amount_too_small')
  expect(await refused(intent({ amount: 1.5 }))).toBe('parameter_invalid_integer')
  expect(await refused(intent({ colour: 'red' }))).toBe('parameter_unknown')
  expect(await refused(stripe.paymentIntents.retrieve('pi_none'))).toBe('resource_missing')
  expect(await refused(stripe.refunds.create({ payment_intent: id, amount: 501 }))).toBe(undefined)
  await stripe.refunds.create({ payment_intent: id })
  expect(await refused(stripe.refunds.create({ payment_intent: id }))).toBe('charge_already_refunded')
  const { hostname, port } = new URL(double.url)
  const stranger = new Stripe('sk_test_wrong', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 })
  await expect(stranger.customers.retrieve('cus_1')).rejects.toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
})

test('events are signed so that the library believes them, in order', async () => {
  const { double, stripe, intent } = await open()
  const { id } = await intent()
  await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_createDispute' })
  expect(double.events().map(({ type }) => type)).toEqual([
    'customer.created',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'charge.dispute.created',
  ])
})
