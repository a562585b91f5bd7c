import type { FieldType, Module } from '../module.ts'
import type { Place, Report } from '../report.ts'
import { normalName } from '../suggest.ts'
import { requireField, requireModule, type Scope } from './scope.ts'

/** The types a field may have to be the module's phone, language, zone or consent. */
const roleTypes: Record<'phone' | 'language' | 'zone' | 'consent', FieldType[]> = {
  phone: ['phone', 'text'],
  language: ['text', 'picklist'],
  zone: ['text', 'picklist'],
  consent: ['boolean'],
}

/** Checks what a module's schema cannot say: that roles and lookups name what exists, and that labels tell fields apart. */
export function checkModule(scope: Scope, report: Report, module: Module) {
  requireField(scope, report, ['title'], module, module.title)
  for (const [role, expected] of Object.entries(roleTypes)) {
    const name = module[role as keyof typeof roleTypes]
    const type = name === undefined ? null : typeAt(scope, report, [role], module, name.split('.'))
    if (name === undefined || type === null) continue
    const got = type
    if (!expected.includes(got)) report([role], 'wrong_field_type', { name, got, expected })
  }
  for (const [name, field] of Object.entries(module.fields)) {
    const place = ['fields', name]
    if (scope.facts.includes(name)) report(place, 'reserved_name', { name })
    if (field.type === 'lookup') {
      if (field.module === undefined) report(place, 'lookup_without_module', { name })
      else requireModule(scope, report, [...place, 'module'], field.module)
    }
    const listed = field.type === 'picklist' || field.type === 'multiselect'
    if (listed && (field.values ?? []).length === 0) report(place, 'picklist_without_values', { name })
  }
  checkLabels(scope, report, module)
}

/** The type of a field, through lookups to other modules; null after reporting what is not there. */
function typeAt(scope: Scope, report: Report, place: Place, module: Module, path: string[]): FieldType | null {
  const [name, ...rest] = path
  if (name === undefined || !requireField(scope, report, place, module, name)) return null
  const field = module.fields[name]!
  if (rest.length === 0) return field.type
  if (field.type !== 'lookup' || field.module === undefined) {
    report(place, 'wrong_field_type', { name, got: field.type, expected: ['lookup'] })
    return null
  }
  const next = requireModule(scope, report, place, field.module)
  return next === null ? null : typeAt(scope, report, place, next, rest)
}

function checkLabels(scope: Scope, report: Report, module: Module) {
  const seen = new Map<string, string>()
  for (const [name, field] of Object.entries(module.fields)) {
    noteLabels(report, ['fields', name, 'labels'], name, field.labels ?? {}, seen)
  }
  const others = new Map<string, string>()
  for (const other of scope.modules.values()) {
    if (other.name === module.name) continue
    for (const label of Object.values(other.labels)) others.set(normalName(label), other.name)
  }
  noteLabels(report, ['labels'], module.name, module.labels, others)
}

function noteLabels(
  report: Report,
  place: Place,
  name: string,
  labels: Record<string, string>,
  seen: Map<string, string>,
) {
  for (const [language, label] of Object.entries(labels)) {
    const before = seen.get(normalName(label))
    if (before === undefined) seen.set(normalName(label), name)
    else if (before !== name) report([...place, language], 'duplicate_label', { label, names: [before, name] })
  }
}
