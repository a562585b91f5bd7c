import type { Blueprint, Definition, Module, Template } from '../definitions.ts'
import { resolveField } from '../fields.ts'
import type { Json } from '../json.ts'
import type { ValueShape } from '../problemTexts/workflows.ts'
import type { FieldType } from '../module.ts'
import { suggest } from '../suggest.ts'
import type { Place, Report } from '../report.ts'

/** What there is besides the files under check. */
export interface CheckContext {
  /** Definitions in force. One under check replaces that of the same key. */
  active: readonly Definition[]
  /** Names of operators without decorators. */
  operators: readonly string[]
  /** What may stand before an operator and a colon. Default: those of json-rules-engine. */
  decorators?: readonly string[]
  /** The operators that make sense for a field; without it their fit is not checked. */
  operatorsFor?: (type: FieldType) => readonly string[]
  /**
   * The shape that an operator wants of a written value which it cannot use (`list`, `pair`, `date`, ...); null when the value
   * fits. Without it values are not checked against operators.
   */
  shapeWanted?: (operator: string, value: Json) => ValueShape | null
  /** Facts that are not fields of the record: `previous`, `message`, ... */
  facts: readonly string[]
  /** What the engine knows better: walks over state machines, cron expressions. See `engine/analyse.ts`. */
  analyse: Analyser
  /** Status at WhatsApp by `name/language`, as the REST API spells it. What is not in it is not known there yet. */
  templateStatus?: ReadonlyMap<string, string>
  /** Whether a text can be a phone number or a business-scoped user id; without it literal recipients are not checked. */
  possiblePhone?: (text: string) => boolean
}

/** Questions that take libraries which this room does without. */
export interface Analyser {
  /** @param blueprint with one initial state, and transitions of different names between states that it has */
  blueprint: (blueprint: Blueprint) => BlueprintAnalysis
  /** @param zone IANA name @returns null when it is well formed and comes due some day */
  cron: (cron: string, zone: string) => CronProblem | null
}

/** What a walk over the machine of a blueprint finds. States and transitions by name. */
export interface BlueprintAnalysis {
  /** States that no walk from the initial one comes to. */
  unreachable: string[]
  /** States that are not final and that nothing leads out of. */
  deadEnds: string[]
  /** Transitions that no walk from the initial state takes. */
  neverTaken: string[]
  /** Circles of transitions that each move by themselves and at once; not all there are, when there are very many. */
  loops: string[][]
}

export type CronProblem = { kind: 'invalid'; detail: string } | { kind: 'never' }

/** What the cross checks look names up in: the files under check over what is in force. */
export interface Scope extends CheckContext {
  modules: ReadonlyMap<string, Module>
  /** All languages of each template. */
  templates: ReadonlyMap<string, readonly Template[]>
  /** Names of calendars. */
  calendars: ReadonlySet<string>
  /** Keys of files that cannot be read as what they are. Nothing is called unknown because of them. */
  broken: ReadonlySet<string>
  /** Whether a definition under check is in force already, word for word. */
  isUnchanged: (definition: Definition) => boolean
}

/** The module, or null after reporting; null without a report when its own file is the one that is broken. */
export function requireModule(scope: Scope, report: Report, place: Place, name: string): Module | null {
  const module = scope.modules.get(name)
  if (module !== undefined) return module
  if (!scope.broken.has(`module/${name}`)) {
    const names = [...scope.modules.values()].flatMap((each) => [each.name, ...Object.values(each.labels)])
    const near = suggest(name, names).map((label) => moduleNamed(scope.modules, label))
    report(place, 'unknown_module', { name, suggestions: [...new Set(near)] })
  }
  return null
}

/** Reports a field that the module does not have under this very API name. */
export function requireField(scope: Scope, report: Report, place: Place, module: Module, name: string): boolean {
  if (Object.hasOwn(module.fields, name)) return true
  report(place, 'unknown_field', { name, module: module.name, suggestions: nearFields(scope, module, name) })
  return false
}

/** API names that may have been meant; the one whose label was written comes alone. */
export function nearFields(scope: Scope, module: Module, name: string): string[] {
  const loosely = resolveField(scope.modules, module.name, [name])
  return loosely.kind === 'field' ? loosely.path : loosely.suggestions
}

function moduleNamed(modules: ReadonlyMap<string, Module>, label: string): string {
  for (const module of modules.values()) if (Object.values(module.labels).includes(label)) return module.name
  return label
}
