import { AppError } from '#engine/errors.ts'

/** What somebody is told who asked for something: the code of a refusal, or how it stands. */
export type Told = 'done' | 'waiting' | Refusal

const REFUSALS = [
  'ERR_NOT_FOUND',
  'ERR_INVALID_INPUT',
  'ERR_RECORD_NOT_IN_PROCESS',
  'ERR_BLUEPRINT_INACTIVE',
  'ERR_TRANSITION_UNKNOWN',
  'ERR_TRANSITION_GONE',
  'ERR_TRANSITION_NOT_ALLOWED',
  'ERR_TRANSITION_CRITERIA',
  'ERR_TRANSITION_DATA',
] as const
type Refusal = (typeof REFUSALS)[number]

/** A refusal is an answer; every other fault is none. */
export function refusals(error: unknown): Refusal {
  const code = error instanceof AppError ? REFUSALS.find((one) => one === error.code) : undefined
  if (code === undefined) throw error
  return code
}
