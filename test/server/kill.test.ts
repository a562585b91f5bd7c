import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import type { Store } from '#engine/store.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { freePort, startProcess, type ServerProcess } from './serverProcess.ts'

const TOKEN = 'test-token'
const APP_SECRET = 'test-app-secret'
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const DEFINITIONS = [
  {
    kind: 'template',
    name: 'order_received',
    language: 'ja',
    category: 'UTILITY',
    module: 'Leads',
    body: 'こんにちは、{{name}} 様。ご注文を承りました。発送まで少々お待ちください。',
    parameters: { name: { value: '$[見込み客.姓|お客様]', example: '田中' } },
  },
  {
    kind: 'workflow',
    name: 'order-received',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [
      {
        actions: [
          { type: 'sendTemplate', template: 'order_received' },
          { type: 'addTags', tags: ['連絡済み'] },
        ],
      },
    ],
  },
]

/** Small and seeded, so that a failing run can be told and tried again. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

const KILLS = Number(process.env.DENREI_KILLS ?? 8)
const SEED = Number(process.env.DENREI_KILL_SEED ?? 20261122)

test(
  `seed ${SEED}: ${KILLS} SIGKILLs under load lose no accepted event and double no message`,
  { timeout: 180_000 },
  async () => {
    const random = randomOf(SEED)
    const folder = await mkdtemp(join(tmpdir(), 'denrei-kill-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const port = await freePort()
    const emulator = await startEmulator({
      token: TOKEN,
      appSecret: APP_SECRET,
      verifyToken: 'verify',
      webhookUrl: `http://127.0.0.1:${port}/v1/whatsapp/webhook`,
      statusDelaysMs: { sent: 5, delivered: 30, read: 60 },
      reviewDelayMs: 20,
      magic: false,
      numbers: [{ id: '3001', displayNumber: '+81 3-1234-5678', verifiedName: '伝令商店', throughput: 1000 }],
      delivery: {
        retry: { firstMs: 50, maxMs: 500, forMs: 600_000 },
        duplicateRate: 0.05,
        reorderRate: 0.1,
        reorderMs: 50,
        beforeAnswerRate: 0.1,
      },
      seed: SEED,
    })
    closers.push(() => emulator.close())
    const env = {
      DENREI_PORT: String(port),
      DENREI_DB: join(folder, 'denrei.db'),
      WHATSAPP_BASE_URL: emulator.url,
      WHATSAPP_TOKEN: TOKEN,
      WHATSAPP_APP_SECRET: APP_SECRET,
      WHATSAPP_VERIFY_TOKEN: 'verify',
      WHATSAPP_ACCOUNT_ID: emulator.wabaId,
    }
    let server: ServerProcess = await startProcess(env)
    closers.push(() => server.kill())
    const key = server.adminKey ?? ''
    const call = (method: string, path: string, body?: unknown) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })

    const settings = (await (await call('GET', '/v1/settings')).json()) as object
    expect((await call('PUT', '/v1/settings', { ...settings, unknownWaitMs: 4000 })).status).toBe(200)
    expect((await call('POST', '/v1/account/sync')).status).toBe(200)
    const files = DEFINITIONS.map((json) => ({ file: `${json.name}.json`, json }))
    expect((await call('POST', '/v1/definitions/apply', { files })).status).toBe(200)
    expect((await call('POST', '/v1/credits/purchases', { amountMicros: 1_000_000_000, memo: '初回' })).status).toBe(
      201,
    )

    // A client that posts each event again until it is told that it was accepted, as the documentation asks of it.
    let posting = true
    let next = 0
    const accepted = new Set<string>()
    async function client(): Promise<void> {
      while (posting) {
        const id = `order-${next++}`
        const event = {
          id,
          type: 'record.created',
          module: 'Leads',
          recordId: id,
          values: { Last_Name: '田中', Mobile: mobile(id) },
        }
        for (;;) {
          const status = await call('POST', '/v1/events', event).then(
            (response) => response.status,
            () => 0, // The server is dead; that is the point.
          )
          if (status === 202) {
            accepted.add(id)
            break
          }
          expect([0, 503]).toContain(status)
          await wait(20)
        }
      }
    }
    const clients = Array.from({ length: 8 }, client)

    for (let kill = 0; kill < KILLS; kill++) {
      await wait(150 + random() * 900)
      await server.kill()
      server = await startProcess(env)
    }
    posting = false
    await Promise.all(clients)

    await everythingEnds(emulator, accepted, call)
    expect(await server.stop()).toBe(0)

    // Read back from the file itself, by nobody's leave.
    const { store } = openSqlite(env.DENREI_DB)
    closers.push(() => store.close())
    const doubled: string[] = []
    const lost: string[] = []
    const sends = new Map<string, number>()
    for (const message of emulator.messages()) sends.set(message.to, (sends.get(message.to) ?? 0) + 1)
    for (const id of accepted) {
      const count = sends.get(mobile(id)) ?? 0
      if (count === 0) lost.push(await story(store, id))
      if (count > 1) doubled.push(await story(store, id))
    }
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] })
    expect(accepted.size).toBeGreaterThan(KILLS * 20)

    const { messages } = await store.totals()
    const ends = messages.filter(({ state }) => !['delivered', 'read', 'done'].includes(state))
    expect(ends).toEqual([])
    const balance = await store.balance()
    expect(balance).toEqual({
      bought: 1_000_000_000,
      held: 0,
      spent: accepted.size * 11_300,
      available: 1_000_000_000 - accepted.size * 11_300,
    })
    const sums = new Map<string, number>()
    for (let after: string | undefined; ;) {
      const page = await store.postings({ limit: 1000, ...(after === undefined ? {} : { after }) })
      for (const { txId, amountMicros } of page.items) sums.set(txId, (sums.get(txId) ?? 0) + amountMicros)
      if (page.next === null) break
      after = page.next
    }
    expect([...sums].filter(([, sum]) => sum !== 0)).toEqual([])
  },
)

/** What the store says became of an event, for the report of a failing seed. */
async function story(store: Store, recordId: string): Promise<string> {
  const { items } = await store.messages({ module: 'Leads', recordId }, { limit: 5 })
  const lines = [recordId, `record ${String((await store.record('Leads', recordId))?.revision)}`]
  for (const { intent, state, reason, detail } of items) {
    const steps = await store.messageSteps(intent.id)
    lines.push(
      `${intent.id} ${state} ${reason ?? ''} ${detail ?? ''}: ${steps.map((step) => `${step.at} ${step.state} ${step.reason ?? ''}`).join(', ')}`,
    )
    const trigger = await store.trigger(intent.triggerId)
    lines.push(`trigger ${trigger?.state ?? 'missing'}`)
  }
  return lines.join(' | ')
}

/** Each event has its own person, so that a doubled message shows at the emulator. */
function mobile(id: string): string {
  return `+8190${String(10_000_000 + Number(id.slice('order-'.length))).padStart(8, '0')}`
}

async function everythingEnds(
  emulator: Emulator,
  accepted: Set<string>,
  call: (method: string, path: string) => Promise<Response>,
): Promise<void> {
  const until = Date.now() + 60_000
  for (;;) {
    const held = ((await (await call('GET', '/v1/credits')).json()) as { held: number; spent: number }) ?? {}
    if (held.held === 0 && held.spent >= accepted.size * 11_300) return
    if (Date.now() > until) return // The assertions tell what is missing.
    await wait(200)
    await emulator.flush()
  }
}
