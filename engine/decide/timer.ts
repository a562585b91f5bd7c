import type { Later } from '#definitions/definitions.ts'
import type { Condition } from '#definitions/condition.ts'
import type { RuleTrace } from '../decision.ts'
import { compileCondition, type CompiledCondition } from '../rules/condition.ts'
import { recordKey } from '../state.ts'
import { broadcastTimer } from '../journey/broadcast.ts'
import { dateTimer, scheduleTimer } from '../time/timers.ts'
import type { LaterTimer, Timer } from '../parkedTimer.ts'
import type { TimerEvent, Trigger } from '../trigger.ts'
import { runActions, sceneOf } from './actions.ts'
import { instanceTimer } from './command.ts'
import type { Draft } from './draft.ts'
import { factsOf } from './factSource.ts'

/** What was parked is due. */
export function decideTimer(draft: Draft<TimerEvent & Trigger>): Draft {
  const { timer } = draft.trigger
  switch (timer.kind) {
    case 'later':
      laterTimer(draft, timer)
      return draft
    case 'date':
      dateTimer(draft, timer)
      return draft
    case 'schedule':
      scheduleTimer(draft, timer)
      return draft
    case 'instance':
      instanceTimer(draft, timer)
      return draft
    case 'broadcast':
      broadcastTimer(draft, timer)
      return draft
    default:
      throw new TypeError(`Unknown timer kind: ${(timer satisfies never as Timer).kind}`)
  }
}

/**
 * A later action comes due. It is cancelled when the record is gone or its workflow is switched off, and skipped when its
 * own `when` no longer matches. It runs as it was written when it was parked, whatever version is active now.
 */
function laterTimer(draft: Draft, timer: LaterTimer): void {
  const trace: RuleTrace = {
    definition: timer.definition,
    outcome: 'cancelled',
    branch: null,
    leaves: [],
    produced: [],
  }
  draft.rules.push(trace)

  const record = draft.known.records.get(recordKey(timer.module, timer.recordId)) ?? null
  if (record === null || record.deleted) {
    trace.detail = 'record_deleted'
    return
  }
  if (!draft.definitions.isActive(timer.definition)) {
    trace.detail = 'definition_inactive'
    return
  }
  const later = timer.later as unknown as Later
  const occasion = {
    on: 'record.updated' as const,
    module: timer.module,
    recordId: timer.recordId,
    values: record.values,
    previous: record.values,
    changed: [],
  }
  if (later.when !== undefined && !laterCondition(timer, later.when)(factsOf(draft, occasion), trace.leaves)) {
    trace.outcome = 'no_longer_matches'
    return
  }
  trace.outcome = 'matched'
  trace.branch = Number(timer.pointer.split('/')[2])
  const scene = sceneOf(draft, occasion, timer.definition, timer.causedBy)
  trace.produced.push(...runActions(draft, scene, later.actions, `${timer.pointer}/actions`))
}

/** Thousands of timers of one rule come due together; their condition is compiled once. */
const compiled = new Map<string, CompiledCondition>()
const COMPILED_MAX = 1000

function laterCondition(timer: LaterTimer, when: Condition): CompiledCondition {
  const key = JSON.stringify([timer.pointer, when, timer.conditions ?? null])
  let condition = compiled.get(key)
  if (condition === undefined) {
    condition = compileCondition(when, (timer.conditions ?? {}) as Record<string, Condition>, `${timer.pointer}/when`)
    if (compiled.size >= COMPILED_MAX) compiled.clear()
    compiled.set(key, condition)
  }
  return condition
}
