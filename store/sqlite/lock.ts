import Database from 'better-sqlite3'
import { StoreLocked } from '#engine/errors.ts'

/**
 * Holds `<path>-lock` for the life of the process, so that one file has one engine. The lock is SQLite's own lock on that
 * side file, which the operating system drops with the process: nothing is left behind by kill -9. The side file itself is
 * empty and stays; removing it while another process opens it would give two locks.
 *
 * @returns gives the lock back
 * @throws StoreLocked
 */
export function lockStore(path: string): () => void {
  const lock = new Database(`${path}-lock`, { timeout: 0 })
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error
    throw new StoreLocked(
      `Another process works on "${path}". Stop it first, or give this one its own file. To read the file meanwhile, use the API or a backup.`,
      { path },
      { cause: error },
    )
  }
  return () => {
    lock.close()
  }
}
