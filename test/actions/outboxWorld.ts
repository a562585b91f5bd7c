import { v7 } from 'uuid'
import { createDispatcher, type Dispatcher, type DispatcherDeps } from '#actions/dispatcher.ts'
import type { SendAnswer } from '#actions/whatsapp/client.ts'
import { judge } from '#engine/judge.ts'
import { purchase } from '#engine/ledger.ts'
import type { Form, Intent, Message, SendIntent } from '#engine/message.ts'
import { NUMBER_DEFAULTS, TEMPLATE_DEFAULTS, type NumberState, type TemplateState } from '#engine/state.ts'
import type { Settlement } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { aSendIntent } from './intents.ts'

/** Noon in Tokyo on a Sunday. */
export const NOON = Date.parse('2026-11-22T12:00:00+09:00')

/** Answers to calls of one message, in the order of the calls; the last one stays. */
export type Script = (intent: SendIntent, call: number) => SendAnswer | Promise<SendAnswer>

export interface OutboxWorld {
  store: Store
  dispatcher: Dispatcher
  now: number
  /** Every call that was made, in order. */
  calls: { id: string; at: number; form: Form }[]
  events: WorldEvent[]
  faults: unknown[]
  fenced: number
  /** What the client answers from now on. */
  script: Script
  enqueue(...intents: Intent[]): Promise<void>
  message(id: string): Promise<Message>
  /** Moves the clock to the next due row and drains, until nothing is due before `until`. */
  runUntil(until: number): Promise<void>
  another(more?: Partial<DispatcherDeps>): Dispatcher
  close(): Promise<void>
}

export const acceptAll: Script = ({ id }, call) => ({ kind: 'accepted', wamid: `wamid.${id}.${call}` })

const aNumber = (change: Partial<NumberState> = {}): NumberState => ({
  id: '1055',
  accountId: '2001',
  displayNumber: '+81 3-1234-5678',
  nickname: null,
  verifiedName: '伝令商店',
  status: 'CONNECTED',
  verified: true,
  quality: 'GREEN',
  throughput: 80,
  ...NUMBER_DEFAULTS,
  reachMax: null,
  updatedAt: NOON,
  ...change,
})

const aTemplate = (change: Partial<TemplateState> = {}): TemplateState => ({
  name: 'welcome_lead',
  language: 'ja',
  accountId: '2001',
  metaId: '3001',
  status: 'APPROVED',
  category: 'UTILITY',
  quality: 'GREEN',
  reason: null,
  ...TEMPLATE_DEFAULTS,
  submittedHash: null,
  updatedAt: NOON,
  ...change,
})

/** An outbox in a real store, the real guards, a scripted WhatsApp, and a clock that is moved by hand. */
export async function outboxWorld(
  more: Partial<DispatcherDeps> = {},
  numbers: Partial<NumberState>[] = [{}],
  wrap: (store: Store) => Store = (store) => store,
): Promise<OutboxWorld> {
  const { store } = openSqlite(':memory:')
  const callsOf = new Map<string, number>()
  const deps: DispatcherDeps = {
    store: wrap(store),
    clock: { now: () => world.now },
    client: {
      async send(intent, form) {
        const call = (callsOf.get(intent.id) ?? 0) + 1
        callsOf.set(intent.id, call)
        world.calls.push({ id: intent.id, at: world.now, form })
        return world.script(intent, call)
      },
    },
    performers: [],
    judge,
    random: () => 0,
    newId: () => v7(),
    accept: async (events) => void world.events.push(...events),
    unknownWaitMs: () => 600_000,
    observer: {
      faltered: (_loop, error) => world.faults.push(error),
      unsettled: (_settlement: Settlement, error) => world.faults.push(error),
      settled: (_written, fenced) => (world.fenced += fenced),
    },
    ...more,
  }
  const world: OutboxWorld = {
    store,
    dispatcher: undefined as never,
    now: NOON,
    calls: [],
    events: [],
    faults: [],
    fenced: 0,
    script: acceptAll,
    async enqueue(...intents) {
      const id = v7()
      await store.accept([{ id, event: event(id, world.now) }], world.now)
      const changes = intents.map((intent) => ({
        kind: 'enqueue' as const,
        intent,
        contactId: null,
        verdict: intent.kind === 'work' ? null : ({ kind: 'allow' } as const),
        guards: [],
        at: world.now,
      }))
      const trace = { triggerId: id, at: world.now, rules: [], notes: [] }
      await store.commit([{ triggerId: id, changes, trace }], new Map(), world.now, () => v7())
    },
    async message(id) {
      const message = await store.message(id)
      if (message === null) throw new Error(`no message ${id}`)
      return message
    },
    async runUntil(until) {
      for (;;) {
        await world.dispatcher.drain()
        const due = await store.nextDueAt()
        if (due === null || due > until) break
        world.now = Math.max(world.now, due)
      }
      world.now = until
      await world.dispatcher.drain()
    },
    another: (change = {}) => createDispatcher({ ...deps, ...change }),
    async close() {
      await world.dispatcher.stop()
      await store.close()
    },
  }
  world.dispatcher = createDispatcher(deps)
  await store.saveNumbers(
    numbers.map((change) => aNumber(change)),
    NOON,
  )
  await store.saveTemplates([aTemplate()], NOON)
  await buyCredits(store, 1_000_000_000)
  return world
}

async function buyCredits(store: Store, amountMicros: number): Promise<void> {
  const id = v7()
  await store.accept([{ id, event: event(id, NOON) }], NOON)
  const trace = { triggerId: id, at: NOON, rules: [], notes: [] }
  const postings = purchase(id, amountMicros, '前払い', NOON)
  await store.commit([{ triggerId: id, changes: [{ kind: 'post', postings }], trace }], new Map(), NOON, () => v7())
}

const event = (id: string, at: number): WorldEvent => ({
  kind: 'credits',
  source: 'test',
  sourceId: id,
  occurredAt: at,
  amountMicros: 1,
  memo: '',
  actor: 'test',
})

/** Messages to different people. */
export function manyIntents(count: number, change: Partial<SendIntent> = {}): SendIntent[] {
  return Array.from({ length: count }, (_, i) =>
    aSendIntent({
      id: `${change.numberId ?? 'm'}-${String(i).padStart(5, '0')}`,
      to: { raw: '', phone: `+8180${String(10_000_000 + i)}` },
      ...change,
    }),
  )
}
