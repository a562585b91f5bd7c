import type { Draft } from '../decide/draft.ts'
import type { Instance } from '../instance.ts'
import type { InstanceTimer } from '../trigger.ts'

/** A wait, a timeout, quiet hours or a pause is over. The instance runs, and the timer is of its present visit. */
export function journeyTimer(draft: Draft, _instance: Instance, _timer: InstanceTimer): void {
  draft.notes.push('not_implemented')
}
