import type { Definition } from '#definitions/definitions.ts'
import { pointer } from '#definitions/pointer.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { Store } from '#engine/store.ts'
import type { Move } from '#engine/command.ts'
import type { CommandEvent } from '#engine/trigger.ts'
import type { InFlight, InFlightChoice, MigrationChoice, Migrations, PlanEntry } from './denrei.ts'
import { MigrationUnderWay } from './errors.ts'
import type { Fault } from './problem.ts'

type Entry = Pick<PlanEntry, 'key' | 'change' | 'fromVersion' | 'toVersion'> & { definition: Definition }
type Migrate = Extract<CommandEvent['command'], { do: 'migrate' }>

/** What is in flight under older versions of one definition, and the commands that bring it over as it was chosen. */
export interface Crossing {
  inFlight: InFlight
  commands: Migrate[]
}

export const NOTHING_IN_FLIGHT: InFlight = { instances: [], timers: [] }

/**
 * Counts what runs and waits under older versions, and says what will become of it. Asked again by `apply` while nothing is
 * decided, so that what it says is what it does.
 *
 * @returns by key of the definition
 * @throws MigrationUnderWay when one that changes still has records on their way to the version before
 * @throws InvalidInput when a choice names a definition, or a position, that is not there; every such place is named
 */
export async function crossings(
  store: Store,
  entries: readonly Entry[],
  migrations: Migrations,
): Promise<Map<string, Crossing>> {
  const problems: Fault[] = Object.keys(migrations)
    .filter((key) => !entries.some((entry) => entry.key === key && positionsOf(entry.definition) !== null))
    .map((key) => ({
      in: 'body' as const,
      pointer: pointer('migrations', key),
      code: 'unknown_definition',
      message: `No blueprint or journey "${key}" is among the files. Send it along, or leave the choice out.`,
    }))
  const found = new Map<string, Crossing>()
  for (const entry of entries) {
    found.set(entry.key, await crossing(store, entry, migrations[entry.key] ?? {}, problems))
  }
  await requireArrived(store, entries, found)
  const [first] = problems
  if (first === undefined) return found
  const more = problems.length > 1 ? ` And ${problems.length - 1} more, see "problems".` : ''
  throw new InvalidInput(`Nothing was applied. In the body at "${first.pointer}": ${first.message}${more}`, {
    problems,
  })
}

/**
 * What was chosen for the version before is done first. Else the pages that are left would look for positions of a version that
 * is not the newest any more, and those records would stay behind without a word.
 *
 * @throws MigrationUnderWay
 */
async function requireArrived(
  store: Store,
  entries: readonly Entry[],
  found: ReadonlyMap<string, Crossing>,
): Promise<void> {
  const touched = entries.filter(({ key, change }) => change === 'update' || (found.get(key)?.commands.length ?? 0) > 0)
  if (touched.length === 0) return
  const migrating = new Set(await store.migrating())
  const definitions = touched.map(({ key }) => key).filter((key) => migrating.has(key))
  const [first] = definitions
  if (first === undefined) return
  throw new MigrationUnderWay(
    `Nothing was applied. Records of "${first}" are still on their way to the version applied before. Apply again when they are there; it goes on while a server runs.`,
    { definitions },
  )
}

async function crossing(store: Store, entry: Entry, choice: MigrationChoice, problems: Fault[]): Promise<Crossing> {
  if (entry.fromVersion === null) return { inFlight: NOTHING_IN_FLIGHT, commands: [] }
  const timers = entry.change === 'unchanged' ? [] : await timersOf(store, entry)
  const positions = positionsOf(entry.definition)
  if (positions === null) return { inFlight: { ...NOTHING_IN_FLIGHT, timers }, commands: [] }
  const [{ standing }, versions] = await Promise.all([
    store.instanceCounts(entry.key),
    store.definitionVersions(entry.key),
  ])
  const older = standing.filter(({ version, count }) => version !== entry.toVersion && count > 0)
  const known = new Set([
    ...older.map(({ position }) => position),
    ...versions.flatMap(({ definition }) => [...(positionsOf(definition) ?? [])]),
  ])
  const foreign = versions.filter(({ definition }) => moduleOf(definition) !== moduleOf(entry.definition))
  problems.push(
    ...unknownPositions(entry.key, choice, known, positions),
    ...foreignMoves(entry, choice, older, foreign),
  )
  const moves = new Map([...known].map((position) => [position, moveOf(choice, position, positions)]))
  const becomes = (from: number, position: string): Move => {
    const move = moves.get(position) ?? STAY
    // A record of another module has other fields, and templates of its own.
    return move.to === 'position' && foreign.some(({ version }) => version === from) ? STAY : move
  }
  return {
    inFlight: {
      timers,
      instances: older
        .map(({ version, position, count }) => ({
          version,
          position,
          running: count,
          exists: positions.has(position),
          becomes: becomes(version, position),
        }))
        .sort((a, b) => a.version - b.version || b.running - a.running || (a.position < b.position ? -1 : 1)),
    },
    commands: [...new Set(older.map(({ version }) => version))]
      .sort((a, b) => a - b)
      .flatMap((from) => {
        const moved = older.some(({ version, position }) => version === from && becomes(from, position).to !== 'stay')
        if (!moved) return []
        const command = { do: 'migrate', definition: entry.key, from, to: entry.toVersion, after: '' } as const
        const chosen = Object.fromEntries([...known].map((position) => [position, becomes(from, position)]))
        return [{ ...command, positions: chosen, otherwise: STAY }]
      }),
  }
}

const STAY: Move = { to: 'stay' }

/** Where an instance may stand; null when the definition has no instances. */
export function positionsOf(definition: Definition): Set<string> | null {
  if (definition.kind === 'blueprint') return new Set(Object.keys(definition.states))
  if (definition.kind === 'journey') return new Set(definition.steps.map(({ id }) => id))
  return null
}

function moduleOf(definition: Definition): string | null {
  return 'module' in definition ? (definition.module ?? null) : null
}

/** `move` is to the position of the same name, and where there is none, to stay: nobody is moved somewhere by a guess. */
function moveOf({ otherwise = 'stay', positions = {} }: MigrationChoice, from: string, there: Set<string>): Move {
  const choice: InFlightChoice = Object.hasOwn(positions, from) ? (positions[from] ?? otherwise) : otherwise
  if (typeof choice === 'object') return { to: 'position', position: choice.to }
  if (choice === 'move') return there.has(from) ? { to: 'position', position: from } : STAY
  return { to: choice }
}

function unknownPositions(
  key: string,
  { positions = {} }: MigrationChoice,
  known: Set<string>,
  there: Set<string>,
): Fault[] {
  const names = (set: Set<string>) => [...set].map((name) => `"${name}"`).join(', ')
  return Object.entries(positions).flatMap(([from, choice]): Fault[] => {
    const place = ['migrations', key, 'positions', from]
    if (!known.has(from)) {
      const message = `No version of "${key}" has the position "${from}". There are: ${names(known)}.`
      return [{ in: 'body', pointer: pointer(...place), code: 'unknown_position', message }]
    }
    if (typeof choice === 'object' && !there.has(choice.to)) {
      const message = `The new version of "${key}" has no position "${choice.to}". There are: ${names(there)}.`
      return [{ in: 'body', pointer: pointer(...place, 'to'), code: 'unknown_position', message }]
    }
    return []
  })
}

/** Somebody is to be moved who cannot be: the version that the record is in was about another module. */
function foreignMoves(
  { key, definition }: Entry,
  { positions = {} }: MigrationChoice,
  older: { version: number; position: string }[],
  foreign: { version: number; definition: Definition }[],
): Fault[] {
  return Object.entries(positions).flatMap(([from, choice]): Fault[] => {
    if (typeof choice !== 'object') return []
    const one = foreign.find(({ version }) => older.some((each) => each.version === version && each.position === from))
    if (one === undefined) return []
    const message = `Version ${one.version} of "${key}" is about ${moduleOf(one.definition)}, and the new one about ${moduleOf(definition)}: its records cannot go over. Let them stay, or exit.`
    return [{ in: 'body', pointer: pointer('migrations', key, 'positions', from), code: 'other_module', message }]
  })
}

async function timersOf(store: Store, { key, definition }: Entry): Promise<InFlight['timers']> {
  const waiting = await store.waitingTimers(key)
  return waiting.flatMap(({ definition: versioned, kind, count }) => {
    if (kind !== 'later' && kind !== 'date') return []
    const version = Number(/@(\d+)$/.exec(versioned)?.[1] ?? 0)
    return [{ version, kind, waiting: count, becomes: kind === 'later' ? 'kept' : datesOf(definition) }]
  })
}

/** Dates are planned by the version in force; a later action carries all it needs and runs as it was written. */
function datesOf(definition: Definition): 'replanned' | 'cancelled' {
  const on =
    definition.kind === 'workflow'
      ? definition.trigger.on
      : definition.kind === 'journey'
        ? definition.entry.trigger.on
        : null
  return on === 'date' ? 'replanned' : 'cancelled'
}
