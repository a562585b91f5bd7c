import { AppError } from '#engine/errors.ts'

/** WhatsApp refused a management call (a list, a number, a template). */
export class WhatsAppRefused extends AppError {
  readonly code = 'ERR_WHATSAPP_REFUSED'
  readonly retryable: boolean

  constructor(
    message: string,
    details: {
      code: number | null
      subcode: number | null
      httpStatus: number
      /** WhatsApp's own words. */
      said?: string
      retryAfterMs?: number
    },
    retryable: boolean,
  ) {
    super(message, details)
    this.retryable = retryable
  }
}

/** WhatsApp did not answer: no connection, no answer in time, or an answer that cannot be read. */
export class WhatsAppUnreachable extends AppError {
  readonly code = 'ERR_WHATSAPP_UNREACHABLE'
  readonly retryable = true
}

/** WhatsApp answered 200 with something that is not of its documented shape. */
export class WhatsAppAnswerInvalid extends AppError {
  readonly code = 'ERR_WHATSAPP_ANSWER_INVALID'
  readonly retryable = true
}
