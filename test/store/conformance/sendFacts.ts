import { REACH_MS } from '#engine/guards/reach.ts'
import { expect, test } from 'vitest'
import type { SendFacts } from '#engine/facts.ts'
import type { SendIntent } from '#engine/message.ts'
import { aContact, aNumber, aTemplate, NOW, someSettings } from '#test/engine/builders.ts'
import {
  apply,
  buy,
  claimAll,
  DAY_MS,
  enqueue,
  newId,
  NUMBER,
  sendAt,
  sendIntent,
  sending,
  settleOne,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

export function sendFactCases(open: Open): void {
  const world = eachWith(open)

  async function factsOf(intent: SendIntent, now = NOW): Promise<SendFacts> {
    const [facts] = await world.store.sendFacts([intent], now)
    if (facts === undefined) throw new Error('No facts came.')
    return facts
  }

  test('of an empty store say that nothing is known', async () => {
    expect(await factsOf(sendIntent())).toEqual({
      now: NOW,
      settings: someSettings(),
      number: null,
      account: null,
      contact: null,
      suppressed: false,
      conversation: null,
      template: null,
      recentMarketingAt: [],
      recentJourneyAt: [],
      reached: 0,
      reachedAlready: false,
      oldestReachedAt: null,
      availableMicros: 0,
      cards: [],
      serviceThisMonth: 0,
      conversationOpen: null,
    })
  })

  test('hold the number, the person, their conversation, the template and the credits', async () => {
    await world.store.saveNumbers([aNumber(), aNumber({ id: '10002' })], NOW)
    await world.store.saveTemplates([aTemplate(), aTemplate({ language: 'en', status: 'PENDING' })], NOW)
    await apply(world.store, [
      { kind: 'putContact', contact: aContact({ id: 'c1' }), at: NOW },
      {
        kind: 'inbound',
        numberId: NUMBER,
        contactId: 'c1',
        messageId: 'm',
        type: 'text',
        text: null,
        raw: {},
        at: NOW - 7,
        opensWindow: true,
      },
    ])
    await buy(world.store, 900)
    expect(await factsOf(sendIntent({ template: { name: 'welcome_lead', language: 'en' } }))).toMatchObject({
      number: { id: NUMBER },
      contact: { id: 'c1' },
      conversation: { lastInboundAt: NOW - 7 },
      template: { language: 'en', status: 'PENDING' },
      availableMicros: 900,
    })
    expect(await factsOf(sendIntent({ numberId: '10002' }))).toMatchObject({
      number: { id: '10002' },
      conversation: null,
    })
    expect(await factsOf(sendIntent({ numberId: null }))).toMatchObject({ number: null, conversation: null })
  })

  test('come in the order of the messages', async () => {
    await world.store.saveTemplates([aTemplate(), aTemplate({ language: 'en' })], NOW)
    const languages = ['en', 'ja', 'fr', 'en']
    const intents = languages.map((language) => sendIntent({ template: { name: 'welcome_lead', language } }))
    const facts = await world.store.sendFacts(intents, NOW)
    expect(facts.map(({ template }) => template?.language)).toEqual(['en', 'ja', undefined, 'en'])
  })

  test('count each person reached outside a window once in a moving day', async () => {
    const [a, b] = ['+819011111111', '+819022222222']
    const to = (phone: string) => sendIntent({ to: { raw: phone, phone } })
    const claimAt = (now: number, change = {}) => claimAll(world.store, { now }, sendAt(0, change))
    await apply(world.store, [enqueue(to(a)), enqueue(to(a))])
    await claimAt(NOW)
    await apply(world.store, [enqueue(to(b))])
    await claimAt(NOW + 10)
    await apply(world.store, [enqueue(to('+819033333333'))])
    await claimAt(NOW + 20, { inWindow: true })

    expect(await factsOf(to(a), NOW + 20)).toMatchObject({ reached: 2, reachedAlready: true, oldestReachedAt: NOW })
    expect(await factsOf(to('+819033333333'), NOW + 20)).toMatchObject({ reached: 2, reachedAlready: false })
    expect(await factsOf(to(a), NOW + REACH_MS)).toMatchObject({
      reached: 1,
      reachedAlready: false,
      oldestReachedAt: NOW + 10,
    })
    expect(await factsOf(to(a), NOW + REACH_MS + 10)).toMatchObject({ reached: 0, oldestReachedAt: null })
  })

  test('tell when a person was last written to, as far back as is asked for', async () => {
    const [a, b] = ['+819011111111', '+819022222222'].map((phone) => sendIntent({ to: { raw: phone, phone } }))
    const told: (number | null | undefined)[] = []
    const claimAt = (now: number, writtenSince?: number, change = {}) =>
      claimAll(world.store, { now, ...(writtenSince !== undefined && { writtenSince }) }, (candidates) => {
        told.push(...candidates.map(({ facts }) => facts.writtenAt))
        return sendAt(0, change)(candidates)
      })
    await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1', phone: b!.to.phone! }), at: NOW }])
    await apply(world.store, [enqueue(a!), enqueue(b!, { contactId: 'c1' })])
    await claimAt(NOW, undefined, { inWindow: true })
    expect(told.splice(0)).toEqual([undefined, undefined])
    await apply(world.store, [enqueue({ ...a!, id: 'a2' }), enqueue({ ...b!, id: 'b2' }, { contactId: 'c1' })])
    await claimAt(NOW + 10, NOW - 1)
    // Nobody knows a stranger but by the reach limit, which a message in the window does not count for.
    expect(told.splice(0)).toEqual([null, NOW])
    await apply(world.store, [enqueue({ ...a!, id: 'a3' }), enqueue({ ...b!, id: 'b3' }, { contactId: 'c1' })])
    await claimAt(NOW + 20, NOW + 9)
    expect(told.splice(0)).toEqual([NOW + 10, NOW + 10])
    await apply(world.store, [enqueue({ ...a!, id: 'a4' })])
    await claimAt(NOW + 30, NOW + 20)
    expect(told).toEqual([null])
  })

  test('forget those reached more than a day ago when the next are', async () => {
    for (const [index, now] of [NOW, NOW + REACH_MS, NOW + 3 * REACH_MS].entries()) {
      const phone = `+81901111000${index}`
      await apply(world.store, [enqueue(sendIntent({ to: { raw: phone, phone } }))])
      await claimAll(world.store, { now })
      expect(await factsOf(sendIntent(), now)).toMatchObject({ reached: 1, oldestReachedAt: now })
    }
  })

  test('list the marketing messages of the capped time, newest first, without those that failed', async () => {
    const marketing = (change = {}) => sendIntent({ category: 'MARKETING', ...change })
    await world.store.saveSettings(someSettings({ frequencyCap: { max: 2, per: 'P7D', otherwise: 'block' } }), NOW)
    await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1' }), at: NOW }])
    const times = [NOW, NOW + DAY_MS, NOW + 2 * DAY_MS, NOW + 3 * DAY_MS]
    for (const now of times) {
      await apply(world.store, [enqueue(marketing(), { contactId: 'c1' })])
      const [claimed] = await claimAll(world.store, { now })
      const failed = { kind: 'failed', reason: '131026', detail: '届きません' } as const
      if (claimed && now === times[1]) await settleOne(world.store, claimed, failed, now)
    }
    await apply(world.store, [enqueue(sendIntent(), { contactId: 'c1' })])
    await claimAll(world.store, { now: NOW + 3 * DAY_MS })

    expect((await factsOf(marketing(), NOW + 4 * DAY_MS)).recentMarketingAt).toEqual([times[3], times[2], times[0]])
    expect((await factsOf(marketing(), NOW + 8 * DAY_MS)).recentMarketingAt).toEqual([times[3], times[2]])
    const stranger = marketing({ to: { raw: '+819099999999', phone: '+819099999999' } })
    expect((await factsOf(stranger, NOW + 4 * DAY_MS)).recentMarketingAt).toEqual([])
  })

  test('a marketing message that was given up counts as well, because it may have arrived', async () => {
    const marketing = () => sendIntent({ category: 'MARKETING', delivery: 'at-most-once' })
    await world.store.saveSettings(someSettings({ frequencyCap: { max: 2, per: 'P7D', otherwise: 'block' } }), NOW)
    await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1' }), at: NOW }])
    await apply(world.store, [enqueue(marketing(), { contactId: 'c1' })])
    const [claimed] = await claimAll(world.store)
    if (claimed) await settleOne(world.store, claimed, { kind: 'unknown', detail: '', dueAt: NOW })
    expect(await world.store.resolveUnknown(NOW, newId)).toMatchObject({ gaveUp: 1 })
    expect((await factsOf(marketing(), NOW + DAY_MS)).recentMarketingAt).toEqual([NOW])
  })

  test('list the messages of journeys in the time their own cap asks for, of any journey and category', async () => {
    const journey = (change: Partial<SendIntent> = {}) =>
      sendIntent({ definition: 'journey/a@1', instanceId: 'i-0', step: 'hello', ...change })
    const capped = (per: string) => journey({ frequencyCap: { max: 2, per, otherwise: 'hold' } })
    await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c1' }), at: NOW }])
    const sent = [
      { at: NOW, intent: journey() },
      { at: NOW + DAY_MS, intent: journey({ definition: 'journey/b@2', category: 'MARKETING' }) },
      { at: NOW + 2 * DAY_MS, intent: sendIntent({ category: 'MARKETING' }) },
      { at: NOW + 3 * DAY_MS, intent: journey({ template: null, text: { body: 'はい' }, category: 'SERVICE' }) },
      { at: NOW + 4 * DAY_MS, intent: journey() },
    ]
    for (const { at, intent } of sent) {
      await apply(world.store, [enqueue(intent, { contactId: 'c1' })])
      const [claimed] = await claimAll(world.store, { now: at })
      const failed = { kind: 'failed', reason: '131026', detail: '届きません' } as const
      if (claimed && at === NOW + 4 * DAY_MS) await settleOne(world.store, claimed, failed, at)
    }
    const times = async (intent: SendIntent) => (await factsOf(intent, NOW + 5 * DAY_MS)).recentJourneyAt
    expect(await times(capped('P7D'))).toEqual([NOW + 3 * DAY_MS, NOW + DAY_MS, NOW])
    expect(await times(capped('P3D'))).toEqual([NOW + 3 * DAY_MS])
    expect(await times(journey())).toEqual([])
    expect(await times({ ...capped('P7D'), to: { raw: '+819099999999', phone: '+819099999999' } })).toEqual([])
  })

  test('free text without a template has none', async () => {
    await world.store.saveTemplates([aTemplate({ name: '', language: '' })], NOW)
    expect(await factsOf(sendIntent({ template: null, text: { body: 'はい' } }))).toMatchObject({ template: null })
  })

  test('are offered with each claim, for the contact the message was decided for', async () => {
    await apply(world.store, [
      { kind: 'putContact', contact: aContact({ id: 'c1', optedOutAllAt: NOW }), at: NOW },
      enqueue(sendIntent(), { contactId: 'c1' }),
    ])
    await buy(world.store, 33)
    const seen: (SendFacts | undefined)[] = []
    await claimAll(world.store, {}, (candidates) => {
      seen.push(...candidates.map(({ facts }) => facts))
      return sendAt(0)(candidates)
    })
    expect(seen).toMatchObject([{ contact: { id: 'c1', optedOutAllAt: NOW }, availableMicros: 33 }])
  })

  test('reserve nothing', async () => {
    await sending(world.store, sendIntent({ id: newId() }))
    const before = await factsOf(sendIntent())
    for (const _ of [1, 2]) expect(await factsOf(sendIntent())).toEqual(before)
  })
}
