import type { Definition, Module } from '#definitions/definitions.ts'
import { compileMerge } from '../merge.ts'

/** Lookup paths that definitions walk, gathered so that one load brings every record behind them. */
export interface Lookups {
  all: ReadonlyMap<string, Module>
  /** The module behind each lookup field, by `Module.Field`. */
  modules: Record<string, string>
  add(module: string, path: readonly string[]): void
  /** By module, shorter paths first. */
  paths(): Record<string, string[][]>
}

export function createLookups(all: ReadonlyMap<string, Module>): Lookups {
  const modules: Record<string, string> = {}
  for (const { name, fields } of all.values()) {
    for (const [field, { type, module }] of Object.entries(fields)) {
      if (type === 'lookup' && module !== undefined) modules[`${name}.${field}`] = module
    }
  }
  const found = new Map<string, Map<string, string[]>>()
  return {
    all,
    modules,
    add(module, path) {
      // What is no lookup leads nowhere.
      let at: string | undefined = module
      for (const field of path) at = at === undefined ? undefined : modules[`${at}.${field}`]
      if (at === undefined) return
      let own = found.get(module)
      if (own === undefined) found.set(module, (own = new Map<string, string[]>()))
      own.set(path.join('.'), [...path])
    },
    paths: () =>
      Object.fromEntries(
        [...found].map(([module, own]) => [module, [...own.values()].sort((a, b) => a.length - b.length)]),
      ),
  }
}

/** Merge fields in any text of a definition, also in those of actions that a plugin added. */
export function addTextLookups(lookups: Lookups, definition: Definition, module: string): void {
  const walk = (value: unknown): void => {
    if (typeof value === 'string') {
      for (const path of compileMerge(value, module, lookups.all).lookups) lookups.add(module, path)
    } else if (typeof value === 'object' && value !== null) {
      Object.values(value).forEach(walk)
    }
  }
  walk(definition)
}

/** The language, the zone and the consent of a person who is behind a lookup. */
export function addRoleLookups(lookups: Lookups, module: Module | undefined): void {
  if (module === undefined) return
  for (const role of [module.language, module.zone, module.consent]) {
    const path = role?.split('.') ?? []
    for (let length = 1; length < path.length; length++) lookups.add(module.name, path.slice(0, length))
  }
}

/** Facts that walk lookups (`Contact_Name.Email`), in every condition of a definition, wherever its kind holds them. */
export function addConditionLookups(lookups: Lookups, definition: Definition, module: string): void {
  const addFact = (fact: string) => {
    const path = fact.split('.')
    for (let length = 1; length < path.length; length++) lookups.add(module, path.slice(0, length))
  }
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    // A leaf, or the other fact that a leaf compares with.
    const { fact } = value as { fact?: unknown }
    if (typeof fact === 'string') addFact(fact)
    Object.values(value).forEach(walk)
  }
  walk(definition)
}
