import type { Json } from '#definitions/json.ts'
import { isBlank } from './blank.ts'
import { isEqual } from './comparison.ts'

/** A field's values as a list: a multi-select or tags as they are, one value as a list of one, nothing as none. */
function membersOf(value: Json | undefined): Json[] {
  if (value === undefined || isBlank(value)) return []
  return Array.isArray(value) ? value : [value]
}

/** Whether any of the wanted values is there. */
export function containsAny(value: Json | undefined, wanted: Json | undefined): boolean {
  const members = membersOf(value)
  return membersOf(wanted).some((one) => members.some((member) => isEqual(member, one)))
}

/** Whether all the wanted values are there. A blank field or an empty wish contains nothing. */
export function containsAll(value: Json | undefined, wanted: Json | undefined): boolean {
  const members = membersOf(value)
  const wishes = membersOf(wanted)
  return (
    members.length > 0 && wishes.length > 0 && wishes.every((one) => members.some((member) => isEqual(member, one)))
  )
}
