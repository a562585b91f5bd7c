import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '#engine/decision.ts'
import { applyStatus } from '#engine/ladder.ts'
import { capture, correct } from '#engine/ledger.ts'
import type { Category, SendIntent } from '#engine/message.ts'
import type { StatementPart } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import { NOW, someSettings } from '#test/engine/builders.ts'
import {
  accepted,
  apply,
  buy,
  claimAll,
  DAY_MS,
  decision,
  enqueue,
  newId,
  sendAt,
  sendIntent,
  settleOne,
  statusEvent,
} from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

const ALWAYS = { from: '2000-01-01', until: '2100-01-01' }
const PARTS: StatementPart[] = ['day', 'template', 'definition', 'market', 'category', 'number']

export function statementCases(open: Open): void {
  const world = eachWith(open)

  /** Sends one for this price. */
  async function sent(change: Partial<SendIntent> = {}, priceMicros = 10, market: string | null = 'Japan') {
    const intent = sendIntent(change)
    const { store } = world
    await buy(store, priceMicros || 1)
    await apply(store, [enqueue(intent)])
    const form = intent.template === null ? 'text' : 'template'
    const lane = intent.numberId ?? ''
    const [claimed] = await claimAll(store, { lane }, sendAt(priceMicros, { market, form }))
    if (claimed === undefined) throw new Error('Nothing was claimed.')
    await settleOne(store, claimed, { kind: 'accepted', wamid: `wamid.${intent.id}` })
    return intent
  }

  /** WhatsApp says this of it, and it is paid as the engine decides. */
  async function told(store: Store, id: string, change: Parameters<typeof statusEvent>[0] = {}, now = NOW) {
    const [trigger] = await accepted(
      store,
      [statusEvent({ messageId: id, wamid: `wamid.${id}`, occurredAt: now, ...change })],
      now,
    )
    const message = await store.message(id)
    if (trigger?.kind !== 'status' || message === null) throw new Error('There is no such message.')
    const { available } = await store.balance()
    const { move, postings } = applyStatus(message, trigger, now, await store.settings(), available)
    const changes: Change[] = [
      ...(move === null ? [] : [{ kind: 'moveMessage' as const, move, at: now }]),
      { kind: 'post' as const, postings },
    ]
    const decided = decision(trigger.id, changes)
    decided.trace.at = now
    expect(await store.commit([decided], new Map(), now, newId)).toEqual({ kind: 'committed' })
  }

  const statement = (by: StatementPart[] = [], days = ALWAYS) => world.store.statement({ ...days, by })

  test('where nothing was sent there is nothing to state', async () => {
    expect(await statement()).toEqual([])
    expect(await statement(PARTS)).toEqual([])
  })

  test('what is captured is told by day, template, definition, market, category and number', async () => {
    const intent = await sent({
      definition: 'workflow/請求@3',
      template: { name: 'invoice', language: 'ja', as: 'invoice_v2' },
    })
    await told(world.store, intent.id)
    expect(await statement(PARTS)).toEqual([
      {
        parts: ['2026-11-22', 'invoice_v2/ja', 'workflow/請求', 'Japan', 'UTILITY', '10001'],
        charged: 1,
        free: 0,
        spentMicros: 10,
      },
    ])
  })

  test('versions of a definition are one, and the parts come in the order asked for', async () => {
    for (const definition of ['workflow/a@1', 'workflow/a@2', 'workflow/b@1']) {
      await told(world.store, (await sent({ definition })).id)
    }
    expect(await statement(['number', 'definition'])).toEqual([
      { parts: ['10001', 'workflow/a'], charged: 2, free: 0, spentMicros: 20 },
      { parts: ['10001', 'workflow/b'], charged: 1, free: 0, spentMicros: 10 },
    ])
    expect(await statement()).toEqual([{ parts: [], charged: 3, free: 0, spentMicros: 30 }])
  })

  test('a delivery that costs nothing is free; free text has no template, an unknown market is another', async () => {
    const text = { template: null, text: { body: 'はい' }, category: 'SERVICE' as Category }
    await told(world.store, (await sent(text, 0, null)).id)
    expect(await statement(['template', 'market', 'category'])).toEqual([
      { parts: ['', 'Other', 'SERVICE'], charged: 0, free: 1, spentMicros: 0 },
    ])
  })

  test('a failure is neither charged nor free', async () => {
    const { id } = await sent()
    await told(world.store, id, { status: 'failed', errors: [{ code: 131026, title: '届きません' }] })
    expect(await statement()).toEqual([])
    expect(await world.store.balance()).toMatchObject({ held: 0, spent: 0 })
  })

  test('each message counts once, however often it is told of', async () => {
    const { id } = await sent()
    for (const status of ['delivered', 'delivered', 'read', 'sent'] as const) await told(world.store, id, { status })
    expect(await statement()).toMatchObject([{ charged: 1, free: 0, spentMicros: 10 }])
  })

  test('a correction changes the sums of its own day, and a message that turns out free is no longer charged', async () => {
    const { id } = await sent()
    await told(world.store, id)
    await told(world.store, id, { status: 'read', pricing: { type: 'free_customer_service' } }, NOW + DAY_MS)
    expect(await statement(['day'])).toEqual([
      { parts: ['2026-11-22'], charged: 1, free: 0, spentMicros: 10 },
      { parts: ['2026-11-23'], charged: -1, free: 1, spentMicros: -10 },
    ])
    expect(await statement()).toEqual([{ parts: [], charged: 0, free: 1, spentMicros: 0 }])
  })

  test('a delivery told after its credits were given back is charged from what is available', async () => {
    const { id } = await sent()
    const { store } = world
    await store.expireHolds(NOW + 60 * DAY_MS)
    expect(await store.balance()).toMatchObject({ held: 0, available: 10 })
    await told(store, id, {}, NOW + 60 * DAY_MS)
    expect(await statement(['day'])).toMatchObject([{ parts: ['2027-01-21'], charged: 1, spentMicros: 10 }])
  })

  test('a day is one of the zone of the settings, and both ends of a range are in it', async () => {
    const { store } = world
    // Midnight in Tokyo is 15:00 in London.
    const midnight = Date.parse('2026-11-23T00:00:00+09:00')
    for (const at of [midnight - 1, midnight, midnight + DAY_MS - 1, midnight + DAY_MS]) {
      await told(store, (await sent()).id, {}, at)
    }
    const days = await statement(['day'])
    expect(days.map(({ parts, charged }) => [parts[0], charged])).toEqual([
      ['2026-11-22', 1],
      ['2026-11-23', 2],
      ['2026-11-24', 1],
    ])
    expect(await statement([], { from: '2026-11-23', until: '2026-11-24' })).toMatchObject([{ charged: 3 }])
    expect(await statement([], { from: '2026-11-23', until: '2026-11-23' })).toMatchObject([{ charged: 2 }])
    await store.saveSettings(someSettings({ timezone: 'America/Sao_Paulo' }), NOW)
    await told(store, (await sent()).id, {}, midnight + DAY_MS)
    expect(await statement(['day'])).toContainEqual(expect.objectContaining({ parts: ['2026-11-23'], charged: 3 }))
  })

  test('a commit that is refused leaves no sum behind', async () => {
    const { id } = await sent()
    const { store } = world
    const postings = capture(
      { messageId: id, fence: 1, heldMicros: 10, priceMicros: 10, availableMicros: 0 },
      NOW,
    ).postings
    const broken = [{ txId: 'x', account: 'held' as const, amountMicros: -1, messageId: null, memo: '', at: NOW }]
    await expect(
      apply(store, [
        { kind: 'post', postings },
        { kind: 'post', postings: broken },
      ]),
    ).rejects.toThrow()
    await buy(store, 1)
    expect(await statement()).toEqual([])
  })

  test('whatever is captured and corrected, all that is stated is what is spent', async () => {
    const step = fc.record({
      template: fc.constantFrom('welcome', '案内'),
      definition: fc.constantFrom('workflow/a@1', 'workflow/a@2', 'journey/b@1', 'send'),
      category: fc.constantFrom<Category>('UTILITY', 'MARKETING', 'AUTHENTICATION'),
      held: fc.integer({ min: 0, max: 50 }),
      price: fc.integer({ min: 0, max: 80 }),
      corrected: fc.option(fc.integer({ min: 0, max: 80 }), { nil: null }),
      afterMs: fc.integer({ min: 0, max: 3 * DAY_MS }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const opened = await open()
        try {
          const { store } = opened
          await buy(store, 500)
          for (const one of steps) await live(store, one)
          await expectStated(store)
        } finally {
          await opened.close()
        }
      }),
      { numRuns: 25 },
    )
  })
}

interface Life {
  template: string
  definition: string
  category: Category
  held: number
  price: number
  corrected: number | null
  afterMs: number
}

async function live(store: Store, one: Life): Promise<void> {
  const { template, definition, category, held, price, corrected, afterMs } = one
  const intent = sendIntent({ template: { name: template, language: 'ja' }, definition, category })
  await apply(store, [enqueue(intent)])
  const { available } = await store.balance()
  const heldMicros = Math.min(held, available)
  const [claimed] = await claimAll(store, {}, sendAt(heldMicros))
  if (claimed === undefined) throw new Error('Nothing was claimed.')
  const { id } = intent
  const at = NOW + afterMs
  const first = capture(
    { messageId: id, fence: claimed.fence, heldMicros, priceMicros: price, availableMicros: available - heldMicros },
    at,
  )
  await apply(store, [moved(id, first.paidMicros, at), { kind: 'post', postings: first.postings }], at)
  if (corrected === null) return
  const balance = await store.balance()
  const charge = {
    messageId: id,
    capturedMicros: first.paidMicros,
    priceMicros: corrected,
    availableMicros: balance.available,
    cause: newId(),
  }
  const second = correct(charge, at + DAY_MS)
  await apply(store, [moved(id, second.paidMicros, at), { kind: 'post', postings: second.postings }], at)
}

function moved(id: string, priceMicros: number, at: number): Change {
  const holdState = priceMicros > 0 ? 'captured' : 'released'
  return { kind: 'moveMessage', move: { id, state: 'delivered', holdState, priceMicros, deliveredAt: at }, at }
}

/** However it is grouped, the sums are those of the ledger and of the messages. */
async function expectStated(store: Store): Promise<void> {
  const { spent } = await store.balance()
  const { items } = await store.messages({}, { limit: 1000 })
  const charged = items.filter(({ holdState }) => holdState === 'captured').length
  for (const by of [[], ['day'], ['template', 'category'], PARTS] satisfies StatementPart[][]) {
    const rows = await store.statement({ ...ALWAYS, by })
    const sum = (of: 'charged' | 'free' | 'spentMicros') => rows.reduce((total, row) => total + row[of], 0)
    expect(sum('spentMicros')).toBe(spent)
    expect(sum('charged')).toBe(charged)
    expect(sum('free')).toBe(items.length - charged)
  }
}
