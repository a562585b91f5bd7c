import { migrateBlueprint } from '../blueprint/migrate.ts'
import { blueprintTimer } from '../blueprint/timer.ts'
import { decideTransition } from '../blueprint/transition.ts'
import { decideJourneyCommand } from '../journey/command.ts'
import { migrateJourney } from '../journey/migrate.ts'
import { journeyTimer } from '../journey/timer.ts'
import { versionedKey } from '../instance.ts'
import { recordKey } from '../state.ts'
import type { Command } from '../command.ts'
import type { InstanceTimer } from '../parkedTimer.ts'
import type { CommandEvent, Trigger } from '../trigger.ts'
import { refuse } from './answer.ts'
import type { Draft } from './draft.ts'
import { end, instanceOf, trace } from './instances.ts'

/** Somebody asks for something. */
export function decideCommand(draft: Draft<CommandEvent & Trigger>): Draft {
  const { command, actor } = draft.trigger
  switch (command.do) {
    case 'transition':
      decideTransition(draft)
      return draft
    case 'enroll':
    case 'pause':
    case 'resume':
    case 'broadcast':
    case 'moveBroadcast':
      decideJourneyCommand(draft)
      return draft
    case 'exit': {
      const instance = instanceOf(draft, command.instanceId)
      if (instance === null || instance.status === 'ended') {
        refuse(draft, 'ERR_NOT_FOUND', `There is no running instance "${command.instanceId}".`)
        return draft
      }
      end(draft, instance, command.reason, { by: actor.user })
      trace(draft, {
        definition: versionedKey(instance),
        instanceId: instance.id,
        outcome: 'ended',
        reason: command.reason,
        from: instance.position,
      })
      draft.answer = { kind: 'done', details: { instanceId: instance.id } }
      return draft
    }
    case 'migrate':
      migratePage(draft, command)
      return draft
    default:
      throw new TypeError(`Unknown command: ${(command satisfies never as Command).do}`)
  }
}

/** An instance is due. What it waited for may be past: it moved on, ended, or its record is gone. */
export function instanceTimer(draft: Draft, timer: InstanceTimer): void {
  const instance = instanceOf(draft, timer.instanceId)
  const stale = instance === null || instance.status === 'ended' || instance.visit !== timer.visit
  if (stale) {
    trace(draft, {
      definition: timer.definition,
      instanceId: timer.instanceId,
      outcome: 'ignored',
      reason: 'stale_timer',
    })
    return
  }
  const record = draft.known.records.get(recordKey(instance.module, instance.recordId)) ?? null
  if (record === null || record.deleted) {
    end(draft, instance, 'record_deleted', { by: versionedKey(instance) })
    trace(draft, {
      definition: timer.definition,
      instanceId: instance.id,
      outcome: 'ended',
      reason: 'record_deleted',
      from: instance.position,
    })
    return
  }
  if (instance.kind === 'blueprint') blueprintTimer(draft, instance, timer)
  else journeyTimer(draft, instance, timer)
}

/** A page of instances goes over to the newest version; what is left follows as a command of its own. */
function migratePage(draft: Draft<CommandEvent & Trigger>, command: Extract<Command, { do: 'migrate' }>): void {
  const { known, now, trigger } = draft
  const ids = known.pages.get(trigger.id) ?? []
  for (const id of ids) {
    const instance = instanceOf(draft, id)
    // It ended, or was brought over by another command, since the page was read.
    if (instance === null || instance.status === 'ended' || instance.version !== command.from) continue
    const { positions, otherwise } = command
    const move = Object.hasOwn(positions, instance.position) ? (positions[instance.position] ?? otherwise) : otherwise
    if (move.to === 'stay') continue
    if (instance.kind === 'blueprint') migrateBlueprint(draft, instance, move, trigger.actor.user)
    else migrateJourney(draft, instance, move, trigger.actor.user)
  }
  const last = ids.at(-1)
  if (last !== undefined) {
    draft.changes.push({
      kind: 'accept',
      at: now,
      event: {
        kind: 'command',
        source: 'denrei:migrate',
        sourceId: draft.nextId(),
        occurredAt: now,
        actor: trigger.actor,
        command: { ...command, after: last },
      },
    })
  }
  draft.answer = { kind: 'done', details: { looked: ids.length } }
}
