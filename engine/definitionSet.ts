import type { Condition } from '#definitions/condition.ts'
import type { Branch, Module, Template, Workflow } from '#definitions/definitions.ts'
import { indexTriggers, type OccasionKind } from './definitionSet/ruleIndex.ts'
import { addConditionLookups, addRoleLookups, addTextLookups, createLookups } from './definitionSet/lookups.ts'
import { compileTrigger, type CompiledTrigger } from './definitionSet/trigger.ts'
import { compileCondition, type CompiledCondition } from './rules/condition.ts'
import { templateKey, type TemplateState } from './state.ts'
import type { StoredDefinition } from './store.ts'
import { compileBlueprints, type Blueprints } from './blueprint/compile.ts'
import { compileJourneys, type Journeys } from './journey/compile.ts'
import { compileCalendars, type Calendars } from './time/businessTime.ts'
import { chosen } from './templateVersions.ts'
import { compileTimed, type TimedDefinitions } from './time/timed.ts'

/** All definitions in force, compiled once and used by every decision until one of them changes. */
export interface DefinitionSet {
  /** By API name: the built-in ones, and the active definitions in place of those of the same name. */
  modules: Map<string, Module>
  /** By `name/language`: the version that messages are decided by, see `withTemplates`. */
  templates: ReadonlyMap<string, CompiledTemplate>
  /** By `name/language`: every version of an active one that messages may be decided by. */
  templateVersions: ReadonlyMap<string, readonly CompiledTemplate[]>
  /** The languages in which a template is defined, in order. */
  templateLanguages: Map<string, string[]>
  /** By `workflow/name`, in the order in which they run: that of their keys. */
  rules: Map<string, CompiledRule>
  /**
   * The rules that this event could meet, in order. Whether they do is for `applies` and the branches to say.
   * @param changed API names of the fields that changed; only `record.updated` looks at them
   */
  candidates(kind: OccasionKind, module: string, changed: readonly string[]): CompiledRule[]
  /** @param definition `workflow/name`, with or without `@version`; any version of it counts */
  isActive(definition: string): boolean
  /** Lookup paths whose records merge fields and conditions want, by module; every prefix of a path is listed before it. */
  lookups: Record<string, string[][]>
  /** The module behind each lookup field: `{ 'Deals.Contact_Name': 'Contacts' }`. */
  lookupModules: Record<string, string>
  /** Modules with a phone field and rules or journeys that look at messages: their records are looked for when somebody writes. */
  phoneModules: string[]
  calendars: Calendars
  timed: TimedDefinitions
  blueprints: Blueprints
  journeys: Journeys
  /** Active definitions that this version of the engine cannot run. They are left out, and the rest works. */
  broken: { key: string; version: number; error: string }[]
}

export interface CompiledTemplate {
  key: string
  version: number
  /** SHA-256 of the canonical JSON. */
  hash: string
  template: Template
  /** Its name at WhatsApp, where that is another: it is a later version. */
  as?: string
}

export interface CompiledRule {
  /** `workflow/welcome-web-lead@3` */
  id: string
  key: string
  version: number
  workflow: Workflow
  /** One run per record for ever. Default for updates and changes of fields; the others happen once or mean each time. */
  once: boolean
  /** Whether the details of the trigger fit: which fields changed from what to what, which status came. */
  applies: CompiledTrigger
  branches: CompiledBranch[]
  /** The named conditions, as written. */
  conditions: Record<string, Condition>
}

export interface CompiledBranch {
  index: number
  /** Null: the else. */
  when: CompiledCondition | null
  branch: Branch
}

/**
 * Compiles what the store holds. Inactive versions give no rules, but the lookups of their texts: timers they left behind
 * still want them.
 *
 * @param stored the newest version of each, in any order
 * @param builtin the modules that are there before anybody defines one
 * @param pinned older versions with running instances, and of templates those that WhatsApp knows
 * @param states of the templates at WhatsApp: they say which version of each serves
 */
export function compileDefinitions(
  stored: readonly StoredDefinition[],
  builtin: readonly Module[],
  pinned: readonly StoredDefinition[] = [],
  states: Iterable<TemplateState> = [],
): DefinitionSet {
  const active = stored.filter((one) => one.active).sort(byKey)
  const modules = new Map(builtin.map((module) => [module.name, module]))
  for (const { definition } of active) if (definition.kind === 'module') modules.set(definition.name, definition)

  const templateVersions = new Map<string, CompiledTemplate[]>()
  const templateLanguages = new Map<string, string[]>()
  const rules = new Map<string, CompiledRule>()
  const broken: DefinitionSet['broken'] = []
  for (const { definition, key, version, hash } of active) {
    if (definition.kind === 'template') {
      const { name, language } = definition
      templateVersions.set(templateKey(definition), [{ key, version, hash, template: definition }])
      templateLanguages.set(name, [...(templateLanguages.get(name) ?? []), language])
    } else if (definition.kind === 'workflow') {
      try {
        rules.set(key, compileRule(definition, key, version))
      } catch (error) {
        broken.push({ key, version, error: error instanceof Error ? error.message : String(error) })
      }
    }
  }
  for (const { definition, key, version, hash } of pinned) {
    if (definition.kind !== 'template') continue
    templateVersions.get(templateKey(definition))?.push({ key, version, hash, template: definition })
  }
  const lookups = createLookups(modules)
  for (const { definition } of [...stored, ...pinned]) {
    if (definition.kind === 'module' || definition.kind === 'calendar') continue
    addTextLookups(lookups, definition, definition.module)
    addRoleLookups(lookups, modules.get(definition.module))
    addConditionLookups(lookups, definition, definition.module)
  }
  const journeys = compileJourneys(stored, pinned, broken)
  return {
    modules,
    templates: choose(templateVersions, states),
    templateVersions,
    templateLanguages,
    rules,
    candidates: indexTriggers(
      [...rules.values()].map((one) => ({ one, module: one.workflow.module, trigger: one.workflow.trigger })),
    ),
    isActive: (definition) => rules.has(definition.replace(/@\d+$/, '')),
    lookups: lookups.paths(),
    lookupModules: lookups.modules,
    phoneModules: phoneModules(modules, [...rules.values()], journeys),
    calendars: compileCalendars(active),
    timed: compileTimed(active, rules, journeys, broken),
    blueprints: compileBlueprints(stored, pinned, broken),
    journeys,
    broken,
  }
}

/** The same definitions, when templates have moved at WhatsApp. Cheap. */
export function withTemplates(set: DefinitionSet, states: Iterable<TemplateState>): DefinitionSet {
  return { ...set, templates: choose(set.templateVersions, states) }
}

function choose(
  all: ReadonlyMap<string, readonly CompiledTemplate[]>,
  states: Iterable<TemplateState>,
): Map<string, CompiledTemplate> {
  const own = Map.groupBy(states, (state) => `${state.definition ?? state.name}/${state.language}`)
  const found = [...all].map(([key, versions]) => [key, chosen(versions, own.get(key) ?? [])] as const)
  return new Map(found.flatMap(([key, one]) => (one === null ? [] : [[key, one] as const])))
}

/** @throws ConditionInvalid */
function compileRule(workflow: Workflow, key: string, version: number): CompiledRule {
  const conditions = workflow.conditions ?? {}
  const { on } = workflow.trigger
  const repeat =
    workflow.repeat ?? (['record.updated', 'record.saved', 'field.changed'].includes(on) ? 'once' : 'always')
  return {
    id: `${key}@${version}`,
    key,
    version,
    workflow,
    once: repeat === 'once',
    applies: compileTrigger(workflow.trigger),
    branches: workflow.branches.map((branch, index) => ({
      index,
      when: branch.when === undefined ? null : compileCondition(branch.when, conditions, `/branches/${index}/when`),
      branch,
    })),
    conditions,
  }
}

function phoneModules(modules: Map<string, Module>, rules: CompiledRule[], journeys: Journeys): string[] {
  const wanted = new Set(
    rules.filter(({ workflow }) => workflow.trigger.on.startsWith('message.')).map(({ workflow }) => workflow.module),
  )
  for (const module of journeys.listening()) wanted.add(module)
  return [...wanted].filter((name) => modules.get(name)?.phone !== undefined).sort()
}

function byKey(a: StoredDefinition, b: StoredDefinition): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.version - b.version
}
