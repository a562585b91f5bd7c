import { NotFound } from '#engine/errors.ts'
import type { RecordState } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'

/** A record that is there. @throws NotFound when it never was, or was deleted */
export async function liveRecord(store: Store, module: string, id: string): Promise<RecordState> {
  const record = await store.record(module, id)
  if (record === null || record.deleted) throw new NotFound(`There is no record "${id}" in ${module}.`, { module, id })
  return record
}
