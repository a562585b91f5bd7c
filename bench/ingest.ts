import { NUMBER_DEFAULTS, TEMPLATE_DEFAULTS } from '#engine/state.ts'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { v7 } from 'uuid'
import type { Definition } from '#definitions/definitions.ts'
import { builtinModules } from '#definitions/modules.ts'
import { compileDefinitions, type DefinitionSet } from '#engine/definitionSet.ts'
import { runBatch } from '#engine/run.ts'
import type { Store } from '#engine/store.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { replay, rowsOf } from './ingest/bareLoop.ts'
import { median, type BenchOptions, type BenchResult } from './result.ts'

const BATCH = 200
const NOW = Date.UTC(2026, 3, 1, 1)

/**
 * Events accepted, decided and committed in a second, through the real engine and the SQLite store with a sync at each commit.
 * Of every ten new leads four are sent a template, and the others match no branch.
 *
 * The limit is a loop of prepared statements that writes the very rows that our run left (read back from its file), into the
 * same tables with the same indexes, in as many transactions, with the same sync: no reading, no deciding, no JSON.
 */
export async function run({ quick = false }: BenchOptions): Promise<BenchResult[]> {
  const count = quick ? 2_000 : 20_000
  const rounds = quick ? 1 : 5
  const folder = mkdtempSync(join(tmpdir(), 'denrei-ingest-'))
  try {
    const ours: number[] = []
    const limit: number[] = []
    await round(folder, 'warm', count) // One round before those that count, for the compiler.
    for (let index = 0; index < rounds; index++) {
      const rates = await round(folder, `${index}`, count)
      ours.push(rates.ours)
      limit.push(rates.limit)
    }
    return [
      {
        name: 'ingest: accepted, decided, committed',
        ours: median(ours),
        limit: median(limit),
        ratio: median(ours) / median(limit),
        target: 0.5,
        unit: 'events/s',
        note: `batches of ${BATCH}, synchronous=FULL`,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function round(folder: string, name: string, count: number): Promise<{ ours: number; limit: number }> {
  const path = join(folder, `${name}.db`)
  const { store, database } = openSqlite(path)
  const definitions = await prepare(store)
  const before = rowsOf(database)
  const events = Array.from({ length: count }, (_, index) => leadEvent(index))
  const shell = { store, clock: { now: () => NOW }, definitions: () => definitions, newId: () => v7() }

  const began = performance.now()
  for (let first = 0; first < count; first += BATCH) {
    const batch = events.slice(first, first + BATCH)
    await store.accept(
      batch.map((event) => ({ id: v7(), event })),
      NOW,
    )
    const { decisions, setAside } = await runBatch(shell, BATCH)
    assert.equal(decisions.length + setAside.length, batch.length)
  }
  const took = performance.now() - began

  const { messages } = await store.totals()
  assert.deepEqual(messages, [{ state: 'queued', reason: null, count: (count * 4) / 10 }])
  const rows = rowsOf(database, before)
  await store.close()
  const bare = openSqlite(join(folder, `${name}-bare.db`))
  const bareTook = replay(bare.database, rows, count / BATCH)
  await bare.store.close()
  return { ours: (count / took) * 1_000, limit: (count / bareTook) * 1_000 }
}

async function prepare(store: Store): Promise<DefinitionSet> {
  await store.saveNumbers([NUMBER], NOW)
  await store.saveTemplates([TEMPLATE], NOW)
  await store.accept([{ id: v7(), event: PURCHASE }], NOW)
  const wanted = DEFINITIONS.map((definition) => ({
    key: `${definition.kind}/${definition.name}`,
    definition,
    hash: 'h',
  }))
  const stored = await store.saveDefinitions(wanted, [], [], 'bench', NOW, () => v7())
  const set = compileDefinitions(stored, builtinModules)
  await runBatch({ store, clock: { now: () => NOW }, definitions: () => set, newId: () => v7() }, 1000)
  assert((await store.balance()).available > 0)
  return set
}

function leadEvent(index: number): RecordEvent {
  return {
    kind: 'record',
    op: 'created',
    module: 'Leads',
    recordId: `57250000000${String(index).padStart(8, '0')}`,
    values: {
      Last_Name: ['佐藤', '鈴木', 'Silva', 'Müller'][index % 4] ?? '',
      First_Name: '花子',
      Company: `株式会社サンプル${index}`,
      Email: `lead${index}@example.jp`,
      Mobile: `+8190${String(10_000_000 + index)}`,
      Lead_Source: index % 10 < 4 ? 'Web' : 'Phone',
      Lead_Status: 'New',
      Country: 'JP',
      Annual_Revenue: index * 100,
      Description: '資料請求フォームからのお問い合わせ。折り返しの連絡を希望。',
    },
    mode: 'merge',
    source: 'crm',
    sourceId: `evt-${index}`,
    occurredAt: NOW,
  }
}

const NUMBER = {
  id: '106540352242922',
  accountId: '102290129340398',
  displayNumber: '+81 3-1234-5678',
  nickname: null,
  verifiedName: '伝令商事',
  status: 'CONNECTED',
  verified: true,
  quality: 'GREEN',
  throughput: 80,
  ...NUMBER_DEFAULTS,
  reachMax: null,
  updatedAt: NOW,
}
const TEMPLATE = {
  name: 'welcome_lead',
  language: 'ja',
  accountId: '102290129340398',
  metaId: '1',
  status: 'APPROVED',
  category: 'UTILITY',
  quality: null,
  reason: null,
  ...TEMPLATE_DEFAULTS,
  submittedHash: null,
  updatedAt: NOW,
} as const
const PURCHASE = {
  kind: 'credits',
  amountMicros: 1_000_000_000_000,
  memo: 'bench',
  actor: 'bench',
  source: 'bench',
  sourceId: 'credits',
  occurredAt: NOW,
} as const
const DEFINITIONS: Definition[] = [
  {
    kind: 'template',
    name: 'welcome_lead',
    language: 'ja',
    category: 'UTILITY',
    module: 'Leads',
    body: 'こんにちは、{{name}} 様。お問い合わせありがとうございます。担当者からご連絡いたします。',
    parameters: { name: { value: '$[Leads.Last_Name]', example: '田中' } },
  },
  {
    kind: 'workflow',
    name: 'welcome-web-lead',
    module: 'Leads',
    trigger: { on: 'record.created' },
    branches: [
      {
        when: {
          all: [
            { fact: 'Lead_Source', operator: 'equal', value: 'Web' },
            { fact: 'Country', operator: 'in', value: ['JP', 'IN'] },
          ],
        },
        actions: [{ type: 'sendTemplate', template: 'welcome_lead' }],
      },
    ],
  },
]
