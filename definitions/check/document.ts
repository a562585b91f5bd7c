import type { z } from 'zod'
import { formatHints } from '../formatHints.ts'
import type { Report } from '../report.ts'
import { suggest } from '../suggest.ts'
import { isConditionAt, keysAt } from './schemaKeys.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** Deeper than any definition a person writes; a bound, because the checks walk into groups by recursion. */
const DEPTH_MAX = 100

/** Whether JSON is nested deeper than definitions may be. */
export function isTooDeep(json: unknown): boolean {
  let level: unknown[] = [json]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return true
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    )
  }
  return false
}

/** Reports what keeps JSON from being a definition; undefined then. */
export function readDocument<T>(schema: z.ZodType<T>, report: Report, json: unknown): T | undefined {
  if (isTooDeep(json)) {
    report([], 'too_deep', { max: DEPTH_MAX })
    return undefined
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  for (const issue of result.error.issues) reportIssue(schema, report, json, issue)
  return undefined
}

function reportIssue(schema: z.ZodType, report: Report, json: unknown, issue: Issue) {
  const place = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  const value = valueAt(json, issue.path)
  if (value === undefined && place.length > 0 && issue.code !== 'unrecognized_keys') {
    report(place.slice(0, -1), 'missing_key', { key: String(place.at(-1)) })
    return
  }
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, issue.path, json)
      const free = known.filter((key) => !Object.hasOwn(value as object, key))
      for (const key of issue.keys) {
        if (known.includes(key)) report([...place, key], 'misplaced_key', { key })
        else report([...place, key], 'unknown_key', { key, suggestions: suggest(key, free), known })
      }
      return
    }
    case 'invalid_union':
      reportUnion(schema, report, json, issue, value)
      return
    case 'invalid_value':
      reportOptions(report, place, value, issue.values.map(String))
      return
    case 'invalid_type':
      report(place, 'wrong_type', { expected: issue.expected, got: typeOf(value) })
      return
    case 'invalid_format': {
      const hint = Object.values(formatHints).find(({ en }) => en === issue.message) ?? null
      report(place, 'invalid_format', { value: JSON.stringify(value), hint })
      return
    }
    case 'too_small':
      report(place, 'too_short', { minimum: Number(issue.minimum), of: issue.origin })
      return
    case 'too_big':
      report(place, 'too_long', { maximum: Number(issue.maximum), of: issue.origin })
      return
    case 'invalid_key': {
      const hint =
        Object.values(formatHints).find(({ en }) => issue.issues.some(({ message }) => message === en)) ?? null
      report(place, 'invalid_format', { value: JSON.stringify(place.at(-1)), hint })
      return
    }
    case 'custom':
      if (issue.params?.problem === 'unknown_timezone') report(place, 'unknown_timezone', { value: String(value) })
      else report(place, 'invalid_value', { detail: issue.message })
      return
    case 'invalid_element':
    case 'not_multiple_of':
      report(place, 'invalid_value', { detail: issue.message })
      return
    default:
      issue satisfies never
  }
}

function reportOptions(report: Report, place: (string | number)[], value: unknown, options: string[]) {
  const suggestions = typeof value === 'string' ? suggest(value, options) : []
  report(place, 'unknown_value', { value: JSON.stringify(value), options, suggestions })
}

/** A value that fits none of several shapes: the one that comes nearest is what the writer meant. */
function reportUnion(
  schema: z.ZodType,
  report: Report,
  json: unknown,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  value: unknown,
) {
  const place = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.errors.length === 0) {
    const { options } = issue as unknown as { options?: unknown[] }
    reportOptions(report, place, value, (options ?? []).map(String))
    return
  }
  const shapes = issue.errors.map((issues) => ({ issues, misfit: misfitOf(issues, value) }))
  const least = Math.min(...shapes.map(({ misfit }) => misfit))
  const nearest = shapes.filter(({ misfit }) => misfit === least)
  const [first] = nearest
  const keys = typeof value === 'object' && value !== null ? Object.keys(value).length : 0
  // Nothing in common with any shape: telling what one of them lacks would only mislead.
  const isFar = least >= FAR || keys === 0 || unknownKeys(first!.issues) >= keys
  const isCondition = isConditionAt(schema, issue.path, json)
  const pass = (inner: Issue) => reportIssue(schema, report, json, { ...inner, path: [...issue.path, ...inner.path] })
  if (isFar && isCondition) report(place, 'invalid_condition', {})
  else if (isFar) reportForms(report, place, value, issue.errors)
  else if (nearest.length === 1 || isCondition) first!.issues.forEach(pass)
  else {
    // As near to one as to another: what is unknown to all of them is the slip of the pen; else the choice is open.
    const slips = first!.issues.filter(({ code, path }) => code === 'unrecognized_keys' && path.length === 0)
    slips.forEach(pass)
    if (slips.length === 0) reportForms(report, place, value, issue.errors)
  }
}

/** Tells which forms there are to choose from: types, literals, and of objects the keys that one of them needs. */
function reportForms(report: Report, place: (string | number)[], value: unknown, errors: readonly Issue[][]) {
  const whole = errors.flatMap((issues) => issues.filter(({ path }) => path.length === 0))
  const options = whole.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []))
  if (typeof value === 'string' && options.length > 1) {
    reportOptions(report, place, value, options)
    return
  }
  const types = whole.flatMap((issue) => (issue.code === 'invalid_type' ? [issue.expected] : []))
  const keys = errors.flatMap((issues) => {
    const missing = issues.find(({ path }) => path.length === 1 && valueAt(value, path) === undefined)
    return missing === undefined ? [] : [String(missing.path[0])]
  })
  const text = JSON.stringify(value)
  report(place, 'invalid_form', {
    value: text.length > 60 ? `${text.slice(0, 60)}…` : text,
    forms: [...new Set([...types, ...options.map((option) => JSON.stringify(option))])],
    keys: [...new Set(keys)],
  })
}

const FAR = 1000

function unknownKeys(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys.length : 0),
    0,
  )
}

/** Keys too many and keys missing; what is wrong further down does not speak against a shape. */
function misfitOf(issues: readonly Issue[], value: unknown): number {
  return issues.reduce((sum, issue) => {
    if (issue.path.length === 0 && issue.code !== 'unrecognized_keys') return sum + FAR
    if (issue.path.length === 1 && valueAt(value, issue.path) === undefined) return sum + 1
    return sum
  }, unknownKeys(issues))
}

function valueAt(json: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    json,
  )
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}
