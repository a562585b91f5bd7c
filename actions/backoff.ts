import assert from 'node:assert/strict'

export interface Backoff {
  /** The least pause after the first attempt. */
  baseMs: number
  /** No pause is longer, jitter included. */
  maxMs: number
  /** Growth from attempt to attempt. */
  factor?: number
}

/** Up to this share is added, so that what failed together does not come back together. */
const JITTER = 0.25

/**
 * How long to wait after `attempt` failed: at least `baseMs * factor^(attempt - 1)`, at most a quarter more, never
 * above `maxMs`.
 *
 * The pause grows from attempt to attempt, jitter or not, as long as `factor` is at least 1.25, until it reaches the top.
 *
 * @param attempt 1 for the first
 * @param random  in [0, 1); handed in, so that a simulation's seed decides
 * @returns whole milliseconds
 */
export function backoffMs(attempt: number, { baseMs, maxMs, factor = 2 }: Backoff, random: () => number): number {
  assert(Number.isInteger(attempt) && attempt >= 1, 'attempts count from 1')
  const leastMs = Math.min(maxMs, baseMs * factor ** (attempt - 1))
  return Math.ceil(Math.min(maxMs, leastMs * (1 + JITTER * random())))
}
