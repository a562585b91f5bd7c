import type { Blueprint } from '#definitions/definitions.ts'
import type { StoredDefinition } from '../store.ts'

export interface CompiledBlueprint {
  /** `blueprint/deal-desk@3` */
  id: string
  key: string
  version: number
  /** The newest version, switched on: records enter it. */
  open: boolean
  blueprint: Blueprint
}

/** All versions that are run. */
export interface Blueprints {
  /** @param id `blueprint/deal-desk@3` */
  get(id: string): CompiledBlueprint | undefined
  /** Those a record of the module may enter, in order of precedence. */
  open(module: string): readonly CompiledBlueprint[]
  /** @param key `blueprint/deal-desk` */
  newest(key: string): CompiledBlueprint | undefined
}

/** @param broken grows by those that this version of the engine cannot run */
export function compileBlueprints(
  _stored: readonly StoredDefinition[],
  _pinned: readonly StoredDefinition[],
  _broken: { key: string; version: number; error: string }[],
): Blueprints {
  return { get: () => undefined, open: () => [], newest: () => undefined }
}
