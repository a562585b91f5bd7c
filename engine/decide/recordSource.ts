import type { Json, Values } from '#definitions/json.ts'
import type { DefinitionSet } from '../definitionSet.ts'
import type { WorkingSet } from '../facts.ts'
import type { RecordSource } from '../merge.ts'
import { isZone } from '../calendar.ts'
import { recordKey } from '../state.ts'

/** A lookup holds an id, or `{ id, name }` as some CRMs send it. */
export function lookupId(value: Json | undefined): string | null {
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number') return String(value)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return lookupId(value.id)
  return null
}

/** What reading a record and those behind it takes. */
interface Sight {
  known: Pick<WorkingSet, 'records'>
  definitions: Pick<DefinitionSet, 'lookupModules' | 'modules'>
}

/**
 * Reads fields of a record, and through lookups those of the records behind it. Own fields only: `constructor` is no field.
 * Behind a lookup to a record that is deleted, or that nobody loaded, there is nothing.
 */
export function recordSource(
  { known, definitions }: Pick<Sight, 'known'> & { definitions: Pick<DefinitionSet, 'lookupModules'> },
  module: string,
  values: Values,
): RecordSource {
  return (path) => {
    let current = values
    let at = module
    for (const [depth, field] of path.entries()) {
      const value = Object.hasOwn(current, field) ? current[field] : undefined
      if (depth === path.length - 1) return value
      const target = definitions.lookupModules[`${at}.${field}`]
      const id = lookupId(value)
      const next = target === undefined || id === null ? undefined : known.records.get(recordKey(target, id))
      if (target === undefined || next === undefined || next === null || next.deleted) return undefined
      current = next.values
      at = target
    }
    return undefined
  }
}

/** The record's own zone when its module names a field for it, else the settings' zone. */
export function recordZone(
  { known, definitions }: Sight & { known: Pick<WorkingSet, 'settings'> },
  module: string,
  values: Values,
): string {
  return ownZone({ known, definitions }, module, values) ?? known.settings.timezone
}

/** The field of a record by whose change its zone may change; of a zone behind a lookup, the lookup. */
export function zoneField({ modules }: Pick<DefinitionSet, 'modules'>, module: string): string | undefined {
  return modules.get(module)?.zone?.split('.')[0]
}

/** Null when the record does not say, or says something that is no zone. */
export function ownZone({ known, definitions }: Sight, module: string, values: Values): string | null {
  const path = definitions.modules.get(module)?.zone
  if (path === undefined) return null
  const value = path.includes('.')
    ? recordSource({ known, definitions }, module, values)(path.split('.'))
    : values[path]
  return typeof value === 'string' && isZone(value) ? value : null
}
