import type { Module } from '../definitions.ts'
import { findModule, resolveField, type ResolvedField } from '../fields.ts'
import type { Json } from '../json.ts'
import { mergeFormats, parseMergeText, type MergeField, type MergeTextProblem } from '../mergeField.ts'
import type { FieldType } from '../module.ts'
import type { Place, Report } from '../report.ts'
import type { Scope } from './scope.ts'

/** Checks every merge field in the strings of a JSON value: form, names, format, and that it is of the definition's module (S59). */
export function checkMergeFields(scope: Scope, report: Report, place: Place, json: Json | undefined, module: Module) {
  if (typeof json === 'string') checkMergeText(scope, report, place, json, module)
  else if (Array.isArray(json)) {
    json.forEach((item, index) => checkMergeFields(scope, report, [...place, index], item, module))
  } else if (json !== null && typeof json === 'object') {
    for (const [key, item] of Object.entries(json)) checkMergeFields(scope, report, [...place, key], item, module)
  }
}

/** @returns the fields that were found */
export function checkMergeText(
  scope: Scope,
  report: Report,
  place: Place,
  text: string,
  module: Module,
): ResolvedField[] {
  const { parts, problems } = parseMergeText(text)
  for (const problem of problems) reportMergeText(report, place, problem)
  const fields = parts.filter((part) => typeof part === 'object')
  return fields.flatMap((field) => checkMergeField(scope, report, place, field, module) ?? [])
}

function reportMergeText(report: Report, place: Place, { code, raw }: MergeTextProblem) {
  if (code === 'merge_format_unknown') report(place, code, { raw, formats: mergeFormats })
  else report(place, code, { raw })
}

function checkMergeField(
  scope: Scope,
  report: Report,
  place: Place,
  field: MergeField,
  module: Module,
): ResolvedField | null {
  const { raw } = field
  const found = resolveField(scope.modules, field.module, field.path)
  const own = found.kind === 'field' ? found.module : moduleOf(scope, field)
  if (own !== null && own !== module.name) {
    const through = waysTo(scope, module, own, field)
    report(place, 'foreign_merge_field', { raw, module: own, own: module.name, through })
    return null
  }
  if (found.kind === 'unresolved') {
    const { code, name, suggestions } = found
    const within = found.within ?? module.name
    if (code === 'unknown_field') report(place, code, { name, module: within, suggestions })
    else if (code === 'not_a_lookup') report(place, code, { name, module: within })
    else if (code === 'ambiguous_name') report(place, code, { name, suggestions })
    else if (!scope.broken.has(`module/${name}`)) report(place, code, { name, suggestions })
    return null
  }
  if (field.format !== undefined && !fits(field.format, found.field.type)) {
    report(place, 'merge_format_misfit', { raw, format: field.format, type: found.field.type })
  }
  return found
}

function moduleOf(scope: Scope, field: MergeField): string | null {
  const module = findModule(scope.modules, field.module)
  return module.kind === 'found' ? module.found.name : null
}

/** The same field through a lookup of the definition's own module: `$[Deals.Contact_Name.Mobile]` for `$[Contacts.Mobile]`. */
function waysTo(scope: Scope, own: Module, wanted: string, field: MergeField): string[] {
  const found = resolveField(scope.modules, wanted, field.path)
  const path = found.kind === 'field' ? found.path : field.path
  return Object.entries(own.fields)
    .filter(([, { type, module }]) => type === 'lookup' && module === wanted)
    .map(([name]) => `$[${[own.name, name, ...path].join('.')}]`)
    .slice(0, 3)
}

const numbers: readonly FieldType[] = ['integer', 'decimal', 'currency', 'percent']
const texts: readonly FieldType[] = ['text', 'textarea', 'email', 'phone', 'url', 'picklist', 'multiselect', 'lookup', 'user', 'tags'] // prettier-ignore

/** Whether a format can do something with values of a type. JSON may be anything. */
function fits(format: string, type: FieldType): boolean {
  if (type === 'json') return true
  if (format === 'upper' || format === 'lower') return texts.includes(type)
  if (format.startsWith('date') || format === 'time') {
    // A day without a time has no time to show.
    return type === 'datetime' || (type === 'date' && format !== 'time' && format !== 'datetime')
  }
  return numbers.includes(type)
}
