import type { StoredDefinition } from '../store.ts'

export interface CompiledCalendar {
  name: string
}

/** By name. */
export type Calendars = ReadonlyMap<string, CompiledCalendar>

export function compileCalendars(_stored: readonly StoredDefinition[]): Calendars {
  return new Map()
}
