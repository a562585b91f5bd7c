import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StoreUnusable } from '#engine/errors.ts'
import { migrate } from '#store/sqlite/migrate.ts'

const COMMITTED = resolve('store/sqlite/migrations')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'denrei-migrations-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The committed migrations and one more. */
function withNext(sql: string): string {
  const next = join(folder, 'next')
  cpSync(COMMITTED, next, { recursive: true })
  const path = join(next, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: { idx: number; when: number; tag: string }[] }
  const newest = journal.entries.at(-1)
  if (newest === undefined) throw new Error('There is no migration.')
  journal.entries.push({ ...newest, idx: newest.idx + 1, when: newest.when + 1, tag: '9999_next' })
  writeFileSync(path, JSON.stringify(journal))
  writeFileSync(join(next, '9999_next.sql'), sql)
  return next
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
