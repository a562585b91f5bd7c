import type { Json, Values } from '#definitions/json.ts'
import { blueprintsMeet } from '../blueprint/meet.ts'
import { journeysEnter, journeysMeet } from '../journey/meet.ts'
import type { SendIntent } from '../message.ts'
import { planDates } from '../time/dates.ts'
import type { Draft } from './draft.ts'
import { runRules } from './rules.ts'

/** What definitions are asked about: one record, and what happened to it. */
export interface Occasion {
  on: 'record.created' | 'record.updated' | 'record.deleted' | 'message.received' | 'message.status'
  module: string
  recordId: string
  values: Values
  previous: Values
  changed: string[]
  /** Facts about the message that came or moved. */
  message?: Json
  /** The message that moved, for the journey that sent it. */
  intent?: SendIntent
}

/** A record whose time has come: nothing happened to it. */
export interface TimedOccasion extends Omit<Occasion, 'on'> {
  on: 'date' | 'schedule'
}

/**
 * Everything that a definition may do about it, in the order in which a CRM does it: workflows, then the blueprint the record
 * is in (or enters), then journeys. Dates that the record carries are planned anew when they changed.
 */
export function meet(draft: Draft, occasion: Occasion): void {
  runRules(draft, occasion)
  blueprintsMeet(draft, occasion)
  journeysMeet(draft, occasion)
  planDates(draft, occasion)
}

/** What came before all that the record is in: it may begin something, and moves nothing on. */
export function meetAnew(draft: Draft, occasion: Occasion): void {
  runRules(draft, occasion)
  journeysEnter(draft, occasion)
}
