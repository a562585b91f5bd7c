import type { JourneyTrigger } from '#definitions/definitions.ts'
import type { Instant } from '../clock.ts'
import type { CompiledRule } from '../definitionSet.ts'
import type { Journeys } from '../journey/compile.ts'
import type { StoredDefinition } from '../store.ts'
import { readCron, type Cron } from './cron.ts'

type DateTrigger = Extract<JourneyTrigger, { on: 'date' }>
type ScheduleTrigger = Extract<JourneyTrigger, { on: 'schedule' }>

interface Timed {
  /** `workflow/birthday@3` */
  id: string
  key: string
  version: number
  module: string
  /** When this version was applied. */
  since: Instant
  /** What runs when the time has come; null for a journey, which is entered then. */
  rule: CompiledRule | null
}
/** A workflow or a journey that a date of a record sets off. */
export interface Dated extends Timed {
  on: 'date'
  trigger: DateTrigger
}
/** A workflow or a journey that a schedule sets off. */
export interface Scheduled extends Timed {
  on: 'schedule'
  trigger: ScheduleTrigger
  cron: Cron
}

/** What time sets off, of the definitions in force. */
export interface TimedDefinitions {
  /** @param key `workflow/birthday`, with or without `@version`; it is the one in force that is given */
  get(key: string): Dated | Scheduled | undefined
  /** Those that look at dates of a module's records, in order of their keys. */
  dates(module: string): readonly Dated[]
}

/**
 * @param active in order of their keys
 * @param rules the workflows that could be compiled @param journeys likewise
 * @param broken grows by those whose schedule cannot be read
 */
export function compileTimed(
  active: readonly StoredDefinition[],
  rules: ReadonlyMap<string, CompiledRule>,
  journeys: Journeys,
  broken: { key: string; version: number; error: string }[],
): TimedDefinitions {
  const all = new Map<string, Dated | Scheduled>()
  const dates = new Map<string, Dated[]>()
  for (const { definition, key, version, createdAt } of active) {
    if (definition.kind !== 'workflow' && definition.kind !== 'journey') continue
    const rule = rules.get(key) ?? null
    if (rule === null && journeys.get(`${key}@${version}`) === undefined) continue
    const { module } = definition
    const trigger = definition.kind === 'workflow' ? definition.trigger : definition.entry.trigger
    const timed = { id: `${key}@${version}`, key, version, module, since: createdAt, rule }
    if (trigger.on === 'date') {
      const dated: Dated = { ...timed, on: 'date', trigger }
      all.set(key, dated)
      dates.set(module, [...(dates.get(module) ?? []), dated])
    } else if (trigger.on === 'schedule') {
      try {
        all.set(key, { ...timed, on: 'schedule', trigger, cron: readCron(trigger.cron) })
      } catch (error) {
        broken.push({ key, version, error: error instanceof Error ? error.message : String(error) })
      }
    }
  }
  return { get: (key) => all.get(key.replace(/@\d+$/, '')), dates: (module) => dates.get(module) ?? [] }
}
