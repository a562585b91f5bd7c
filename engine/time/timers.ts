import type { Instant } from '../clock.ts'
import { trace } from '../decide/instances.ts'
import type { Draft } from '../decide/draft.ts'
import { runRule } from '../decide/rules.ts'
import { enterByTime } from '../journey/command.ts'
import { recordKey, type RecordState } from '../state.ts'
import type { DateTimer, ScheduleTimer } from '../parkedTimer.ts'
import { anchorOf, dateTimerId, planDatesOf } from './dates.ts'
import { nextDue } from './nextDue.ts'
import type { Dated, Scheduled } from './timed.ts'

/**
 * A date has come. It is looked at again: the record may be gone or say another date, the definition may be switched off or
 * ask for another time; each of these has planned anew, or taken back. Then the next month or year is planned.
 */
export function dateTimer(draft: Draft, timer: DateTimer): void {
  const record = draft.known.records.get(recordKey(timer.module, timer.recordId)) ?? null
  if (record === null || record.deleted) return passOver(draft, timer.definition, 'record_deleted')
  const dated = draft.definitions.timed.get(timer.definition)
  if (dated === undefined) return passOver(draft, timer.definition, 'definition_inactive')
  if (dated.on !== 'date' || !timer.id.startsWith(dateTimerId(dated, timer.recordId))) {
    return passOver(draft, timer.definition, 'definition_changed')
  }
  if (timer.anchor !== anchorOf(record.values[dated.trigger.field])) {
    return passOver(draft, timer.definition, 'date_changed')
  }
  runFor(draft, dated, record)
  if ((dated.trigger.every ?? 'once') !== 'once') planDatesOf(draft, dated, record.id, record.values)
}

/**
 * A schedule is due: its module is swept, and its next time is planned. What was missed while nobody was there is caught up
 * by one firing. A timer of an older version counts when it was due before the newer one was there, which has planned only
 * what comes after.
 */
export function scheduleTimer(draft: Draft, timer: ScheduleTimer): void {
  const scheduled = draft.definitions.timed.get(timer.definition)
  if (scheduled === undefined) return passOver(draft, timer.definition, 'definition_inactive')
  const sameVersion = scheduled.id === timer.definition
  if (scheduled.on !== 'schedule' || (!sameVersion && timer.dueAt > scheduled.since)) {
    return passOver(draft, timer.definition, 'definition_changed')
  }
  planSchedule(draft, scheduled, draft.now)
  draft.changes.push({
    kind: 'accept',
    at: draft.now,
    event: {
      kind: 'sweep',
      source: 'denrei:sweep',
      sourceId: `${timer.id}/`,
      occurredAt: timer.dueAt,
      purpose: 'schedule',
      definition: scheduled.id,
      module: scheduled.module,
      after: '',
    },
  })
}

/** Its id is made of the version and the minute: however often it is planned, each minute fires once. */
export function planSchedule(draft: Draft, { id, cron, trigger }: Scheduled, after: Instant): void {
  const dueAt = nextDue(cron, trigger.timezone ?? draft.known.settings.timezone, after)
  if (dueAt === null) {
    draft.notes.push('schedule_never_due')
    return
  }
  draft.changes.push({
    kind: 'timer',
    at: draft.now,
    timer: {
      kind: 'schedule',
      id: `schedule/${id}/${new Date(dueAt).toISOString()}`,
      dueAt,
      definition: id,
      module: '',
      recordId: '',
      causedBy: [],
    },
  })
}

/** Runs the workflow, or lets the record enter the journey. */
export function runFor(draft: Draft, timed: Dated | Scheduled, { module, id, values }: RecordState): void {
  if (timed.rule === null) {
    enterByTime(draft, timed.id, module, id)
    return
  }
  const occasion = { on: timed.on, module, recordId: id, values, previous: values, changed: [] }
  draft.rules.push({ ...runRule(draft, occasion, timed.rule), recordId: id })
}

/** Nothing is done, and the trace says why. */
function passOver(draft: Draft, definition: string, reason: string): void {
  if (definition.startsWith('journey/')) trace(draft, { definition, outcome: 'ignored', reason })
  else draft.rules.push({ definition, outcome: 'cancelled', branch: null, leaves: [], produced: [], detail: reason })
}
