import type { FieldType, Module } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import type { Settings } from '#definitions/settings.ts'
import type { Instant } from '../clock.ts'
import type { Sight } from '../decide/factSource.ts'
import type { DefinitionSet } from '../definitionSet.ts'
import type { WorkingSet } from '../facts.ts'
import { versionedKey, type Instance } from '../instance.ts'
import type { Actor } from '../command.ts'
import { dueAt, levelsOf } from './clocks.ts'
import type { CompiledBlueprint, CompiledStep, CompiledTransition } from './compile.ts'
import { fieldOf, percentOf, type Filled } from './data.ts'
import { BlueprintInvalid } from './errors.ts'
import { reasonsAgainst, savedFor, standingOf, type Reason, type Standing, type Step } from './look.ts'
import { isDone } from './machine.ts'
import { bodyOf } from './place.ts'
import type { Language } from './texts.ts'

/** Where a record stands in its blueprint, and what can be done from there. */
export interface ProcessView {
  instanceId: string
  /** Its name. */
  blueprint: string
  version: number
  /** Switched off: nothing is possible until it is on again. */
  active: boolean
  /** API name of the state field. */
  field: string
  state: string
  since: Instant
  /** Those of the SLA that are still to come. */
  escalations: { level: number; dueAt: Instant }[]
  /** All that lead away from the state, in the order of the definition. */
  transitions: TransitionView[]
}

export interface StepView {
  name: string
  /** For this person, now; what is to be filled in may still not do. */
  possible: boolean
  /** Why not. */
  reasons: Reason[]
  fields: FieldView[]
  note: 'optional' | 'required' | null
  checklist: string[]
  /** What was saved without taking it. */
  draft: Filled | null
  /** How much of what must be given is saved or there already, 0 to 100. */
  percentSaved: number
}

export interface FieldView {
  field: string
  label: string
  /** Null when the module does not know the field. */
  type: FieldType | null
  /** Of a picklist. */
  values: string[]
  required: boolean
  /** As the record has it now. */
  value: Values[string] | null
}

export interface TransitionView extends StepView {
  to: string
  /** Manual ones are taken by a person, parallel ones part by part. */
  type: 'manual' | 'automatic' | 'parallel'
  /** When it happens by itself; null when that is not a matter of time. */
  dueAt: Instant | null
  /** Of a parallel one. */
  parts: (StepView & { done: boolean })[]
}

export interface Asking {
  instance: Instance
  /** Of the record. */
  values: Values
  definitions: DefinitionSet
  settings: Settings
  now: Instant
  actor: Actor
  /** Of messages. */
  language: Language
  /** The records behind the record's lookups, by record key: criteria may ask about them. */
  related?: WorkingSet['records']
}

/**
 * What a person can do with a record now, and why not the rest. Reads only.
 *
 * @returns null when the instance is not running in a blueprint
 * @throws BlueprintInvalid when the engine cannot run its version
 */
export function possibleTransitions({
  instance,
  values,
  definitions,
  actor,
  language,
  ...asking
}: Asking): ProcessView | null {
  if (instance.kind !== 'blueprint' || instance.status !== 'running') return null
  const blueprint = blueprintOf(definitions, instance)
  const sight = sightOf({ definitions, actor, ...asking })
  const standing = standingOf(blueprint, instance, values)
  const module = definitions.modules.get(instance.module)
  const view = (step: Step) => viewOf(sight, standing, step, { actor, language, module })
  const state = blueprint.states.get(instance.position)!
  return {
    instanceId: instance.id,
    blueprint: blueprint.blueprint.name,
    version: instance.version,
    active: definitions.blueprints.isActive(blueprint.key),
    field: blueprint.blueprint.field,
    state: instance.position,
    since: instance.movedAt,
    escalations: levelsOf(sight, standing).filter((one) => one.dueAt > asking.now),
    transitions: state.leaving.map((transition) => transitionView(sight, standing, transition, view)),
  }
}

/**
 * The field that nobody but the blueprint writes while the record is in it; null when the record is in none, or the blueprint is
 * switched off.
 */
export function lockedField({
  definitions,
  instance,
}: {
  definitions: DefinitionSet
  instance: Instance | null
}): string | null {
  if (instance === null || instance.kind !== 'blueprint' || instance.status !== 'running') return null
  if (!definitions.blueprints.isActive(instance.definition)) return null
  return definitions.blueprints.get(versionedKey(instance))?.blueprint.field ?? null
}

function blueprintOf(definitions: DefinitionSet, instance: Instance): CompiledBlueprint {
  const id = versionedKey(instance)
  const blueprint = definitions.blueprints.get(id)
  if (blueprint === undefined) throw new BlueprintInvalid(`${id} cannot be run. Apply the definition again.`, { id })
  return blueprint
}

/** What conditions see when nothing has happened but a question. */
function sightOf({
  definitions,
  settings,
  now,
  actor,
  related = new Map(),
}: Omit<Asking, 'instance' | 'values' | 'language'>): Sight {
  return {
    definitions,
    now,
    trigger: {
      kind: 'command',
      id: '',
      source: 'api',
      sourceId: '',
      occurredAt: now,
      receivedAt: now,
      actor,
      command: { do: 'exit', instanceId: '', reason: '' },
    },
    known: { settings, records: related, contacts: new Map(), contactByAddress: new Map(), conversations: new Map() },
  }
}

function transitionView(
  sight: Sight,
  standing: Standing,
  transition: CompiledTransition,
  view: (step: Step) => StepView,
): TransitionView {
  const { auto, to, name } = transition
  const { context } = bodyOf(standing.instance, standing.blueprint).snapshot
  const parts = [...transition.parts.values()].map((part) => ({
    ...view({ transition, part }),
    done: isDone(context, name, part.name),
  }))
  const own = view({ transition, part: null })
  return {
    ...own,
    // Nobody takes a parallel transition itself; it is possible as long as one of its parts is.
    ...(parts.length > 0 && { possible: parts.some(({ possible }) => possible) }),
    to,
    type: auto !== null ? 'automatic' : parts.length > 0 ? 'parallel' : 'manual',
    dueAt: auto !== null && 'after' in auto ? dueAt(sight, standing, auto.after) : null,
    parts,
  }
}

function viewOf(
  sight: Sight,
  standing: Standing,
  step: Step,
  { actor, language, module }: { actor: Actor; language: Language; module: Module | undefined },
): StepView {
  const one: CompiledStep = step.part ?? step.transition
  const { fields = [], note = null, checklist = [] } = one.written.during ?? {}
  const reasons = reasonsAgainst(sight, standing, step, actor, language, [])
  const saved = savedFor(standing, step)
  const draft = saved === undefined ? null : { data: saved.data, note: saved.note, checklist: saved.checklist }
  const values = { ...standing.values, ...draft?.data }
  return {
    name: one.name,
    possible: reasons.length === 0,
    reasons,
    fields: fields.map(({ field, required = false }) => {
      const known = fieldOf(module, field)
      return {
        field,
        label: known?.labels?.[language] ?? field,
        type: known?.type ?? null,
        values: known?.values ?? [],
        required,
        value: standing.values[field] ?? null,
      }
    }),
    note,
    checklist,
    draft,
    percentSaved: draft === null ? 0 : percentOf(one, draft, values),
  }
}
