import type { Values } from '#definitions/json.ts'
import { factsOf, type Sight } from '../decide/factSource.ts'
import type { LeafTrace } from '../decision.ts'
import type { Instance } from '../instance.ts'
import type { FactSource } from '../rules/condition.ts'
import type { Actor } from '../command.ts'
import type { CompiledBlueprint, CompiledStep, CompiledTransition } from './compile.ts'
import { isDone } from './machine.ts'
import { mayTake } from './people.ts'
import { bodyOf, type SavedDraft } from './place.ts'
import { reasonText, type Language, type ReasonCode } from './texts.ts'

/** A record in its blueprint, as it stands. */
export interface Standing {
  blueprint: CompiledBlueprint
  instance: Instance
  /** The record's, with the state where the instance stands: the follow-up that says so may still be on its way. */
  values: Values
}

export interface Reason {
  code: ReasonCode
  message: string
}

export function standingOf(blueprint: CompiledBlueprint, instance: Instance, values: Values): Standing {
  return { blueprint, instance, values: { ...values, [blueprint.blueprint.field]: instance.position } }
}

/** Facts of the record outside of any event, with some values laid over. */
export function factsAt(sight: Sight, { instance, values }: Standing, laid: Values = {}): FactSource {
  return factsOf(sight, {
    on: 'record.updated',
    module: instance.module,
    recordId: instance.recordId,
    values: { ...values, ...laid },
    previous: values,
    changed: Object.keys(laid),
  })
}

/** The step that somebody means: the transition, or one of its parts. */
export interface Step {
  transition: CompiledTransition
  part: CompiledStep | null
}

/**
 * Why a person cannot take a step that leads away from where the record stands; empty when the person can.
 *
 * Who may is asked of the part when it names people, else of the transition; criteria are asked of both.
 */
export function reasonsAgainst(
  sight: Sight,
  standing: Standing,
  { transition, part }: Step,
  actor: Actor,
  language: Language,
  leaves: LeafTrace[],
): Reason[] {
  const { blueprint, instance, values } = standing
  const step = part ?? transition
  const facts = { blueprint: blueprint.blueprint.name, transition: step.name }
  const because = (code: ReasonCode, own?: string): Reason => ({
    code,
    message: own ?? reasonText(code, facts, language),
  })

  if (!sight.definitions.blueprints.isActive(blueprint.key)) return [because('inactive')]
  if (transition.auto !== null) return [because('automatic')]
  if (part !== null && isDone(bodyOf(instance, blueprint).snapshot.context, transition.name, part.name)) {
    return [because('part_done')]
  }
  const found: Reason[] = []
  if (!mayTake(step, part === null ? null : transition, actor, values)) found.push(because('not_allowed'))
  const source = factsAt(sight, standing)
  for (const one of part === null ? [transition] : [transition, part]) {
    if (one.before !== null && !one.before(source, leaves)) {
      found.push(because('criteria', one.written.before?.message))
    }
  }
  return found
}

/** The transitions, and the parts (`Win/Legal approval`), that this person can take now if the data do. */
export function possibleNames(sight: Sight, standing: Standing, actor: Actor): string[] {
  const leaving = standing.blueprint.states.get(standing.instance.position)?.leaving ?? []
  return leaving.flatMap((transition) => {
    const parts = transition.parts.size === 0 ? [null] : [...transition.parts.values()]
    return parts.flatMap((part) =>
      reasonsAgainst(sight, standing, { transition, part }, actor, 'en', []).length > 0
        ? []
        : [part === null ? transition.name : `${transition.name}/${part.name}`],
    )
  })
}

/** What was saved for a step without taking it, as far as the step still asks for it: it may be of an older version. */
export function savedFor({ blueprint, instance }: Standing, step: Step): SavedDraft | undefined {
  const saved = bodyOf(instance, blueprint).drafts.find((one) => isOfStep(one, step))
  if (saved === undefined) return undefined
  const { checks, written } = step.part ?? step.transition
  const { checklist = [] } = written.during ?? {}
  return {
    ...saved,
    data: Object.fromEntries(Object.entries(saved.data).filter(([field]) => checks.has(field))),
    checklist: saved.checklist.filter((item) => checklist.includes(item)),
  }
}

export function isOfStep(saved: SavedDraft, { transition, part }: Step): boolean {
  return saved.transition === transition.name && saved.part === (part?.name ?? '')
}
