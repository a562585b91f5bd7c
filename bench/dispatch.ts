import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { v7 } from 'uuid'
import { createDispatcher } from '#actions/dispatcher.ts'
import { createCloudClient } from '#actions/whatsapp/client.ts'
import { judge } from '#engine/judge.ts'
import type { Store } from '#engine/store.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { fillOutbox } from './filledOutbox.ts'
import type { Arrivals } from './dispatch/receiver.ts'
import type { BenchOptions, BenchResult } from './result.ts'

/**
 * How near a number comes to the speed that WhatsApp allows, and whether it is ever above: as the receiver counts, in another
 * process, by when each request arrives. The outbox is a SQLite file with `synchronous=FULL`, the client the real one; an answer
 * takes 60 ms. One number of 1,000 a second, then ten of 80.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const seconds = quick ? 3 : 10
  const receiver = fork(fileURLToPath(new URL('./dispatch/receiver.ts', import.meta.url)))
  try {
    const [port] = (await once(receiver, 'message')) as [number]
    const url = `http://127.0.0.1:${port}`
    // For the compiler; it does not count.
    await measure(receiver, url, 1, 500, 2)
    return [
      ...resultsOf('one number of 1,000/s', 1, 1000, await measure(receiver, url, 1, 1000, seconds)),
      ...resultsOf('ten numbers of 80/s', 10, 80, await measure(receiver, url, 10, 80, seconds)),
    ]
  } finally {
    receiver.disconnect()
  }
}

interface Measured {
  /** Messages a second of each number, from its first to its last. */
  rates: number[]
  /** The most of one number that arrived in any second. */
  busiest: number
  duplicates: number
  /** From the claim to the call. */
  waitP50Ms: number
  waitP99Ms: number
  /** Claimed and not called yet: what a crash would leave in doubt besides the calls under way. */
  handMost: number
}

async function measure(
  receiver: ChildProcess,
  url: string,
  count: number,
  perSecond: number,
  seconds: number,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'denrei-bench-'))
  const { store } = openSqlite(join(folder, 'dispatch.sqlite'))
  const client = createCloudClient({ baseUrl: url, token: () => 'bench' })
  try {
    const ids = Array.from({ length: count }, (_, i) => String(1055 + i))
    const messages = Math.round(perSecond * seconds)
    await fillOutbox(
      store,
      ids.map((id) => ({ id, throughput: perSecond, messages })),
    )
    const { waits, handMost } = await dispatchAll(store, client, messages * count)
    receiver.send('report')
    const [{ times, duplicates }] = (await once(receiver, 'message')) as [Arrivals]
    const arrived = ids.map((id) => times[id] ?? [])
    for (const own of arrived) assert(own.length >= messages, `${own.length} of ${messages} messages arrived`)
    waits.sort((a, b) => a - b)
    return {
      rates: arrived.map(rateOf),
      busiest: Math.max(...arrived.map(busiestSecond)),
      duplicates,
      waitP50Ms: at(waits, 0.5),
      waitP99Ms: at(waits, 0.99),
      handMost,
    }
  } finally {
    await client.close()
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

/** @returns how long each waited between its claim and its call, in ms */
async function dispatchAll(
  store: Store,
  client: Pick<ReturnType<typeof createCloudClient>, 'send'>,
  count: number,
): Promise<{ waits: number[]; handMost: number }> {
  const claimedAt = new Map<string, number>()
  const waits: number[] = []
  let settled = 0
  let handMost = 0
  let done: () => void = () => undefined
  const finished = new Promise<void>((resolve) => (done = resolve))
  const dispatcher = createDispatcher({
    store: Object.assign(Object.create(store) as Store, {
      claim: async (...args: Parameters<Store['claim']>) => {
        const claimed = await store.claim(...args)
        const now = performance.now()
        for (const { message } of claimed) claimedAt.set(message.intent.id, now)
        return claimed
      },
    }),
    clock: { now: Date.now },
    client: {
      send(intent, form, onWritten) {
        waits.push(performance.now() - (claimedAt.get(intent.id) ?? NaN))
        handMost = Math.max(handMost, dispatcher.stats().inHand)
        return client.send(intent, form, onWritten)
      },
    },
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
  })
  dispatcher.start()
  await finished
  await dispatcher.stop()
  const { outbox } = await store.depths(Date.now())
  assert.equal(outbox.accepted, count, 'every message must have been accepted, or the figures mean nothing')
  return { waits, handMost }
}

function resultsOf(name: string, numbers: number, allowed: number, measured: Measured): BenchResult[] {
  const { rates, busiest, duplicates, waitP50Ms, waitP99Ms, handMost } = measured
  const slowest = Math.min(...rates)
  const ofAll = rates.reduce((sum, rate) => sum + rate, 0) / numbers
  return [
    {
      name: `dispatch, ${name}`,
      ours: ofAll,
      limit: allowed,
      ratio: ofAll / allowed,
      target: 0.98,
      unit: 'messages/s a number',
      note: `slowest ${slowest.toFixed(1)}, ${duplicates} doubled, at most ${handMost} in hand`,
    },
    // Upside down: the ceiling against what came, so that anything above the ceiling misses.
    {
      name: `${name}: busiest second`,
      ours: busiest,
      limit: allowed,
      ratio: allowed / busiest,
      target: 1,
      unit: 'messages',
    },
    {
      name: `${name}: p99 from claim to call`,
      ours: waitP99Ms,
      limit: 100,
      ratio: 100 / waitP99Ms,
      target: 1,
      unit: 'ms',
      note: `p50 ${waitP50Ms.toFixed(1)} ms`,
    },
  ]
}

/** From the first to the last. */
const rateOf = (times: readonly number[]): number =>
  ((times.length - 1) * 1000) / ((times.at(-1) ?? NaN) - (times[0] ?? NaN))

/** The most in any second that begins with one of them, whose end does not count. @param times in order */
function busiestSecond(times: readonly number[]): number {
  let most = 0
  let from = 0
  for (const [to, time] of times.entries()) {
    while ((times[from] ?? 0) <= time - 1000) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
