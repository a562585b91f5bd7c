import type { Field, Module } from './module.ts'
import { normalName, suggest } from './suggest.ts'

/** A field found: `path` is in API names, `modules[i]` holds `path[i]`. */
export interface ResolvedField {
  kind: 'field'
  /** Where the path begins. */
  module: string
  path: string[]
  modules: string[]
  /** The last one's definition. */
  field: Field
}

export interface UnresolvedField {
  kind: 'unresolved'
  code: 'unknown_module' | 'unknown_field' | 'ambiguous_name' | 'not_a_lookup'
  /** The name at fault, as written. */
  name: string
  /** The module it was looked for in; null for a module's own name. */
  within: string | null
  /** API names that may have been meant. */
  suggestions: string[]
}

/**
 * Finds a field by API names or labels, through lookups.
 *
 * @param modules by API name, as {@link modulesByName} gives them
 * @param moduleName API name or label in any language
 * @param path as {@link parseMergeText} gives it: a label with a full stop may stand in two pieces
 */
export function resolveField(
  modules: ReadonlyMap<string, Module>,
  moduleName: string,
  path: readonly string[],
): ResolvedField | UnresolvedField {
  const module = findModule(modules, moduleName)
  if (module.kind === 'unresolved') return module
  const rest = resolvePath(modules, module.found, path)
  if (rest.kind === 'unresolved') return rest
  return { ...rest, module: module.found.name }
}

/** Finds a module by API name or by label in any language. */
export function findModule(
  modules: ReadonlyMap<string, Module>,
  name: string,
): { kind: 'found'; found: Module } | UnresolvedField {
  const found = pick(name, modules, (module) => module.labels)
  if (found.kind === 'one') return { kind: 'found', found: modules.get(found.key)! }
  return {
    kind: 'unresolved',
    code: found.kind === 'many' ? 'ambiguous_name' : 'unknown_module',
    name,
    within: null,
    suggestions: found.suggestions,
  }
}

type Path = Omit<ResolvedField, 'module'>

function resolvePath(
  modules: ReadonlyMap<string, Module>,
  module: Module,
  path: readonly string[],
): Path | UnresolvedField {
  let told: UnresolvedField = {
    kind: 'unresolved',
    code: 'unknown_field',
    name: '',
    within: module.name,
    suggestions: [],
  }
  // What went wrong further down, or at a name that exists, says more than "no such field".
  const worth = ({ code, within, suggestions }: UnresolvedField) =>
    code !== 'unknown_field' || within !== module.name ? 2 : Math.min(suggestions.length, 1)
  // A label may hold full stops ("No. of Employees"), so one name may be several pieces. The shortest that leads on wins.
  for (let length = 1; length <= path.length; length++) {
    const result = step(modules, module, path.slice(0, length).join('.'), path.slice(length))
    if (result.kind === 'field') return result
    if (length === 1 || worth(result) > worth(told)) told = result
  }
  return told
}

function step(
  modules: ReadonlyMap<string, Module>,
  module: Module,
  name: string,
  rest: readonly string[],
): Path | UnresolvedField {
  const unresolved = (code: UnresolvedField['code'], suggestions: string[] = []): UnresolvedField => ({
    kind: 'unresolved',
    code,
    name,
    within: module.name,
    suggestions,
  })
  const found = pick(name, new Map(Object.entries(module.fields)), (field) => field.labels ?? {})
  if (found.kind === 'none') return unresolved('unknown_field', found.suggestions)
  if (found.kind === 'many') return unresolved('ambiguous_name', found.suggestions)
  const field = module.fields[found.key]!
  if (rest.length === 0) return { kind: 'field', path: [found.key], modules: [module.name], field }
  const target = field.type === 'lookup' && field.module !== undefined ? modules.get(field.module) : undefined
  if (target === undefined) return unresolved('not_a_lookup')
  const further = resolvePath(modules, target, rest)
  if (further.kind === 'unresolved') return further
  return { ...further, path: [found.key, ...further.path], modules: [module.name, ...further.modules] }
}

type Picked =
  { kind: 'one'; key: string } | { kind: 'many'; suggestions: string[] } | { kind: 'none'; suggestions: string[] }

/** By exact API name, else by label or loosely written API name. */
function pick<T>(name: string, from: ReadonlyMap<string, T>, labelsOf: (item: T) => Record<string, string>): Picked {
  if (from.has(name)) return { kind: 'one', key: name }
  const wanted = normalName(name)
  const names = [...from].map(([key, item]) => ({ key, names: [key, ...Object.values(labelsOf(item))] }))
  const keys = names.filter((item) => item.names.some((each) => normalName(each) === wanted)).map(({ key }) => key)
  if (keys.length === 1) return { kind: 'one', key: keys[0]! }
  if (keys.length > 1) return { kind: 'many', suggestions: keys }
  const near = suggest(
    name,
    names.flatMap((item) => item.names),
    6,
  )
  const suggestions = near.map((each) => names.find((item) => item.names.includes(each))!.key)
  return { kind: 'none', suggestions: [...new Set(suggestions)].slice(0, 3) }
}
