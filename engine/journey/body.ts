import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import type { Instance } from '../instance.ts'

/** What an instance of a journey remembers. */
export interface JourneyBody {
  /** The latest message of each step that sent one, by step. */
  sent: Record<string, Sent>
  /** The step whose message is the latest of all; null while none was sent. */
  latest: string | null
  /** How often each `goto` was gone. */
  gotos: Record<string, number>
  /** What was written to us since the latest message and no step has taken yet, oldest first, as conditions see `message`. */
  replies: Json[]
  /** The message that a step waited for last: what `message` means where none has just come. */
  heard: Json
}

export interface Sent {
  /** The message's id. */
  id: string
  /** When it was queued. */
  at: Instant
  /** How far up the ladder it is known to be, see {@link rungOf}; 0 while nothing is told. */
  rung: number
  /** `failed`, `blocked` or `gave_up`; null while it did not end so. */
  ended: string | null
  /** What was told last, as conditions see `message`; null while nothing is. */
  fact: Json
}

/** Replies kept until a step takes them; a talkative person pushes out the oldest. */
export const REPLIES_MAX = 5

export const EMPTY_BODY: JourneyBody = { sent: {}, latest: null, gotos: {}, replies: [], heard: null }

export function bodyOf({ body }: Pick<Instance, 'body'>): JourneyBody {
  return { ...EMPTY_BODY, ...(body as Partial<JourneyBody> | null) }
}

/** As it is stored. */
export function asJson(body: JourneyBody): Json {
  return body as unknown as Json
}

/** A message has been queued. What was written to us before it is no answer to it. */
export function withSent(body: JourneyBody, step: string, id: string, at: Instant): JourneyBody {
  const sent = { ...body.sent, [step]: { id, at, rung: 0, ended: null, fact: null } }
  return { ...body, sent, latest: step, replies: [] }
}

export function withReply(body: JourneyBody, reply: Json): JourneyBody {
  return { ...body, replies: [...body.replies, reply].slice(-REPLIES_MAX) }
}

/** A step took this reply. Those before it are past. */
export function withHeard(body: JourneyBody, heard: Json, left: Json[] = []): JourneyBody {
  return { ...body, heard, replies: left }
}

/**
 * A status of a step's message. It never goes down: `delivered` after `read` is no news to a step that waits for either.
 *
 * @returns the same body when it is not about the latest message of the step
 */
export function withStatus(
  body: JourneyBody,
  step: string,
  messageId: string,
  status: string,
  fact: Json,
): JourneyBody {
  const before = body.sent[step]
  if (before?.id !== messageId) return body
  const rung = rungOf(status)
  const after: Sent =
    rung === 0 ? { ...before, ended: status, fact } : { ...before, rung: Math.max(before.rung, rung), fact }
  return { ...body, sent: { ...body.sent, [step]: after } }
}

/** Whether a message has come to one of these statuses, or beyond. */
export function reached({ rung, ended }: Sent, wanted: readonly string[]): boolean {
  return wanted.some((status) => {
    const least = rungOf(status)
    return least === 0 ? ended === status : rung >= least
  })
}

/** Where a status stands on the ladder: `read` implies `delivered`. 0 for the ends that lie beside it. */
function rungOf(status: string): number {
  return { sent: 1, delivered: 2, read: 3, played: 3 }[status] ?? 0
}
