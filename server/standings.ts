import type { Blueprint, Journey } from '#definitions/definitions.ts'
import { NotFound } from '#engine/errors.ts'
import { journeyReport } from '#engine/journey/report.ts'
import type { InstanceCounts } from '#engine/reads.ts'
import type { Store, StoredDefinition } from '#engine/store.ts'
import type { BlueprintReport, JourneyReportAnswer, Standing } from './denrei.ts'

type Process = StoredDefinition & { definition: Blueprint | Journey }

/** How each blueprint, or each journey, fares: where its records stand and how they ended. */
export async function standings(store: Store, kind: 'blueprint' | 'journey'): Promise<Standing[]> {
  const [stored, paused] = await Promise.all([store.definitions(), store.paused()])
  const all = stored.filter((one): one is Process => one.definition.kind === kind)
  return Promise.all(
    all.map(async (one) => {
      const counts = await store.instanceCounts(one.key)
      const positions = new Map<string, number>()
      for (const { position, count } of counts.standing) {
        positions.set(position, (positions.get(position) ?? 0) + count)
      }
      return {
        ...standing(one, counts, paused),
        positions: [...positions].map(([position, running]) => ({ position, running })),
      }
    }),
  )
}

/**
 * What a process owner asks of a blueprint: how many stand in each state, how long they stay there, how often each transition
 * was taken.
 *
 * @throws NotFound
 */
export async function blueprintReport(store: Store, name: string): Promise<BlueprintReport> {
  const { stored, counts, paused } = await readProcess(store, 'blueprint', name)
  const { definition } = stored
  const { passes } = counts
  const names = new Set([
    ...Object.keys(definition.states),
    ...counts.standing.map(({ position }) => position),
    ...passes.flatMap(({ from }) => from ?? []),
  ])
  return {
    ...standing({ ...stored, definition }, counts, paused),
    field: definition.field,
    states: [...names].map((state) => {
      const here = counts.standing.filter(({ position }) => position === state)
      const out = passes.filter(({ from }) => from === state)
      return {
        state,
        exists: Object.hasOwn(definition.states, state),
        final: definition.states[state]?.final === true,
        running: sum(here),
        versions: here.map(({ version, count }) => ({ version, running: count })),
        left: sum(out),
        averageMs: average(out),
      }
    }),
    transitions: passes.flatMap(({ from, to, via, count, totalMs }) =>
      from === null || to === null ? [] : [{ name: via, from, to, count, averageMs: Math.round(totalMs / count) }],
    ),
  }
}

/** Who came, where they stand, how they went on at each step, and who reached the goal. @throws NotFound */
export async function readJourneyReport(store: Store, name: string): Promise<JourneyReportAnswer> {
  const { stored, counts, paused } = await readProcess(store, 'journey', name)
  const { ended: _, ...course } = standing(stored, counts, paused)
  return { ...course, ...journeyReport(counts, stored.definition) }
}

type OfKind<Kind extends Process['definition']['kind']> = StoredDefinition & {
  definition: Extract<Process['definition'], { kind: Kind }>
}

async function readProcess<Kind extends Process['definition']['kind']>(store: Store, kind: Kind, name: string) {
  const key = `${kind}/${name}`
  const stored = (await store.definitions()).find((one): one is OfKind<Kind> => one.key === key)
  if (stored === undefined) throw new NotFound(`There is no ${kind} "${name}". GET /v1/${kind}s lists them.`, { name })
  const [counts, paused] = await Promise.all([store.instanceCounts(key), store.paused()])
  return { stored, counts, paused }
}

function standing(
  { key, version, active, definition }: Process,
  { entered, standing: here, ended }: InstanceCounts,
  paused: Awaited<ReturnType<Store['paused']>>,
) {
  // That a blueprint is switched off says already that it stands still.
  const isOff = definition.kind === 'blueprint' && !active
  const halt = isOff ? undefined : paused.find((one) => one.definition === key)
  return {
    key,
    name: definition.name,
    version,
    active,
    module: definition.module,
    paused: halt === undefined ? null : { at: halt.at, by: halt.by },
    entered,
    running: sum(here),
    ended,
  }
}

function sum(counts: readonly { count: number }[]): number {
  return counts.reduce((total, { count }) => total + count, 0)
}

function average(passes: InstanceCounts['passes']): number | null {
  const count = sum(passes)
  return count === 0 ? null : Math.round(passes.reduce((total, { totalMs }) => total + totalMs, 0) / count)
}
