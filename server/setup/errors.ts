import { AppError } from '#engine/errors.ts'
import type { Remark, StepName } from './document.ts'

/** A step of a set-up did not do. `details.reason` says why; the set-up stands where it stood. */
export class SetupRefused extends AppError {
  readonly code = 'ERR_SETUP_REFUSED'
  readonly retryable = false
  readonly step: StepName
  readonly remark: Remark
  readonly until: number | null

  constructor(step: StepName, message: string, remark: Remark, until: number | null = null, cause?: unknown) {
    super(
      message,
      { step, reason: remark.code, ...remark.details, ...(until !== null && { until }) },
      cause === undefined ? undefined : { cause },
    )
    this.step = step
    this.remark = remark
    this.until = until
  }
}

/** Something before this step is not done. */
export class SetupNotYet extends AppError {
  readonly code = 'ERR_SETUP_NOT_YET'
  readonly retryable = false
}

/** Something that stops sends has to be confirmed. */
export class ConfirmationNeeded extends AppError {
  readonly code = 'ERR_CONFIRMATION_NEEDED'
  readonly retryable = false
}
