import type { Draft } from '../decide/draft.ts'
import type { BroadcastTimer, CommandEvent, Trigger } from '../trigger.ts'

/** Enroll, pause, resume, broadcast, moveBroadcast. The answer stands in the draft. */
export function decideJourneyCommand(draft: Draft<CommandEvent & Trigger>): void {
  draft.notes.push('not_implemented')
}

/** The next records of a broadcast. */
export function broadcastTimer(draft: Draft, _timer: BroadcastTimer): void {
  draft.notes.push('not_implemented')
}

/** A date or a schedule by which records enter a journey has come for one of them. @param definition `journey/birthday@2` */
export function enterByTime(draft: Draft, _definition: string, _module: string, _recordId: string): void {
  draft.notes.push('not_implemented')
}
