import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { startProcess, type ServerProcess } from '#test/server/serverProcess.ts'
import { median, type BenchOptions, type BenchResult } from './result.ts'

const DEFINITIONS = [
  {
    kind: 'template',
    name: 'bench_notice',
    language: 'ja',
    category: 'UTILITY',
    module: 'Leads',
    body: 'こんにちは、{{name}} 様。ご注文を承りました。発送まで少々お待ちください。',
    parameters: { name: { value: '$[Leads.Last_Name]', example: '田中' } },
  },
  {
    kind: 'workflow',
    name: 'bench-notice',
    module: 'Leads',
    trigger: { on: 'record.created' },
    // Ten numbers, as one number may send at most 1,000 a second.
    branches: Array.from({ length: 10 }, (_, index) => ({
      when: { all: [{ fact: 'Lead_Source', operator: 'equal', value: `Web ${index}` }] },
      actions: [{ type: 'sendTemplate', template: 'bench_notice', from: `300${index}` }],
    })),
  },
]
const CONNECTIONS = 64
let people = 0

/**
 * From the HTTP event that comes in to the HTTP send that goes out, the whole server in between: rates against a bare handler
 * that only commits and posts, latency at 500 events a second, memory, and the time from start to listening.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'denrei-bench-'))
  execFileSync(process.execPath, ['scripts/build.ts'])
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  try {
    const sink = await startProcess({}, ['bench/endToEnd/sink.ts'])
    closers.push(() => sink.kill())
    const bare = await startProcess({}, ['bench/endToEnd/bare.ts', join(folder, 'bare.db'), sink.url])
    closers.push(() => bare.kill())
    const ours = await startOurs(folder, sink.url)
    closers.push(() => ours.kill())

    const count = quick ? 2_000 : 20_000
    const rounds = quick ? 1 : 3
    await rate(ours, sink, quick ? 500 : 5_000) // For the compiler.
    await rate(bare, sink, quick ? 500 : 5_000)
    const ourRates: number[] = []
    const bareRates: number[] = []
    for (let round = 0; round < rounds; round++) {
      ourRates.push(await rate(ours, sink, count))
      bareRates.push(await rate(bare, sink, count))
    }
    const busyMb = memoryMb(ours.pid)
    const latency = await latencyAt(500, ours, sink, quick ? 2 : 10)
    const starts: number[] = []
    for (let index = 0; index < rounds; index++) {
      const one = await startServer({ DENREI_DB: join(folder, `start${index}.db`) })
      starts.push(one.startedInMs)
      await one.kill()
    }
    const startMs = median(starts)
    return [
      result('end to end, events in to messages out', median(ourRates), median(bareRates), 0.5, 'events/s'),
      upTo('p99 latency at 500 events/s', latency.p99, 100, 'ms', `p50 ${latency.p50} ms`),
      upTo('memory after the load', busyMb, 250, 'MB'),
      upTo('start to listening', startMs, 1_500, 'ms'),
    ]
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

function result(name: string, ours: number, limit: number, target: number, unit: string): BenchResult {
  return { name, ours, limit, ratio: ours / limit, target, unit }
}

/** A ceiling instead of a floor: the ratio is how much of the ceiling is left unused, 1 or more when it is kept. */
function upTo(name: string, ours: number, limit: number, unit: string, note?: string): BenchResult {
  return { name, ours, limit, ratio: limit / ours, target: 1, unit, ...(note === undefined ? {} : { note }) }
}

/** As `npm start` does: the bundle, with a small young generation. */
function startServer(env: Record<string, string>): Promise<ServerProcess> {
  const flags = ['--max-semi-space-size=16', 'dist/cli.js', 'start', '--json']
  return startProcess({ DENREI_PORT: '0', ...env }, flags)
}

async function startOurs(folder: string, sinkUrl: string): Promise<ServerProcess & { key: string }> {
  const server = await startServer({
    DENREI_DB: join(folder, 'denrei.db'),
    DENREI_REQUESTS_PER_MINUTE: '100000000',
    WHATSAPP_BASE_URL: sinkUrl,
    WHATSAPP_TOKEN: 'bench',
    WHATSAPP_ACCOUNT_ID: '2001',
  })
  const key = server.adminKey ?? ''
  const call = async (path: string, body: unknown) => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  await call('/v1/account/sync', {})
  await call('/v1/definitions/apply', { files: DEFINITIONS.map((json) => ({ file: json.name, json })) })
  await call('/v1/credits/purchases', { amountMicros: 1_000_000_000_000, memo: 'bench' })
  return { ...server, key }
}

/** Posts `count` events as fast as they are taken, and waits for the last one at the sink. */
async function rate(target: ServerProcess & { key?: string }, sink: ServerProcess, count: number): Promise<number> {
  const pool = new Pool(target.url, { connections: CONNECTIONS })
  const before = (await countsOf(sink)).count
  const began = performance.now()
  let left = count
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await post(pool, target.key)
    }),
  )
  for (const until = Date.now() + 60_000; (await countsOf(sink)).count < before + count; await wait(2)) {
    if (Date.now() > until)
      throw new Error(`only ${(await countsOf(sink)).count - before} of ${count} messages came out\n${target.log()}`)
  }
  const took = performance.now() - began
  await pool.close()
  return (count / took) * 1000
}

async function latencyAt(
  perSecond: number,
  target: ServerProcess & { key: string },
  sink: ServerProcess,
  seconds: number,
) {
  const pool = new Pool(target.url, { connections: CONNECTIONS })
  await countsOf(sink)
  const began = performance.now()
  const posts: Promise<void>[] = []
  for (let index = 0; index < perSecond * seconds; index++) {
    const due = began + (index * 1000) / perSecond
    const early = due - performance.now()
    if (early > 1) await wait(early)
    posts.push(post(pool, target.key))
  }
  await Promise.all(posts)
  await wait(1000)
  await pool.close()
  const { latencies } = await countsOf(sink)
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99) }
}

async function post(pool: Pool, key = ''): Promise<void> {
  const id = `e${people++}`
  const mobile = `+8190${String(10_000_000 + people)}`
  const event = {
    id,
    type: 'record.created',
    module: 'Leads',
    recordId: id,
    values: { Last_Name: `at${Date.now()}`, Mobile: mobile, Lead_Source: `Web ${people % 10}` },
  }
  const answer = await pool.request({
    method: 'POST',
    path: '/v1/events',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  if (answer.statusCode !== 202) throw new Error(`${answer.statusCode} ${await answer.body.text()}`)
  await answer.body.dump()
}

async function countsOf(sink: ServerProcess): Promise<{ count: number; latencies: number[] }> {
  return (await (await fetch(`${sink.url}/counts`)).json()) as { count: number; latencies: number[] }
}

function memoryMb(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}
