import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Database } from 'better-sqlite3'
import { v7 } from 'uuid'
import type { Change, Posting } from '#engine/decision.ts'
import { capture, hold, purchase } from '#engine/ledger.ts'
import type { SendIntent } from '#engine/message.ts'
import type { Store } from '#engine/store.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { median, type BenchOptions, type BenchResult } from './result.ts'

const START = Date.UTC(2026, 9, 1)
const DAY_MS = 86_400_000
const DAYS = 90
const TEMPLATES = 20
/** Messages of one commit. */
const BATCH = 250
const PRICE_MICROS = 11_300
/** Hold and capture are two postings each. */
const POSTINGS = 4
/** Sums that each store has in the end: what a statement reads, however many messages made them. */
const SUMS = DAYS * TEMPLATES

/**
 * What the ledger costs when it is long: booking a million postings against the bare inserts of the same rows, and reading the
 * balance and a statement of three months against a ledger a hundred times shorter. On files, with a sync at each commit.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const messages = quick ? 25_000 : 250_000
  const folder = mkdtempSync(join(tmpdir(), 'denrei-ledger-'))
  const long = openSqlite(join(folder, 'long.db'))
  const short = openSqlite(join(folder, 'short.db'))
  const bare = openSqlite(join(folder, 'bare.db'))
  try {
    await fill(short.store, Math.max(SUMS, messages / 100))
    const tookMs = await fill(long.store, messages)
    const bareMs = fillBare(bare.database, messages)
    const spent = (await long.store.balance()).spent
    assert.equal(spent, messages * PRICE_MICROS)
    assert.equal((await statement(long.store)).length, SUMS)
    assert.equal((await statement(short.store)).length, SUMS)
    const postings = messages * POSTINGS
    const count = postings.toLocaleString('en')
    return [
      {
        ...ratio((postings / tookMs) * 1_000, (postings / bareMs) * 1_000),
        name: `ledger: booking ${count} postings`,
        target: 0.3,
        unit: 'postings/s',
        note: 'limit: the bare inserts',
      },
      await reading(
        `ledger: balance after ${count} postings`,
        2_000,
        (store) => store.balance(),
        long.store,
        short.store,
      ),
      await reading(`ledger: statement of ${DAYS} days by day and template`, 50, statement, long.store, short.store),
    ]
  } finally {
    for (const { store } of [long, short, bare]) await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How often something can be read in a second, of a long ledger and of a short one. */
async function reading(
  name: string,
  times: number,
  read: (store: Store) => Promise<unknown>,
  long: Store,
  short: Store,
): Promise<BenchResult> {
  const round = async (store: Store) => {
    const began = performance.now()
    for (let i = 0; i < times; i++) await read(store)
    return (times / (performance.now() - began)) * 1_000
  }
  const rates = { long: [] as number[], short: [] as number[] }
  for (let i = 0; i < 6; i++) {
    rates.short.push(await round(short))
    rates.long.push(await round(long))
  }
  const figures = ratio(median(rates.long.slice(1)), median(rates.short.slice(1)))
  return { ...figures, name, target: 0.5, unit: 'reads/s', note: 'limit: a ledger of a hundredth' }
}

const ratio = (ours: number, limit: number) => ({ ours, limit, ratio: ours / limit })

const statement = (store: Store) =>
  store.statement({ from: '2026-01-01', until: '2027-12-31', by: ['day', 'template'] })

/** Puts messages into the outbox, then books each as held and captured. @returns milliseconds of the booking alone */
async function fill(store: Store, messages: number): Promise<number> {
  await commit(store, [{ kind: 'post', postings: purchase(v7(), messages * PRICE_MICROS, 'bench', START) }])
  let tookMs = 0
  for (let first = 0; first < messages; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, messages - first) }, (_, i) => first + i)
    const ids = batch.map((index) => ({ index, id: `${v7()}-0` }))
    await commit(
      store,
      ids.map(({ index, id }) => ({
        kind: 'enqueue' as const,
        intent: intent(id, index),
        contactId: null,
        verdict: null,
        guards: [],
        at: START,
      })),
    )
    const postings = ids.map(({ index, id }): Change => ({ kind: 'post', postings: lifeOf(id, index) }))
    const trigger = await accepted(store)
    const began = performance.now()
    await store.commit([decision(trigger, postings)], new Map(), START, v7)
    tookMs += performance.now() - began
  }
  return tookMs
}

function lifeOf(messageId: string, index: number): Posting[] {
  const at = START + (index % DAYS) * DAY_MS
  const charge = { messageId, fence: 1, heldMicros: PRICE_MICROS, priceMicros: PRICE_MICROS, availableMicros: 0 }
  return [...hold(messageId, 1, PRICE_MICROS, at), ...capture(charge, at).postings]
}

/** The same rows, in the same transactions, and nothing else. */
function fillBare(database: Database, messages: number): number {
  const insert = database.prepare(
    'INSERT INTO ledgerPosting (txId, account, amountMicros, messageId, memo, at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const book = database.transaction((all: Posting[]) => {
    for (const { txId, account, amountMicros, messageId, memo, at } of all) {
      insert.run(txId, account, amountMicros, messageId, memo, at)
    }
  })
  let tookMs = 0
  for (let first = 0; first < messages; first += BATCH) {
    const all = Array.from({ length: BATCH }, (_, i) => lifeOf(`${v7()}-0`, first + i)).flat()
    const began = performance.now()
    book(all)
    tookMs += performance.now() - began
  }
  return tookMs
}

async function commit(store: Store, changes: Change[]): Promise<void> {
  const trigger = await accepted(store)
  await store.commit([decision(trigger, changes)], new Map(), START, v7)
}

async function accepted(store: Store): Promise<string> {
  const id = v7()
  const event = { kind: 'release', waitsFor: 'number_ready', source: 'bench', sourceId: id, occurredAt: START } as const
  await store.accept([{ id, event }], START)
  return id
}

const decision = (triggerId: string, changes: Change[]) => ({
  triggerId,
  changes,
  trace: { triggerId, at: START, rules: [], notes: [] },
})

function intent(id: string, index: number): SendIntent {
  const template = Math.floor(index / DAYS) % TEMPLATES
  return {
    kind: 'sendTemplate',
    id,
    triggerId: id.slice(0, -2),
    definition: `workflow/reminder-${template % 5}@1`,
    pointer: '/branches/0/actions/0',
    module: 'Leads',
    recordId: String(index),
    numberId: '106540352242922',
    to: { raw: '+819012345678', phone: '+819012345678' },
    country: 'JP',
    template: { name: `reminder_${template}`, language: 'ja' },
    parameters: { format: 'NAMED', body: [{ name: 'name', value: '佐藤' }], buttons: [] },
    category: 'UTILITY',
    delivery: 'at-least-once',
    zone: null,
    consent: null,
    causedBy: [],
  }
}
