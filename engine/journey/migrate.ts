import type { Draft } from '../decide/draft.ts'
import { end, migrate, trace } from '../decide/instances.ts'
import { versionedKey, type Instance } from '../instance.ts'
import type { Move } from '../command.ts'
import { contain, proceed, type Beginning } from './advance.ts'
import { bodyOf } from './body.ts'
import type { CompiledJourney } from './compile.ts'
import { leaving } from './leaving.ts'
import { liveRecord, quietOccasion } from './occasions.ts'
import { after, stepOf } from './steps.ts'

/**
 * Brings a running instance to the newest version as `move` says, or leaves it, or ends it. At its new position it waits anew, from
 * when it came there: who has waited two of three days waits one more, or three of four. A step that has sent its message is not
 * sent again. A version about another module is not for this record: it stays where it is.
 */
export function migrateJourney(draft: Draft, instance: Instance, move: Move, by: string): void {
  const own = { definition: versionedKey(instance), instanceId: instance.id, from: instance.position }
  if (move.to === 'stay') return
  if (move.to === 'exit') {
    end(draft, instance, 'journey_exit_on_edit', { by })
    trace(draft, { ...own, outcome: 'ended', reason: 'journey_exit_on_edit' })
    return
  }
  const newest = draft.definitions.journeys.newest(instance.definition)
  const refused = (reason: string, detail = move.position) =>
    trace(draft, { ...own, outcome: 'refused', reason, detail })
  if (newest === undefined) return refused('definition_missing')
  if (newest.version === instance.version) return refused('newest_already')
  if (newest.journey.module !== instance.module) return refused('other_module', newest.journey.module)
  if (!newest.steps.has(move.position)) return refused('no_such_step')
  const record = liveRecord(draft, instance.module, instance.recordId)
  if (record === null) {
    end(draft, instance, 'record_deleted', { by })
    trace(draft, { ...own, outcome: 'ended', reason: 'record_deleted' })
    return
  }
  const occasion = quietOccasion(record)
  const stood = instance.position
  const moved = migrate(draft, instance, newest.version, move.position, { via: 'migrated', by })
  contain(draft, newest, moved, { from: stood }, () => {
    const reason = leaving(draft, newest, occasion)
    const beginning = reason === null ? beginningOf(newest, moved, stood) : ({ kind: 'end', reason } as const)
    proceed(draft, newest, moved, occasion, beginning, { outcome: 'migrated', from: stood })
  })
}

/** A send step where it stood already was held back, and is still to be done; another that has its message is behind it. */
function beginningOf(journey: CompiledJourney, instance: Instance, stood: string): Beginning {
  const at = stepOf(journey, instance.position)
  const isBehind = at.id !== stood && 'send' in at.step && Object.hasOwn(bodyOf(instance).sent, at.id)
  if (isBehind) return { kind: 'go', to: after(at), via: 'already_sent' }
  return { kind: 'arrive', since: instance.movedAt }
}
