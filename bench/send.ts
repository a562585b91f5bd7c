import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import { v7 } from 'uuid'
import { createDispatcher } from '#actions/dispatcher.ts'
import { createCloudClient } from '#actions/whatsapp/client.ts'
import { messageBody } from '#actions/whatsapp/messageBody.ts'
import { judge } from '#engine/judge.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { anIntent, fillOutbox } from './filledOutbox.ts'
import { median, type BenchOptions, type BenchResult } from './result.ts'

/**
 * How many messages a second go out through the dispatcher (claimed from a SQLite file with `synchronous=FULL`, guarded,
 * credits held, sent, settled) against a bare undici `Pool` loop that posts the same bodies to the same server.
 *
 * The number's throughput is set so high that no limit is waited for. Rounds of both take turns.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const messages = quick ? 1000 : 10_000
  const rounds = quick ? 1 : 5
  const server = await startServer()
  const ours: number[] = []
  const limit: number[] = []
  try {
    // One of each before those that count, for the compiler.
    await dispatched(server.url, 1000)
    await bare(server.url, 1000)
    for (let round = 0; round < rounds; round++) {
      ours.push(await dispatched(server.url, messages))
      limit.push(await bare(server.url, messages))
    }
  } finally {
    server.stop()
  }
  return [
    {
      name: 'send',
      ours: median(ours),
      limit: median(limit),
      ratio: median(ours) / median(limit),
      target: 0.5,
      unit: 'messages/s',
      note: `limit: a bare undici Pool loop, ${SLOTS} requests at once`,
    },
  ]
}

const SLOTS = 128
const NUMBER = '1055'

async function startServer(): Promise<{ url: string; stop: () => void }> {
  const child = fork(fileURLToPath(new URL('./sendServer.ts', import.meta.url)))
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(message as number))
    child.once('error', reject)
  })
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() }
}

/** Fills an outbox, then measures from the start of the dispatcher to the last settlement on disk. */
async function dispatched(url: string, count: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'denrei-bench-'))
  const { store } = openSqlite(join(folder, 'send.sqlite'))
  const client = createCloudClient({ baseUrl: url, token: () => 'bench', connections: SLOTS })
  try {
    await fillOutbox(store, [{ id: NUMBER, throughput: 1_000_000, messages: count }])
    let settled = 0
    let done: () => void = () => undefined
    const finished = new Promise<void>((resolve) => (done = resolve))
    const dispatcher = createDispatcher({
      store,
      clock: { now: Date.now },
      client,
      performers: [],
      judge,
      random: Math.random,
      newId: v7,
      accept: () => Promise.resolve(),
      unknownWaitMs: () => 600_000,
      observer: {
        settled(written) {
          if ((settled += written) >= count) done()
        },
        faltered: (_loop, error) => console.error(error),
      },
      options: { sendSlots: SLOTS },
    })
    const startedAt = performance.now()
    dispatcher.start()
    await finished
    const seconds = (performance.now() - startedAt) / 1000
    await dispatcher.stop()
    const { outbox } = await store.depths(Date.now())
    assert.equal(outbox.accepted, count, 'every message must have been accepted, or the figure means nothing')
    return count / seconds
  } finally {
    await client.close()
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

async function bare(url: string, count: number): Promise<number> {
  const pool = new Pool(url, { connections: SLOTS, pipelining: 1 })
  const intents = Array.from({ length: count }, () => anIntent(NUMBER))
  let next = 0
  async function loop(): Promise<void> {
    for (let intent = intents[next++]; intent !== undefined; intent = intents[next++]) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `/v25.0/${NUMBER}/messages`,
        headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
        body: JSON.stringify(messageBody(intent, 'template')),
      })
      const answer = (await body.json()) as { messages: { id: string }[] }
      assert(statusCode === 200 && answer.messages[0]?.id)
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: SLOTS }, loop))
  const seconds = (performance.now() - startedAt) / 1000
  await pool.close()
  return count / seconds
}
