import type { Journey } from '#definitions/definitions.ts'
import type { StoredDefinition } from '../store.ts'

export interface CompiledJourney {
  /** `journey/trial-nurture@3` */
  id: string
  key: string
  version: number
  /** The newest version, switched on: records enter it. */
  open: boolean
  journey: Journey
}

/** All versions that are run. */
export interface Journeys {
  /** @param id `journey/trial-nurture@3` */
  get(id: string): CompiledJourney | undefined
  /** @param key `journey/trial-nurture` */
  newest(key: string): CompiledJourney | undefined
  /** The newest of each that is switched on, in order of their keys. */
  open(): readonly CompiledJourney[]
}

/** @param broken grows by those that this version of the engine cannot run */
export function compileJourneys(
  _stored: readonly StoredDefinition[],
  _pinned: readonly StoredDefinition[],
  _broken: { key: string; version: number; error: string }[],
): Journeys {
  return { get: () => undefined, newest: () => undefined, open: () => [] }
}
