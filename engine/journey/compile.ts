import type { Condition } from '#definitions/condition.ts'
import type { Journey, Step, WaitFor } from '#definitions/definitions.ts'
import { OWN_FACTS } from '../decide/factSource.ts'
import { indexTriggers, type OccasionKind } from '../definitionSet/ruleIndex.ts'
import { compileTrigger, type CompiledTrigger } from '../definitionSet/trigger.ts'
import { DefinitionsInvalid } from '../errors.ts'
import { compileCondition, type CompiledCondition } from '../rules/condition.ts'
import { leavesOf } from '../rules/leaves.ts'
import { baseOperator, temporalOperators } from '../rules/operators.ts'
import type { StoredDefinition } from '../store.ts'
import { compileReply, type ReplyTest } from './reply.ts'

export interface CompiledJourney {
  /** `journey/trial-nurture@3` */
  id: string
  key: string
  version: number
  /** The newest version, switched on: records enter it. */
  open: boolean
  journey: Journey
  /** By id, in order. */
  steps: ReadonlyMap<string, CompiledStep>
  /** Where records enter. */
  first: CompiledStep
  entry: {
    /** Whether the details of the trigger fit. A `condition` and `manual` have none. */
    applies: CompiledTrigger
    when: CompiledCondition | null
  }
  goal: CompiledCondition | null
  exits: readonly { name: string; when: CompiledCondition }[]
  /** Some step waits for a message from the contact: what they write early is remembered. */
  waitsForReply: boolean
  /** Some step waits for what becomes of a message. */
  waitsForStatus: boolean
  /** Something in it looks at messages of the contact: records are looked for by address. */
  listens: boolean
}

export interface CompiledStep {
  id: string
  /** JSON pointer in the definition. */
  pointer: string
  step: Step
  /** The step below; null at the end. */
  below: string | null
  /** Of a branch, in order. */
  branches: readonly CompiledCondition[]
  /** Of a `waitFor`. */
  when: CompiledCondition | null
  /** Of a `waitFor` on messages; for all others nothing is a reply. */
  isReply: ReplyTest
}

/** All versions that are run. */
export interface Journeys {
  /** @param id `journey/trial-nurture@3` */
  get(id: string): CompiledJourney | undefined
  /** @param key `journey/trial-nurture` */
  newest(key: string): CompiledJourney | undefined
  /** The newest of each that is switched on, in order of their keys. */
  open(): readonly CompiledJourney[]
  /** Open ones that this event could let a record into, in order of their keys. */
  candidates(kind: OccasionKind, module: string, changed: readonly string[]): CompiledJourney[]
  /** Modules whose records are looked for when somebody writes. */
  listening(): readonly string[]
}

/** @param broken grows by those that this version of the engine cannot run */
export function compileJourneys(
  stored: readonly StoredDefinition[],
  pinned: readonly StoredDefinition[],
  broken: { key: string; version: number; error: string }[],
): Journeys {
  const all = new Map<string, CompiledJourney>()
  const newest = new Map<string, CompiledJourney>()
  const compile = ({ definition, key, version, active }: StoredDefinition, isNewest: boolean) => {
    if (definition.kind !== 'journey' || all.has(`${key}@${version}`)) return
    try {
      const journey = compileJourney(definition, key, version, isNewest && active)
      all.set(journey.id, journey)
      if (isNewest) newest.set(key, journey)
    } catch (error) {
      broken.push({ key, version, error: error instanceof Error ? error.message : String(error) })
    }
  }
  for (const one of stored) compile(one, true)
  for (const one of pinned) compile(one, false)

  const open = [...newest.values()].filter((one) => one.open).sort((a, b) => (a.key < b.key ? -1 : 1))
  const listening = new Set([...all.values()].filter((one) => one.listens).map(({ journey }) => journey.module))
  return {
    get: (id) => all.get(id),
    newest: (key) => newest.get(key),
    open: () => open,
    candidates: indexTriggers(
      open.map((one) => ({
        one,
        module: one.journey.module,
        trigger: one.journey.entry.trigger,
        fields: fieldsOf(one.journey.entry.when, one.journey.conditions),
      })),
    ),
    listening: () => [...listening],
  }
}

/** @throws ConditionInvalid, DefinitionsInvalid */
function compileJourney(journey: Journey, key: string, version: number, open: boolean): CompiledJourney {
  const { conditions = {}, entry, goal, exits = [] } = journey
  const condition = (when: Condition | undefined, pointer: string) =>
    when === undefined ? null : compileCondition(when, conditions, pointer)
  const steps = new Map<string, CompiledStep>()
  for (const [index, step] of journey.steps.entries()) {
    const pointer = `/steps/${index}`
    if (steps.has(step.id)) throw new DefinitionsInvalid(`Two steps are called "${step.id}".`, { pointer })
    const waitFor = 'waitFor' in step ? step.waitFor : null
    steps.set(step.id, {
      id: step.id,
      pointer,
      step,
      below: journey.steps[index + 1]?.id ?? null,
      branches:
        'branch' in step
          ? step.branch.map(({ when }, at) => compileCondition(when, conditions, `${pointer}/branch/${at}/when`))
          : [],
      when: condition(waitFor?.when, `${pointer}/waitFor/when`),
      isReply: waitFor?.on === 'message.received' ? compileReply(waitFor) : () => false,
    })
  }
  for (const one of steps.values()) {
    for (const target of targetsOf(one.step)) {
      if (!steps.has(target)) {
        throw new DefinitionsInvalid(`Step "${one.id}" leads to "${target}", which is not there.`, {
          pointer: one.pointer,
        })
      }
    }
  }
  const [first] = steps.values()
  if (first === undefined) throw new DefinitionsInvalid(`Journey "${journey.name}" has no steps.`)

  const waitsFor = (on: WaitFor['on']) => journey.steps.some((step) => 'waitFor' in step && step.waitFor.on === on)
  const { trigger } = entry
  return {
    id: `${key}@${version}`,
    key,
    version,
    open,
    journey,
    steps,
    first,
    entry: {
      applies:
        trigger.on === 'condition' || trigger.on === 'manual' ? () => true : compileTrigger(trigger, '/entry/trigger'),
      when: condition(entry.when, '/entry/when'),
    },
    goal: condition(goal?.when, '/goal/when'),
    exits: exits.map(({ name, when }, index) => ({
      name,
      when: compileCondition(when, conditions, `/exits/${index}/when`),
    })),
    waitsForReply: waitsFor('message.received'),
    waitsForStatus: waitsFor('message.status'),
    listens:
      waitsFor('message.received') ||
      trigger.on === 'message.received' ||
      [goal?.when, ...exits.map(({ when }) => when)].some((when) => looksAtMessages(when, conditions)),
  }
}

/** Every step that a step may lead to, besides the one below. */
export function targetsOf(step: Step): string[] {
  const named = [
    'next' in step ? step.next : undefined,
    'then' in step ? step.then : undefined,
    'else' in step ? step.else : undefined,
    'goto' in step ? step.goto : undefined,
    ...('branch' in step ? step.branch.map((one) => one.goto) : []),
    ...('split' in step ? step.split.map((one) => one.goto) : []),
  ]
  return named.filter((target) => target !== undefined)
}

const MESSAGE_FACTS = new Set(['message', 'conversation', 'contact', 'event'])

function looksAtMessages(when: Condition | undefined, named: Record<string, Condition>): boolean {
  return when !== undefined && leavesOf(when, named).some(({ fact }) => MESSAGE_FACTS.has(fact))
}

/** The fields one of which must change before a record can come to match; null when something else may do it. */
function fieldsOf(when: Condition | undefined, named: Record<string, Condition> = {}): string[] | null {
  const own = new Set<string>(OWN_FACTS)
  const fields = new Set<string>()
  for (const { fact, operator, value } of when === undefined ? [] : leavesOf(when, named)) {
    const isTold = own.has(fact) || fact.includes('.') || temporalOperators.has(baseOperator(operator))
    if (isTold || (typeof value === 'object' && value !== null && 'fact' in value)) return null
    fields.add(fact)
  }
  return [...fields]
}
