import type { Json } from '#definitions/json.ts'
import { answer, refuse } from '../decide/answer.ts'
import type { Draft } from '../decide/draft.ts'
import { trace } from '../decide/instances.ts'
import type { Command } from '../command.ts'
import type { CommandEvent, Trigger } from '../trigger.ts'
import { decideBroadcast, moveBroadcast } from './broadcast.ts'
import { enrollOne } from './enroll.ts'
import type { Refusal } from './enter.ts'

/** What became of each record of an `enroll`; the details of its answer. */
export interface Enrolled {
  /** In the order asked for, each once. */
  records: (
    | { recordId: string; outcome: 'entered'; instanceId: string }
    | { recordId: string; outcome: 'refused'; reason: Refusal }
  )[]
  entered: number
  refused: Record<string, number>
}

/** Enroll, pause, resume, broadcast, moveBroadcast. The answer stands in the draft. */
export function decideJourneyCommand(draft: Draft<CommandEvent & Trigger>): void {
  const { command } = draft.trigger
  switch (command.do) {
    case 'enroll':
      return enroll(draft, command)
    case 'pause':
    case 'resume':
      return pauseOrResume(draft, command)
    case 'broadcast':
      return decideBroadcast(draft, command)
    case 'moveBroadcast':
      return moveBroadcast(draft, command)
    case 'transition':
    case 'exit':
    case 'migrate':
      throw new TypeError(`Not a command of journeys: ${command.do}`)
    default:
      throw new TypeError(`Unknown command: ${(command satisfies never as Command).do}`)
  }
}

function enroll(draft: Draft<CommandEvent & Trigger>, command: Extract<Command, { do: 'enroll' }>): void {
  const key = `journey/${command.journey.replace(/^journey\//, '')}`
  const journey = draft.definitions.journeys.newest(key)
  if (journey === undefined) {
    refuse(draft, 'ERR_NOT_FOUND', `There is no journey "${command.journey}".`)
    return
  }
  const by = draft.trigger.actor.user
  const enrolled: Enrolled = { records: [], entered: 0, refused: {} }
  for (const recordId of new Set(command.recordIds)) {
    const entering = enrollOne(draft, journey, recordId, by)
    if (entering.kind === 'entered') {
      enrolled.entered++
      enrolled.records.push({ recordId, outcome: 'entered', instanceId: entering.instance.id })
    } else {
      const { reason } = entering
      enrolled.refused[reason] = (enrolled.refused[reason] ?? 0) + 1
      enrolled.records.push({ recordId, outcome: 'refused', reason })
    }
  }
  answer(draft, enrolled as unknown as Json)
}

/**
 * A date or a schedule by which records enter a journey has come for one of them.
 *
 * @param definition `journey/birthday@2`; the newest version is entered, and only while it is switched on
 */
export function enterByTime(draft: Draft, definition: string, _module: string, recordId: string): void {
  const journey = draft.definitions.journeys.newest(definition.replace(/@\d+$/, ''))
  if (journey === undefined) trace(draft, { definition, outcome: 'refused', reason: 'inactive' })
  else enrollOne(draft, journey, recordId, journey.id)
}

/** Asking twice is as good as once: a person and a program may both want it. */
function pauseOrResume(
  draft: Draft<CommandEvent & Trigger>,
  command: Extract<Command, { do: 'pause' | 'resume' }>,
): void {
  const { definition } = command
  const { journeys, blueprints } = draft.definitions
  if (journeys.newest(definition) === undefined && blueprints.newest(definition) === undefined) {
    refuse(draft, 'ERR_NOT_FOUND', `There is no journey or blueprint "${definition}".`)
    return
  }
  const wasPaused = draft.known.paused.has(definition)
  const at = draft.now
  if (command.do === 'pause') {
    if (!wasPaused) draft.changes.push({ kind: 'pause', definition, by: draft.trigger.actor.user, at })
  } else if (wasPaused) {
    draft.changes.push({ kind: 'resume', definition, spreadMs: command.spreadMs, at })
  }
  answer(draft, { definition, paused: command.do === 'pause', changed: wasPaused !== (command.do === 'pause') })
}
