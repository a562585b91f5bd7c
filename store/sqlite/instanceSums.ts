import type { Instance, InstanceStep } from '#engine/instance.ts'
import type { InstanceCounts } from '#engine/reads.ts'
import type { instancePass, instanceStanding } from './schema/instances.ts'
import type { Session } from './session.ts'

type Standing = typeof instanceStanding.$inferSelect
type Pass = typeof instancePass.$inferSelect
type Place = Pick<Instance, 'definition' | 'version' | 'position'>

/** What stands in a key for nowhere: before it entered, and after it left. No position is called so. */
const NOWHERE = ''

/** How instances fare, as sums. Changes gather in memory and are written once at the end of a transaction. */
export type InstanceSums = ReturnType<typeof createInstanceSums>

export function createInstanceSums({ db, onCommit, onRollback }: Session) {
  const addStanding = db.prepare<[Standing]>(
    `INSERT INTO instanceStanding (definition, version, position, count) VALUES (@definition, @version, @position, @count)
     ON CONFLICT (definition, version, position) DO UPDATE SET count = count + excluded.count`,
  )
  const addPass = db.prepare<[Pass]>(
    `INSERT INTO instancePass (definition, "from", "to", via, count, totalMs) VALUES (@definition, @from, @to, @via, @count, @totalMs)
     ON CONFLICT (definition, "from", "to", via) DO UPDATE SET count = count + excluded.count, totalMs = totalMs + excluded.totalMs`,
  )
  const standing = db.prepare<[string], InstanceCounts['standing'][number]>(
    'SELECT version, position, count FROM instanceStanding WHERE definition = ? AND count <> 0 ORDER BY version, position',
  )
  const passes = db.prepare<[string], Pass>(
    'SELECT * FROM instancePass WHERE definition = ? ORDER BY "from", "to", via',
  )
  const standings = new Map<string, Standing>()
  const gone = new Map<string, Pass>()

  onCommit(() => {
    for (const one of standings.values()) if (one.count !== 0) addStanding.run(one)
    for (const one of gone.values()) addPass.run(one)
    forget()
  })
  onRollback(forget)

  function forget(): void {
    standings.clear()
    gone.clear()
  }

  return {
    /** One more (1) or one fewer (-1) stands there. */
    stand({ definition, version, position }: Place, by: 1 | -1): void {
      const key = JSON.stringify([definition, version, position])
      const sum = standings.get(key)
      if (sum === undefined) standings.set(key, { definition, version, position, count: by })
      else sum.count += by
    },
    /** A way was gone. Notes are none, nor is a migration to the same position: it stands there on. */
    pass(definition: string, { kind, from, to, via, tookMs }: InstanceStep): void {
      if (kind === 'noted' || (kind === 'migrated' && from === to)) return
      const key = JSON.stringify([definition, from, to, via])
      const sum = gone.get(key)
      if (sum === undefined) {
        gone.set(key, { definition, from: from ?? NOWHERE, to: to ?? NOWHERE, via, count: 1, totalMs: tookMs })
        return
      }
      sum.count++
      sum.totalMs += tookMs
    },
    counts(definition: string): InstanceCounts {
      const ways = passes.all(definition)
      const ended = new Map<string, number>()
      for (const { to, via, count } of ways) if (to === NOWHERE) ended.set(via, (ended.get(via) ?? 0) + count)
      return {
        entered: ways.filter(({ from }) => from === NOWHERE).reduce((sum, { count }) => sum + count, 0),
        standing: standing.all(definition),
        ended: [...ended].map(([reason, count]) => ({ reason, count })),
        passes: ways.map(({ from, to, via, count, totalMs }) => ({
          from: from === NOWHERE ? null : from,
          to: to === NOWHERE ? null : to,
          via,
          count,
          totalMs,
        })),
      }
    },
  }
}
