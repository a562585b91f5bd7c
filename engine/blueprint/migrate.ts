import type { Draft } from '../decide/draft.ts'
import type { Instance } from '../instance.ts'
import type { Move } from '../trigger.ts'

/** Brings a running instance to the newest version as `move` says, or leaves it, or ends it. */
export function migrateBlueprint(draft: Draft, _instance: Instance, _move: Move, _by: string): void {
  draft.notes.push('not_implemented')
}
