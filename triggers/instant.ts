import { z } from 'zod'
import type { Instant } from '#engine/clock.ts'

/** Below this a number of milliseconds lies in 1973 or earlier: whoever writes it means seconds. */
const MILLISECONDS_MIN = 100_000_000_000
/** The last instant a Date can hold. */
const INSTANT_MAX = 8_640_000_000_000_000

const datetimeMessage = 'Write an ISO 8601 instant with its zone, such as "2026-08-12T12:04:05+09:00".'

/** ISO 8601 with an offset or `Z`. */
export const isoInstant = z.iso.datetime({ offset: true, error: datetimeMessage })

/** ISO 8601 with an offset or `Z`, or epoch milliseconds. */
export const instantInput = z.union(
  [
    isoInstant,
    z
      .int()
      .min(MILLISECONDS_MIN, 'Write epoch milliseconds, not seconds.')
      .max(INSTANT_MAX, 'Write epoch milliseconds, not microseconds.'),
  ],
  { error: `${datetimeMessage} Epoch milliseconds, such as 1786503845000, do as well.` },
)

export function instantOf(input: string | number): Instant {
  return typeof input === 'number' ? input : Date.parse(input)
}

/**
 * Reads the time of a webhook, which is a number or a string of digits, in seconds or milliseconds as its size tells.
 *
 * @returns undefined when it is neither
 */
export function webhookInstant(value: unknown): Instant | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0 || number > INSTANT_MAX) return undefined
  return Math.floor(number < MILLISECONDS_MIN ? number * 1000 : number)
}
