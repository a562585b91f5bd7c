/**
 * A fault from outside: something the caller, the disk or the other side did. Expected outcomes are values, and our
 * own mistakes are assertions; neither is an AppError. Codes are listed in docs/errors.md.
 */
export abstract class AppError extends Error {
  /** Stable, `ERR_...`. */
  abstract readonly code: string
  /** Whether the same call can succeed later. */
  abstract readonly retryable: boolean
  /** Facts for machines: field, pointer, id. Never a secret. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.details = details
  }
}

/** What came in is not of the documented shape. */
export class InvalidInput extends AppError {
  readonly code = 'ERR_INVALID_INPUT'
  readonly retryable = false
}

/** The named thing does not exist. */
export class NotFound extends AppError {
  readonly code = 'ERR_NOT_FOUND'
  readonly retryable = false
}

/** An event id came again with other content. The first one stands. */
export class EventIdReused extends AppError {
  readonly code = 'ERR_EVENT_ID_REUSED'
  readonly retryable = false
}

/** Another process works on the same store. */
export class StoreLocked extends AppError {
  readonly code = 'ERR_STORE_LOCKED'
  readonly retryable = false
}

/** The store cannot be opened: no such place, not a database, or written by a newer version. */
export class StoreUnusable extends AppError {
  readonly code = 'ERR_STORE_UNUSABLE'
  readonly retryable = false
}

/** The disk under the store refuses: full, read-only, broken. */
export class StoreFailed extends AppError {
  readonly code = 'ERR_STORE_FAILED'
  readonly retryable = true
}

/** Too many lost races in a row. */
export class StoreBusy extends AppError {
  readonly code = 'ERR_STORE_BUSY'
  readonly retryable = true
}

/** The inbox grows faster than it is worked. */
export class Overloaded extends AppError {
  readonly code = 'ERR_OVERLOADED'
  readonly retryable = true
}

/** A signature or a token is missing or wrong. */
export class NotAuthentic extends AppError {
  readonly code = 'ERR_NOT_AUTHENTIC'
  readonly retryable = false
}

/** Definitions with problems; `details.problems` lists them. Nothing was applied. */
export class DefinitionsInvalid extends AppError {
  readonly code = 'ERR_DEFINITIONS_INVALID'
  readonly retryable = false
}
