import type { Draft } from '../decide/draft.ts'
import { migrate, trace } from '../decide/instances.ts'
import { versionedKey, type Instance } from '../instance.ts'
import { recordKey } from '../state.ts'
import type { Move } from '../command.ts'
import { standingOf } from './look.ts'
import { goOn } from './onward.ts'
import { asJson, bodyOf, carry } from './place.ts'
import { leave, settle, tellRecord } from './travel.ts'

/**
 * Brings a running instance to the newest version as `move` says, or leaves it, or ends it (`process_exit_on_edit`).
 *
 * - A state that the newest version does not have is refused, and nothing is changed.
 * - In the same state its clocks go on from when it came there, and the parts that were done stay done. In another state they begin
 *   anew, and the record's field follows. What was saved is kept for the transitions that lead away from there.
 * - A final state ends the process (`completed`). The newest version's `exit` and automatic transitions by condition are asked.
 */
export function migrateBlueprint(draft: Draft, instance: Instance, move: Move, by: string): void {
  if (move.to === 'stay') return
  const { blueprints } = draft.definitions
  const own = { definition: versionedKey(instance), instanceId: instance.id, from: instance.position }
  const refused = (reason: string, detail = '') =>
    trace(draft, { ...own, outcome: 'refused', reason, ...(detail !== '' && { detail }) })

  const before = blueprints.get(versionedKey(instance))
  const newest = blueprints.newest(instance.definition)
  if (move.to === 'exit') {
    leave(draft, { blueprint: { id: own.definition }, instance }, 'process_exit_on_edit', by)
    return
  }
  const { position } = move
  if (newest === undefined) return refused('definition_missing')
  if (newest.version === instance.version) return refused('newest_already')
  if (newest.blueprint.module !== instance.module) return refused('other_module', newest.blueprint.module)
  if (!newest.states.has(position)) return refused('no_such_state', position)
  const record = draft.known.records.get(recordKey(instance.module, instance.recordId)) ?? null
  if (record === null || record.deleted) {
    leave(draft, { blueprint: { id: own.definition }, instance }, 'record_deleted', by)
    return
  }

  const body = carry(newest, position, before === undefined ? null : bodyOf(instance, before))
  const moved = migrate(draft, instance, newest.version, position, { via: 'migrated', by, body: asJson(body) })
  const standing = standingOf(newest, moved, record.values)
  const stood = before === undefined ? record.values : standingOf(before, instance, record.values).values
  const causes = [...(draft.trigger.causedBy ?? []), { triggerId: draft.trigger.id, definition: newest.id }]
  const produced = tellRecord(draft, stood, standing, { by, causes })
  trace(draft, { ...own, definition: newest.id, outcome: 'migrated', to: position, produced })
  const settled = { ...standing, instance: settle(draft, standing, by, produced) }
  goOn(draft, settled, { module: record.module, recordId: record.id, previous: stood, changed: [] }, [])
}
