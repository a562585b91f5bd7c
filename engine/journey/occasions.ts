import type { Draft } from '../decide/draft.ts'
import type { Occasion } from '../decide/occasion.ts'
import { recordKey, type RecordState } from '../state.ts'

/** The record as it stands, when time or a person brings it up: nothing of it has changed. */
export function quietOccasion({ module, id, values }: RecordState): Occasion {
  return { on: 'record.updated', module, recordId: id, values, previous: values, changed: [] }
}

/** Null when there is no such record, or no longer. */
export function liveRecord({ known }: Draft, module: string, recordId: string): RecordState | null {
  const record = known.records.get(recordKey(module, recordId)) ?? null
  return record === null || record.deleted ? null : record
}
