import { misfitOf } from '#definitions/check/values.ts'
import type { Field, Module } from '#definitions/definitions.ts'
import type { Json, Values } from '#definitions/json.ts'
import type { LeafTrace } from '../decision.ts'
import { isBlank } from '../rules/blank.ts'
import type { FactSource } from '../rules/condition.ts'
import { readWhen } from '../rules/dates.ts'
import type { CompiledStep } from './compile.ts'
import { dataProblemText, type DataProblemCode, type Language } from './texts.ts'

/** What a person filled in, wrote and ticked for a step. */
export interface Filled {
  data: Values
  note: string
  checklist: string[]
}

export interface DataProblem {
  /** API name; null when it is about the note or the checklist. */
  field: string | null
  problem: DataProblemCode
  message: string
  /** Facts behind the message: `expected`, `value`, `values`, `item`. */
  details: Record<string, Json>
}

/** Lays what comes later over what was saved before: a field, a note or a list that is given replaces the older one. */
export function layFilled(saved: Filled | undefined, given: Partial<Filled>): Filled {
  return {
    data: { ...saved?.data, ...given.data },
    note: given.note ?? saved?.note ?? '',
    checklist: [...new Set(given.checklist ?? saved?.checklist ?? [])],
  }
}

/** What can never be right, however much is still to be filled in: it is not even kept as a draft. */
export function nonsenseIn(
  step: CompiledStep,
  filled: Filled,
  module: Module | undefined,
  language: Language,
): DataProblem[] {
  const problem = problemsOf(module, language)
  const list = step.written.during?.checklist ?? []
  const fields = Object.entries(filled.data).flatMap(([field, value]) => {
    if (!step.checks.has(field)) return [problem(field, 'not_asked')]
    const known = fieldOf(module, field)
    const misfit = known === undefined ? null : misfitOfData(known, value)
    if (misfit === 'type') return [problem(field, 'wrong_type', { expected: known!.type })]
    if (misfit === 'picklist') {
      return [problem(field, 'not_in_picklist', { value: value ?? null, values: known!.values ?? [] })]
    }
    return []
  })
  const items = filled.checklist.filter((item) => !list.includes(item))
  return [...fields, ...items.map((item) => problem(null, 'not_on_list', { item }))]
}

/**
 * What is still missing, or not as it must be.
 *
 * - A required field may have its value from before.
 * - A field that is not required and stays blank is not checked.
 *
 * @param values the record with the data laid over
 * @param facts  of those values
 */
export function lacksOf(
  step: CompiledStep,
  filled: Filled,
  { values, facts, leaves }: { values: Values; facts: FactSource; leaves: LeafTrace[] },
  module: Module | undefined,
  language: Language,
): DataProblem[] {
  const problem = problemsOf(module, language)
  const { fields = [], note, checklist = [] } = step.written.during ?? {}
  const found = fields.flatMap(({ field, required = false, message }) => {
    const value = Object.hasOwn(values, field) ? values[field] : undefined
    if (isBlank(value)) return required ? [problem(field, 'missing')] : []
    const check = step.checks.get(field) ?? null
    if (check === null || check(facts, leaves)) return []
    const failed = problem(field, 'check_failed')
    return [message === undefined ? failed : { ...failed, message }]
  })
  if (note === 'required' && filled.note.trim() === '') found.push(problem(null, 'note_missing'))
  const open = checklist.filter((item) => !filled.checklist.includes(item))
  return [...found, ...open.map((item) => problem(null, 'not_ticked', { item }))]
}

/**
 * How much of what must be given is there, in whole percent: required fields, the note, every item of the list.
 *
 * @param values the record with the data laid over
 */
export function percentOf(step: CompiledStep, filled: Filled, values: Values): number {
  const { fields = [], note, checklist = [] } = step.written.during ?? {}
  const wanted = [
    ...fields
      .filter(({ required }) => required === true)
      .map(({ field }) => !isBlank(Object.hasOwn(values, field) ? values[field] : null)),
    ...(note === 'required' ? [filled.note.trim() !== ''] : []),
    ...checklist.map((item) => filled.checklist.includes(item)),
  ]
  return wanted.length === 0 ? 100 : Math.floor((100 * wanted.filter(Boolean).length) / wanted.length)
}

/** A field of the module under its API name. */
export function fieldOf(module: Module | undefined, name: string): Field | undefined {
  return module !== undefined && Object.hasOwn(module.fields, name) ? module.fields[name] : undefined
}

function problemsOf(module: Module | undefined, language: Language) {
  return (field: string | null, problem: DataProblemCode, details: Record<string, Json> = {}): DataProblem => {
    const label = field === null ? '' : (fieldOf(module, field)?.labels?.[language] ?? field)
    return { field, problem, details, message: dataProblemText(problem, { ...details, field: label }, language) }
  }
}

/** Null empties any field. A date must be one of the calendar. */
function misfitOfData(field: Field, value: Json): 'type' | 'picklist' | null {
  if (value === null) return null
  if (field.type === 'multiselect' || field.type === 'tags') {
    if (!Array.isArray(value)) return 'type'
    return value.map((one) => misfitOf(field, one)).find((misfit) => misfit !== null) ?? null
  }
  const isDate = field.type === 'date' || field.type === 'datetime'
  if (isDate && value !== '' && readWhen(value, 'UTC') === null) return 'type'
  return misfitOf(field, value)
}
