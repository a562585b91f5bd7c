import { REACH_MS } from '#engine/guards/reach.ts'
import { describe, expect, test } from 'vitest'
import type { SendFacts } from '#engine/facts.ts'
import type { Category, SendIntent } from '#engine/message.ts'
import { ACCOUNT_DEFAULTS, type AccountState } from '#engine/state.ts'
import { aContact, aNumber, NOW } from '#test/engine/builders.ts'
import { apply, buy, claimAll, DAY_MS, enqueue, NUMBER, sendAt, sendIntent, settleOne } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const HOUR_MS = 3_600_000
/** When conversations were what was charged. */
const THEN = Date.parse('2025-05-12T09:00:00+09:00')

const anAccount = (change: Partial<AccountState> = {}): AccountState => ({
  ...ACCOUNT_DEFAULTS,
  id: '20001',
  updatedAt: NOW,
  ...change,
})

export function sendFactByNumberCases(open: Open): void {
  const world = eachWith(open)

  async function factsOf(change: Partial<SendIntent> = {}, now = NOW): Promise<SendFacts> {
    const [facts] = await world.store.sendFacts([sendIntent(change)], now)
    if (facts === undefined) throw new Error('No facts came.')
    return facts
  }

  const to = (phone: string) => ({ to: { raw: phone, phone } })

  async function reaches(numberId: string, phone: string, now = NOW) {
    await apply(world.store, [enqueue(sendIntent({ numberId, ...to(phone) }))])
    expect(await claimAll(world.store, { lane: numberId, now })).toHaveLength(1)
  }

  test('the account of the number is told, and none where none is known', async () => {
    await world.store.saveNumbers([aNumber(), aNumber({ id: '10002', accountId: '20002' })], NOW)
    await world.store.saveAccounts([anAccount({ enabled: false })], NOW)
    expect(await factsOf()).toMatchObject({ account: { id: '20001', enabled: false } })
    expect(await factsOf({ numberId: '10002' })).toMatchObject({ number: { id: '10002' }, account: null })
  })

  describe('the reach limit', () => {
    const numbers = [
      aNumber(),
      aNumber({ id: '10002' }),
      aNumber({ id: '10003', accountId: '20002' }),
      aNumber({ id: '10004', accountId: '20003' }),
    ]
    const [a, b] = ['+819011111111', '+819022222222']

    test('counts over all numbers and accounts of a portfolio, and no others', async () => {
      await world.store.saveNumbers(numbers, NOW)
      const [one, two] = [anAccount({ portfolioId: 'p1' }), anAccount({ id: '20002', portfolioId: 'p1' })]
      await world.store.saveAccounts([one, two, anAccount({ id: '20003', portfolioId: 'p2' })], NOW)
      await reaches('10001', a)
      await reaches('10002', a, NOW + 1)
      await reaches('10003', b, NOW + 2)
      await reaches('10004', b, NOW + 3)
      for (const numberId of ['10001', '10002', '10003']) {
        const facts = await factsOf({ numberId, ...to(a) }, NOW + 9)
        expect(facts).toMatchObject({ reached: 2, reachedAlready: true, oldestReachedAt: NOW + 1 })
      }
      expect(await factsOf({ numberId: '10004', ...to(a) }, NOW + 9)).toMatchObject({
        reached: 1,
        reachedAlready: false,
        oldestReachedAt: NOW + 3,
      })
    })

    test('counts an account alone while its portfolio is not known, and keeps the count when it is', async () => {
      await world.store.saveNumbers(numbers, NOW)
      await reaches('10001', a)
      await reaches('10003', a, NOW + 5)
      await reaches('10003', b, NOW + 6)
      expect(await factsOf(to(b), NOW + 9)).toMatchObject({ reached: 1, reachedAlready: false })
      const both = [anAccount({ portfolioId: 'p1' }), anAccount({ id: '20002', portfolioId: 'p1' })]
      await world.store.saveAccounts(both, NOW + 9)
      expect(await factsOf(to(b), NOW + 9)).toMatchObject({
        reached: 2,
        reachedAlready: true,
        oldestReachedAt: NOW + 5,
      })
      await world.store.saveAccounts(both, NOW + 9)
      expect(await factsOf({ numberId: '10003' }, NOW + REACH_MS + 5)).toMatchObject({ reached: 1 })
    })
  })

  describe('free text of a month', () => {
    const text: Partial<SendIntent> = { template: null, text: { body: 'はい' }, category: 'SERVICE' }
    const inMonth = async (now: number, change: Partial<SendIntent> = {}) =>
      (await factsOf(change, now)).serviceThisMonth

    async function sends(change: Partial<SendIntent> = {}, now = NOW, form: 'text' | 'template' = 'text') {
      await apply(world.store, [enqueue(sendIntent({ ...text, ...change }))])
      const lane = change.numberId ?? NUMBER
      const [claimed] = await claimAll(world.store, { now, lane }, sendAt(0, { form, inWindow: true }))
      if (claimed === undefined) throw new Error('Nothing was claimed.')
      return claimed
    }

    test('counts what is under way or was delivered, by number; templates and failures not', async () => {
      await world.store.saveNumbers([aNumber(), aNumber({ id: '10002' })], NOW)
      const sent = await sends()
      await settleOne(world.store, sent, { kind: 'accepted', wamid: 'wamid.1' })
      await sends()
      const failed = await sends()
      expect(await inMonth(NOW)).toBe(3)
      await settleOne(world.store, failed, { kind: 'failed', reason: 'x', detail: '' })
      const again = await sends()
      await settleOne(world.store, again, { kind: 'retry', dueAt: NOW + DAY_MS, reason: 'x', detail: '' })
      await sends({ template: { name: 'welcome_lead', language: 'ja' } }, NOW, 'template')
      await sends({ numberId: '10002' })
      expect(await inMonth(NOW)).toBe(2)
      expect(await inMonth(NOW, { numberId: '10002' })).toBe(1)
      const { id } = sent.message.intent
      for (const state of ['delivered', 'read'] as const) {
        await apply(world.store, [{ kind: 'moveMessage', move: { id, state }, at: NOW }])
      }
      expect(await inMonth(NOW)).toBe(2)
      await apply(world.store, [{ kind: 'moveMessage', move: { id, state: 'failed' }, at: NOW }])
      expect(await inMonth(NOW)).toBe(1)
    })

    test('a text that goes out again as its template counts no more', async () => {
      await world.store.saveNumbers([aNumber()], NOW)
      const { message } = await sends({ template: { name: 'welcome_lead', language: 'ja' } })
      expect(await inMonth(NOW)).toBe(1)
      const move = { id: message.intent.id, state: 'queued', form: 'fallback', dueAt: NOW } as const
      await apply(world.store, [{ kind: 'moveMessage', move, at: NOW }])
      expect(await inMonth(NOW)).toBe(0)
    })

    test.each([
      ['of the account, where it tells one', { zone: 'America/Los_Angeles' }, '2026-12-01T00:00:00-08:00'],
      ['of the settings otherwise', {}, '2026-12-01T00:00:00+09:00'],
    ])('a month is one in the zone %s', async (_, change, begins) => {
      await world.store.saveNumbers([aNumber()], NOW)
      await world.store.saveAccounts([anAccount(change)], NOW)
      const december = Date.parse(begins)
      await sends({}, december - 1)
      await sends({}, december)
      await sends({}, december + 5 * DAY_MS)
      expect([await inMonth(december - 1), await inMonth(december), await inMonth(december + 31 * DAY_MS)]).toEqual([
        1, 2, 0,
      ])
    })
  })

  describe('a running conversation', () => {
    async function delivered(category: Category, at: number, priceMicros = 10, change: Partial<SendIntent> = {}) {
      const { store } = world
      await buy(store, 10)
      const intent = sendIntent({ category, ...change })
      await apply(store, [enqueue(intent, { contactId: 'c1', at })])
      await claimAll(store, { now: at, lane: intent.numberId ?? '' }, sendAt(priceMicros))
      const holdState = priceMicros > 0 ? 'captured' : 'released'
      const move = { id: intent.id, state: 'delivered', holdState, priceMicros, deliveredAt: at } as const
      await apply(store, [{ kind: 'moveMessage', move, at }])
    }

    const openAt = async (now: number, change: Partial<SendIntent> = {}) =>
      (await factsOf(change, now)).conversationOpen

    test('is told while conversations are charged, by number, person and category, for 24 hours', async () => {
      await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1' }), at: THEN }])
      expect(await openAt(THEN)).toEqual({})
      await delivered('MARKETING', THEN)
      await delivered('UTILITY', THEN + HOUR_MS)
      expect(await openAt(THEN + 2 * HOUR_MS)).toEqual({ MARKETING: true, UTILITY: true })
      expect(await openAt(THEN + 24 * HOUR_MS - 1)).toEqual({ MARKETING: true, UTILITY: true })
      expect(await openAt(THEN + 24 * HOUR_MS)).toEqual({ UTILITY: true })
      expect(await openAt(THEN + 2 * HOUR_MS, { numberId: '10002' })).toEqual({})
      expect(await openAt(THEN + 2 * HOUR_MS, to('+819099999999'))).toEqual({})
    })

    test('is not made longer by what goes on in it for free', async () => {
      await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1' }), at: THEN }])
      await delivered('MARKETING', THEN)
      await delivered('MARKETING', THEN + 20 * HOUR_MS, 0)
      expect(await openAt(THEN + 23 * HOUR_MS)).toEqual({ MARKETING: true })
      expect(await openAt(THEN + 25 * HOUR_MS)).toEqual({})
    })

    test('is asked for no more once messages are charged', async () => {
      expect(await openAt(NOW)).toBeNull()
      expect(await openAt(Date.parse('2025-07-02T00:00:00+09:00'))).toBeNull()
    })
  })
}
