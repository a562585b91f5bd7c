import type { Definition } from '#definitions/definitions.ts'
import type { World } from './world.ts'

/** What broke the law, as facts; empty when it holds. */
export type Law = (world: World) => object[]

export const rowsOf = <T>(world: World, sql: string, ...values: unknown[]): T[] =>
  world.database.prepare<unknown[], T>(sql).all(...values)

/** An instance as its row has it; `body`, `addresses` and `causedBy` are JSON. */
export interface InstanceRow {
  seq: number
  id: string
  kind: 'blueprint' | 'journey'
  definition: string
  version: number
  module: string
  recordId: string
  key: string
  status: 'running' | 'ended'
  position: string
  visit: number
  reason: string | null
  enteredAt: number
  movedAt: number
  endedAt: number | null
  addresses: string
  causedBy: string
}

export interface StepRow {
  instanceSeq: number
  at: number
  kind: 'entered' | 'moved' | 'noted' | 'ended' | 'migrated'
  from: string | null
  to: string | null
  via: string
  by: string
  tookMs: number
}

export const instancesOf = (world: World): InstanceRow[] => rowsOf(world, 'SELECT * FROM instance ORDER BY seq')

/** The history of every instance, oldest first, by `instance.seq`. */
export function stepsOf(world: World): Map<number, StepRow[]> {
  const steps = rowsOf<StepRow>(world, 'SELECT * FROM instanceStep ORDER BY seq')
  return Map.groupBy(steps, ({ instanceSeq }) => instanceSeq)
}

/** Every version that was ever saved, by `journey/nurture@2`. */
export function versionsOf(world: World): Map<string, Definition> {
  const rows = rowsOf<{ id: string; definition: string }>(
    world,
    "SELECT key || '@' || version AS id, definition FROM definitionVersion",
  )
  return new Map(rows.map(({ id, definition }) => [id, JSON.parse(definition) as Definition]))
}

/** The clock of the process, and a minute in which it may not have come to everything yet. */
export const SLACK_MS = 60_000
