import type { Instant } from '#engine/clock.ts'
import type { WorkIntent } from '#engine/message.ts'
import type { Claimed, Settlement } from '#engine/claim.ts'
import { backoffMs, type Backoff } from './backoff.ts'
import type { Performer, WorkOutcome } from './performer.ts'

/** Tries of a piece of work over about a day: 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h, 6 h. */
const WORK_ATTEMPTS_MAX = 9
const WORK_BACKOFF: Backoff = { baseMs: 5000, factor: 4, maxMs: 6 * 3_600_000 }
/** A performer that throws has a bug; more tries rarely mend it. */
const BUG_ATTEMPTS_MAX = 3
/** How long a performer may go on after its signal. */
const GRACE_MS = 1000
const DETAIL_CHARACTERS_MAX = 1000

/**
 * Runs one performer and never throws. One that does not heed its signal is left behind and its row tried again, so that
 * it blocks nobody else.
 *
 * @param timeoutMs after which the signal aborts; keep it and the grace below the lease
 */
export async function perform(
  performer: Performer | undefined,
  intent: WorkIntent,
  timeoutMs: number,
  stopping: AbortSignal,
): Promise<WorkOutcome | { kind: 'threw'; error: unknown }> {
  if (performer === undefined) {
    return { kind: 'failed', reason: 'performer_missing', detail: `Nothing here performs "${intent.type}".` }
  }
  const controller = new AbortController()
  const abort = () => controller.abort(new Error('the lease is about to run out, or the server stops'))
  const timer = setTimeout(abort, timeoutMs)
  stopping.addEventListener('abort', abort, { once: true })
  let grace: NodeJS.Timeout | undefined
  const leftBehind = new Promise<WorkOutcome>((resolve) => {
    controller.signal.addEventListener('abort', () => {
      const detail = `"${intent.type}" did not end in time.`
      grace = setTimeout(() => resolve({ kind: 'retry', reason: 'performer_timeout', detail }), GRACE_MS)
    })
  })
  try {
    return await Promise.race([performer.perform(intent, controller.signal), leftBehind])
  } catch (error) {
    return { kind: 'threw', error }
  } finally {
    clearTimeout(timer)
    clearTimeout(grace)
    stopping.removeEventListener('abort', abort)
  }
}

/** How a piece of work is settled after one attempt. Pure. */
export function workSettlement(
  { message, fence }: Claimed,
  outcome: WorkOutcome | { kind: 'threw'; error: unknown },
  now: Instant,
  random: () => number,
): Settlement {
  const base = { id: message.intent.id, fence, at: now }
  const attempts = Math.max(1, message.attempts)
  switch (outcome.kind) {
    case 'done':
      return { ...base, kind: 'done', ...(outcome.detail === undefined ? {} : { detail: clip(outcome.detail) }) }
    case 'failed':
      return { ...base, kind: 'failed', reason: outcome.reason, detail: clip(outcome.detail) }
    case 'threw':
    case 'retry': {
      const reason = outcome.kind === 'threw' ? 'performer_error' : outcome.reason
      const detail = clip(outcome.kind === 'threw' ? messageOf(outcome.error) : outcome.detail)
      const attemptsMax = outcome.kind === 'threw' ? BUG_ATTEMPTS_MAX : WORK_ATTEMPTS_MAX
      if (attempts >= attemptsMax) return { ...base, kind: 'failed', reason, detail }
      const waitMs = backoffMs(attempts, WORK_BACKOFF, random)
      const afterMs = outcome.kind === 'retry' ? (outcome.afterMs ?? 0) : 0
      return { ...base, kind: 'retry', dueAt: now + Math.max(waitMs, afterMs), reason, detail }
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const clip = (text: string): string => text.slice(0, DETAIL_CHARACTERS_MAX)
