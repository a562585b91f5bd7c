import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import BetterSqlite3, { type Database } from 'better-sqlite3'
import { AppError, StoreUnusable } from '#engine/errors.ts'
import type { Store } from '#engine/store.ts'
import { lockStore } from './lock.ts'
import { migrate } from './migrate.ts'
import { createSession } from './session.ts'
import { createSqliteStore } from './sqliteStore.ts'

export interface SqliteOptions {
  /** `FULL` (default): an accepted event survives a power cut. `NORMAL`: the last moments may be lost, never consistency. */
  synchronous?: 'FULL' | 'NORMAL'
}

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

/**
 * Opens the store, makes the file and its folder when there are none, and brings the tables up to date.
 *
 * @param path a file, or `:memory:`
 * @returns the store, and its connection for a library that brings its own tables. `store.close()` closes both.
 * @throws StoreLocked when another process works on the file
 * @throws StoreUnusable when it cannot be opened, is no database, or was written by a newer version
 */
export function openSqlite(path: string, options: SqliteOptions = {}): { store: Store; database: Database } {
  const { synchronous = 'FULL' } = options
  if (path === ':memory:') {
    const database = open(path, synchronous)
    return { store: createSqliteStore(createSession(database), () => void database.close()), database }
  }
  const file = fileOf(path)
  let unlock: () => void = () => undefined
  try {
    mkdirSync(dirname(file), { recursive: true })
    // People's numbers and words are in it. SQLite gives its side files the same rights; a file that is there keeps its own.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
    unlock = lockStore(file)
    const database = open(file, synchronous)
    const close = () => {
      database.close()
      unlock()
    }
    return { store: createSqliteStore(createSession(database), close), database }
  } catch (error) {
    unlock()
    if (error instanceof AppError) throw error
    const cause = error instanceof Error ? error.message : String(error)
    throw new StoreUnusable(`"${file}" cannot be opened as a store: ${cause}.`, { path: file }, { cause: error })
  }
}

/** One name for one file, so that a link to it meets the same lock. */
function fileOf(path: string): string {
  const file = resolve(path)
  return existsSync(file) ? realpathSync(file) : file
}

function open(file: string, synchronous: 'FULL' | 'NORMAL'): Database {
  const database = new BetterSqlite3(file, { timeout: 5000 })
  try {
    database.pragma('journal_mode = WAL')
    database.pragma(`synchronous = ${synchronous}`)
    database.pragma('foreign_keys = ON')
    database.pragma('temp_store = MEMORY')
    // 16 MB of our own (32 and 64 gained nothing), and no mmap: it gained nothing either and its pages count as our memory.
    database.pragma('cache_size = -16000')
    // Pages that are written again and again, as those of indexes are, go to the file once for each 16 MB of log, not for each 4.
    database.pragma('wal_autocheckpoint = 4000')
    migrate(database, MIGRATIONS)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
