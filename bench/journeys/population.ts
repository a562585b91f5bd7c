import assert from 'node:assert/strict'
import { v7 } from 'uuid'
import type { Definition } from '#definitions/definitions.ts'
import { builtinModules } from '#definitions/modules.ts'
import type { Instant } from '#engine/clock.ts'
import { compileDefinitions } from '#engine/definitionSet.ts'
import { runBatch } from '#engine/run.ts'
import type { Store } from '#engine/store.ts'
import type { RecordEvent } from '#engine/trigger.ts'

export const START_AT = Date.UTC(2026, 3, 1, 1)
export const REST_MS = 30 * 86_400_000
/** Records that come in at one instant. */
const TOGETHER = 100
/** Coprime to every number of groups that is a power of ten. */
const STRIDE = 389

/**
 * Every time a wait is over an instance takes a branch and comes to the next wait; each fourth changes its record on the way,
 * which is an event of its own. Nothing is sent: the bench `send` measures that.
 */
export const JOURNEY: Definition = {
  kind: 'journey',
  name: 'trial-nurture',
  module: 'Leads',
  entry: {
    trigger: { on: 'record.created' },
    when: { all: [{ fact: 'Lead_Source', operator: 'equal', value: 'Web' }] },
  },
  goal: { when: { all: [{ fact: 'Lead_Status', operator: 'equal', value: 'Converted' }] } },
  steps: [
    { id: 'rest', wait: 'P30D' },
    {
      id: 'size',
      branch: [{ when: { all: [{ fact: 'No_of_Employees', operator: 'greaterThan', value: 75 }] }, goto: 'mark' }],
      else: 'again',
    },
    { id: 'mark', do: [{ type: 'updateRecord', set: { Rating: 'Hot' } }] },
    { id: 'again', goto: 'rest', max: 1_000 },
    { id: 'end', exit: 'completed' },
  ],
}

/** Puts as many records into the journey, through the loop that a server runs. */
export async function populate(store: Store, count: number): Promise<void> {
  const wanted = [{ key: `${JOURNEY.kind}/${JOURNEY.name}`, definition: JOURNEY, hash: 'h' }]
  const stored = await store.saveDefinitions(wanted, [], [], 'bench', START_AT, () => v7())
  const definitions = compileDefinitions(stored, builtinModules)
  let now = START_AT
  const shell = { store, clock: { now: () => now }, definitions: () => definitions, newId: () => v7() }
  await runBatch(shell, TOGETHER) // The news of the definition.
  const groups = count / TOGETHER
  for (let group = 0; group < groups; group++) {
    // Not in the order in which they come due: after months of an installation neighbours in time lie apart in the file.
    const turn = (group * STRIDE) % groups
    now = dueOf((turn + 1) * TOGETHER) - REST_MS
    const events = Array.from({ length: TOGETHER }, (_, i) => leadEvent(group * TOGETHER + i, now))
    await store.accept(
      events.map((event) => ({ id: v7(), event })),
      now,
    )
    const { setAside } = await runBatch(shell, TOGETHER)
    assert.deepEqual(setAside, [])
  }
  assert.equal((await store.depths(now)).instancesRunning, count)
}

/** When the first wait of as many instances is over. @param count a multiple of {@link TOGETHER} */
export function dueOf(count: number): Instant {
  return START_AT + REST_MS + (count / TOGETHER) * 1_000
}

function leadEvent(index: number, now: Instant): RecordEvent {
  return {
    kind: 'record',
    op: 'created',
    module: 'Leads',
    recordId: `57250000000${String((index * 7_919) % 1_000_003).padStart(8, '0')}`,
    values: {
      Last_Name: ['佐藤', '鈴木', 'Silva', 'Müller'][index % 4] ?? '',
      First_Name: '花子',
      Company: `株式会社サンプル${index}`,
      Email: `lead${index}@example.jp`,
      Mobile: `+8190${String(10_000_000 + index)}`,
      Lead_Source: 'Web',
      Lead_Status: 'New',
      Country: 'JP',
      No_of_Employees: index % 100,
      Description: '資料請求フォームからのお問い合わせ。折り返しの連絡を希望。',
    },
    mode: 'merge',
    source: 'crm',
    sourceId: `evt-${index}`,
    occurredAt: now,
  }
}
