import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Values } from '#definitions/json.ts'
import { StoreFailed, StoreLocked, StoreUnusable } from '#engine/errors.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { NOW } from '#test/engine/builders.ts'
import {
  accepted,
  anInstance,
  apply,
  claimAll,
  enqueue,
  enters,
  instanceTimer,
  leadEvent,
  newId,
  request,
  sendIntent,
} from './builders.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'denrei-store-'))
  file = join(folder, 'data', 'denrei.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the file and its folder are made, and hold everything when opened again', async () => {
  const first = openSqlite(file)
  const [trigger] = await accepted(first.store, [leadEvent()])
  await first.store.close()
  const second = openSqlite(file)
  expect(await second.store.pending(10, NOW)).toEqual([trigger])
  await second.store.close()
})

test('where records stand, what waits and what is paused are there when it is opened again', async () => {
  const first = openSqlite(file)
  const one = anInstance({ addresses: ['+819012345678'] })
  const wait = instanceTimer(one)
  await apply(first.store, [
    enters(one),
    { kind: 'timer', timer: wait, at: NOW },
    { kind: 'pause', definition: one.definition, by: '田中', at: NOW },
  ])
  await first.store.close()

  const { store } = openSqlite(file)
  expect(await store.depths(NOW)).toMatchObject({ instancesRunning: 1, timersWaiting: 1 })
  const known = await store.load(request(await accepted(store, [leadEvent()])), NOW)
  expect(known.instances.get(one.id)).toEqual(one)
  expect(known.entries.size).toBe(1)
  expect(known.paused.has(one.definition)).toBe(true)
  expect(await store.fireTimers(wait.dueAt, 10, newId)).toBe(0)
  await apply(store, [{ kind: 'resume', definition: one.definition, spreadMs: 0, at: wait.dueAt }])
  expect(await store.fireTimers(wait.dueAt, 10, newId)).toBe(1)
  await store.close()
})

test('only its owner reads a new file and what SQLite puts beside it; a file that is there keeps its rights', async () => {
  const first = openSqlite(file)
  await accepted(first.store, [leadEvent()])
  const rights = (name: string) => statSync(name).mode & 0o777
  expect([file, `${file}-wal`].map(rights)).toEqual([0o600, 0o600])
  await first.store.close()
  chmodSync(file, 0o640)
  await openSqlite(file).store.close()
  expect(rights(file)).toBe(0o640)
})

test('what it runs with: WAL, a sync at each commit, or NORMAL when asked for', async () => {
  for (const [synchronous, code] of [
    [undefined, 2],
    ['NORMAL', 1],
  ] as const) {
    const { store, database } = openSqlite(file, synchronous && { synchronous })
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.pragma('synchronous', { simple: true })).toBe(code)
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1)
    await store.close()
  }
})

test('a second open of the same file is refused, says which file, and is no problem for the first', async () => {
  const { store } = openSqlite(file)
  expect(() => openSqlite(file)).toThrow(StoreLocked)
  expect(() => openSqlite(file)).toThrow(file)
  await accepted(store, [leadEvent()])
  await store.close()
  await openSqlite(file).store.close()
})

test('a link to the file meets the same lock', async () => {
  const { store } = openSqlite(file)
  const link = join(folder, 'link.db')
  symlinkSync(file, link)
  expect(() => openSqlite(link)).toThrow(StoreLocked)
  await store.close()
})

test('two stores in memory have nothing to do with one another', async () => {
  const [a, b] = [openSqlite(':memory:'), openSqlite(':memory:')]
  await accepted(a.store, [leadEvent()])
  expect(await b.store.pending(10, NOW)).toEqual([])
  await a.store.close()
  await b.store.close()
})

test.each([
  [
    'no database',
    () => writeFileSync(join(folder, 'denrei.db'), 'これはデータベースではない。'.repeat(50)),
    'denrei.db',
  ],
  ['a folder', () => undefined, '.'],
  ['below a file', () => writeFileSync(join(folder, 'x'), ''), 'x/denrei.db'],
])('%s cannot be opened, and no lock is left', (_name, prepare, name) => {
  prepare()
  const path = join(folder, name)
  expect(() => openSqlite(path)).toThrow(StoreUnusable)
  expect(() => openSqlite(path)).toThrow(`"${path.replace(/\/\.$/, '')}" cannot be opened as a store`)
})

test('a disk that is full is a fault with a code, and what was promised before stays', async () => {
  const { store, database } = openSqlite(file)
  const [trigger] = await accepted(store, [leadEvent()])
  const pages = database.pragma('page_count', { simple: true }) as number
  database.pragma(`max_page_count = ${pages}`)
  const big = () => ({ id: newId(), event: leadEvent({ values: { 備考: 'あ'.repeat(500_000) } }) })
  await expect(store.accept([big()], NOW)).rejects.toThrow(StoreFailed)
  expect(await store.pending(10, NOW)).toEqual([trigger])
  expect(await store.totals()).toMatchObject({ triggers: 1 })
  database.pragma('max_page_count = 1000000')
  expect(await store.accept([big()], NOW)).toMatchObject([{ kind: 'accepted' }])
  await store.close()
})

test('what was asked for before the store closes is written, and told', async () => {
  const first = openSqlite(file)
  const asked = first.store.accept([{ id: 'a', event: leadEvent() }], NOW)
  await first.store.close()
  expect(await asked).toEqual([{ kind: 'accepted', id: 'a' }])
  const second = openSqlite(file)
  expect(await second.store.pending(10, NOW)).toMatchObject([{ id: 'a' }])
  await second.store.close()
})

test('what shared a full disk with something too big is either there or was refused', async () => {
  const { store, database } = openSqlite(file)
  const pages = database.pragma('page_count', { simple: true }) as number
  database.pragma(`max_page_count = ${pages}`)
  const values: Values[] = [{}, { 備考: 'あ'.repeat(500_000) }, {}]
  const outcomes = await Promise.allSettled(
    values.map((one, index) => store.accept([{ id: `${index}`, event: leadEvent({ values: one }) }], NOW)),
  )
  const there = new Set((await store.pending(10, NOW)).map(({ id }) => id))
  expect(outcomes[1]?.status).toBe('rejected')
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(['0', '1', '2'].map((id) => there.has(id)))
  expect(await store.totals()).toMatchObject({ triggers: there.size })
  await store.close()
})

test('leases of the process that had the file before are over when it is opened', async () => {
  const first = openSqlite(file)
  await apply(first.store, [enqueue(sendIntent()), enqueue(sendIntent())])
  await claimAll(first.store, { limit: 1, leaseMs: 3_600_000 })
  await first.store.close()

  const { store } = openSqlite(file)
  expect(await store.expireLeases(NOW, 60_000)).toBe(1)
  expect(await store.messages({ state: 'unknown' }, { limit: 9 })).toMatchObject({ items: [{ state: 'unknown' }] })
  expect(await claimAll(store, { worker: 'w2' })).toHaveLength(1)
  await store.close()
})

const CHILD = resolve('test/store/acceptForEver.ts')

function acceptForEver(prefix: string): { child: ChildProcess; promised: string[]; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [CHILD, file, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  const promised: string[] = []
  if (child.stdout === null) throw new Error('The child has no output.')
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => {
    if (line !== 'open') promised.push(line)
  })
  return { child, promised, lines: reader[Symbol.asyncIterator]() }
}

test('killed at any moment, it has every event that it promised, and the next process starts at once', async () => {
  const promised: string[] = []
  for (const [round, linesSeen] of [1, 8, 40, 150].entries()) {
    const run = acceptForEver(`p${round}`)
    for (let line = 0; line < linesSeen; line++) await run.lines.next()
    if (round === 1) expect(() => openSqlite(file)).toThrow(StoreLocked)
    run.child.kill('SIGKILL')
    await once(run.child, 'close')
    promised.push(...run.promised)

    const { store, database } = openSqlite(file)
    const there = new Set((await store.pending(1_000_000, Number.MAX_SAFE_INTEGER)).map(({ id }) => id))
    expect(promised.filter((id) => !there.has(id))).toEqual([])
    expect(there.size % 5, 'half a batch was written').toBe(0)
    expect((await store.totals()).triggers).toBe(there.size)
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    await store.close()
  }
  expect(promised.length).toBeGreaterThan(150)
  expect(existsSync(`${file}-lock`)).toBe(true)
}, 60_000)
