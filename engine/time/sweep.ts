import type { Draft } from '../decide/draft.ts'
import type { RuleTrace } from '../decision.ts'
import { PAGE_MAX } from '../facts.ts'
import { recordKey } from '../state.ts'
import type { DefinitionEvent, SweepEvent, Trigger } from '../trigger.ts'
import { planDatesOf } from './dates.ts'
import type { Dated, Scheduled } from './timed.ts'
import { planSchedule, runFor } from './timers.ts'

/**
 * A definition is in force, or no longer: what its versions had planned by time is taken back, and planned anew for the one
 * in force, for existing records too. One that was followed by a newer already plans nothing; the newer has an event of its own.
 *
 * The clocks of a blueprint that is switched off are held: what comes due meanwhile happens when it is switched on again.
 */
export function decideDefinition(draft: Draft<DefinitionEvent & Trigger>): Draft {
  const { key, version, active, occurredAt, sourceId } = draft.trigger
  if (key.startsWith('blueprint/')) {
    draft.changes.push(
      active
        ? { kind: 'resume', definition: key, spreadMs: 0, at: draft.now }
        : { kind: 'pause', definition: key, by: draft.trigger.source, at: draft.now },
    )
    return draft
  }
  if (!/^(?:workflow|journey)\//.test(key)) return draft
  for (const kind of ['date', 'schedule'] as const) {
    draft.changes.push({
      kind: 'cancelTimers',
      which: { definition: key, kind },
      reason: active ? 'definition_changed' : 'definition_inactive',
      at: draft.now,
    })
  }
  const timed = draft.definitions.timed.get(key)
  if (!active || timed?.version !== version) return draft
  // From when it was applied: what became due while this event waited is not lost.
  if (timed.on === 'schedule') planSchedule(draft, timed, occurredAt)
  else {
    const { id: definition, module } = timed
    sweepOn(draft, { purpose: 'dates', definition, module, after: '' }, `${sourceId}/`)
  }
  return draft
}

/** A page of records, for a schedule or for dates to be planned. A full page is followed by the next. */
export function decideSweep(draft: Draft<SweepEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const timed = draft.definitions.timed.get(trigger.definition)
  if (timed?.module !== trigger.module || !goesOn(trigger, timed)) {
    draft.notes.push('sweep_stopped')
    return draft
  }
  const page = known.pages.get(trigger.id) ?? []
  for (const id of page) {
    const record = known.records.get(recordKey(trigger.module, id)) ?? null
    if (record === null || record.deleted) continue
    if (timed.on === 'schedule') runFor(draft, timed, record)
    else planDatesOf(draft, timed, id, record.values)
  }
  const last = page.at(-1)
  if (last !== undefined && page.length >= PAGE_MAX) {
    const { purpose, definition, module, after, sourceId } = trigger
    sweepOn(draft, { purpose, definition, module, after: last }, sourceId.slice(0, sourceId.length - after.length))
  }
  tell(draft, page.length)
  return draft
}

/** A schedule goes on as it is written now; dates of a newer version are planned by its own sweep. */
function goesOn({ purpose, definition }: SweepEvent, timed: Dated | Scheduled): boolean {
  return purpose === 'schedule' ? timed.on === 'schedule' : timed.on === 'date' && timed.id === definition
}

/** @param run the same for all pages: with the record it begins after it is one of a kind, so each page is swept once */
function sweepOn(
  draft: Draft,
  sweep: Pick<SweepEvent, 'purpose' | 'definition' | 'module' | 'after'>,
  run: string,
): void {
  draft.changes.push({
    kind: 'accept',
    at: draft.now,
    event: {
      kind: 'sweep',
      source: 'denrei:sweep',
      sourceId: `${run}${sweep.after}`,
      occurredAt: draft.trigger.occurredAt,
      ...sweep,
    },
  })
}

/** Of a hundred thousand records most do not match. They are counted; those for which something happened keep their line. */
function tell(draft: Draft, records: number): void {
  const counts = new Map<string, number>([['swept', records]])
  const count = (what: string) => {
    counts.set(what, (counts.get(what) ?? 0) + 1)
    return false
  }
  draft.rules = draft.rules.filter(({ outcome }) => !QUIET.has(outcome) || count(outcome))
  draft.instances = draft.instances.filter(({ outcome, reason }) => outcome !== 'refused' || count(reason ?? 'refused'))
  for (const [what, times] of counts) draft.notes.push(`${what}:${times}`)
}
const QUIET: ReadonlySet<RuleTrace['outcome']> = new Set(['no_branch_matched', 'already_ran'])
