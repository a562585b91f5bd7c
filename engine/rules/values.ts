import type { Json } from '#definitions/json.ts'
import type { ValueShape } from '#definitions/problemTexts/workflows.ts'
import { isBlank } from './blank.ts'
import { lengthOf, readWhen } from './dates.ts'
import { baseOperator } from './operators.ts'
import { readPeriod } from './period.ts'

/**
 * The shape of an operator's value. Decorators that take the value apart or exchange it leave nothing to be said.
 *
 * - `something`: anything but a blank
 * - `pair`: `[from, to]`; `dates`: the same of dates
 * - `date`: `2026-05-01` or a date-time
 * - `period`: `"thisWeek"` or `{ "period": "thisYear", "startMonth": 4 }`
 * - `length`: a number of days above zero, or an ISO 8601 duration
 * - `days`: a number, or `{ "min": 3, "max": 10 }`
 */
export function valueShape(operator: string): ValueShape {
  if (/(?:^|:)(?:someValue|everyValue|swap):/.test(operator)) return 'any'
  const base = baseOperator(operator)
  return Object.hasOwn(shapes, base) ? shapes[base]! : 'something'
}

/**
 * Whether an operator can do anything with a written value. One that it cannot use is no error at run time: the comparison is
 * simply never true (or, for a negated one, always), which nobody means.
 */
export function valueFits(operator: string, value: Json): boolean {
  switch (valueShape(operator)) {
    case 'any':
      return true
    case 'something':
      return !isBlank(value)
    case 'list':
      return Array.isArray(value) && value.length > 0
    case 'pair':
      return Array.isArray(value) && value.length === 2 && value.every((bound) => !isBlank(bound))
    case 'yes_or_no':
      return typeof value === 'boolean'
    case 'date':
      return readWhen(value, 'UTC') !== null
    case 'dates':
      return Array.isArray(value) && value.length === 2 && value.every((bound) => readWhen(bound, 'UTC') !== null)
    case 'period':
      return readPeriod(value) !== null
    case 'length':
      return lengthOf(value) !== null
    case 'days':
      return isDays(value)
  }
}

const shapes: Record<string, ValueShape> = {
  equal: 'any',
  notEqual: 'any',
  in: 'list',
  notIn: 'list',
  isEmpty: 'yes_or_no',
  isNotEmpty: 'yes_or_no',
  between: 'pair',
  notBetween: 'pair',
  on: 'date',
  before: 'date',
  after: 'date',
  onOrBefore: 'date',
  onOrAfter: 'date',
  betweenDates: 'dates',
  notBetweenDates: 'dates',
  during: 'period',
  notDuring: 'period',
  inNext: 'length',
  inLast: 'length',
  ageInDays: 'days',
  dueInDays: 'days',
}

function isDays(value: Json): boolean {
  if (typeof value === 'number') return Number.isInteger(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const bounds = Object.entries(value)
  return (
    bounds.length > 0 &&
    bounds.every(([name, bound]) => (name === 'min' || name === 'max') && typeof bound === 'number')
  )
}
