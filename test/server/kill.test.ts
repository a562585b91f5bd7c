import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { startEmulator, type Emulator } from '#emulator/emulator.ts'
import type { Store } from '#engine/store.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { CARE_STEPS, DEAL_MESSAGES, DEFINITIONS, mobile, ORDER_MESSAGES } from './killBusiness.ts'
import { Clients, type Call } from './killClients.ts'
import { freePort, startProcess, type ServerProcess } from './serverProcess.ts'

const TOKEN = 'test-token'
const APP_SECRET = 'test-app-secret'
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Small and seeded, so that a failing run can be told and tried again. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** Of a utility message to Japan, by the rate card. */
const PRICE_MICROS = 11_300
const KILLS = Number(process.env.DENREI_KILLS ?? 8)
const SEED = Number(process.env.DENREI_KILL_SEED ?? 20261122)

test(
  `seed ${SEED}: ${KILLS} SIGKILLs amid events, journeys and transitions lose nothing and double nothing`,
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
    const call: Call = (method, path, body, idempotencyKey) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
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

    const clients = new Clients(call)
    const work = [
      ...Array.from({ length: 4 }, () => clients.order()),
      ...Array.from({ length: 6 }, () => clients.deal()),
    ]

    for (let kill = 0; kill < KILLS; kill++) {
      await wait(150 + random() * 900)
      await server.kill()
      server = await startProcess(env)
    }
    // On a slow machine the kills are over before much was asked.
    const { orders, deals } = clients
    while (orders.size <= KILLS * 5 || deals.size <= KILLS) await wait(100)
    clients.stop()
    await Promise.all(work)
    const messages = orders.size * ORDER_MESSAGES.length + deals.size * DEAL_MESSAGES.length

    await everythingEnds(emulator, messages, call)
    expect(await server.stop()).toBe(0)
    expect(clients.surprises).toEqual([])

    // Read back from the file itself, by nobody's leave.
    const { store } = openSqlite(env.DENREI_DB)
    closers.push(() => store.close())
    const sent = Map.groupBy(emulator.messages(), ({ to }) => to)
    const got = (id: string) => (sent.get(mobile(id)) ?? []).map(({ template }) => template?.name).sort()
    const wrong: string[] = []
    for (const id of orders) {
      const isWhole = isEqual(got(id), ORDER_MESSAGES) && (await isCaredFor(store, id))
      if (!isWhole) wrong.push(await story(store, 'Leads', id))
    }
    for (const id of deals) {
      const isWhole = isEqual(got(id), DEAL_MESSAGES) && (await isWon(store, id))
      if (!isWhole) wrong.push(await story(store, 'Deals', id))
    }
    expect(wrong).toEqual([])
    expect(emulator.messages().length).toBe(messages)

    const totals = await store.totals()
    expect(totals.messages.filter(({ state }) => !['delivered', 'read', 'done'].includes(state))).toEqual([])
    expect(await store.timers({ state: 'waiting' })).toEqual([])
    expect(await store.balance()).toEqual({
      bought: 1_000_000_000,
      held: 0,
      owed: 0,
      spent: messages * PRICE_MICROS,
      available: 1_000_000_000 - messages * PRICE_MICROS,
    })
    expect(await unbalanced(store)).toEqual([])
  },
)

const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Entered once, came by every step once, and it is over. */
async function isCaredFor(store: Store, recordId: string): Promise<boolean> {
  const { items } = await store.instances({ module: 'Leads', recordId }, { limit: 5 })
  const [instance] = items
  if (instance === undefined || items.length > 1 || instance.reason !== 'completed') return false
  const steps = await store.instanceSteps(instance.id)
  const path = steps.flatMap(({ kind, to }) => (kind === 'ended' ? [] : [to]))
  const record = await store.record('Leads', recordId)
  return (
    isEqual(path, CARE_STEPS) && isEqual(record?.values.Tag, ['連絡済み']) && record?.values.Description === 'お礼済み'
  )
}

/** Each step was taken whole and once: the history, the record and what was filled in say the same. */
async function isWon(store: Store, recordId: string): Promise<boolean> {
  const { items } = await store.instances({ module: 'Deals', recordId }, { limit: 5 })
  const [instance] = items
  if (instance === undefined || items.length > 1 || instance.reason !== 'completed') return false
  const steps = (await store.instanceSteps(instance.id)).map(({ via }) => via)
  const parts = steps.splice(2, 2).sort()
  const values = (await store.record('Deals', recordId))?.values ?? {}
  return (
    isEqual(steps, ['record', '提案', '成約', 'completed']) &&
    isEqual(parts, ['審査/法務', '審査/経理'].sort()) &&
    isEqual([values.Stage, values.Closing_Date], ['Won', '2026-12-01']) &&
    isEqual((values.Tag as string[] | undefined)?.toSorted(), ['法務', '経理'].sort())
  )
}

/** Ledger transactions whose postings do not sum to zero. */
async function unbalanced(store: Store): Promise<string[]> {
  const sums = new Map<string, number>()
  for (let after: string | undefined; ;) {
    const page = await store.postings({ limit: 1000, ...(after === undefined ? {} : { after }) })
    for (const { txId, amountMicros } of page.items) sums.set(txId, (sums.get(txId) ?? 0) + amountMicros)
    if (page.next === null) return [...sums].flatMap(([txId, sum]) => (sum === 0 ? [] : [txId]))
    after = page.next
  }
}

/** What the store says became of a record, for the report of a failing seed. */
async function story(store: Store, module: string, recordId: string): Promise<string> {
  const record = await store.record(module, recordId)
  const lines = [recordId, `record ${String(record?.revision)} ${JSON.stringify(record?.values)}`]
  for (const one of (await store.instances({ module, recordId }, { limit: 5 })).items) {
    const steps = await store.instanceSteps(one.id)
    lines.push(`${one.id} ${one.status} ${one.position}: ${steps.map(({ at, via }) => `${at} ${via}`).join(', ')}`)
  }
  for (const { intent, state, reason, detail } of (await store.messages({ module, recordId }, { limit: 9 })).items) {
    const steps = await store.messageSteps(intent.id)
    lines.push(
      `${intent.id} ${state} ${reason ?? ''} ${detail ?? ''}: ${steps.map((step) => `${step.at} ${step.state} ${step.reason ?? ''}`).join(', ')}`,
    )
  }
  return lines.join(' | ')
}

async function everythingEnds(emulator: Emulator, messages: number, call: Call): Promise<void> {
  const until = Date.now() + 60_000
  const read = async <T>(path: string) => (await (await call('GET', path)).json()) as T
  for (;;) {
    const { held, spent } = await read<{ held: number; spent: number }>('/v1/credits')
    const running = await Promise.all(
      ['blueprints', 'journeys'].map(
        async (kind) => (await read<{ items: { running: number }[] }>(`/v1/${kind}`)).items,
      ),
    )
    const isDone = running.flat().every((one) => one.running === 0)
    if (isDone && held === 0 && spent >= messages * PRICE_MICROS) return
    if (Date.now() > until) return // The assertions tell what is missing.
    await wait(200)
    await emulator.flush()
  }
}
