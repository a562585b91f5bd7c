import fc from 'fast-check'
import { AppError } from '#engine/errors.ts'
import type { EventContext } from '#triggers/recordEvent.ts'
import type { InputProblem } from '#triggers/inputProblem.ts'

export const NOW = Date.parse('2026-08-12T03:10:00Z')
const MODULES = new Set(['Leads', 'Contacts', 'Deals'])

export const context: EventContext = {
  now: NOW,
  modules: (name) => MODULES.has(name),
  futureToleranceMs: 5 * 60_000,
  defaultSource: 'crm',
}

/** The fault a call throws; fails when it throws none, or something that is not an AppError. */
export function faultOf(call: () => unknown): AppError {
  try {
    call()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('It threw nothing.')
}

/** The problems that an InvalidInput lists, as `0 /pointer code`. */
export function problemsIn(call: () => unknown): string[] {
  const fault = faultOf(call)
  if (fault.code !== 'ERR_INVALID_INPUT') throw new Error(`Unexpected ${fault.code}: ${fault.message}`)
  const problems = (fault.details.problems ?? []) as InputProblem[]
  return problems.map(({ index, pointer, code }) => `${index} ${pointer} ${code}`)
}

/** The parts of an example as arbitraries that always give them, to replace some by others. */
export function constants<T extends object>(value: T): { [Key in keyof T]: fc.Arbitrary<T[Key]> } {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fc.constant(one as unknown)])) as never
}
