import { describe, expect, test } from 'vitest'
import type { Values } from '#definitions/json.ts'
import type { Change } from '#engine/decision.ts'
import type { MessageFilter, Page } from '#engine/reads.ts'
import { NOW } from '#test/engine/builders.ts'
import { accepted, apply, claimAll, enqueue, leadEvent, newId, sendIntent, settleOne, workIntent } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

/** Reads all pages, and demands that none is longer than asked for. */
async function allPages<T>(
  limit: number,
  read: (options: { limit: number; after?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = []
  let after: string | null = null
  do {
    const page: Page<T> = await read({ limit, ...(after !== null && { after }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    after = page.next
  } while (after !== null)
  return items
}

export function readCases(open: Open): void {
  const world = eachWith(open)
  const put = (id: string, values: Values, module = 'Leads'): Change => ({
    kind: 'putRecord',
    module,
    id,
    values,
    deleted: false,
    at: NOW,
    addresses: [],
    recent: [],
  })

  describe('records', () => {
    test('come by id in pages, those of the module that still exist', async () => {
      await apply(world.store, [
        ...['a', 'b', 'c', 'd', 'e'].map((id) => put(id, {})),
        put('f', {}, 'Deals'),
        { ...put('c', {}), deleted: true } as Change,
      ])
      const found = await allPages(2, (options) => world.store.records('Leads', options))
      expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'd', 'e'])
    })

    test.each([
      ['佐藤', ['1']],
      ['SATO', ['2']],
      ['vip', ['3']],
      ['42', ['2']],
      ['Last_Name', []],
      ['%', []],
      ['"', []],
      ['', ['1', '2', '3']],
    ])('are searched for %j in their values, not in the names of fields', async (search, ids) => {
      await apply(world.store, [
        put('1', { Last_Name: '佐藤 花子' }),
        put('2', { Last_Name: 'Sato', Age: 42 }),
        put('3', { Last_Name: 'Ito', Tags: ['VIP'] }),
      ])
      const found = await allPages(1, (options) => world.store.records('Leads', { ...options, search }))
      expect(found.map(({ id }) => id)).toEqual(ids)
    })

    test('an unknown record is null', async () => {
      expect(await world.store.record('Leads', 'none')).toBeNull()
    })
  })

  describe('messages', () => {
    test('come newest first in pages', async () => {
      const intents = Array.from({ length: 5 }, () => sendIntent())
      await apply(
        world.store,
        intents.map((intent) => enqueue(intent)),
      )
      const found = await allPages(2, (options) => world.store.messages({}, options))
      expect(found.map(({ intent }) => intent.id)).toEqual(intents.map(({ id }) => id).reverse())
    })

    test('are found by each filter, and by all at once', async () => {
      const wanted = sendIntent({
        triggerId: 'trigger-a',
        definition: 'workflow/welcome@2',
        template: { name: 'お知らせ', language: 'ja' },
        module: 'Deals',
        recordId: '9',
      })
      const blocked = { kind: 'block', reason: 'opted_out' } as const
      await apply(world.store, [
        enqueue(wanted, { contactId: 'c-9', verdict: blocked }),
        enqueue(sendIntent({ triggerId: 'trigger-ab', definition: 'workflow/welcome-back@2' })),
        enqueue(workIntent(), { verdict: null }),
      ])
      const filters: MessageFilter[] = [
        { state: 'blocked' },
        { reason: 'opted_out' },
        { definition: 'workflow/welcome@2' },
        { definition: 'workflow/welcome' },
        { template: 'お知らせ' },
        { module: 'Deals', recordId: '9' },
        { contactId: 'c-9' },
        { triggerId: 'trigger-a' },
      ]
      for (const filter of [...filters, Object.assign({}, ...filters) as MessageFilter]) {
        const { items } = await world.store.messages(filter, { limit: 10 })
        expect(
          items.map(({ intent }) => intent.id),
          JSON.stringify(filter),
        ).toEqual([wanted.id])
      }
      expect((await world.store.messages({ definition: 'workflow/welcome@1' }, { limit: 10 })).items).toEqual([])
      expect((await world.store.messages({ state: 'read' }, { limit: 10 })).items).toEqual([])
    })

    test('an unknown one is null and took no steps', async () => {
      expect(await world.store.message('none')).toBeNull()
      expect(await world.store.messageSteps('none')).toEqual([])
    })
  })

  test('notifications come newest first in pages', async () => {
    const note = (message: string): Change => ({
      kind: 'notify',
      to: { group: '営業' },
      message,
      module: 'Leads',
      recordId: '1',
      at: NOW,
    })
    await apply(world.store, ['一', '二', '三'].map(note))
    const found = await allPages(2, (options) => world.store.notifications(options))
    expect(found.map(({ message }) => message)).toEqual(['三', '二', '一'])
  })

  test('what was kept comes newest first, all or of one field', async () => {
    const keep = (field: string, value: number): Change => ({ kind: 'keep', field, value, at: NOW })
    await apply(world.store, [keep('flows', 1), keep('calls', 2), keep('flows', 3)])
    expect((await world.store.kept({ limit: 2 })).map(({ value }) => value)).toEqual([3, 2])
    expect((await world.store.kept({ field: 'flows', limit: 9 })).map(({ value }) => value)).toEqual([3, 1])
    expect(await world.store.keptCounts()).toEqual([
      { field: 'calls', count: 1 },
      { field: 'flows', count: 2 },
    ])
  })

  test('timers are found by record', async () => {
    expect(await world.store.timers({ module: 'Leads', recordId: 'none' })).toEqual([])
  })

  test('depths and totals follow every move', async () => {
    await accepted(world.store, [leadEvent()], NOW - 50)
    await apply(world.store, [
      enqueue(sendIntent(), { at: NOW - 40 }),
      enqueue(sendIntent(), { at: NOW - 30 }),
      enqueue(sendIntent(), { verdict: { kind: 'block', reason: 'window_closed' } }),
    ])
    expect(await world.store.depths(NOW)).toEqual({
      inboxPending: 1,
      inboxQuarantined: 0,
      oldestPendingAt: NOW - 50,
      outbox: { queued: 2, blocked: 1 },
      oldestQueuedAt: NOW - 40,
      timersWaiting: 0,
      instancesRunning: 0,
    })
    const [claimed] = await claimAll(world.store, { limit: 1 })
    if (claimed) await settleOne(world.store, claimed, { kind: 'failed', reason: '131026', detail: '' })
    await claimAll(world.store)
    expect(await world.store.depths(NOW)).toMatchObject({
      inboxPending: 2,
      outbox: { sending: 1, failed: 1, blocked: 1 },
      oldestQueuedAt: null,
    })
    expect(await world.store.totals()).toEqual({
      messages: [
        { state: 'blocked', reason: 'window_closed', count: 1 },
        { state: 'failed', reason: '131026', count: 1 },
        { state: 'sending', reason: null, count: 1 },
      ],
      triggers: 3,
      accepted: { record: 2 },
      duplicates: {},
    })
  })

  test('totals are what counting all messages gives', async () => {
    const states = ['sent', 'delivered', 'read', 'failed'] as const
    const intents = Array.from({ length: 24 }, () => sendIntent())
    await apply(
      world.store,
      intents.map((intent) => enqueue(intent)),
    )
    for (const claimed of await claimAll(world.store, { limit: 16 })) {
      await settleOne(world.store, claimed, { kind: 'accepted', wamid: newId() })
    }
    for (const [index, { id }] of intents.slice(0, 12).entries()) {
      const move = { id, state: states[index % 4] ?? 'sent', reason: index % 3 === 0 ? '131049' : null }
      await apply(world.store, [{ kind: 'moveMessage', move, at: NOW }])
    }
    const counted = new Map<string, number>()
    for (const { state, reason } of (await world.store.messages({}, { limit: 100 })).items) {
      counted.set(`${state}/${reason}`, (counted.get(`${state}/${reason}`) ?? 0) + 1)
    }
    const { messages } = await world.store.totals()
    expect(new Map(messages.map(({ state, reason, count }) => [`${state}/${reason}`, count]))).toEqual(counted)
  })
}
