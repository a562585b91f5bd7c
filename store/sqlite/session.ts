import BetterSqlite3, { type Database } from 'better-sqlite3'
import { StoreBusy, StoreFailed } from '#engine/errors.ts'
import { createTallies, type Tallies } from './tallies.ts'

/** The connection and its transactions. All work on it is synchronous, so a transaction is never interleaved. */
export interface Session {
  db: Database
  tallies: Tallies
  /** Runs `work` in one transaction that takes the write lock at once: all of it is written, or nothing. */
  write: <T>(work: () => T) => T
  /** Runs `work` on one snapshot. */
  read: <T>(work: () => T) => T
  /** Called when a transaction was taken back: what was cached of it must go. */
  onRollback: (forget: () => void) => void
}

export function createSession(db: Database): Session {
  const tallies = createTallies(db)
  const forgets: (() => void)[] = [() => tallies.forget()]
  const transaction = db.transaction((work: () => unknown) => {
    const result = work()
    tallies.flush()
    return result
  })
  const snapshot = db.transaction((work: () => unknown) => work())
  return {
    db,
    tallies,
    write<T>(work: () => T): T {
      try {
        return transaction.immediate(work) as T
      } catch (error) {
        for (const forget of forgets) forget()
        throw faultOf(error, db)
      }
    },
    read<T>(work: () => T): T {
      try {
        return snapshot.deferred(work) as T
      } catch (error) {
        throw faultOf(error, db)
      }
    },
    onRollback: (forget) => void forgets.push(forget),
  }
}

/** The disk's faults get our codes; what is our own mistake (a constraint, a bad statement) stays as it is. */
function faultOf(error: unknown, db: Database): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error
  const details = { path: db.name, sqlite: error.code }
  if (/^SQLITE_(BUSY|LOCKED)/.test(error.code)) {
    return new StoreBusy(`Another program holds "${db.name}". The work is tried again.`, details, { cause: error })
  }
  if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM)/.test(error.code)) {
    return new StoreFailed(`"${db.name}" cannot be written or read: ${error.message}. Look at the disk.`, details, {
      cause: error,
    })
  }
  return error
}
