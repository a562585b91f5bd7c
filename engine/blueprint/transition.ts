import type { Json } from '#definitions/json.ts'
import { refuse } from '../decide/answer.ts'
import type { Draft } from '../decide/draft.ts'
import { note, runningOf, trace } from '../decide/instances.ts'
import type { LeafTrace } from '../decision.ts'
import { versionedKey, type Instance } from '../instance.ts'
import { recordKey } from '../state.ts'
import type { Command } from '../command.ts'
import type { CommandEvent, Trigger } from '../trigger.ts'
import { lacksOf, layFilled, nonsenseIn, percentOf, type DataProblem, type Filled } from './data.ts'
import {
  factsAt,
  isOfStep,
  possibleNames,
  reasonsAgainst,
  savedFor,
  standingOf,
  type Reason,
  type Standing,
  type Step,
} from './look.ts'
import { goOn, stepped } from './onward.ts'
import { asJson, bodyOf } from './place.ts'
import { refusalText, type RefusalCode } from './texts.ts'
import { take, toldOf } from './travel.ts'

type Asked = Extract<Command, { do: 'transition' }>
type Details = Record<string, Json>

/**
 * A person moves a record along, does a part, or saves a draft. The answer of the trace tells what became of it: the new state and
 * what this person can do now, or why not, and then nothing is changed.
 */
export function decideTransition(draft: Draft<CommandEvent & Trigger>): void {
  const { command, actor } = draft.trigger
  if (command.do !== 'transition') throw new TypeError(`Not a transition: ${command.do}`)
  const found = findStep(draft, command)
  if (found === null) return
  const { standing, step } = found
  const { transition, part } = step
  const { blueprint, instance } = standing

  const leaves: LeafTrace[] = []
  const reasons = reasonsAgainst(draft, standing, step, actor, 'en', leaves)
  if (reasons.length > 0) return refuseFor(draft, standing, step, reasons, leaves)

  const module = draft.definitions.modules.get(instance.module)
  const one = part ?? transition
  const filled = layFilled(savedFor(standing, step), command)
  const problems = nonsenseIn(one, filled, module, 'en')
  const values = { ...standing.values, ...filled.data }
  if (command.partial !== true && problems.length === 0) {
    problems.push(
      ...lacksOf(one, filled, { values, facts: factsAt(draft, standing, filled.data), leaves }, module, 'en'),
    )
  }
  if (problems.length > 0) return refuseData(draft, standing, step, problems, leaves)

  if (command.partial === true) return save(draft, standing, step, filled)
  const causes = [...(draft.trigger.causedBy ?? []), { triggerId: draft.trigger.id, definition: blueprint.id }]
  const taken = take(draft, standing, step, { by: actor.user, through: actor.through, causes, filled, leaves })
  const after = goOn(draft, taken, stepped(standing, taken), [])
  done(draft, after, step, { ended: after.instance.status === 'ended' ? after.instance.reason : null })
}

/** Finds the record, where it stands and the step that is meant, or refuses. */
function findStep(draft: Draft, command: Asked): { standing: Standing; step: Step } | null {
  const { module, recordId } = command
  const { definitions, known } = draft
  const record = known.records.get(recordKey(module, recordId)) ?? null
  if (record === null || record.deleted) {
    refuse(draft, 'ERR_NOT_FOUND', `There is no record "${recordId}" of ${module}.`, { module, recordId })
    return null
  }
  const [instance] = runningOf(draft, module, recordId, 'blueprint')
  if (instance === undefined) return turnDown(draft, null, 'ERR_RECORD_NOT_IN_PROCESS', { module, recordId })
  const blueprint = definitions.blueprints.get(versionedKey(instance))
  if (blueprint === undefined) {
    return turnDown(draft, instance, 'ERR_BLUEPRINT_INVALID', { blueprint: versionedKey(instance) })
  }
  const standing = standingOf(blueprint, instance, record.values)
  const { name } = blueprint.blueprint
  const transition = blueprint.transitions.get(command.transition)
  const unknown = (wanted: string) =>
    turnDown(draft, instance, 'ERR_TRANSITION_UNKNOWN', { blueprint: name, transition: wanted })
  if (transition === undefined) return unknown(command.transition)
  const parts = [...transition.parts.keys()]
  if (command.part === undefined && parts.length > 0) {
    refuse(draft, 'ERR_INVALID_INPUT', `"${transition.name}" is done in parts. Name one of them as "part".`, { parts })
    return told(draft, instance, 'ERR_INVALID_INPUT')
  }
  const part = command.part === undefined ? null : transition.parts.get(command.part)
  if (part === undefined) return unknown(`${command.transition}/${command.part}`)

  const step = { transition, part }
  const hasMoved = command.from !== undefined && command.from !== instance.position
  const leads = blueprint.states.get(instance.position)?.leaving.includes(transition) === true
  if (!hasMoved && leads) return { standing, step }
  return turnDown(draft, instance, 'ERR_TRANSITION_GONE', goneDetails(draft, standing, step))
}

function goneDetails(draft: Draft, standing: Standing, { transition, part }: Step): Details {
  return {
    transition: (part ?? transition).name,
    state: standing.instance.position,
    possible: possibleFor(draft, standing),
  }
}

/** What this person could do instead. */
function possibleFor(draft: Draft, standing: Standing): string[] {
  const { trigger } = draft
  return trigger.kind === 'command' ? possibleNames(draft, standing, trigger.actor) : []
}

function refuseFor(draft: Draft, standing: Standing, step: Step, reasons: Reason[], leaves: LeafTrace[]): void {
  const { blueprint, instance } = standing
  const { code, message } = reasons[0]!
  const facts = {
    blueprint: blueprint.blueprint.name,
    transition: (step.part ?? step.transition).name,
    state: instance.position,
    reasons: reasons.map((one) => ({ ...one })),
  }
  switch (code) {
    case 'inactive':
      return void turnDown(draft, instance, 'ERR_BLUEPRINT_INACTIVE', facts, leaves)
    case 'automatic':
    case 'not_allowed':
      return void turnDown(draft, instance, 'ERR_TRANSITION_NOT_ALLOWED', facts, leaves, message)
    case 'criteria':
      return void turnDown(draft, instance, 'ERR_TRANSITION_CRITERIA', facts, leaves, message)
    case 'part_done':
      return void turnDown(draft, instance, 'ERR_TRANSITION_GONE', goneDetails(draft, standing, step), leaves, message)
    default:
      throw new TypeError(`Unknown reason: ${code satisfies never as string}`)
  }
}

function refuseData(draft: Draft, standing: Standing, step: Step, problems: DataProblem[], leaves: LeafTrace[]): void {
  const details = {
    transition: (step.part ?? step.transition).name,
    state: standing.instance.position,
    problems: problems.map((one) => ({ ...one })),
  }
  turnDown(draft, standing.instance, 'ERR_TRANSITION_DATA', details, leaves)
}

/** Keeps what is filled in so far. It replaces what was kept for this step before. */
function save(draft: Draft<CommandEvent & Trigger>, standing: Standing, step: Step, filled: Filled): void {
  const { blueprint, instance } = standing
  const { transition, part } = step
  const body = bodyOf(instance, blueprint)
  const own = { transition: transition.name, part: part?.name ?? '', ...filled }
  const kept = note(draft, instance, {
    via: 'partial_save',
    by: draft.trigger.actor.user,
    data: toldOf(filled, draft.trigger.actor.through),
    body: asJson({ ...body, drafts: [...body.drafts.filter((one) => !isOfStep(one, step)), own] }),
  })
  trace(draft, {
    definition: blueprint.id,
    instanceId: instance.id,
    outcome: 'noted',
    reason: 'partial_save',
    from: instance.position,
    to: instance.position,
  })
  const values = { ...standing.values, ...filled.data }
  done(draft, { ...standing, instance: kept }, step, { percentSaved: percentOf(part ?? transition, filled, values) })
}

function done(draft: Draft, standing: Standing, { transition, part }: Step, more: Details): void {
  const { id, position, status } = standing.instance
  draft.answer = {
    kind: 'done',
    details: {
      instanceId: id,
      transition: transition.name,
      ...(part !== null && { part: part.name }),
      state: position,
      possible: status === 'ended' ? [] : possibleFor(draft, standing),
      ...more,
    },
  }
}

/** Refuses, and writes down why. @param message in place of the usual sentence */
function turnDown(
  draft: Draft,
  instance: Instance | null,
  code: RefusalCode,
  details: Details,
  leaves: LeafTrace[] = [],
  message: string = refusalText(code, details, 'en'),
): null {
  refuse(draft, code, message, details)
  return instance === null ? null : told(draft, instance, code, leaves)
}

function told(draft: Draft, instance: Instance, reason: string, leaves: LeafTrace[] = []): null {
  const { id, position } = instance
  trace(draft, {
    definition: versionedKey(instance),
    instanceId: id,
    outcome: 'refused',
    reason,
    from: position,
    leaves,
  })
  return null
}
