import type { Draft } from '../decide/draft.ts'
import { trace } from '../decide/instances.ts'
import type { CompiledJourney } from './compile.ts'
import { tryToEnter, type Entering } from './enter.ts'
import { liveRecord, quietOccasion } from './occasions.ts'

/** @param by a person, or the definition */
export function enrollOne(draft: Draft, journey: CompiledJourney, recordId: string, by: string): Entering {
  const record = liveRecord(draft, journey.journey.module, recordId)
  if (record !== null) return tryToEnter(draft, journey, quietOccasion(record), { by })
  const reason = 'record_missing'
  trace(draft, { definition: journey.id, outcome: 'refused', reason, detail: recordId })
  return { kind: 'refused', reason }
}
