import { AppError } from '../errors.ts'

/** A stored blueprint that this version of the engine cannot run. */
export class BlueprintInvalid extends AppError {
  readonly code = 'ERR_BLUEPRINT_INVALID'
  readonly retryable = false
}

/** The blueprint is switched off: records keep their state and nobody moves them by a transition. */
export class BlueprintInactive extends AppError {
  readonly code = 'ERR_BLUEPRINT_INACTIVE'
  readonly retryable = false
}

/** The record is in no blueprint. */
export class RecordNotInProcess extends AppError {
  readonly code = 'ERR_RECORD_NOT_IN_PROCESS'
  readonly retryable = false
}

/** The record is in a blueprint that sets this field. `details` has the field, the state and the transitions. */
export class FieldLocked extends AppError {
  readonly code = 'ERR_FIELD_LOCKED'
  readonly retryable = false
}

/** The blueprint has no transition, or the transition no part, of that name. */
export class TransitionUnknown extends AppError {
  readonly code = 'ERR_TRANSITION_UNKNOWN'
  readonly retryable = false
}

/** The record stands elsewhere by now: somebody else was first. `details` has the state and what is possible there. */
export class TransitionGone extends AppError {
  readonly code = 'ERR_TRANSITION_GONE'
  readonly retryable = false
}

/** Not by this person, or by nobody because it happens by itself. */
export class TransitionNotAllowed extends AppError {
  readonly code = 'ERR_TRANSITION_NOT_ALLOWED'
  readonly retryable = false
}

/** The record does not meet what must hold before. */
export class TransitionCriteria extends AppError {
  readonly code = 'ERR_TRANSITION_CRITERIA'
  readonly retryable = false
}

/** What was filled in, noted or ticked does not do. `details.problems` lists each. */
export class TransitionData extends AppError {
  readonly code = 'ERR_TRANSITION_DATA'
  readonly retryable = false
}

/** By code, for a door that turns the answer to a command into what it throws. */
export const transitionErrors = {
  ERR_BLUEPRINT_INVALID: BlueprintInvalid,
  ERR_BLUEPRINT_INACTIVE: BlueprintInactive,
  ERR_RECORD_NOT_IN_PROCESS: RecordNotInProcess,
  ERR_FIELD_LOCKED: FieldLocked,
  ERR_TRANSITION_UNKNOWN: TransitionUnknown,
  ERR_TRANSITION_GONE: TransitionGone,
  ERR_TRANSITION_NOT_ALLOWED: TransitionNotAllowed,
  ERR_TRANSITION_CRITERIA: TransitionCriteria,
  ERR_TRANSITION_DATA: TransitionData,
} as const
