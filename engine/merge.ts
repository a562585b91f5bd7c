import { findModule, resolveField } from '#definitions/fields.ts'
import type { Json } from '#definitions/json.ts'
import { parseMergeText, type MergeField } from '#definitions/mergeField.ts'
import type { FieldType, Module } from '#definitions/module.ts'
import { isBlank } from './rules/blank.ts'
import { formatValue, type Words } from './mergeFormat.ts'

/** Reads a field of the record by API names, through lookups: `['Contact_Name', 'Mobile']`. Undefined when it is not there. */
export type RecordSource = (path: string[]) => Json | undefined

/** A text with its merge fields found and their names resolved, once per text. */
export interface CompiledMerge {
  /** Paths of lookup fields that must be loaded before it is resolved. */
  lookups: string[][]
  /**
   * A merge field alone keeps the type of its value, unless it has a format; anything else is text, in which a field
   * without a value and a fallback leaves nothing. Undefined: it is such a field alone.
   */
  resolve(source: RecordSource, words: Words): Json | undefined
  /** As text in the language and zone; null when a field has no value and no fallback. */
  text(source: RecordSource, words: Words): string | null
  /** As text; a field without a value and a fallback leaves nothing. */
  fill(source: RecordSource, words: Words): string
}

/**
 * Compiles merge text for records of a module. Labels in any language become API names here. A name that the modules do not
 * know is read from the record as it is written: a CRM may send fields that nobody declared. A field of another module
 * has no value, because the record at hand is none of that module.
 */
export function compileMerge(text: string, module: string, modules: ReadonlyMap<string, Module>): CompiledMerge {
  let cache = compiled.get(modules)
  if (cache === undefined) compiled.set(modules, (cache = new Map<string, CompiledMerge>()))
  const key = `${module}\u0000${text}`
  let merge = cache.get(key)
  if (merge === undefined) {
    // People's own sends bring new texts for ever.
    if (cache.size >= CACHE_MAX) cache.clear()
    cache.set(key, (merge = compile(text, module, modules)))
  }
  return merge
}

interface Resolver {
  modules: ReadonlyMap<string, Module>
}

/** Merge text as text; null when a field has no value and no fallback, so that a guard can say `parameter_missing`. */
export function resolveText(
  text: string,
  module: string,
  { modules }: Resolver,
  source: RecordSource,
  words: Words,
): string | null {
  return compileMerge(text, module, modules).text(source, words)
}

/** Merge text as text for people, where a missing value is no reason to say nothing: tasks, notifications. */
export function fillText(
  text: string,
  module: string,
  { modules }: Resolver,
  source: RecordSource,
  words: Words,
): string {
  return compileMerge(text, module, modules).fill(source, words)
}

/** Every string of a JSON value merged. A field alone keeps its type, and is null when it has no value. */
export function resolveJson(
  value: Json,
  module: string,
  definitions: Resolver,
  source: RecordSource,
  words: Words,
): Json {
  const each = (item: Json): Json => {
    if (typeof item === 'string') {
      return compileMerge(item, module, definitions.modules).resolve(source, words) ?? null
    }
    if (Array.isArray(item)) return item.map(each)
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([key, member]) => [key, each(member)]))
  }
  return each(value)
}

const CACHE_MAX = 10_000
const compiled = new WeakMap<ReadonlyMap<string, Module>, Map<string, CompiledMerge>>()

interface CompiledField {
  lookups: string[][]
  value(source: RecordSource, words: Words): Json | undefined
  text(source: RecordSource, words: Words): string | null
}

function compile(text: string, module: string, modules: ReadonlyMap<string, Module>): CompiledMerge {
  const parts = parseMergeText(text).parts.map((part) =>
    typeof part === 'string' ? part : compileField(part, module, modules),
  )
  const lookups = parts.flatMap((part) => (typeof part === 'string' ? [] : part.lookups))
  const [first] = parts
  if (parts.length === 0 || (parts.length === 1 && typeof first === 'string')) {
    const words = typeof first === 'string' ? first : ''
    return { lookups, resolve: () => words, text: () => words, fill: () => words }
  }
  const whole = (source: RecordSource, words: Words, missing: string | null): string | null => {
    let result = ''
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : (part.text(source, words) ?? missing)
      if (piece === null) return null
      result += piece
    }
    return result
  }
  const fill = (source: RecordSource, words: Words) => whole(source, words, '') ?? ''
  return {
    lookups,
    resolve: (source, words) =>
      parts.length === 1 && typeof first === 'object' ? first.value(source, words) : fill(source, words),
    text: (source, words) => whole(source, words, null),
    fill,
  }
}

function compileField(field: MergeField, module: string, modules: ReadonlyMap<string, Module>): CompiledField {
  const { path, type, title, isOurs } = locate(field, module, modules)
  const { format, fallback } = field
  const read = (source: RecordSource): Json | undefined => {
    const value = isOurs ? source(path) : undefined
    return isBlank(value) ? undefined : value
  }
  const words = (source: RecordSource, words: Words): string | null => {
    const value = read(source)
    if (value === undefined) return fallback ?? null
    const shown = title === null || format !== undefined ? undefined : source([...path, title])
    return (
      formatValue(isBlank(shown) ? value : shown!, isBlank(shown) ? type : 'text', format, words) ?? fallback ?? null
    )
  }
  return {
    lookups: isOurs ? prefixes(title === null ? path.slice(0, -1) : path) : [],
    value: (source, spoken) =>
      format === undefined ? (read(source) ?? fallback) : (words(source, spoken) ?? undefined),
    text: words,
  }
}

/** `title`: for a lookup, the field of the record behind it that a person would want to read instead of an id. */
function locate(field: MergeField, module: string, modules: ReadonlyMap<string, Module>) {
  const found = resolveField(modules, field.module, field.path)
  if (found.kind === 'unresolved') {
    return {
      path: field.path,
      type: null,
      title: null,
      // Every object has a `constructor`; no record does.
      isOurs: isNamed(module, field, modules) && !field.path.some((name) => name in Object.prototype),
    }
  }
  const { path, field: definition } = found
  const target =
    definition.type === 'lookup' && definition.module !== undefined ? modules.get(definition.module) : undefined
  return {
    path,
    type: definition.type as FieldType | null,
    title: target?.title ?? null,
    isOurs: found.module === module,
  }
}

function isNamed(module: string, field: MergeField, modules: ReadonlyMap<string, Module>): boolean {
  const named = findModule(modules, field.module)
  return named.kind === 'found' && named.found.name === module
}

/** `[a, b]` gives `[a]` and `[a, b]`: each record on the way must be loaded. */
function prefixes(path: string[]): string[][] {
  return path.map((_, index) => path.slice(0, index + 1))
}
