import type { Settings } from '#definitions/settings.ts'
import type { Instant } from './clock.ts'
import type { WorkingSet } from './facts.ts'
import type { Purchase } from './state.ts'
import { wallAt } from './time/stretches.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** After the first failure in a row, the second, ... and from the last on. */
const RECHARGE_BACKOFF_MS = [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS] as const

/** Counters that automatic purchases keep: how many failed in a row, when the last one did, and the day of which the cap was told. */
export const RECHARGE_COUNTERS = {
  failures: 'recharge:failures',
  failedAt: 'recharge:failedAt',
  cappedDay: 'recharge:cappedDay',
} as const

export type RechargeVerdict =
  | { kind: 'buy'; amountMicros: number }
  /** The cap of the day is reached; `day` is its number, so that it is told once. */
  | { kind: 'capped'; day: number; boughtTodayMicros: number; isTold: boolean }
  /** Nobody can be charged: credits are booked by hand. */
  | { kind: 'impossible'; why: 'provider_manual' }
  | { kind: 'no'; why: RechargeRefusal }

export type RechargeRefusal =
  'off' | 'before_first_purchase' | 'enough' | 'number_not_active' | 'under_way' | 'backing_off'

/** What the question needs to be answered. */
export type RechargeFacts = Pick<
  WorkingSet,
  'settings' | 'purchases' | 'boughtMicros' | 'availableMicros' | 'counters' | 'numbers' | 'accounts'
>

/**
 * Shall credits be bought now? Below the floor, after the first purchase, one purchase at a time, no more in a day than the cap, and
 * not again soon after one that failed.
 */
export function judgeRecharge(facts: RechargeFacts, now: Instant): RechargeVerdict {
  const { autoRecharge: wanted, provider } = facts.settings.credits
  if (wanted === null || !wanted.active) return { kind: 'no', why: 'off' }
  if (facts.availableMicros >= wanted.floorMicros) return { kind: 'no', why: 'enough' }
  if (facts.boughtMicros <= 0) return { kind: 'no', why: 'before_first_purchase' }
  if (!someNumberIsActive(facts)) return { kind: 'no', why: 'number_not_active' }
  const automatic = [...facts.purchases.values()].filter((one) => one.automatic)
  if (automatic.some(isUnderWay)) return { kind: 'no', why: 'under_way' }
  const failures = facts.counters.get(RECHARGE_COUNTERS.failures) ?? 0
  if (failures > 0 && now < (facts.counters.get(RECHARGE_COUNTERS.failedAt) ?? 0) + backoffMs(failures)) {
    return { kind: 'no', why: 'backing_off' }
  }
  if (provider === 'manual') return { kind: 'impossible', why: 'provider_manual' }
  const day = dayOf(facts.settings, now)
  const boughtTodayMicros = automatic
    .filter((one) => one.state !== 'failed' && one.state !== 'cancelled')
    .filter((one) => dayOf(facts.settings, one.createdAt) === day)
    .reduce((sum, one) => sum + one.amountMicros, 0)
  if (boughtTodayMicros + wanted.amountMicros > wanted.dailyCapMicros) {
    const isTold = facts.counters.get(RECHARGE_COUNTERS.cappedDay) === day
    return { kind: 'capped', day, boughtTodayMicros, isTold }
  }
  return { kind: 'buy', amountMicros: wanted.amountMicros }
}

export function backoffMs(failures: number): number {
  return RECHARGE_BACKOFF_MS[Math.min(failures, RECHARGE_BACKOFF_MS.length) - 1] ?? 0
}

export function isUnderWay({ state }: Pick<Purchase, 'state'>): boolean {
  return state === 'started' || state === 'pending' || state === 'needs_action'
}

/** Credits are of use only once a number can send (S38): connected, verified, of an account that is not switched off. */
export function someNumberIsActive({ numbers, accounts }: Pick<WorkingSet, 'numbers' | 'accounts'>): boolean {
  return numbers.some(
    ({ status, verified, accountId }) =>
      status === 'CONNECTED' && verified && (accounts.get(accountId)?.enabled ?? true),
  )
}

/** Calendar days in the settings' zone, counted from 1970. */
function dayOf({ timezone }: Pick<Settings, 'timezone'>, at: Instant): number {
  return Math.floor(wallAt(timezone, at) / DAY_MS)
}

/**
 * What credits cost, in the smallest unit of the currency they are sold in; a fraction of it is rounded up.
 *
 * @returns null when it cannot be said in whole numbers
 */
export function priceOfCredits(
  amountMicros: number,
  { currency, pricePerCreditMinor }: Pick<Settings['credits'], 'currency' | 'pricePerCreditMinor'>,
): Purchase['price'] {
  // Parts of a unit that floating point made up are no reason to round up.
  const exact = (amountMicros / 1_000_000) * pricePerCreditMinor
  const amountMinor = Math.max(1, Math.ceil(Math.round(exact * 1_000_000) / 1_000_000))
  return Number.isSafeInteger(amountMinor) ? { amountMinor, currency } : null
}
