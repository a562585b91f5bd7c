import type { Instant } from './clock.ts'
import type { Category } from './message.ts'
import type { Trouble, TroubleCode } from './state.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** What an error code means for the account or the number that met it. */
export interface ErrorTrouble {
  of: 'account' | 'number'
  code: TroubleCode
  stops: Trouble['stops']
  /** Ends by itself after so long. */
  lastsMs?: number
  /** Somebody has to do something, and nobody may tell us: tried again after so long. */
  againMs?: number
}

const account = (code: TroubleCode, againMs: number, stops: Trouble['stops'] = 'all'): ErrorTrouble => ({
  of: 'account',
  code,
  stops,
  againMs,
})
const token = account('token_invalid', 15 * MINUTE_MS)
const permission = account('permission_missing', 15 * MINUTE_MS)
const unregistered: ErrorTrouble = { of: 'number', code: 'number_unregistered', stops: 'all', againMs: 15 * MINUTE_MS }
const maintenance: ErrorTrouble = { of: 'number', code: 'maintenance', stops: 'all', lastsMs: 5 * MINUTE_MS }

/** Source: Meta, Cloud API, "Error codes"; how long to wait where Meta gives no time is our choice. */
const BY_CODE: Readonly<Record<number, ErrorTrouble>> = {
  0: token,
  190: token,
  3: permission,
  10: permission,
  131005: permission,
  131042: account('payment_problem', HOUR_MS, 'paid'),
  131031: account('account_locked', HOUR_MS),
  368: account('policy_blocked', HOUR_MS),
  139000: account('policy_blocked', HOUR_MS),
  131064: account('templates_misclassified', 6 * HOUR_MS, 'utility'),
  131048: { of: 'number', code: 'spam_limited', stops: 'all', lastsMs: 4 * HOUR_MS },
  33: unregistered,
  131037: unregistered,
  131045: unregistered,
  133006: unregistered,
  133010: unregistered,
  131057: maintenance,
  2494100: maintenance,
}

/** Null when the code is about a message, a template or a person. 200 to 299 are all permissions that are missing. */
export function troubleOfError(code: number): ErrorTrouble | null {
  return BY_CODE[code] ?? (code >= 200 && code <= 299 ? permission : null)
}

/** The trouble as it stands from `at` on. */
export function troubleAt(
  { code, stops, lastsMs, againMs }: ErrorTrouble,
  at: Instant,
  detail: string,
): Omit<Trouble, 'since'> {
  const until = lastsMs === undefined ? null : at + lastsMs
  return { code, stops, until, detail, ...(againMs === undefined ? {} : { triedAgainAt: at + againMs }) }
}

/** What of a message a trouble may stop. */
interface Stoppable {
  category: Category
  inWindow: boolean
  priceMicros: number
}

/** Does it hold messages back now? One that has ended by itself, or is to be tried again, does not. */
export function isInForce({ until, triedAgainAt }: Trouble, now: Instant): boolean {
  const end = until ?? triedAgainAt
  return end === undefined || now < end
}

/** Would it stop this message? */
function doesStop({ stops }: Trouble, { category, inWindow, priceMicros }: Stoppable): boolean {
  switch (stops) {
    case 'all':
      return true
    case 'paid':
      return priceMicros > 0
    case 'initiated':
      return !inWindow
    case 'replies':
      return inWindow
    case 'marketing':
      return category === 'MARKETING'
    case 'utility':
      return category === 'UTILITY'
    case 'nothing':
      return false
  }
}

/** Of those that stop this message now, the one that stops it longest: one that a person has to end before all others. */
export function worstOf(troubles: readonly Trouble[], now: Instant, message: Stoppable): Trouble | null {
  const stopping = troubles.filter((one) => isInForce(one, now) && doesStop(one, message))
  const end = ({ until }: Trouble) => until ?? Infinity
  return stopping.reduce<Trouble | null>((worst, one) => (worst === null || end(one) > end(worst) ? one : worst), null)
}
