import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { replaySteps, writtenSince } from './journeys/bareSteps.ts'
import { dueOf, populate, REST_MS } from './journeys/population.ts'
import type { Restart } from './journeys/restart.ts'
import { parkTimers } from './parked/timers.ts'
import { median, type BenchOptions, type BenchResult } from './result.ts'

/** Triggers of one commit, as the server's loop takes them. */
const BATCH = 256

/**
 * A server that starts on a file with a million parked timers and 100,000 running instances, and works through those whose
 * wait is over: steps a second through its own loop, how long it takes to the first, and the memory of its process.
 *
 * A step is a line in an instance's history. The limit is a loop of prepared statements that writes the very rows that our run
 * left into a copy of the file as it was before, in as many transactions, with the same sync: no reading, no deciding, no JSON.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const instances = quick ? 5_000 : 100_000
  const parked = quick ? 50_000 : 1_000_000
  const due = quick ? 1_000 : 10_000
  const rounds = quick ? 1 : 3
  const folder = mkdtempSync(join(tmpdir(), 'denrei-journeys-'))
  try {
    const path = join(folder, 'server.db')
    const { store, database } = openSqlite(path, { synchronous: 'NORMAL' }) // Only to fill it.
    await populate(store, instances)
    parkTimers(database, parked, dueOf(instances) + REST_MS, 1_000)
    await store.close()

    const measured: Round[] = []
    for (let round = 1; round <= rounds; round++) measured.push(await measure(path, round * due, due))
    const of = (pick: (round: Round) => number) => median(measured.map(pick))
    const [ours, limit] = [of(({ stepsPerSecond }) => stepsPerSecond), of(({ barePerSecond }) => barePerSecond)]
    const firstStepMs = of(({ restart }) => restart.firstStepMs)
    const rssMb = Math.max(...measured.map(({ restart }) => restart.rssMaxBytes)) / 1_000_000
    const waits = of(({ waitsPerSecond }) => waitsPerSecond)
    const worked = of(({ restart }) => restart.workedMs / restart.tookMs)
    return [
      {
        name: 'journeys: steps, against writing their rows',
        ours,
        limit,
        ratio: ours / limit,
        target: 0.5,
        unit: 'steps/s',
        note: `${Math.round(waits).toLocaleString('en')} waits/s, processors ${Math.round(100 * worked)} %`,
      },
      {
        name: 'journeys: steps, against what is promised',
        ours,
        limit: 5_000,
        ratio: ours / 5_000,
        target: 1,
        unit: 'steps/s',
      },
      {
        name: 'journeys: restart to first steps on disk',
        ours: firstStepMs,
        limit: 5_000,
        ratio: 5_000 / firstStepMs,
        target: 1,
        unit: 'ms',
      },
      {
        name: 'journeys: memory of the process at most',
        ours: rssMb,
        limit: 400,
        ratio: 400 / rssMb,
        target: 1,
        unit: 'MB',
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Round {
  restart: Restart
  stepsPerSecond: number
  waitsPerSecond: number
  barePerSecond: number
}

async function measure(path: string, dueUntil: number, due: number): Promise<Round> {
  const before = `${path}.before`
  copyFileSync(path, before) // No log stands beside it: whoever closed it last wrote it all into the file.
  const restart = restartOn(path, dueOf(dueUntil))

  const after = openSqlite(path)
  const written = writtenSince(after.database, before)
  await after.store.close()
  const count = (table: string) => written.find((one) => one.table === table)?.added.length ?? 0
  assert.equal(written.find(({ table }) => table === 'timer')?.changed.length, due)
  const steps = count('instanceStep')
  assert(steps >= due)

  const bare = openSqlite(before)
  const bareMs = replaySteps(bare.database, written, Math.ceil(count('inbox') / BATCH))
  await bare.store.close()
  rmSync(before)
  const perSecond = (amount: number, ms: number) => (amount / ms) * 1_000
  return {
    restart,
    stepsPerSecond: perSecond(steps, restart.tookMs),
    waitsPerSecond: perSecond(due, restart.tookMs),
    barePerSecond: perSecond(steps, bareMs),
  }
}

/** With the young generation that `npm start` asks for. */
function restartOn(path: string, now: number): Restart {
  const script = fileURLToPath(new URL('./journeys/restart.ts', import.meta.url))
  const answer = execFileSync(process.execPath, ['--max-semi-space-size=16', script, path, `${now}`], {
    encoding: 'utf8',
  })
  return JSON.parse(answer) as Restart
}
