import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { v7 } from 'uuid'
import type { Instant } from '#engine/clock.ts'
import type { Decision } from '#engine/decision.ts'
import type { Store } from '#engine/store.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { aTimer, parkTimers, type ParkedTimers } from './parked/timers.ts'
import { median, type BenchOptions, type BenchResult } from './result.ts'

const NOW = Date.UTC(2026, 3, 1, 1)
/** As many as the server's loop takes at once. */
const PAGE = 500
/** Timers of one commit. */
const BATCH = 200
const YEAR_MS = 365 * 86_400_000

/**
 * What a timer costs when a million are parked, against a table that holds nothing but those that are due: claiming the due
 * ones, whose rows lie scattered over the table, and parking new ones at random times of a year. Both on a file, with a sync
 * at each commit.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const rounds = quick ? 2 : 6
  const due = quick ? 2_000 : 10_000
  const parked = quick ? 100_000 : 1_000_000
  const folder = mkdtempSync(join(tmpdir(), 'denrei-timers-'))
  const full = openSqlite(join(folder, 'full.db'))
  const empty = openSqlite(join(folder, 'empty.db'))
  try {
    const timers = parkTimers(full.database, parked, NOW, Math.floor(YEAR_MS / parked))
    const claims = { full: [] as number[], empty: [] as number[] }
    const parks = { full: [] as number[], empty: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      const at = NOW + round * YEAR_MS
      const few = parkTimers(empty.database, due, at, 1)
      claims.empty.push(await claim(empty.store, few, due, due))
      claims.full.push(await claim(full.store, timers, (round + 1) * due, due))
      parks.empty.push(await park(empty.store, round, due))
      empty.database.exec("DELETE FROM timer; UPDATE tally SET count = 0 WHERE name = 'timers/waiting'")
      parks.full.push(await park(full.store, round, due))
    }
    assert.equal((await full.store.depths(NOW)).timersWaiting, parked)
    return [
      result(`timers: claiming ${due.toLocaleString('en')} due of ${parked.toLocaleString('en')}`, claims, due),
      result('timers: parking one more', parks, due),
    ]
  } finally {
    await full.store.close()
    await empty.store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param times milliseconds of each round; the first does not count, it was for the compiler */
function result(name: string, times: { full: number[]; empty: number[] }, count: number): BenchResult {
  const perSecond = (all: number[]) => (count / median(all.slice(1))) * 1_000
  const ours = perSecond(times.full)
  const limit = perSecond(times.empty)
  return { name, ours, limit, ratio: ours / limit, target: 0.5, unit: 'timers/s', note: 'limit: an empty table' }
}

/** @returns milliseconds until those that are due by then are all in the inbox */
async function claim(store: Store, timers: ParkedTimers, dueBy: number, expected: number): Promise<number> {
  const now = timers.at(dueBy)
  let count = 0
  const began = performance.now()
  for (;;) {
    const fired = await store.fireTimers(now, PAGE, v7)
    count += fired
    if (fired < PAGE) break
  }
  const took = performance.now() - began
  assert.equal(count, expected)
  return took
}

/** @returns milliseconds to commit decisions that park one timer each */
async function park(store: Store, round: number, count: number): Promise<number> {
  const decisions: Decision[][] = []
  for (let first = 0; first < count; first += BATCH) {
    decisions.push([
      await parking(
        store,
        Array.from({ length: BATCH }, (_, i) => round * count + first + i),
      ),
    ])
  }
  const began = performance.now()
  for (const batch of decisions) await store.commit(batch, new Map(), NOW, v7)
  return performance.now() - began
}

async function parking(store: Store, indexes: number[]): Promise<Decision> {
  const triggerId = v7()
  const event = {
    kind: 'release',
    waitsFor: 'number_ready',
    source: 'bench',
    sourceId: triggerId,
    occurredAt: NOW,
  } as const
  await store.accept([{ id: triggerId, event }], NOW)
  return {
    triggerId,
    changes: indexes.map((index) => ({ kind: 'timer', at: NOW, timer: aTimer(index, someday(index), NOW) })),
    trace: { triggerId, at: NOW, rules: [], notes: [] },
  }
}

/** An instant within a year, after all that a round claims; neighbours lie far apart. */
function someday(index: number): Instant {
  return NOW + YEAR_MS / 2 + ((index * 514_229) % 1_000_003) * 15_000
}
