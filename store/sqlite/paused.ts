import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { Timer } from '#engine/parkedTimer.ts'
import type { Session } from './session.ts'

interface PausedRow {
  definition: string
  at: Instant
  by: string
}

/** Definitions whose instances stand still. Few, and asked about with every timer, so they are kept in memory. */
export type Paused = ReturnType<typeof createPaused>

export function createPaused({ db, onRollback }: Session) {
  const read = db.prepare<[], PausedRow>('SELECT definition, at, "by" FROM pausedDefinition ORDER BY definition')
  const insert = db.prepare<[string, Instant, string]>(
    'INSERT INTO pausedDefinition (definition, at, "by") VALUES (?, ?, ?) ON CONFLICT (definition) DO NOTHING',
  )
  const remove = db.prepare<[string]>('DELETE FROM pausedDefinition WHERE definition = ?')
  let known: Map<string, PausedRow> | null = null
  onRollback(() => (known = null))

  const all = () => (known ??= new Map(read.all().map((row) => [row.definition, row])))

  return {
    list: (): PausedRow[] => [...all().values()],
    /** Since when, by definition. */
    since: (): Map<string, Instant> => new Map([...all()].map(([definition, { at }]) => [definition, at])),
    /** Whether this timer must not fire now. */
    holds: ({ kind, definition }: Pick<Timer, 'kind' | 'definition'>): boolean =>
      kind === 'instance' && all().size > 0 && all().has(definition.slice(0, definition.lastIndexOf('@'))),
    /** Pausing it again changes nothing. */
    pause({ definition, at, by }: Extract<Change, { kind: 'pause' }>): void {
      insert.run(definition, at, by)
      known = null
    },
    resume(definition: string): void {
      remove.run(definition)
      known = null
    },
  }
}
