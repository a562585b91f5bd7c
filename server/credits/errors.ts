import { AppError } from '#engine/errors.ts'

/** Credits are of use only once a number can send (S38). */
export class NumberNotActive extends AppError {
  readonly code = 'ERR_NUMBER_NOT_ACTIVE'
  readonly retryable = false
}

/** The purchase is not where it has to be for this: paid already, ended, not of a provider that can do it. */
export class PurchaseNotReady extends AppError {
  readonly code = 'ERR_PURCHASE_NOT_READY'
  readonly retryable = false
}

/** Whoever takes payments said no. */
export class PaymentRefused extends AppError {
  readonly code = 'ERR_PAYMENT_REFUSED'
  readonly retryable = false
}

/** Whoever takes payments did not answer. Asking again is safe. */
export class PaymentUnreachable extends AppError {
  readonly code = 'ERR_PAYMENT_UNREACHABLE'
  readonly retryable = true
}

/** A price list that cannot be read; `details` names the sheet, the row and the column. Nothing was stored. */
export class RateCardInvalid extends AppError {
  readonly code = 'ERR_RATE_CARD_INVALID'
  readonly retryable = false
}
