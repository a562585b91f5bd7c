import assert from 'node:assert/strict'
import type { Span } from '#definitions/definitions.ts'
import type { Instant } from '../clock.ts'
import type { Draft } from '../decide/draft.ts'
import type { Sight } from '../decide/factSource.ts'
import { park } from '../decide/instances.ts'
import { recordZone } from '../decide/recordSource.ts'
import { addSpan } from '../time/span.ts'
import type { CompiledState } from './compile.ts'
import type { Standing } from './look.ts'
import { bodyOf } from './place.ts'

/** So long after the record came to its state. */
export function dueAt({ known, definitions }: Sight, { instance, values }: Standing, span: Span): Instant {
  const zone = recordZone({ known, definitions }, instance.module, values)
  return addSpan(instance.movedAt, span, zone, definitions.calendars, known.settings.calendar)
}

/**
 * Parks the escalations and the automatic transitions of the state where the record stands, counted from when it came there. After
 * a migration that may lie in the past: then an automatic transition is due at once, and of the escalations only the last, when more
 * of them are over than were told.
 *
 * @returns the ids of the timers
 */
export function startClocks(draft: Draft, standing: Standing): string[] {
  const { blueprint, instance } = standing
  const state = stateOf(standing)
  const levels = levelsOf(draft, standing)
  const over = levels.filter((one) => one.dueAt < draft.now)
  const skipped = over.length > bodyOf(instance, blueprint).told ? over.slice(0, -1) : over
  const escalations = levels.filter((one) => !skipped.includes(one))
  return [
    ...escalations.map((one) => park(draft, instance, `sla/${one.level}`, Math.max(one.dueAt, draft.now))),
    ...state.leaving.flatMap(({ name, auto }) =>
      auto !== null && 'after' in auto
        ? [park(draft, instance, `auto/${name}`, Math.max(dueAt(draft, standing, auto.after), draft.now))]
        : [],
    ),
  ]
}

/** When each escalation of the state is due, earliest first; `level` counts from 0 as they are written. */
export function levelsOf(sight: Sight, standing: Standing): { level: number; dueAt: Instant }[] {
  return stateOf(standing)
    .sla.map(({ within }, level) => ({ level, dueAt: dueAt(sight, standing, within) }))
    .sort((a, b) => a.dueAt - b.dueAt)
}

export function stateOf({ blueprint, instance }: Standing): CompiledState {
  const state = blueprint.states.get(instance.position)
  assert(state !== undefined, `"${instance.position}" is no state of ${blueprint.id}.`)
  return state
}
