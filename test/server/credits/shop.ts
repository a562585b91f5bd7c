import { v7 } from 'uuid'
import { expect, onTestFinished } from 'vitest'
import { createStripe } from '#actions/payment/stripe.ts'
import type { Settings } from '#definitions/settings.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import { startStripe } from '#emulator/stripe/stripe.ts'
import type { Purchase } from '#engine/state.ts'
import { ACTIVE_NUMBER, NOW, openServer, type Setup } from '../openServer.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
const WEBHOOK_SECRET = 'whsec_first'

/** The real server with Stripe's double, both at one time that is moved by hand. */
export async function openShop(
  credits: Partial<Settings['credits']> = {},
  options: { hears?: boolean } & Pick<Setup, 'accounts'> = {},
) {
  const schedule = virtualTime(NOW)
  const stripe = await startStripe({ schedule, webhookSecret: WEBHOOK_SECRET, seed: 7 })
  onTestFinished(() => stripe.close())
  let customer: string | null = null
  const provider = createStripe({
    secretKey: () => 'sk_test_denrei',
    baseUrl: stripe.url,
    memory: { read: async () => customer, write: async (id) => void (customer = id) },
    timeoutMs: 2_000,
    retriesMax: 0,
  })
  const server = await openServer({
    ...options,
    payments: [provider],
    env: { STRIPE_WEBHOOK_SECRET: `${WEBHOOK_SECRET},whsec_second` },
  })
  const { app, denrei, store, clock, call } = server
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  if (options.hears !== false) stripe.setWebhook(`${address}/v1/payments/stripe`)
  await store.saveNumbers([ACTIVE_NUMBER], NOW)
  const settings = await denrei.settings()
  await denrei.saveSettings({ ...settings, credits: { ...settings.credits, provider: 'stripe', ...credits } })

  /** Everything that is due now is done: duties, decisions, work, webhooks. */
  async function settle() {
    for (let round = 0; round < 3; round++) {
      await denrei.drain()
      await stripe.flush()
    }
    await denrei.drain()
  }
  /** Time goes by; duties come round at its end. */
  async function pass(ms: number) {
    clock.at += ms
    await stripe.advance(ms)
    await denrei.upkeep()
    await settle()
  }
  const purchases = async () => (await store.purchases({}, { limit: 100 })).items
  const purchase = async (id: string): Promise<Purchase> => {
    const found = await store.purchase(id)
    if (found === null) throw new TypeError(`there is no purchase ${id}`)
    return found
  }
  /** A person buys, and pays in the browser. */
  async function buy(amountMicros: number, card = 'pm_card_visa') {
    const { status, body } = await call('POST /v1/credits/purchases', { amountMicros, memo: '購入' })
    expect(status).toBe(201)
    const { purchase: made, clientSecret } = body as unknown as { purchase: Purchase; clientSecret: string | null }
    if (clientSecret !== null) await stripe.pay(clientSecret, card).catch(() => undefined)
    await settle()
    return purchase(made.id)
  }
  return {
    ...server,
    stripe,
    settle,
    pass,
    purchases,
    purchase,
    buy,
    balance: () => store.balance(),
    async notices() {
      const { items } = await store.notifications({ limit: 100 })
      return items.flatMap(({ notice }) => (notice === null ? [] : [notice])).reverse()
    },
    /** Sums of all postings, which the balance must agree with; no transaction may create or lose anything. */
    async checkLedger() {
      const { items } = await store.postings({ limit: 500 })
      expect(items.reduce((sum, { amountMicros }) => sum + amountMicros, 0)).toBe(0)
      const balance = await store.balance()
      expect(balance.available).toBeGreaterThanOrEqual(0)
      expect(balance.bought + balance.owed).toBe(balance.available + balance.held + balance.spent)
    },
    /** Credits go as if messages had been sent. */
    async spend(amountMicros: number) {
      const triggerId = v7()
      const event = { kind: 'release', waitsFor: 'number_ready', source: 'test', sourceId: triggerId } as const
      await store.accept([{ id: triggerId, event: { ...event, occurredAt: clock.at } }], clock.at)
      const booked = { txId: `spent:${triggerId}`, messageId: null, memo: 'capture', at: clock.at }
      const postings = [
        { ...booked, account: 'available' as const, amountMicros: -amountMicros },
        { ...booked, account: 'spent' as const, amountMicros },
      ]
      const trace = { triggerId, at: clock.at, rules: [], notes: [] }
      await store.commit([{ triggerId, changes: [{ kind: 'post', postings }], trace }], new Map(), clock.at, v7)
    },
  }
}
export type Shop = Awaited<ReturnType<typeof openShop>>
