import { NUMBER_DEFAULTS, TEMPLATE_DEFAULTS } from '#engine/state.ts'
import { afterEach, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { createDispatcher, type Dispatcher } from '#actions/dispatcher.ts'
import { createCloudClient, type CloudClient } from '#actions/whatsapp/client.ts'
import { builtinModules } from '#definitions/modules.ts'
import type { EmulatorOptions } from '#emulator/options.ts'
import { Random } from '#emulator/random.ts'
import { virtualTime } from '#emulator/scheduler.ts'
import { compileDefinitions } from '#engine/definitionSet.ts'
import { judge } from '#engine/judge.ts'
import { purchase } from '#engine/ledger.ts'
import type { Message, SendIntent } from '#engine/message.ts'
import { runBatch } from '#engine/run.ts'
import type { Store } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { openAccount, NUMBER, TOKEN } from '#test/emulator/testAccount.ts'
import { parseWebhook } from '#triggers/whatsapp/webhook.ts'
import { aSendIntent } from './intents.ts'

/** Free text from the outbox to a WhatsApp that keeps the windows itself, and its statuses back. Time is virtual. */
const START = Date.parse('2026-11-22T12:00:00+09:00')
const HOUR = 3_600_000
const SATO = '+819012345678'
/** Its texts are accepted, and fail with 131047 afterwards. */
const REFUSED_LATER = '+819012340047'
const PRICE = 11_300

let close: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of close.reverse()) await end()
  close = []
})

async function openWorld(options: Partial<EmulatorOptions> = {}, creditsMicros = 1_000_000) {
  const account = await openAccount({ schedule: virtualTime(START), readRate: 1, ...options })
  await account.approve()
  const { store } = openSqlite(':memory:')
  const client: CloudClient = createCloudClient({ baseUrl: account.emulator.url, token: () => TOKEN })
  const faults: unknown[] = []
  const outcomes: string[] = []
  let skewMs = 0
  const clock = { now: () => account.emulator.now() + skewMs }
  const definitions = compileDefinitions([], builtinModules)
  const shell = { store, clock, newId: () => v7(), definitions: () => definitions }
  const dispatcher: Dispatcher = createDispatcher({
    store,
    clock,
    client,
    performers: [],
    judge,
    random: () => 0,
    newId: () => v7(),
    accept,
    unknownWaitMs: () => 600_000,
    observer: { faltered: (_loop, error) => faults.push(error), unsettled: (_one, error) => faults.push(error) },
  })
  close.push(
    () => account[Symbol.asyncDispose](),
    () => store.close(),
    () => client.close(),
    () => dispatcher.stop(),
  )
  await store.saveNumbers([aNumber(account.emulator.wabaId)], clock.now())
  await store.saveTemplates([hello(account.emulator.wabaId)], clock.now())
  if (creditsMicros > 0) await buyCredits(store, creditsMicros)

  async function accept(events: WorldEvent[]): Promise<void> {
    await store.accept(
      events.map((event) => ({ id: v7(), event })),
      clock.now(),
    )
  }
  async function decide(): Promise<void> {
    for (const { body } of account.posts.splice(0)) {
      const { events, problems } = parseWebhook(body, { now: clock.now() })
      expect(problems).toEqual([])
      await accept(events)
    }
    for (;;) {
      const waiting = await store.pending(100, clock.now())
      if (waiting.length === 0) return
      for (const one of waiting) if (one.kind === 'outcome') outcomes.push(`${one.state} ${one.reason ?? ''}`)
      const { setAside } = await runBatch(shell, 100)
      expect(setAside).toEqual([])
    }
  }
  const world = {
    store,
    emulator: account.emulator,
    /** Ends on our side that the rules heard of. */
    outcomes,
    /** Our clock runs so far behind WhatsApp's. */
    lag: (ms: number) => void (skewMs = -ms),
    writes: async (from: string, text = 'もしもし') => {
      await account.emulator.inbound({ from, text })
      await decide()
    },
    async enqueue(change: Partial<SendIntent>): Promise<string> {
      const intent = aSendIntent({
        id: `${v7()}-0`,
        numberId: NUMBER,
        to: { raw: SATO, phone: SATO },
        template: { name: 'hello', language: 'ja' },
        parameters: { format: 'NAMED', body: [], buttons: [] },
        ...change,
      })
      const id = v7()
      await store.accept([{ id, event: credits(id) }], clock.now())
      const common = { contactId: null, verdict: null, guards: [], at: clock.now() }
      const changes = [{ kind: 'enqueue' as const, intent, ...common }]
      const trace = { triggerId: id, at: clock.now(), rules: [], notes: [] }
      await store.commit([{ triggerId: id, changes, trace }], new Map(), clock.now(), () => v7())
      return intent.id
    },
    /** Sends what is due, and lets the statuses of it come. */
    async settle(): Promise<void> {
      for (let turn = 0; turn < 5; turn++) {
        await dispatcher.drain()
        await account.emulator.advance(10_000)
        await decide()
      }
      expect(faults).toEqual([])
    },
    async message(id: string): Promise<Message> {
      const message = await store.message(id)
      if (message === null) throw new Error(`no message ${id}`)
      return message
    },
    /** What WhatsApp took: `text はい`, `template hello`. */
    sent: () =>
      account.emulator
        .messages()
        .map(({ template, text }) => (template === null ? `text ${text}` : `template ${template.name}`)),
  }
  return world
}

const text = { text: { body: 'はい、\n15 時にお伺いします。https://example.test/r/17' } }
const alone = { ...text, template: null, parameters: null, category: 'SERVICE' as const }

test('a reply opens the window, and the text goes out word for word, free among the first 1,000 of the month', async () => {
  const world = await openWorld()
  await world.writes(SATO)
  const id = await world.enqueue(text)
  await world.settle()
  expect(world.sent()).toEqual([`text ${text.text.body}`])
  expect(await world.message(id)).toMatchObject({ state: 'read', form: 'text', priceMicros: 0, holdState: 'released' })
  expect(await world.store.balance()).toMatchObject({ available: 1_000_000, held: 0, spent: 0 })
  expect(world.emulator.counts().byOpaqueId.get(id)).toBe(1)
})

test('25 hours later the template goes out instead', async () => {
  const world = await openWorld()
  await world.writes(SATO)
  await world.emulator.advance(25 * HOUR)
  const id = await world.enqueue(text)
  await world.settle()
  expect(world.sent()).toEqual(['template hello'])
  expect(await world.message(id)).toMatchObject({ state: 'read', form: 'template', priceMicros: PRICE })
  expect(await world.store.balance()).toMatchObject({ spent: PRICE })
})

test('without a template it is blocked, nothing is called, and the rules hear of it', async () => {
  const world = await openWorld()
  const id = await world.enqueue(alone)
  await world.settle()
  expect(await world.message(id)).toMatchObject({ state: 'blocked', reason: 'window_closed', form: null, attempts: 0 })
  expect(world.emulator.counts()).toMatchObject({ accepted: 0, refused: {} })
  expect(world.outcomes).toEqual(['blocked window_closed'])
})

test('beyond the free ones of the month a text costs what utility costs', async () => {
  const world = await openWorld({ limits: { freeServiceMessages: 1 } })
  await world.writes(SATO)
  await world.enqueue(alone)
  await world.settle()
  const second = await world.enqueue(alone)
  await world.settle()
  expect(await world.message(second)).toMatchObject({ state: 'read', priceMicros: PRICE, holdState: 'captured' })
  expect(await world.store.balance()).toMatchObject({ held: 0, spent: PRICE })
})

test('before October 2026 a text needs no credits', async () => {
  const world = await openWorld({ schedule: virtualTime(Date.parse('2026-09-15T12:00:00+09:00')) }, 0)
  await world.writes(SATO)
  const id = await world.enqueue(alone)
  await world.settle()
  expect(await world.message(id)).toMatchObject({ state: 'read', priceMicros: 0 })
  expect(await world.store.balance()).toMatchObject({ available: 0, held: 0, spent: 0 })
})

test('at the very edge, our clock a second behind: WhatsApp refuses the text, and the template goes at once, once', async () => {
  const world = await openWorld()
  await world.writes(SATO)
  await world.emulator.advance(24 * HOUR)
  world.lag(1000)
  const id = await world.enqueue(text)
  await world.settle()
  expect(world.emulator.counts()).toMatchObject({ accepted: 1, refused: { 131047: 1 } })
  expect(world.sent()).toEqual(['template hello'])
  expect(await world.message(id)).toMatchObject({ state: 'read', form: 'fallback', attempts: 2, priceMicros: PRICE })
  expect(await world.store.balance()).toMatchObject({ held: 0, spent: PRICE })
  const steps = await world.store.messageSteps(id)
  expect(steps.slice(0, 5).map(({ state, reason }) => [state, reason])).toEqual([
    ['queued', null],
    ['sending', null],
    ['queued', 'whatsapp_131047'],
    ['sending', null],
    ['accepted', null],
  ])
  expect(world.outcomes).toEqual([])
})

test('at the very edge without a template: it has failed, once, and its credits are back', async () => {
  const world = await openWorld()
  await world.writes(SATO)
  await world.emulator.advance(24 * HOUR)
  world.lag(1000)
  const id = await world.enqueue(alone)
  await world.settle()
  expect(await world.message(id)).toMatchObject({ state: 'failed', reason: 'whatsapp_131047', attempts: 1 })
  expect(world.outcomes).toEqual(['failed whatsapp_131047'])
  expect(world.emulator.counts()).toMatchObject({ accepted: 0, refused: { 131047: 1 } })
  expect(await world.store.balance()).toMatchObject({ available: 1_000_000, held: 0 })
})

test('a text that is refused after it was accepted goes out as its template, once, and nobody hears of a failure', async () => {
  const world = await openWorld()
  await world.writes(REFUSED_LATER)
  const id = await world.enqueue({ ...text, to: { raw: REFUSED_LATER, phone: REFUSED_LATER } })
  await world.settle()
  expect(world.sent()).toEqual([`text ${text.text.body}`, 'template hello'])
  const [, template] = world.emulator.messages()
  expect(await world.message(id)).toMatchObject({
    state: 'read',
    form: 'fallback',
    wamid: template?.wamid,
    failedAt: null,
    priceMicros: PRICE,
  })
  expect(await world.store.balance()).toMatchObject({ available: 1_000_000 - PRICE, held: 0, spent: PRICE })
  expect(world.outcomes).toEqual([])
})

test('a text whose window closed while it waited for its pair goes out as the template', async () => {
  const world = await openWorld({ limits: { pair: false } })
  await world.writes(SATO)
  await world.emulator.advance(24 * HOUR - 20_000)
  // 45 at once to one person, then one in six seconds; a turn of this world takes ten. At the second one it is closed.
  const ids: string[] = []
  for (let count = 0; count < 49; count++) ids.push(await world.enqueue(text))
  await world.settle()
  const forms = await Promise.all(ids.map(async (id) => (await world.message(id)).form))
  expect(forms.slice(0, 45)).toEqual(Array.from({ length: 45 }, () => 'text'))
  expect(forms.slice(45)).toEqual(['text', 'template', 'template', 'template'])
  expect(world.emulator.counts().refused).toEqual({})
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'seed %i: three days of people who write now and then: nobody gets a message twice, and every credit is accounted for',
  async (seed) => {
    const random = new Random(seed)
    const delivery = { duplicateRate: 0.2, reorderRate: 0.3, reorderMs: 20_000 }
    const world = await openWorld({ seed, delivery, limits: { pair: false, freeServiceMessages: 5 } })
    const people = [SATO, REFUSED_LATER, '+819012340102', '+819012340101', '+819011112222']
    const ids: string[] = []
    const wroteAt = new Map<string, number>()
    for (let turn = 0; turn < 40; turn++) {
      const phone = people[Math.floor(random.next() * people.length)] ?? SATO
      const edgeAt = (wroteAt.get(phone) ?? -Infinity) + 24 * HOUR + 1000
      // Every third turn, where there is one, at the very edge of the window: our clock still has it open.
      if (edgeAt > world.emulator.now() && random.chance(0.3)) {
        await world.emulator.advance(edgeAt - world.emulator.now())
        world.lag(2000)
      } else {
        await world.emulator.advance(Math.floor(random.next() * 4 * HOUR))
        world.lag(Math.floor(random.next() * 2000))
        if (random.chance(0.4)) {
          wroteAt.set(phone, world.emulator.now())
          await world.writes(phone)
          continue
        }
      }
      ids.push(await world.enqueue({ ...(random.chance(0.7) ? text : alone), to: { raw: phone, phone } }))
      await world.settle()
    }
    world.lag(0)
    await world.emulator.advance(HOUR)
    await world.settle()
    let spentMicros = 0
    for (const id of ids) {
      const { state, form, intent, priceMicros, reason } = await world.message(id)
      const got = world.emulator.messages().filter(({ opaqueId }) => opaqueId === id)
      const arrived = got.filter(({ status }) => status !== 'failed')
      expect(arrived.length, `${state} ${reason ?? ''}`).toBeLessThanOrEqual(1)
      expect(got.length).toBeLessThanOrEqual(form === 'fallback' ? 2 : 1)
      expect(['sent', 'delivered', 'read', 'blocked', 'failed']).toContain(state)
      const hasTemplate = intent.kind === 'sendTemplate' && intent.template !== null
      if (hasTemplate) expect(state).not.toMatch(/blocked|failed/)
      else expect(form).not.toBe('fallback')
      if (state === 'blocked') expect(reason).toBe('window_closed')
      if (state === 'failed') expect(reason).toBe('whatsapp_131047')
      if (state === 'delivered' || state === 'read') spentMicros += priceMicros
    }
    const { spent, available, held } = await world.store.balance()
    expect([spent, available + held + spent]).toEqual([spentMicros, 1_000_000])
  },
)

const aNumber = (accountId: string) => ({
  id: NUMBER,
  accountId,
  displayNumber: '+81 3-4567-8901',
  nickname: null,
  verifiedName: '伝令商会',
  status: 'CONNECTED',
  verified: true,
  quality: 'GREEN',
  throughput: 80,
  ...NUMBER_DEFAULTS,
  reachMax: null,
  updatedAt: START,
})

const hello = (accountId: string) => ({
  name: 'hello',
  language: 'ja',
  accountId,
  metaId: null,
  status: 'APPROVED',
  category: 'UTILITY' as const,
  quality: null,
  reason: null,
  ...TEMPLATE_DEFAULTS,
  submittedHash: null,
  updatedAt: START,
})

const credits = (sourceId: string): WorldEvent => ({
  kind: 'credits',
  source: 'test',
  sourceId,
  occurredAt: START,
  amountMicros: 1,
  memo: '',
  actor: 'test',
})

async function buyCredits(store: Store, amountMicros: number): Promise<void> {
  const id = v7()
  await store.accept([{ id, event: credits(id) }], START)
  const postings = purchase(id, amountMicros, '前払い', START)
  const trace = { triggerId: id, at: START, rules: [], notes: [] }
  await store.commit([{ triggerId: id, changes: [{ kind: 'post', postings }], trace }], new Map(), START, () => v7())
}
