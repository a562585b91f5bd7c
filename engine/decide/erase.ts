import type { EraseEvent, Trigger } from '../trigger.ts'
import type { Draft } from './draft.ts'

/** Forgets a person. */
export function decideErase(draft: Draft<EraseEvent & Trigger>): Draft {
  return draft
}
