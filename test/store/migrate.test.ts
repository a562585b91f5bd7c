import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StoreUnusable } from '#engine/errors.ts'
import type { SendIntent } from '#engine/message.ts'
import { migrate } from '#store/sqlite/migrate.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { NOW } from '#test/engine/builders.ts'
import { claimAll, newId, sendIntent, timer } from './builders.ts'

const COMMITTED = resolve('store/sqlite/migrations')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'denrei-migrations-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Journal {
  entries: { idx: number; when: number; tag: string }[]
}

/** The committed migrations with a changed journal, in a folder of their own. */
function withJournal(change: (journal: Journal) => Journal): string {
  const next = join(folder, 'next')
  cpSync(COMMITTED, next, { recursive: true })
  const path = join(next, 'meta/_journal.json')
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Journal)))
  return next
}

/** The committed migrations and one more. */
function withNext(sql: string): string {
  const next = withJournal(({ entries, ...journal }) => {
    const newest = entries.at(-1)
    if (newest === undefined) throw new Error('There is no migration.')
    return {
      ...journal,
      entries: [...entries, { ...newest, idx: newest.idx + 1, when: newest.when + 1, tag: '9999_next' }],
    }
  })
  writeFileSync(join(next, '9999_next.sql'), sql)
  return next
}

/** The committed migrations up to this one. */
function upTo(tag: string): string {
  return withJournal(({ entries, ...journal }) => {
    const last = entries.findIndex((entry) => entry.tag === tag)
    if (last < 0) throw new Error(`There is no migration ${tag}.`)
    return { ...journal, entries: entries.slice(0, last + 1) }
  })
}

test('an old file gets what it lacks and keeps what it has; doing it again changes nothing', () => {
  const db = new Database(':memory:')
  migrate(db, COMMITTED)
  db.exec("INSERT INTO counter (name, value) VALUES ('当番', 3)")
  const next = withNext(
    'ALTER TABLE counter ADD COLUMN note text;--> statement-breakpoint\nCREATE TABLE extra (id text);',
  )
  for (const _ of [1, 2]) migrate(db, next)
  expect(db.prepare('SELECT * FROM counter').all()).toEqual([{ name: '当番', value: 3, note: null }])
  expect(db.prepare('SELECT * FROM extra').all()).toEqual([])
})

test('a migration that fails leaves the file as it was', () => {
  const db = new Database(':memory:')
  migrate(db, COMMITTED)
  const next = withNext('CREATE TABLE extra (id text);--> statement-breakpoint\nALTER TABLE nowhere ADD COLUMN x text;')
  expect(() => migrate(db, next)).toThrow('nowhere')
  expect(() => db.prepare('SELECT * FROM extra')).toThrow('no such table')
  expect(() => migrate(db, COMMITTED)).not.toThrow()
})

test('a file that a newer program has written is not touched', () => {
  const db = new Database(':memory:')
  migrate(db, withNext('CREATE TABLE extra (id text);'))
  expect(() => migrate(db, COMMITTED)).toThrow(StoreUnusable)
  expect(() => migrate(db, COMMITTED)).toThrow('newer version')
})

test('the committed migrations make the tables of the schema', async () => {
  const out = join(folder, 'out')
  cpSync(COMMITTED, out, { recursive: true })
  const kit = resolve('node_modules/drizzle-kit/bin.cjs')
  const args = [
    'generate',
    '--dialect',
    'sqlite',
    '--schema',
    './store/sqlite/schema/*.ts',
    '--out',
    relative('.', out),
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [kit, ...args])
  expect(stdout).toContain('No schema changes')
})

test('what waited in a store that knew workflows only goes on: later actions, their events, messages on their way', async () => {
  const file = join(folder, 'old.db')
  const old = new Database(file)
  migrate(old, upTo('0004_plain_steps'))
  const [parked, fired] = [timer({ id: 'parked' }), timer({ id: 'fired' })].map(({ kind: _kind, ...one }) => one)
  if (parked === undefined || fired === undefined) throw new Error('There are two.')
  old
    .prepare(
      "INSERT INTO timer (id, dueAt, definition, module, recordId, timer, state) VALUES (@id, @dueAt, @definition, @module, @recordId, @text, 'waiting')",
    )
    .run({ ...parked, text: JSON.stringify(parked) })
  const event = { kind: 'timer', source: 'denrei:timer', sourceId: 'fired', occurredAt: NOW, timer: fired }
  old
    .prepare(
      "INSERT INTO inbox (id, source, sourceId, event, acceptedAt, state) VALUES ('t1', 'denrei:timer', 'fired', ?, ?, 'pending')",
    )
    .run(JSON.stringify(event), NOW)
  const putMessage = old.prepare(
    `INSERT INTO outbox (id, kind, lane, definition, module, recordId, template, language, intent, state, dueAt, attempts, fence,
       priceMicros, holdState, revision, createdAt, claimedAt)
     VALUES (@id, 'sendTemplate', '', '', '', '', 'welcome_lead', 'ja', @intent, 'queued', 0, 0, 0, 0, 'none', 1, 0, @claimedAt)`,
  )
  for (const [id, claimedAt] of [
    ['fresh', null],
    ['claimed', NOW],
  ] as const) {
    putMessage.run({ id, claimedAt, intent: JSON.stringify(sendIntent({ id })) })
  }
  old.close()

  const { store } = openSqlite(file)
  expect((await store.pending(10, NOW)).flatMap((one) => (one.kind === 'timer' ? one.timer : []))).toEqual([
    { ...fired, kind: 'later' },
  ])
  expect(await store.fireTimers(parked.dueAt, 10, newId)).toBe(1)
  expect(await store.timers({})).toEqual([{ ...parked, kind: 'later', state: 'fired', reason: null }])
  expect([await store.message('fresh'), await store.message('claimed')].map((one) => one?.form)).toEqual([
    null,
    'template',
  ])
  await store.close()
})

test('a store that knew one account goes on: who was reached, what waits, what was spent, what was kept', async () => {
  const file = join(folder, 'old.db')
  const old = new Database(file)
  migrate(old, upTo('0007_timer_indexes'))
  const number = old.prepare(
    `INSERT INTO numberState (id, accountId, displayNumber, status, verified, quality, throughput, updatedAt)
     VALUES (?, ?, '+81 3', 'CONNECTED', 1, 'GREEN', 80, 0)`,
  )
  number.run('10001', '20001')
  number.run('10002', '20001')
  old.prepare('INSERT INTO reach (who, lastAt) VALUES (?, ?)').run('+819011111111', NOW)
  old.exec("INSERT INTO tally (name, count) VALUES ('reach', 1), ('message/delivered/', 1), ('message/read/', 1)")
  const message = old.prepare(
    `INSERT INTO outbox (id, kind, lane, definition, module, recordId, template, language, intent, state, dueAt, attempts, fence, form,
       priceMicros, holdState, market, category, revision, createdAt, claimedAt, deliveredAt)
     VALUES (@id, 'sendTemplate', '10001', @definition, 'Leads', '1', @template, @language, @intent, @state, @dueAt, 0, 0, @form,
       @priceMicros, @holdState, 'Japan', 'UTILITY', 1, @at, @at, @at)`,
  )
  const plain = { form: null, priceMicros: 0, holdState: 'none', state: 'queued', dueAt: NOW, at: NOW }
  const put = (change: Partial<SendIntent>, row: object = {}) => {
    const intent = sendIntent(change)
    const { name: template, language } = intent.template ?? { name: '', language: '' }
    const { id, definition } = intent
    message.run({ ...plain, id, definition, template, language, intent: JSON.stringify(intent), ...row })
    return id
  }
  const [ad, bill] = [
    put({ category: 'MARKETING', definition: 'workflow/ad@4' }),
    put({ definition: 'workflow/bill@1' }),
  ]
  // Just before midnight in Tokyo, and just after.
  const midnight = Date.parse('2026-11-22T00:00:00+09:00')
  const paid = put(
    { definition: 'workflow/bill@1' },
    { state: 'read', form: 'template', priceMicros: 7, holdState: 'captured', at: midnight - 1 },
  )
  const text = { template: null, text: { body: 'はい' }, category: 'SERVICE' } as const
  put(text, { state: 'delivered', form: 'text', at: midnight })
  const post = old.prepare(
    'INSERT INTO ledgerPosting (txId, account, amountMicros, messageId, memo, at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  post.run('x:capture', 'held', -7, paid, '', midnight - 1)
  post.run('x:capture', 'spent', 7, paid, '', midnight - 1)
  old.exec("INSERT INTO kept (field, value, at) VALUES ('flows', '1', 0), ('flows', '2', 0)")
  old.close()

  for (const _ of [1, 2]) {
    const { store } = openSqlite(file)
    const [facts] = await store.sendFacts(
      [sendIntent({ to: { raw: '+819011111111', phone: '+819011111111' } })],
      NOW + 1,
    )
    expect(facts).toMatchObject({ reached: 1, reachedAlready: true, oldestReachedAt: NOW, serviceThisMonth: 1 })
    expect(await store.keptCounts()).toEqual([{ field: 'flows', count: 2 }])
    expect(
      await store.statement({ from: '2026-11-01', until: '2026-11-30', by: ['day', 'template', 'definition'] }),
    ).toEqual([
      { parts: ['2026-11-21', 'welcome_lead/ja', 'workflow/bill'], charged: 1, free: 0, spentMicros: 7 },
      { parts: ['2026-11-22', '', 'workflow/welcome-web-lead'], charged: 0, free: 1, spentMicros: 0 },
    ])
    expect(await store.dueLanes(NOW)).toEqual(['10001'])
    await store.close()
  }
  const { store } = openSqlite(file)
  const claimed = await claimAll(store, { limit: 2 })
  expect(claimed.map(({ message: { intent } }) => intent.id)).toEqual([bill, ad])
  await store.close()
})
