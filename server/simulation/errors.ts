import { AppError } from '#engine/errors.ts'

/** The simulation asks for more events, people or time than it may have. */
export class SimulationTooLarge extends AppError {
  readonly code = 'ERR_SIMULATION_TOO_LARGE'
  readonly retryable = false
}

/** Another simulation runs; there is one at a time. */
export class SimulationBusy extends AppError {
  readonly code = 'ERR_SIMULATION_BUSY'
  readonly retryable = true
}

/** Somebody stopped it. */
export class SimulationCancelled extends AppError {
  readonly code = 'ERR_SIMULATION_CANCELLED'
  readonly retryable = false
}
