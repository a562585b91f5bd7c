import { describe, expect, test } from 'vitest'
import type { Change } from '#engine/decision.ts'
import { release } from '#engine/ledger.ts'
import type { SendIntent } from '#engine/message.ts'
import type { Store } from '#engine/store.ts'
import type { MessageEvent, WorldEvent } from '#engine/trigger.ts'
import { aContact, NOW } from '#test/engine/builders.ts'
import {
  accepted,
  anInstance,
  apply,
  buy,
  claimAll,
  DAY_MS,
  decision,
  enqueue,
  enters,
  instanceTimer,
  leadEvent,
  moves,
  newId,
  NUMBER,
  putRecord,
  sendAt,
  sendIntent,
  settleOne,
  statusEvent,
  timer,
  workIntent,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const PHONE = '+819012345678'
const OTHER = '+819099999999'
const person = aContact({ id: 'c1', bsuid: 'JP.13', name: '佐藤 花子' })
const stranger = aContact({ id: 'c2', phone: OTHER, waId: '819099999999', name: '鈴木' })

const erasing = (change: Partial<Extract<Change, { kind: 'erase' }>> = {}): Change => ({
  kind: 'erase',
  contactId: 'c1',
  addresses: [PHONE, '819012345678'],
  records: [{ module: 'Leads', recordId: '5725' }],
  at: NOW + DAY_MS,
  ...change,
})

function wrote(contactId: string, messageId: string): Change {
  const raw = { from: '819012345678' }
  return {
    kind: 'inbound',
    numberId: NUMBER,
    contactId,
    messageId,
    type: 'text',
    text: 'はい',
    raw,
    at: NOW,
    opensWindow: true,
  }
}

function messageFrom(waId: string, change: Partial<MessageEvent> = {}): MessageEvent {
  return {
    kind: 'message',
    numberId: NUMBER,
    from: { waId, name: '花子' },
    message: { id: `wamid.${newId()}`, type: 'text', text: '住所は…', raw: { from: waId } },
    opensWindow: true,
    source: 'whatsapp',
    sourceId: newId(),
    occurredAt: NOW,
    ...change,
  }
}

export function eraseCases(open: Open): void {
  const world = eachWith(open)
  const erase = (change: Partial<Extract<Change, { kind: 'erase' }>> = {}) => apply(world.store, [erasing(change)])
  const suppressed = async (to: SendIntent['to'] = { raw: PHONE, phone: PHONE }) =>
    (await world.store.sendFacts([sendIntent({ to })], NOW))[0]?.suppressed

  async function decide(events: Parameters<typeof accepted>[1]): Promise<string[]> {
    const triggers = await accepted(world.store, events)
    const trace = triggers.map(({ id }) => ({ ...decision(id, [], ['seen']), triggerId: id }))
    await world.store.commit(trace, new Map(), NOW, newId)
    return triggers.map(({ id }) => id)
  }

  test('the contact is gone, with all it is known by, its conversations and its consent; others stay', async () => {
    const { store } = world
    const entry = {
      at: NOW,
      direction: 'in',
      scope: 'all',
      by: 'admin',
      channel: null,
      proof: null,
      actor: null,
    } as const
    await apply(store, [
      { kind: 'putContact', contact: person, at: NOW },
      { kind: 'putContact', contact: stranger, at: NOW },
      wrote('c1', 'm1'),
      wrote('c2', 'm2'),
      { kind: 'noteConsent', entry: { ...entry, contactId: 'c1' } },
      { kind: 'noteConsent', entry: { ...entry, contactId: 'c2' } },
    ])
    await erase()
    for (const by of [{ id: 'c1' }, { phone: PHONE }, { waId: '819012345678' }, { bsuid: 'JP.13' }]) {
      expect(await store.contact(by)).toBeNull()
    }
    expect(await store.conversation(NUMBER, 'c1')).toBeNull()
    expect(await store.contact({ id: 'c2' })).toEqual(stranger)
    expect(await store.conversation(NUMBER, 'c2')).toMatchObject({ lastInboundAt: NOW })
    expect((await store.consents({}, { limit: 9 })).items).toMatchObject([{ contactId: 'c2' }])
  })

  test('with those that had become one with it, found by any of its addresses', async () => {
    const { store } = world
    const old = aContact({ id: 'c0', phone: null, waId: '815511112222', name: '旧姓' })
    await apply(store, [
      { kind: 'putContact', contact: old, at: NOW },
      { kind: 'putContact', contact: person, at: NOW },
      { kind: 'mergeContacts', from: 'c0', into: 'c1', at: NOW },
    ])
    await erase({ contactId: null, addresses: ['815511112222'] })
    for (const id of ['c0', 'c1']) expect(await store.contact({ id })).toBeNull()
  })

  test('our copies of the records are gone, what ran for them and where they may write from, and others stay', async () => {
    const { store } = world
    await apply(store, [
      putRecord('5725', { addresses: ['819012345678'] }),
      putRecord('5726', { addresses: ['819012345678'] }),
      putRecord('5725', { module: 'Deals' }),
      { kind: 'ruleRan', rule: 'workflow/a', module: 'Leads', recordId: '5725', at: NOW },
    ])
    await erase()
    expect(await store.record('Leads', '5725')).toBeNull()
    expect(await store.record('Leads', '5726')).not.toBeNull()
    expect(await store.record('Deals', '5725')).not.toBeNull()
    const [trigger] = await accepted(store, [messageFrom('819012345678')])
    if (trigger === undefined) throw new Error('It was not accepted.')
    const request = { triggers: [trigger], lookups: {}, lookupModules: {}, phoneModules: ['Leads'], pageMax: 9 }
    const known = await store.load(request, NOW)
    expect([...known.recordsByAddress.values()].flat()).toEqual(['Leads/5726'])
    expect([...known.ran]).toEqual([])
  })

  test('its places in journeys end and are gone, and the counts of them stay true', async () => {
    const { store } = world
    const { instance, change } = moves(anInstance({ addresses: ['819012345678'] }), 'remind', { at: NOW + 5 })
    const other = anInstance({ recordId: '5726' })
    await apply(store, [
      enters(anInstance({ ...instance, ...{ position: 'hello', visit: 1, revision: 1 } })),
      change,
      enters(other),
    ])
    await apply(store, [
      { kind: 'timer', timer: instanceTimer(instance), at: NOW },
      { kind: 'timer', timer: instanceTimer(other), at: NOW },
    ])
    await erase()
    expect(await store.instance(instance.id)).toBeNull()
    expect(await store.instanceSteps(instance.id)).toEqual([])
    expect(await store.instance(other.id)).toEqual(other)
    const counts = await store.instanceCounts('journey/trial-nurture')
    expect(counts).toMatchObject({
      entered: 2,
      standing: [{ version: 1, position: 'hello', count: 1 }],
      ended: [{ reason: 'erased', count: 1 }],
    })
    expect(await store.depths(NOW)).toMatchObject({ instancesRunning: 1, timersWaiting: 1 })
  })

  test('what waited for the record never fires, and tells nothing', async () => {
    const { store } = world
    const later = timer({ later: { after: 'P2D', note: '佐藤' } })
    await apply(store, [
      { kind: 'timer', timer: later, at: NOW },
      { kind: 'timer', timer: timer({ recordId: '5726' }), at: NOW },
    ])
    await erase()
    expect(await store.fireTimers(NOW + 9 * DAY_MS, 10, newId)).toBe(1)
    expect(await store.timers({ recordId: '5725' })).toEqual([])
    const cancelled = await store.timers({ state: 'cancelled' })
    expect(cancelled).toMatchObject([{ id: later.id, recordId: '', state: 'cancelled', reason: 'erased' }])
    expect(JSON.stringify(cancelled)).not.toContain('佐藤')
  })

  describe('messages', () => {
    const secret = '口座番号 1234567'
    const toPerson = (change: Partial<SendIntent> = {}) =>
      sendIntent({ parameters: { format: 'NAMED', body: [{ name: 'name', value: secret }], buttons: [] }, ...change })

    async function expectForgotten(store: Store, id: string) {
      const message = await store.message(id)
      const all = JSON.stringify([message, await store.messageSteps(id)])
      for (const word of [secret, '9012345678', '090-1234-5678', '5725', 'c1', '佐藤']) expect(all).not.toContain(word)
      expect(message).toMatchObject({ contactId: null, intent: { id, recordId: '' } })
      return message
    }

    test('that wait are blocked, and nothing of them is left but what they were', async () => {
      const { store } = world
      const [queued, held, work] = [toPerson(), toPerson(), workIntent({ payload: { 宛先: secret } })]
      const verdict = { kind: 'hold', reason: 'quiet_hours', detail: '佐藤', until: NOW + DAY_MS } as const
      await apply(store, [
        { kind: 'putContact', contact: person, at: NOW },
        enqueue(queued, { contactId: 'c1' }),
        enqueue(held, { contactId: 'c1', verdict, guards: [{ guard: 'timing', verdict }] }),
        enqueue(work, { verdict: null }),
      ])
      await erase()
      for (const { id } of [queued, held, work]) {
        expect(await expectForgotten(store, id)).toMatchObject({
          state: 'blocked',
          reason: 'opted_out',
          detail: 'erased',
        })
      }
      expect(await claimAll(store, { now: NOW + 9 * DAY_MS })).toEqual([])
      expect(await store.depths(NOW)).toMatchObject({ outbox: { blocked: 3 } })
    })

    test('on their way are settled all the same: the money, the state, the id at WhatsApp', async () => {
      const { store } = world
      await buy(store, 100)
      const intent = toPerson({ category: 'MARKETING' })
      await apply(store, [{ kind: 'putContact', contact: person, at: NOW }, enqueue(intent, { contactId: 'c1' })])
      const [claimed] = await claimAll(store, {}, sendAt(30))
      if (claimed === undefined) throw new Error('Nothing was claimed.')
      await erase()
      expect(await expectForgotten(store, intent.id)).toMatchObject({
        state: 'sending',
        holdState: 'held',
        market: 'Japan',
      })
      expect(await settleOne(store, claimed, { kind: 'accepted', wamid: 'wamid.1', waId: '819012345678' })).toBe(true)
      const move = { id: intent.id, state: 'failed', holdState: 'released' } as const
      await apply(store, [
        { kind: 'moveMessage', move, at: NOW },
        { kind: 'post', postings: release(intent.id, claimed.fence, 30, NOW) },
      ])
      expect(await store.balance()).toMatchObject({ available: 100, held: 0 })
      expect(await expectForgotten(store, intent.id)).toMatchObject({ state: 'failed', wamid: 'wamid.1' })
      expect(await store.contact({ phone: PHONE })).toBeNull()
    })

    test('go with the sums of what they cost', async () => {
      const { store } = world
      const intent = toPerson()
      await apply(store, [enqueue(intent)])
      await apply(store, [
        { kind: 'moveMessage', move: { id: intent.id, state: 'delivered', deliveredAt: NOW }, at: NOW },
      ])
      await erase()
      await expectForgotten(store, intent.id)
      expect(await store.statement({ from: '2026-01-01', until: '2027-01-01', by: [] })).toMatchObject([{ free: 1 }])
      expect((await store.totals()).messages).toEqual([{ state: 'delivered', reason: null, count: 1 }])
    })

    test('to the person by way of another record are forgotten, those to others not', async () => {
      const { store } = world
      const deal = { module: 'Deals', recordId: '8' }
      const longer = { raw: `${PHONE}9`, phone: `${PHONE}9` }
      const [mine, theirs, near] = [
        toPerson(deal),
        toPerson({ ...deal, to: { raw: OTHER, phone: OTHER } }),
        toPerson({ ...deal, to: longer }),
      ]
      await apply(store, [enqueue(mine), enqueue(theirs), enqueue(near)])
      await erase()
      await expectForgotten(store, mine.id)
      for (const one of [theirs, near])
        expect(await store.message(one.id)).toMatchObject({ state: 'queued', intent: one })
    })

    test('are not found by record or contact any more', async () => {
      const { store } = world
      await apply(store, [{ kind: 'putContact', contact: person, at: NOW }, enqueue(toPerson(), { contactId: 'c1' })])
      await erase()
      for (const filter of [{ contactId: 'c1' }, { module: 'Leads', recordId: '5725' }]) {
        expect((await store.messages(filter, { limit: 9 })).items).toEqual([])
      }
    })
  })

  describe('events', () => {
    test('whose id names the person get another one', async () => {
      const { store } = world
      const [id] = await decide([statusEvent({ sourceId: 'status:wamid.1:sent:819012345678' })])
      await erase()
      const entry = await store.trigger(id!)
      expect(JSON.stringify(entry)).not.toContain('819012345678')
      expect(entry).toMatchObject({ state: 'done', trigger: { kind: 'status', erased: true } })
    })

    test('about the person are stubs that still know their like', async () => {
      const { store } = world
      const events = [
        leadEvent({ sourceId: 'e1' }),
        messageFrom('819012345678', { sourceId: 'e2' }),
        statusEvent({ sourceId: 'e3' }),
      ]
      const ids = await decide(events)
      await erase()
      for (const [index, id] of ids.entries()) {
        const entry = await store.trigger(id)
        const { kind, source, sourceId, occurredAt } = events[index] as (typeof events)[number]
        expect(entry?.trigger).toEqual({ id, kind, source, sourceId, occurredAt, receivedAt: NOW, erased: true })
        expect(entry?.state).toBe('done')
        expect(await store.trace(id)).toBeNull()
      }
      const again = await store.accept([{ id: newId(), event: events[0] as (typeof events)[0] }], NOW)
      expect(again).toEqual([{ kind: 'duplicate', id: ids[0] }])
      expect((await store.recordedEvents(0, { limit: 99 })).items.map(({ id }) => id)).not.toContain(ids[0])
    })

    test('that ask for it are stubs themselves', async () => {
      const { store } = world
      const event = {
        kind: 'erase',
        who: { phone: PHONE },
        actor: '田中',
        source: 'denrei:api',
        sourceId: 'x',
        occurredAt: NOW,
      } as const
      const [trigger] = await accepted(store, [event])
      if (trigger === undefined) throw new Error('It was not accepted.')
      await store.commit([decision(trigger.id, [erasing()])], new Map(), NOW, newId)
      expect(JSON.stringify(await store.trigger(trigger.id))).not.toContain('9012345678')
      expect(await store.trigger(trigger.id)).toMatchObject({ state: 'done', trigger: { kind: 'erase' } })
      expect(await store.depths(NOW)).toMatchObject({ inboxPending: 0 })
    })

    test('of others stay as they are, also those that look alike', async () => {
      const { store } = world
      const events = [
        leadEvent({ recordId: '5726', values: { Note: `電話 ${PHONE} へ` } }),
        leadEvent({ module: 'Deals', values: { Mobile: `${PHONE}0` } }),
        messageFrom('819099999999'),
      ]
      const ids = await decide(events)
      const before = await Promise.all(ids.map((id) => store.trigger(id)))
      await erase()
      expect(await Promise.all(ids.map((id) => store.trigger(id)))).toEqual(before)
    })

    test('of others that name the person lose the name and nothing else', async () => {
      const { store } = world
      const deal = leadEvent({ module: 'Deals', recordId: '8', values: { 件名: '商談', Mobile: PHONE } })
      const enroll: WorldEvent = {
        kind: 'command',
        command: { do: 'enroll', journey: 'trial', recordIds: ['5724', '5725', '5726'] },
        actor: { user: '田中', roles: [] },
        source: 'api',
        sourceId: newId(),
        occurredAt: NOW,
      }
      const [a, b] = await decide([deal, enroll])
      await erase()
      expect(await store.trigger(a ?? '')).toMatchObject({ trigger: { values: { 件名: '商談', Mobile: '' } } })
      expect(await store.trigger(b ?? '')).toMatchObject({ trigger: { command: { recordIds: ['5724', '5726'] } } })
    })

    test('that wait since before are never decided, those after it are', async () => {
      const { store } = world
      const early = await accepted(store, [leadEvent({ sourceId: 'early' }), leadEvent({ recordId: '5726' })])
      const [earliest] = early
      await store.setAside(earliest?.id ?? '', 'Leads/5725 佐藤', NOW + DAY_MS)
      const request = await accepted(store, [leadEvent({ module: 'Deals', sourceId: 'asks' })])
      const late = await accepted(store, [leadEvent({ sourceId: 'late' })])
      await store.commit([decision(request[0]?.id ?? '', [erasing()])], new Map(), NOW, newId)
      const waiting = (await store.pending(10, NOW + 9 * DAY_MS)).map(({ id }) => id)
      expect(waiting).toEqual([early[1]?.id, late[0]?.id])
      expect(await store.trigger(earliest?.id ?? '')).toMatchObject({ state: 'done', error: null })
      expect(await store.depths(NOW)).toMatchObject({ inboxPending: 2 })
    })
  })

  test('traces lose what was seen of the person, parked statuses and raw news are gone, notifications too', async () => {
    const { store } = world
    const leaf = (seen: string) => ({
      pointer: '/when',
      fact: 'Mobile',
      operator: 'equal',
      seen,
      expected: '',
      result: false,
    })
    const rule = (recordId: string, seen: string) => ({
      definition: 'workflow/a@1',
      outcome: 'matched' as const,
      branch: 0,
      leaves: [leaf(seen)],
      produced: [],
      recordId,
    })
    const [sweep] = await accepted(store, [leadEvent({ module: 'Deals', recordId: '1' })])
    if (sweep === undefined) throw new Error('It was not accepted.')
    const notify = (module: string, recordId: string, message: string): Change => ({
      kind: 'notify',
      to: { role: 'admin' },
      message,
      module,
      recordId,
      at: NOW,
    })
    const decided = decision(sweep.id, [
      notify('Leads', '5725', '佐藤様です'),
      notify('Deals', '1', `${PHONE} に電話`),
      notify('Deals', '1', '鈴木様です'),
      { kind: 'parkStatus', wamid: 'wamid.x', event: statusEvent({ wamid: 'wamid.x' }), at: NOW },
      { kind: 'keep', field: 'calls', value: { calls: [{ from: '819012345678', name: '花子' }] }, at: NOW },
      { kind: 'keep', field: 'calls', value: { calls: [{ from: '819099999999' }] }, at: NOW },
    ])
    decided.trace.rules = [rule('5725', '佐藤'), rule('5726', PHONE), rule('5727', '鈴木')]
    await store.commit([decided], new Map(), NOW, newId)
    await erase()
    const trace = await store.trace(sweep.id)
    expect(trace?.rules.map(({ recordId, leaves }) => [recordId, leaves.map(({ seen }) => seen)])).toEqual([
      ['', []],
      ['5726', ['']],
      ['5727', ['鈴木']],
    ])
    expect((await store.notifications({ limit: 9 })).items.map(({ message }) => message)).toEqual(['鈴木様です'])
    expect((await store.kept({ limit: 9 })).map(({ value }) => value)).toEqual([
      { calls: [{ from: '819099999999' }] },
      { erased: true },
    ])
    expect(await store.keptCounts()).toEqual([{ field: 'calls', count: 2 }])
  })

  describe('who had refused', () => {
    async function refused(change: Partial<typeof person>) {
      await apply(world.store, [{ kind: 'putContact', contact: { ...person, ...change }, at: NOW }])
      await erase()
    }

    test.each([{ optedOutAllAt: NOW }, { optedOutMarketingAt: NOW }])(
      '%o stays refused without a name',
      async (change) => {
        expect(await suppressed()).toBe(false)
        await refused(change)
        expect(await suppressed()).toBe(true)
        expect(await suppressed({ raw: 'JP.13', bsuid: 'JP.13' })).toBe(true)
        expect(await suppressed({ raw: OTHER, phone: OTHER })).toBe(false)
        expect(JSON.stringify(await world.store.documents('suppression/'))).not.toContain('9012345678')
      },
    )

    test('is known again as a person who only wrote, and stays refused', async () => {
      await refused({ optedOutAllAt: NOW })
      await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c9' }), at: NOW }])
      expect(await suppressed()).toBe(true)
    })

    test.each([{ optedInAt: NOW + 2 * DAY_MS }, { optedInAllAt: NOW + 2 * DAY_MS }])(
      'and agrees again %o is refused no more',
      async (change) => {
        await refused({ optedOutAllAt: NOW })
        await apply(world.store, [{ kind: 'putContact', contact: aContact({ id: 'c9', ...change }), at: NOW }])
        expect(await suppressed()).toBe(false)
        await apply(world.store, [erasing({ contactId: 'c9' })])
        expect(await suppressed()).toBe(false)
      },
    )

    test('and had agreed before, as a late import says, is still refused once that is forgotten', async () => {
      await refused({ optedOutAllAt: NOW })
      await apply(world.store, [
        { kind: 'putContact', contact: aContact({ id: 'c9', optedInAt: NOW - DAY_MS }), at: NOW },
      ])
      await erase({ contactId: 'c9', at: NOW + 3 * DAY_MS })
      expect(await suppressed()).toBe(true)
    })

    test('and who had not refused is free to be asked', async () => {
      await refused({})
      expect(await suppressed()).toBe(false)
    })
  })

  test('the reach limit counts the person on, without a name', async () => {
    const { store } = world
    await apply(store, [enqueue(sendIntent())])
    await claimAll(store)
    await erase()
    const [facts] = await store.sendFacts([sendIntent()], NOW)
    expect(facts).toMatchObject({ reached: 1, reachedAlready: false })
  })

  test('erasing twice, or nobody, changes nothing', async () => {
    const { store } = world
    await apply(store, [
      { kind: 'putContact', contact: stranger, at: NOW },
      enqueue(sendIntent({ to: { raw: OTHER, phone: OTHER }, recordId: '9' })),
    ])
    const before = await store.messages({}, { limit: 9 })
    for (const _ of [1, 2]) await erase()
    await erase({ contactId: null, addresses: [], records: [] })
    expect(await store.messages({}, { limit: 9 })).toEqual(before)
    expect(await store.contact({ id: 'c2' })).toEqual(stranger)
  })
}
