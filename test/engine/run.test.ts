import { expect, test } from 'vitest'
import { StoreBusy } from '#engine/errors.ts'
import { runBatch, CONFLICT_ATTEMPTS_MAX } from '#engine/run.ts'
import type { Store } from '#engine/store.ts'
import { createWorkbench, recordEvent } from './workbench.ts'

test('a batch that lost its race is decided again on what is there now', async () => {
  const bench = await createWorkbench([])
  await bench.happen(recordEvent('created', 'Leads', '1', { Count: 1 }))
  let raced = false
  // Another process changes the record between our load and our commit.
  const racing: Store = {
    ...bench.store,
    commit: async (decisions, revisions, now, newId) => {
      if (!raced) {
        raced = true
        return { kind: 'conflict', keys: ['Leads/1'] }
      }
      return bench.store.commit(decisions, revisions, now, newId)
    },
  }
  await bench.store.accept([{ id: 'tz', event: recordEvent('updated', 'Leads', '1', { Count: 2 }) }], bench.now())
  const { decisions } = await runBatch({ ...bench.shell, store: racing }, 10)
  expect(decisions).toHaveLength(1)
  expect(await bench.values('Leads', '1')).toEqual({ Count: 2 })
})

test('a batch that always loses its race says so and stays in the inbox', async () => {
  const bench = await createWorkbench([])
  let attempts = 0
  const store: Store = {
    ...bench.store,
    commit: async () => {
      attempts++
      return { kind: 'conflict', keys: ['Leads/1'] }
    },
  }
  await bench.store.accept([{ id: 'tz', event: recordEvent('updated', 'Leads', '1', {}) }], bench.now())
  await expect(runBatch({ ...bench.shell, store }, 10)).rejects.toBeInstanceOf(StoreBusy)
  expect(attempts).toBe(CONFLICT_ATTEMPTS_MAX)
  expect(await bench.store.pending(10, bench.now())).toHaveLength(1)
})

test('a decision that the store cannot apply is found among a hundred and set aside alone', async () => {
  const bench = await createWorkbench([])
  const store: Store = {
    ...bench.store,
    commit: async (decisions, ...rest) => {
      const poisoned = decisions.some(({ changes }) =>
        changes.some((change) => change.kind === 'putRecord' && change.id === '37'),
      )
      if (poisoned) throw new Error('disk says no')
      return bench.store.commit(decisions, ...rest)
    },
  }
  const events = Array.from({ length: 100 }, (_, id) => ({
    id: `tz${String(id).padStart(3, '0')}`,
    event: recordEvent('created', 'Leads', String(id), {}),
  }))
  await bench.store.accept(events, bench.now())
  const { decisions, setAside } = await runBatch({ ...bench.shell, store }, 100)
  expect(decisions).toHaveLength(99)
  expect(setAside).toEqual([{ triggerId: 'tz037', error: 'Error: disk says no' }])
  expect(await bench.store.pending(10, bench.now())).toEqual([])
  expect(await bench.store.requeue('tz037')).toBe(1)
  await bench.settle()
  expect(await bench.values('Leads', '37')).toEqual({})
})
