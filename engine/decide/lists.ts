import { isDeepStrictEqual } from 'node:util'
import type { Json, Values } from '#definitions/json.ts'
import type { RecordEvent } from '../trigger.ts'

/** Members come and go one by one, so two changes of a list at once both count. */
export function withLists(trigger: Pick<RecordEvent, 'lists'>, values: Values): Values {
  for (const { field, add = [], remove = [] } of trigger.lists ?? []) {
    const had = Array.isArray(values[field]) ? values[field] : []
    const kept = had.filter((member) => !remove.some((gone) => sameJson(gone, member)))
    values[field] = [...kept, ...add.filter((member) => !kept.some((there) => sameJson(there, member)))]
  }
  return values
}

export function sameJson(a: Json, b: Json): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && isDeepStrictEqual(a, b))
}
