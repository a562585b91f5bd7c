import BetterSqlite3, { type Database } from 'better-sqlite3'
import { StoreBusy, StoreFailed } from '#engine/errors.ts'
import { createTallies, type Tallies } from './tallies.ts'

/** The connection and its transactions. All work on it is synchronous, so a transaction is never interleaved. */
export interface Session {
  db: Database
  tallies: Tallies
  /**
   * Runs `work` soon, all of it or nothing, and resolves when it is on disk. Whatever else is asked for until the event loop
   * turns shares the transaction, and so the one wait for the disk: commits are what the disk is slow at. When one of them
   * fails, all are run again, each behind a savepoint of its own, so that it fails alone. Work must bear being run twice.
   */
  write: <T>(work: () => T) => Promise<T>
  /** Runs what `write` was asked for now. */
  flush: () => void
  /** Runs `work` on one snapshot. */
  read: <T>(work: () => T) => T
  /** Called at the end of every transaction, inside it: sums that gathered in memory are written. */
  onCommit: (flush: () => void) => void
  /** Called when a transaction was taken back: what was cached of it must go. */
  onRollback: (forget: () => void) => void
}

interface Job {
  work: () => unknown
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

export function createSession(db: Database): Session {
  const tallies = createTallies(db)
  const flushes: (() => void)[] = [() => tallies.flush()]
  const forgets: (() => void)[] = [() => tallies.forget()]
  let waiting: Job[] = []
  let turn: NodeJS.Immediate | null = null

  const together = db.transaction((jobs: Job[]) => {
    const results = jobs.map(({ work }) => work())
    for (const flushOne of flushes) flushOne()
    return results
  })
  // better-sqlite3 makes a savepoint of a transaction inside a transaction.
  const alone = db.transaction((work: () => unknown) => {
    const result = work()
    for (const flushOne of flushes) flushOne()
    return result
  })
  const apart = db.transaction((jobs: Job[]) => jobs.map((job) => attempt(job)))
  const snapshot = db.transaction((work: () => unknown) => work())

  /** @returns what to tell the one who asked, once the transaction is on disk */
  function attempt({ work, resolve, reject }: Job): () => void {
    try {
      const result = alone(work)
      return () => resolve(result)
    } catch (error) {
      forgetAll()
      // SQLite took the whole transaction back, as it does when the disk is full: nobody's work is there.
      if (!db.inTransaction) throw error
      return () => reject(faultOf(error, db))
    }
  }

  /** Work seldom fails, and a savepoint for each costs as much as a row. So they are set only when one of the group has failed. */
  function writeAll(jobs: Job[]): (() => void)[] {
    try {
      const results = together.immediate(jobs)
      return jobs.map(
        ({ resolve }, index) =>
          () =>
            resolve(results[index]),
      )
    } catch (error) {
      forgetAll()
      if (jobs.length === 1) throw error
      return apart.immediate(jobs)
    }
  }

  function forgetAll(): void {
    for (const forget of forgets) forget()
  }

  function flush(): void {
    if (turn !== null) clearImmediate(turn)
    turn = null
    const jobs = waiting
    waiting = []
    if (jobs.length === 0) return
    let tell: (() => void)[]
    try {
      tell = writeAll(jobs)
    } catch (error) {
      forgetAll()
      const fault = faultOf(error, db)
      tell = jobs.map(
        ({ reject }) =>
          () =>
            reject(fault),
      )
    }
    for (const one of tell) one()
  }

  return {
    db,
    tallies,
    flush,
    write<T>(work: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve: resolve as (result: unknown) => void, reject })
        turn ??= setImmediate(flush)
      })
    },
    read<T>(work: () => T): T {
      try {
        return snapshot.deferred(work) as T
      } catch (error) {
        throw faultOf(error, db)
      }
    },
    onCommit: (flushOne) => void flushes.push(flushOne),
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
