import type { Field } from '../module.ts'
import type { Json } from '../json.ts'
import { parseMergeText } from '../mergeField.ts'
import type { Place, Report } from '../report.ts'
import { suggest } from '../suggest.ts'

/** Checks a literal against the type and the picklist of the field it is put into or compared with. Merge text is not a literal. */
export function checkValue(report: Report, place: Place, name: string, field: Field, value: Json) {
  if (value === null || isMerged(value)) return
  const listed = field.type === 'multiselect' || field.type === 'tags'
  if (listed && Array.isArray(value)) {
    value.forEach((item, index) => checkOne(report, [...place, index], name, field, item))
  } else checkOne(report, place, name, field, value)
}

function checkOne(report: Report, place: Place, name: string, field: Field, value: Json) {
  const misfit = misfitOf(field, value)
  if (misfit === 'type') {
    report(place, 'value_type_misfit', { name, type: field.type, value: JSON.stringify(value) })
  } else if (misfit === 'picklist' && typeof value === 'string') {
    report(place, 'value_outside_picklist', {
      name,
      value: JSON.stringify(value),
      suggestions: suggest(value, field.values ?? []),
    })
  }
}

/** What keeps one value (one member, of a list) out of a field; null when it fits. An empty text empties any field of text. */
export function misfitOf({ type, values = [] }: Field, value: Json): 'type' | 'picklist' | null {
  if (!fits[type](value)) return 'type'
  if ((type !== 'picklist' && type !== 'multiselect') || values.length === 0) return null
  return typeof value !== 'string' || value === '' || values.includes(value) ? null : 'picklist'
}

export function isMerged(value: Json): boolean {
  return typeof value === 'string' && parseMergeText(value).parts.some((part) => typeof part === 'object')
}

const isText = (value: Json) => typeof value === 'string'
const isNumber = (value: Json) => typeof value === 'number'
const isReference = (value: Json) =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value) && 'id' in value)
const matches = (shape: RegExp) => (value: Json) => typeof value === 'string' && (value === '' || shape.test(value))

const fits: Record<Field['type'], (value: Json) => boolean> = {
  text: isText,
  textarea: isText,
  email: isText,
  phone: isText,
  url: isText,
  integer: (value) => Number.isInteger(value),
  decimal: isNumber,
  currency: isNumber,
  percent: isNumber,
  boolean: (value) => typeof value === 'boolean',
  date: matches(/^\d{4}-\d{2}-\d{2}$/),
  datetime: matches(/^\d{4}-\d{2}-\d{2}(?:T.+)?$/),
  picklist: isText,
  multiselect: isText,
  lookup: isReference,
  user: isReference,
  tags: isText,
  json: () => true,
}
