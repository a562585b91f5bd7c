import { describe, expect, test } from 'vitest'
import type { Candidate, Judgement } from '#engine/claim.ts'
import type { Change } from '#engine/decision.ts'
import { aTemplate, aNumber, NOW, someSettings } from '#test/engine/builders.ts'
import {
  accepted,
  apply,
  buy,
  claimAll,
  decision,
  enqueue,
  leadEvent,
  newId,
  NUMBER,
  request,
  sendAt,
  sendIntent,
  sending,
  settleOne,
  statusEvent,
  timer,
  workIntent,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const put = (id: string, last: string): Change => ({
  kind: 'putRecord',
  module: 'Leads',
  id,
  values: { Last_Name: last },
  deleted: false,
  at: NOW,
  addresses: [],
  recent: [],
})

export function commitCases(open: Open): void {
  const world = eachWith(open)

  test('applies all decisions in order, and their triggers are done', async () => {
    const [a, b] = await accepted(world.store, [leadEvent(), leadEvent()])
    const decisions = [decision(a?.id ?? '', [put('1', '佐藤')]), decision(b?.id ?? '', [put('1', '加藤')])]
    expect(await world.store.commit(decisions, new Map([['Leads/1', 0]]), NOW, newId)).toEqual({ kind: 'committed' })
    expect(await world.store.record('Leads', '1')).toMatchObject({ values: { Last_Name: '加藤' }, revision: 2 })
    expect(await world.store.pending(10, NOW)).toEqual([])
  })

  test('one poisoned decision takes all of the batch back', async () => {
    await buy(world.store, 10)
    const [a, b] = await accepted(world.store, [leadEvent(), leadEvent()])
    const before = await world.store.totals()
    const unbalanced: Change = {
      kind: 'post',
      postings: [{ txId: 'x', account: 'available', amountMicros: 5, messageId: null, memo: '', at: NOW }],
    }
    const decisions = [
      decision(a?.id ?? '', [put('1', '佐藤'), enqueue(sendIntent()), { kind: 'putTemplate', template: aTemplate() }]),
      decision(b?.id ?? '', [unbalanced]),
    ]
    await expect(world.store.commit(decisions, new Map(), NOW, newId)).rejects.toThrow('sum to 5')
    expect(await world.store.record('Leads', '1')).toBeNull()
    expect(await world.store.templates()).toEqual([])
    expect((await world.store.pending(10, NOW)).map(({ id }) => id)).toEqual([a?.id, b?.id])
    expect(await world.store.totals()).toEqual(before)
    expect(await world.store.balance()).toMatchObject({ available: 10 })
  })

  test('a record that moved since it was read refuses the batch and names it', async () => {
    const [first, second] = await accepted(world.store, [leadEvent(), leadEvent()])
    const known = await world.store.load(request(first ? [first] : []), NOW)
    await apply(world.store, [put('5725', '鈴木')])
    const late = [decision(first?.id ?? '', [put('5725', '佐藤')]), decision(second?.id ?? '', [])]
    expect(await world.store.commit(late, known.revisions, NOW, newId)).toEqual({
      kind: 'conflict',
      keys: ['Leads/5725'],
    })
    expect(await world.store.record('Leads', '5725')).toMatchObject({ values: { Last_Name: '鈴木' } })
    expect(await world.store.pending(10, NOW)).toHaveLength(2)
  })

  test('a message that moved since it was read refuses the batch too', async () => {
    const claimed = await sending(world.store)
    const triggers = await accepted(world.store, [statusEvent({ messageId: claimed.message.intent.id })])
    const known = await world.store.load(request(triggers), NOW)
    await settleOne(world.store, claimed, { kind: 'retry', dueAt: NOW, reason: '131056', detail: 'slow' })
    const outcome = await world.store.commit([decision(triggers[0]?.id ?? '', [])], known.revisions, NOW, newId)
    expect(outcome.kind).toBe('conflict')
  })

  test('credits that a claim set aside since they were read refuse the batch that would spend them', async () => {
    await buy(world.store, 10)
    const [trigger] = await accepted(world.store, [leadEvent()])
    const known = await world.store.load(request(trigger ? [trigger] : []), NOW)
    expect(known.availableMicros).toBe(10)
    await sending(world.store, sendIntent(), 7)
    const spend = (amountMicros: number): Change => ({
      kind: 'post',
      postings: (['available', 'spent'] as const).map((account, index) => ({
        txId: 'm1:capture:extra',
        account,
        amountMicros: index === 0 ? -amountMicros : amountMicros,
        messageId: 'm1',
        memo: 'capture',
        at: NOW,
      })),
    })
    const commit = (amountMicros: number) =>
      world.store.commit([decision(trigger?.id ?? '', [spend(amountMicros)])], known.revisions, NOW, newId)
    expect(await commit(4)).toEqual({ kind: 'conflict', keys: ['available'] })
    expect(await world.store.balance()).toMatchObject({ available: 3, held: 7, spent: 0 })
    expect(await commit(3)).toEqual({ kind: 'committed' })
    expect(await world.store.balance()).toMatchObject({ available: 0, held: 7, spent: 3 })
  })

  test('a decision is applied once, however often it is committed', async () => {
    const [trigger] = await accepted(world.store, [leadEvent()])
    const made = decision(trigger?.id ?? '', [
      put('1', '佐藤'),
      { kind: 'notify', to: { role: 'manager' }, message: '新しい見込み客', module: 'Leads', recordId: '1', at: NOW },
    ])
    const revisions = new Map([['Leads/1', 0]])
    for (const _ of [1, 2]) expect((await world.store.commit([made], revisions, NOW, newId)).kind).toBe('committed')
    expect(await world.store.record('Leads', '1')).toMatchObject({ revision: 1 })
    expect((await world.store.notifications({ limit: 10 })).items).toHaveLength(1)
  })

  test('a decision about a trigger that was never accepted is a bug', async () => {
    await expect(world.store.commit([decision('none', [])], new Map(), NOW, newId)).rejects.toThrow('not in the inbox')
  })

  test('a deleted record stays known as deleted', async () => {
    await apply(world.store, [put('1', '佐藤')])
    await apply(world.store, [{ ...put('1', '佐藤'), deleted: true } as Change], NOW + 1)
    expect(await world.store.record('Leads', '1')).toMatchObject({ deleted: true, revision: 2, createdAt: NOW })
  })

  test('the trace of a trigger is kept when it says something', async () => {
    const [a, b] = await accepted(world.store, [leadEvent(), leadEvent()])
    const told = decision(a?.id ?? '', [], ['late_event'])
    await world.store.commit([told, decision(b?.id ?? '', [])], new Map(), NOW, newId)
    expect(await world.store.trace(a?.id ?? '')).toEqual(told.trace)
    expect(await world.store.trace(b?.id ?? '')).toBeNull()
  })

  test('a follow-up goes into the inbox with the decision, once, and its causes with it', async () => {
    const event = leadEvent({
      source: 'denrei',
      sourceId: 'follow',
      causedBy: [{ triggerId: 'a', definition: 'workflow/x@1' }],
    })
    const follow: Change = { kind: 'accept', event, at: NOW + 7 }
    await apply(world.store, [follow, follow])
    expect(await world.store.pending(10, NOW)).toMatchObject([{ ...event, receivedAt: NOW + 7 }])
    expect((await world.store.totals()).duplicates).toEqual({})
  })

  describe('the forecast of the guards puts a message', () => {
    test('that may go into the queue', async () => {
      const intent = sendIntent()
      const guards = [{ guard: 'integration', verdict: { kind: 'allow' } as const }]
      await apply(world.store, [enqueue(intent, { guards, contactId: 'c-1' })])
      expect(await world.store.message(intent.id)).toEqual({
        intent,
        state: 'queued',
        reason: null,
        detail: null,
        dueAt: NOW,
        waitsFor: null,
        attempts: 0,
        fence: 0,
        form: null,
        contactId: 'c-1',
        wamid: null,
        priceMicros: 0,
        market: null,
        holdState: 'none',
        createdAt: NOW,
        acceptedAt: null,
        sentAt: null,
        deliveredAt: null,
        readAt: null,
        failedAt: null,
      })
      expect(await world.store.messageSteps(intent.id)).toEqual([
        { at: NOW, state: 'queued', reason: null, detail: null, guards },
      ])
    })

    test('that may never go to its end', async () => {
      const intent = sendIntent()
      const verdict = { kind: 'block', reason: 'opted_out', detail: 'STOP' } as const
      await apply(world.store, [enqueue(intent, { verdict })])
      expect(await world.store.message(intent.id)).toMatchObject({
        state: 'blocked',
        reason: 'opted_out',
        detail: 'STOP',
      })
      expect(await claimAll(world.store)).toEqual([])
    })

    test('that has to wait on hold, to be looked at again by the next claim in case the wait is over', async () => {
      const hold = { kind: 'hold', reason: 'credits_insufficient', waitsFor: 'credits_added' } as const
      for (const verdict of [hold, { kind: 'hold', reason: 'quiet_hours', until: NOW + 5 } as const]) {
        const intent = sendIntent()
        await apply(world.store, [enqueue(intent, { verdict })])
        expect(await world.store.message(intent.id)).toMatchObject({
          state: 'held',
          reason: verdict.reason,
          dueAt: NOW,
        })
        const stop = (candidates: Candidate[]): Judgement[] =>
          candidates.map(({ message }) => ({ id: message.intent.id, kind: 'stop', verdict, guards: [] }))
        expect(await claimAll(world.store, {}, stop)).toEqual([])
        expect(await claimAll(world.store)).toEqual([])
        expect((await world.store.messageSteps(intent.id)).map(({ state }) => state)).toEqual(['held'])
      }
      expect(await claimAll(world.store, { now: NOW + 5 })).toHaveLength(1)
    })
  })

  test('the same message is put into the outbox once', async () => {
    const intent = sendIntent()
    await apply(world.store, [enqueue(intent)])
    await claimAll(world.store)
    await apply(world.store, [enqueue(intent)])
    expect(await world.store.message(intent.id)).toMatchObject({ state: 'sending' })
    expect((await world.store.totals()).messages).toEqual([{ state: 'sending', reason: null, count: 1 }])
  })

  describe('a release', () => {
    const waiting = (waitsFor: 'template_approved' | 'credits_added', change = {}) => {
      const intent = sendIntent(change)
      return { intent, change: enqueue(intent, { verdict: { kind: 'hold', reason: 'template_pending', waitsFor } }) }
    }

    test('puts back what waits for it, and nothing else', async () => {
      const [credits, approval] = [waiting('credits_added'), waiting('template_approved')]
      await apply(world.store, [credits.change, approval.change])
      await apply(world.store, [{ kind: 'release', waitsFor: 'credits_added', at: NOW + 9 }])
      expect(await world.store.message(credits.intent.id)).toMatchObject({
        state: 'queued',
        reason: null,
        waitsFor: null,
        dueAt: NOW + 9,
      })
      expect(await world.store.message(approval.intent.id)).toMatchObject({ state: 'held' })
      expect(await world.store.messageSteps(credits.intent.id)).toMatchObject([
        { state: 'held' },
        { state: 'queued', at: NOW + 9 },
      ])
      expect((await world.store.totals()).messages).toEqual([
        { state: 'held', reason: 'template_pending', count: 1 },
        { state: 'queued', reason: null, count: 1 },
      ])
    })

    test('of one template puts back only its messages in that language', async () => {
      const ja = waiting('template_approved')
      const en = waiting('template_approved', { template: { name: 'welcome_lead', language: 'en' } })
      await apply(world.store, [ja.change, en.change])
      const template = { name: 'welcome_lead', language: 'en' }
      await apply(world.store, [{ kind: 'release', waitsFor: 'template_approved', template, at: NOW }])
      expect(await world.store.message(ja.intent.id)).toMatchObject({ state: 'held' })
      expect(await world.store.message(en.intent.id)).toMatchObject({ state: 'queued' })
    })

    test.each([
      ['the only number', [aNumber()], null, NUMBER],
      ["the settings' number", [aNumber(), aNumber({ id: '10002' })], '10002', '10002'],
    ])('gives a message without a number %s', async (_name, numbers, defaultNumberId, expected) => {
      const { intent, change } = waiting('credits_added', { numberId: null })
      await apply(world.store, [change])
      await world.store.saveNumbers(numbers, NOW)
      await world.store.saveSettings(someSettings({ defaultNumberId }), NOW)
      await apply(world.store, [{ kind: 'release', waitsFor: 'credits_added', at: NOW }])
      expect(await world.store.dueLanes(NOW)).toEqual([expected])
      const [claimed] = await claimAll(world.store, { lane: expected })
      expect(claimed?.message.intent).toEqual({ ...intent, numberId: expected })
    })
  })

  test('a move changes the fields it names, leaves the others, and is a step', async () => {
    const claimed = await sending(world.store)
    const { id } = claimed.message.intent
    await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.9' })
    const move = { id, state: 'delivered', deliveredAt: NOW + 4, reason: undefined } as const
    await apply(world.store, [{ kind: 'moveMessage', move, at: NOW + 4 }])
    expect(await world.store.message(id)).toMatchObject({
      state: 'delivered',
      wamid: 'wamid.9',
      acceptedAt: NOW,
      deliveredAt: NOW + 4,
    })
    const states = (await world.store.messageSteps(id)).map(({ state }) => state)
    expect(states).toEqual(['queued', 'sending', 'accepted', 'delivered'])
  })

  test('a move of a message that does not exist is a bug', async () => {
    const move = { id: 'none', state: 'read' } as const
    await expect(apply(world.store, [{ kind: 'moveMessage', move, at: NOW }])).rejects.toThrow('does not exist')
  })

  test('a parked status comes back when the answer tells its wamid', async () => {
    const claimed = await sending(world.store)
    const event = statusEvent({ wamid: 'wamid.5', sourceId: 's-5' })
    await apply(world.store, [{ kind: 'parkStatus', wamid: 'wamid.5', event, at: NOW }])
    expect(await world.store.pending(10, NOW)).toEqual([])
    await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.5' })
    expect(await world.store.pending(10, NOW)).toMatchObject([
      { kind: 'status', wamid: 'wamid.5', source: 'denrei:parked', sourceId: 'whatsapp/s-5' },
    ])
  })

  test('a status parked after its wamid was told comes back at once', async () => {
    const claimed = await sending(world.store)
    await settleOne(world.store, claimed, { kind: 'accepted', wamid: 'wamid.5' })
    await apply(world.store, [
      { kind: 'parkStatus', wamid: 'wamid.5', event: statusEvent({ wamid: 'wamid.5' }), at: NOW },
    ])
    expect(await world.store.pending(10, NOW)).toMatchObject([{ kind: 'status', wamid: 'wamid.5' }])
  })

  test('a status that nobody claims for a week is kept, not dropped', async () => {
    const event = statusEvent({ wamid: 'wamid.of.another.program' })
    await apply(world.store, [{ kind: 'parkStatus', wamid: event.wamid, event, at: NOW }])
    const later = NOW + 8 * 24 * 3_600_000
    await apply(world.store, [{ kind: 'parkStatus', wamid: 'wamid.x', event: statusEvent(), at: later }])
    expect(await world.store.kept({ limit: 10 })).toEqual([{ field: 'parked_status', value: event, at: NOW }])
  })

  test('every other kind of change is written', async () => {
    const waiting = timer()
    const work = workIntent()
    await apply(world.store, [
      { kind: 'timer', timer: waiting, at: NOW },
      { kind: 'putTemplate', template: aTemplate({ status: 'PAUSED' }) },
      { kind: 'keep', field: 'account_alerts', value: { 警告: true }, at: NOW },
      { kind: 'notify', to: { user: '田中' }, message: '見て', module: 'Leads', recordId: '1', at: NOW },
      enqueue(work, { verdict: null }),
    ])
    expect(await world.store.timers({})).toEqual([{ ...waiting, state: 'waiting', reason: null }])
    expect(await world.store.templates()).toEqual([aTemplate({ status: 'PAUSED' })])
    expect(await world.store.kept({ limit: 1 })).toEqual([{ field: 'account_alerts', value: { 警告: true }, at: NOW }])
    expect((await world.store.notifications({ limit: 1 })).items).toMatchObject([
      { to: { user: '田中' }, message: '見て' },
    ])
    const [claimed] = await claimAll(world.store, { lane: 'work' }, sendAt(0, { category: null, market: null }))
    expect(claimed?.message.intent).toEqual(work)
  })
}
