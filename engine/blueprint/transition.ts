import type { CommandEvent, Trigger } from '../trigger.ts'
import type { Draft } from '../decide/draft.ts'
import type { Instance } from '../instance.ts'
import type { InstanceTimer } from '../trigger.ts'

/** A person moves a record along, does a part, or saves a draft. */
export function decideTransition(draft: Draft<CommandEvent & Trigger>): void {
  draft.notes.push('not_implemented')
}

/** An escalation or an automatic transition comes due. The instance runs, and the timer is of its present visit. */
export function blueprintTimer(draft: Draft, _instance: Instance, _timer: InstanceTimer): void {
  draft.notes.push('not_implemented')
}
