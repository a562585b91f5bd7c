import type { Json } from './json.ts'
import { pointer, type PointerStep } from './pointer.ts'

/**
 * Merge text: words with `$[Module.Field]` in them.
 *
 *     $[Leads.Last_Name]                        a field of the record
 *     $[Deals.Contact_Name.Mobile]              through a lookup, as many as are needed
 *     $[見込み客.姓]                             by label in any language; spaces and full stops are fine
 *     $[Deals.Closing_Date:date.long|未定]       with a format and a fallback for a missing value
 *     $$[                                       a plain `$[`
 *
 * A `$` counts only in the row of them directly before a `[`. There two write one, and a last odd one opens a
 * field: `$$$[Deals.Amount]` is a dollar sign and the amount. A fallback cannot hold `]`.
 */
export interface MergeText {
  /** The text in order. Neighbouring strings are one; none is empty. What did not parse stays as plain text. */
  parts: MergePart[]
  problems: MergeTextProblem[]
}

export type MergePart = string | MergeField

export interface MergeField {
  /** API name or label, as written. */
  module: string
  /** API names or labels, as written; the last is the field, those before it are lookups. Never empty. */
  path: string[]
  /** One of {@link mergeFormats}. */
  format?: string
  /** May be empty. */
  fallback?: string
  /** From `$[` to `]`. */
  raw: string
  /** Where `raw` begins in the text. */
  index: number
}

export interface MergeTextProblem {
  code: 'merge_field_unclosed' | 'merge_field_empty' | 'merge_field_incomplete' | 'merge_format_unknown'
  /** The piece at fault. */
  raw: string
  index: number
}

/** Formats by name; `currency.` takes an ISO 4217 code: `currency.JPY`. */
export const mergeFormats = [
  'date',
  'date.short',
  'date.long',
  'time',
  'datetime',
  'number',
  'percent',
  'currency.CODE',
  'upper',
  'lower',
] as const

const opening = /(\$+)\[/g
/** What is shaped like a format. Anything else after a colon belongs to the label. */
const formatShape = /^(?<before>.*?)\s*:\s*(?<format>[A-Za-z]+(?:\.[A-Za-z]*)?)$/s

/** Takes merge text apart. Never throws: what is wrong is in `problems`. */
export function parseMergeText(text: string): MergeText {
  const parts: MergePart[] = []
  const problems: MergeTextProblem[] = []
  let at = 0
  for (const match of text.matchAll(opening)) {
    if (match.index < at) continue
    const dollars = match[1]!.length
    addText(parts, text.slice(at, match.index) + '$'.repeat(Math.floor(dollars / 2)))
    at = match.index + dollars
    if (dollars % 2 === 0) continue
    const start = at - 1
    const read = readField(text, start)
    if ('problem' in read) problems.push(read.problem)
    const { raw } = 'problem' in read ? read.problem : read.field
    if ('field' in read) parts.push(read.field)
    else addText(parts, raw)
    at = start + raw.length
  }
  addText(parts, text.slice(at))
  return { parts, problems }
}

/** The one field that the text consists of, else null. Such a text keeps the type of the field's value. */
export function soleMergeField(text: string): MergeField | null {
  const { parts } = parseMergeText(text)
  const [first] = parts
  return parts.length === 1 && typeof first === 'object' ? first : null
}

/** Writes parts as merge text, so that parsing it gives the same parts. */
export function printMergeText(parts: readonly MergePart[]): string {
  return parts
    .map((part, index) => {
      if (typeof part === 'object') return part.raw
      const escaped = part.replace(/\$+(?=\[)/g, '$&$&')
      return typeof parts[index + 1] === 'object' ? escaped.replace(/\$+$/, '$&$&') : escaped
    })
    .join('')
}

/** Every merge field (and every piece that wanted to be one) of a JSON value's strings, with its JSON pointer. Keys are not merged. */
export function mergeFieldsIn(json: Json): {
  fields: { pointer: string; field: MergeField }[]
  problems: { pointer: string; problem: MergeTextProblem }[]
} {
  const found: ReturnType<typeof mergeFieldsIn> = { fields: [], problems: [] }
  const walk = (value: Json, steps: readonly PointerStep[]) => {
    if (typeof value === 'string') {
      const { parts, problems } = parseMergeText(value)
      const place = pointer(...steps)
      for (const part of parts) if (typeof part === 'object') found.fields.push({ pointer: place, field: part })
      for (const problem of problems) found.problems.push({ pointer: place, problem })
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => walk(item, [...steps, index]))
    } else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) walk(item, [...steps, key])
    }
  }
  walk(json, [])
  return found
}

function addText(parts: MergePart[], text: string) {
  if (text === '') return
  const last = parts.at(-1)
  if (typeof last === 'string') parts[parts.length - 1] = last + text
  else parts.push(text)
}

/** @param index of the `$` of `$[` */
function readField(text: string, index: number): { field: MergeField } | { problem: MergeTextProblem } {
  const close = text.indexOf(']', index)
  const next = text.indexOf('$[', index + 2)
  if (close === -1 || (next !== -1 && next < close)) {
    return { problem: { code: 'merge_field_unclosed', raw: '$[', index } }
  }
  const raw = text.slice(index, close + 1)
  const problem = (code: MergeTextProblem['code']) => ({ problem: { code, raw, index } })
  const inner = raw.slice(2, -1)
  const bar = inner.indexOf('|')
  const head = (bar === -1 ? inner : inner.slice(0, bar)).trim()
  if (head === '') return problem('merge_field_empty')

  const shaped = formatShape.exec(head)?.groups
  const format = shaped?.format
  if (format !== undefined && !isMergeFormat(format)) return problem('merge_format_unknown')
  const [module = '', ...path] = (shaped?.before ?? head).split('.').map((name) => name.trim())
  if (module === '' || path.length === 0 || path.at(-1) === '') return problem('merge_field_incomplete')
  return {
    field: {
      module,
      path,
      ...(format === undefined ? {} : { format }),
      ...(bar === -1 ? {} : { fallback: inner.slice(bar + 1) }),
      raw,
      index,
    },
  }
}

/** Whether a name is a format we know. */
export function isMergeFormat(name: string): boolean {
  return (
    /^currency\.[A-Z]{3}$/.test(name) ||
    (name !== 'currency.CODE' && (mergeFormats as readonly string[]).includes(name))
  )
}
