import assert from 'node:assert/strict'
import { v7 } from 'uuid'
import { checkGuards } from '#engine/guards/guards.ts'
import { purchase } from '#engine/ledger.ts'
import type { SendIntent } from '#engine/message.ts'
import { ACCOUNT_DEFAULTS, NUMBER_DEFAULTS, TEMPLATE_DEFAULTS } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'

const ACCOUNT = '2001'
const MICROS = 1_000_000_000_000
/** One transaction. */
const CHUNK = 1000

/** Numbers of one account, and so many messages of each waiting in the outbox, decided and due. */
export async function fillOutbox(
  store: Store,
  numbers: readonly { id: string; throughput: number; messages: number }[],
): Promise<void> {
  const now = Date.now()
  await store.saveAccounts(
    [{ id: ACCOUNT, ...ACCOUNT_DEFAULTS, access: 'environment', setUpAt: now, updatedAt: now }],
    now,
  )
  await store.saveNumbers(
    numbers.map(({ id, throughput }) => ({
      id,
      accountId: ACCOUNT,
      displayNumber: '+81 3-1234-5678',
      nickname: null,
      verifiedName: '伝令商店',
      status: 'CONNECTED',
      verified: true,
      quality: 'GREEN',
      throughput,
      ...NUMBER_DEFAULTS,
      reachMax: null,
      updatedAt: now,
    })),
    now,
  )
  await store.saveTemplates(
    [
      {
        name: 'welcome_lead',
        language: 'ja',
        accountId: ACCOUNT,
        metaId: '3001',
        status: 'APPROVED',
        category: 'UTILITY',
        quality: 'GREEN',
        reason: null,
        ...TEMPLATE_DEFAULTS,
        submittedHash: null,
        updatedAt: now,
      },
    ],
    now,
  )
  await buy(store, now)
  const intents = numbers.flatMap(({ id, messages }) => Array.from({ length: messages }, () => anIntent(id)))
  for (let from = 0; from < intents.length; from += CHUNK) await enqueue(store, intents.slice(from, from + CHUNK), now)
}

async function buy(store: Store, now: number): Promise<void> {
  const id = await accepted(store, now)
  const postings = purchase(id, MICROS, 'bench', now)
  await commit(store, id, [{ kind: 'post', postings }], now)
}

async function enqueue(store: Store, intents: SendIntent[], now: number): Promise<void> {
  const facts = await store.sendFacts(intents, now)
  const changes = intents.map((intent, index) => {
    const fact = facts[index]
    assert(fact)
    const { verdict, guards } = checkGuards(intent, fact)
    assert.equal(verdict.kind, 'allow', `a message that may not go measures nothing: ${JSON.stringify(verdict)}`)
    return { kind: 'enqueue' as const, intent, contactId: null, verdict, guards, at: now }
  })
  await commit(store, await accepted(store, now), changes, now)
}

async function accepted(store: Store, now: number): Promise<string> {
  const id = v7()
  const event = { kind: 'credits' as const, source: 'bench', sourceId: id, occurredAt: now, amountMicros: 1 }
  await store.accept([{ id, event: { ...event, memo: '', actor: '' } }], now)
  return id
}

type Changes = Parameters<Store['commit']>[0][number]['changes']

async function commit(store: Store, triggerId: string, changes: Changes, now: number): Promise<void> {
  const trace = { triggerId, at: now, rules: [], notes: [] }
  await store.commit([{ triggerId, changes, trace }], new Map(), now, v7)
}

let people = 0

/** A message to somebody new. */
export function anIntent(numberId: string): SendIntent {
  const id = v7()
  const phone = `+8180${10_000_000 + people++}`
  return {
    kind: 'sendTemplate',
    id: `${id}-0`,
    triggerId: id,
    definition: 'workflow/welcome-web-lead@1',
    pointer: '/branches/0/actions/0',
    module: 'Leads',
    recordId: `L${people}`,
    numberId,
    to: { raw: phone, phone },
    country: 'JP',
    template: { name: 'welcome_lead', language: 'ja' },
    parameters: { format: 'NAMED', body: [{ name: 'name', value: '山田様' }], buttons: [] },
    category: 'UTILITY',
    delivery: 'at-least-once',
    zone: 'Asia/Tokyo',
    consent: null,
    causedBy: [{ triggerId: id, definition: 'workflow/welcome-web-lead@1' }],
  }
}
