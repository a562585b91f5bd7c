import type { Condition } from '#definitions/condition.ts'
import type { Blueprint, ChildTransition, Escalation, Span, Transition } from '#definitions/definitions.ts'
import { pointer } from '#definitions/pointer.ts'
import { compileCondition, type CompiledCondition } from '../rules/condition.ts'
import type { StoredDefinition } from '../store.ts'
import { machineOf, sourcesOf, type BlueprintMachine } from './machine.ts'

export interface CompiledBlueprint {
  /** `blueprint/deal-desk@3` */
  id: string
  key: string
  version: number
  /** The newest version, switched on: records enter it. */
  open: boolean
  blueprint: Blueprint
  machine: BlueprintMachine
  /** The state in which a record without a value begins. */
  initial: string
  states: ReadonlyMap<string, CompiledState>
  /** By name, in the order of the definition. */
  transitions: ReadonlyMap<string, CompiledTransition>
  /** Null: all records. */
  entry: CompiledCondition | null
  exit: CompiledCondition | null
}

export interface CompiledState {
  name: string
  final: boolean
  /** Levels, in the order of the definition. `pointer` is that of their actions. */
  sla: { within: Span; actions: Escalation['actions']; pointer: string }[]
  leaving: readonly CompiledTransition[]
}

/** What must be so before, during and after a transition, or one part of a parallel one. */
export interface CompiledStep {
  name: string
  /** JSON pointer in the definition. */
  pointer: string
  written: ChildTransition
  before: CompiledCondition | null
  /** What must hold of a field once the data are filled in, by its name; a field without a condition has null. */
  checks: ReadonlyMap<string, CompiledCondition | null>
}

export interface CompiledTransition extends CompiledStep {
  to: string
  auto: { after: Span } | { when: CompiledCondition } | null
  /** By name; empty when it is one step. */
  parts: ReadonlyMap<string, CompiledStep>
}

/** All versions that are run. */
export interface Blueprints {
  /** @param id `blueprint/deal-desk@3` */
  get(id: string): CompiledBlueprint | undefined
  /** Those a record of the module may enter, in order of precedence. */
  open(module: string): readonly CompiledBlueprint[]
  /** @param key `blueprint/deal-desk` */
  newest(key: string): CompiledBlueprint | undefined
  /** Whether it is switched on, whatever its versions say. @param key `blueprint/deal-desk` */
  isActive(key: string): boolean
}

/**
 * @param stored the newest version of each
 * @param pinned older versions with running instances
 * @param broken grows by those that this version of the engine cannot run
 */
export function compileBlueprints(
  stored: readonly StoredDefinition[],
  pinned: readonly StoredDefinition[],
  broken: { key: string; version: number; error: string }[],
): Blueprints {
  const all = new Map<string, CompiledBlueprint>()
  const newest = new Map<string, CompiledBlueprint>()
  const active = new Set<string>()
  const read = (one: StoredDefinition, isNewest: boolean) => {
    if (one.definition.kind !== 'blueprint') return
    if (isNewest && one.active) active.add(one.key)
    const compiled = compiledOnce(one, one.definition, broken)
    if (compiled === null) return
    const found = { ...compiled, open: isNewest && one.active }
    all.set(found.id, found)
    if (isNewest) newest.set(found.key, found)
  }
  for (const one of pinned) read(one, false)
  // Last, so that a version that is both counts as the newest.
  for (const one of stored) read(one, true)

  const open = new Map<string, CompiledBlueprint[]>()
  for (const one of [...newest.values()].filter((each) => each.open).sort(byPrecedence)) {
    open.set(one.blueprint.module, [...(open.get(one.blueprint.module) ?? []), one])
  }
  return {
    get: (id) => all.get(id),
    open: (module) => open.get(module) ?? [],
    newest: (key) => newest.get(key),
    isActive: (key) => active.has(key),
  }
}

function byPrecedence({ blueprint: a }: CompiledBlueprint, { blueprint: b }: CompiledBlueprint): number {
  return (a.order ?? 0) - (b.order ?? 0) || (a.name < b.name ? -1 : 1)
}

/** By id and content: the whole set is compiled anew whenever any definition changes, and blueprints are dear (see `COMPILED_MAX`). */
const compiledBefore = new Map<string, Omit<CompiledBlueprint, 'open'>>()
/** A machine takes about 50 KiB. */
const COMPILED_MAX = 500

function compiledOnce(
  { key, version }: StoredDefinition,
  blueprint: Blueprint,
  broken: { key: string; version: number; error: string }[],
): Omit<CompiledBlueprint, 'open'> | null {
  const name = `${key}@${version} ${JSON.stringify(blueprint)}`
  const before = compiledBefore.get(name)
  if (before !== undefined) return before
  try {
    const compiled = compileBlueprint(blueprint, key, version)
    if (compiledBefore.size >= COMPILED_MAX) compiledBefore.clear()
    compiledBefore.set(name, compiled)
    return compiled
  } catch (error) {
    broken.push({ key, version, error: error instanceof Error ? error.message : String(error) })
    return null
  }
}

/**
 * @throws BlueprintInvalid see {@link machineOf}
 * @throws ConditionInvalid for a condition that cannot be run
 */
export function compileBlueprint(blueprint: Blueprint, key: string, version: number): Omit<CompiledBlueprint, 'open'> {
  const machine = machineOf(blueprint)
  const compile = (condition: Condition | undefined, at: string) =>
    condition === undefined ? null : compileCondition(condition, blueprint.conditions ?? {}, at)
  const step = (written: ChildTransition, at: string): CompiledStep => ({
    name: written.name,
    pointer: at,
    written,
    before: compile(written.before?.when, `${at}/before/when`),
    checks: new Map(
      (written.during?.fields ?? []).map(({ field, when }, index) => [
        field,
        compile(when, `${at}/during/fields/${index}/when`),
      ]),
    ),
  })
  const transition = (written: Transition, index: number): CompiledTransition => {
    const at = pointer('transitions', index)
    const { auto, parallel = [] } = written
    return {
      ...step(written, at),
      to: written.to,
      auto:
        auto === undefined
          ? null
          : 'after' in auto
            ? auto
            : { when: compileCondition(auto.when, blueprint.conditions ?? {}, `${at}/auto/when`) },
      parts: new Map(parallel.map((part, nth) => [part.name, step(part, `${at}/parallel/${nth}`)])),
    }
  }
  const transitions = blueprint.transitions.map(transition)
  const sources = blueprint.transitions.map((one) => sourcesOf(blueprint, one))
  const states = Object.entries(blueprint.states).map(([name, { final = false, sla = [] }]): CompiledState => {
    const levels = Array.isArray(sla) ? sla : [sla]
    const at = (level: number) => pointer('states', name, 'sla', ...(Array.isArray(sla) ? [level] : []), 'actions')
    return {
      name,
      final,
      sla: levels.map((level, index) => ({ ...level, pointer: at(index) })),
      leaving: final ? [] : transitions.filter((_, index) => sources[index]!.includes(name)),
    }
  })
  return {
    id: `${key}@${version}`,
    key,
    version,
    blueprint,
    machine,
    // The machine has seen to it that there is one.
    initial: Object.entries(blueprint.states).find(([, { initial }]) => initial === true)![0],
    states: new Map(states.map((one) => [one.name, one])),
    transitions: new Map(transitions.map((one) => [one.name, one])),
    entry: compile(blueprint.entry?.when, '/entry/when'),
    exit: compile(blueprint.exit?.when, '/exit/when'),
  }
}
