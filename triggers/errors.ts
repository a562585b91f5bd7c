import { AppError } from '#engine/errors.ts'

/** The body is of a content type that this address cannot read. HTTP answers 415. */
export class ContentTypeNotUnderstood extends AppError {
  readonly code = 'ERR_CONTENT_TYPE_NOT_UNDERSTOOD'
  readonly retryable = false
}
