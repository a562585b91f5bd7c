import type { ActionSchema } from '#definitions/definitions.ts'
import type { WorkIntent } from '#engine/message.ts'

/** How one attempt at a piece of work ended. A performer answers with a value; what it throws is a bug and is retried as one. */
export type WorkOutcome =
  | { kind: 'done'; detail?: string }
  /** Refused for good. `reason` is a stable snake_case code. */
  | { kind: 'failed'; reason: string; detail: string }
  /** Worth another try; `afterMs` overrides the backoff (a `Retry-After`). */
  | { kind: 'retry'; reason: string; detail: string; afterMs?: number }

/** Does one type of work out of the outbox. Registering it is all that a new action type needs besides its schema. */
export interface Performer {
  /** The action's `type`. */
  type: string
  /** The action's schema, for types that are not built in: a strict object with the literal `type`. */
  schema?: ActionSchema
  /**
   * May be called again for the same intent after a crash (at least once): use `intent.id` as idempotency key.
   * @param signal aborts when the lease is about to run out or the server stops
   */
  perform(intent: WorkIntent, signal: AbortSignal): Promise<WorkOutcome>
}
