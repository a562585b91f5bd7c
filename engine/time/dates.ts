import type { Draft } from '../decide/draft.ts'
import type { Occasion } from '../decide/occasion.ts'
import type { DateTimer, DefinitionEvent, ScheduleTimer, SweepEvent, Trigger } from '../trigger.ts'

/** Plans the dates that a created or changed record carries, in place of those planned before. */
export function planDates(_draft: Draft, _occasion: Occasion): void {}

/** A date has come. */
export function dateTimer(draft: Draft, _timer: DateTimer): void {
  draft.notes.push('not_implemented')
}

/** A schedule is due: sweeps its module, and plans its next time. */
export function scheduleTimer(draft: Draft, _timer: ScheduleTimer): void {
  draft.notes.push('not_implemented')
}

/** A definition is in force, or no longer: its schedule and the dates of existing records are planned, or taken back. */
export function decideDefinition(draft: Draft<DefinitionEvent & Trigger>): Draft {
  return draft
}

/** A page of records, for a schedule or for dates to be planned. */
export function decideSweep(draft: Draft<SweepEvent & Trigger>): Draft {
  return draft
}
