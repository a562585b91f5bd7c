import type { Instant } from '#engine/clock.ts'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { Remark, StepName } from './document.ts'
import { SetupRefused } from './errors.ts'
import { remarkText } from './texts.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

interface Rule {
  reason: string
  /** How long nothing helps. */
  waitMs?: number
}

/** Whatever the step, these say the same. Source: Meta, Cloud API, "Error codes". */
const ANYWHERE: Readonly<Record<number, Rule>> = {
  0: { reason: 'token_refused' },
  3: { reason: 'permission_missing' },
  4: { reason: 'too_many_calls', waitMs: HOUR_MS },
  10: { reason: 'permission_missing' },
  190: { reason: 'token_refused' },
  368: { reason: 'policy_blocked' },
  80007: { reason: 'too_many_calls', waitMs: HOUR_MS },
  80008: { reason: 'too_many_calls', waitMs: HOUR_MS },
  131031: { reason: 'account_locked' },
  133004: { reason: 'try_again', waitMs: MINUTE_MS },
  133006: { reason: 'not_verified' },
  133015: { reason: 'registered_just_now', waitMs: 5 * MINUTE_MS },
  133016: { reason: 'registered_too_often', waitMs: 72 * HOUR_MS },
}

/** By the step: the same number means other things at other places. */
const BY_STEP: { readonly [K in StepName]?: Readonly<Record<number, Rule>> } = {
  app: {
    1: { reason: 'app_wrong' },
    100: { reason: 'app_wrong' },
    101: { reason: 'app_wrong' },
    190: { reason: 'app_wrong' },
    0: { reason: 'app_wrong' },
  },
  access: { 100: { reason: 'code_refused' } },
  number: { 136024: { reason: 'in_use_elsewhere' } },
  verify: {
    136024: { reason: 'code_not_sent' },
    136025: { reason: 'code_wrong' },
    133008: { reason: 'code_too_often', waitMs: HOUR_MS },
  },
  register: {
    133005: { reason: 'pin_wrong' },
    133008: { reason: 'pin_too_often', waitMs: HOUR_MS },
    133009: { reason: 'pin_too_fast', waitMs: MINUTE_MS },
  },
  webhook: {
    15: { reason: 'app_wrong' },
    100: { reason: 'webhook_unreachable' },
    2200: { reason: 'webhook_unreachable' },
  },
}

/** Turns WhatsApp's refusal into the step's: what it means here, and what to do. Other errors stay as they are. */
export function refusedAt(step: StepName, error: unknown, now: Instant): unknown {
  if (!(error instanceof WhatsAppRefused)) return error
  const { code, said, retryAfterMs, httpStatus } = error.details as {
    code: number | null
    said?: string
    retryAfterMs?: number
    httpStatus: number
  }
  const rule: Rule =
    (code === null ? undefined : (BY_STEP[step]?.[code] ?? ANYWHERE[code])) ??
    (code !== null && code >= 200 && code <= 299 ? { reason: 'permission_missing' } : { reason: 'refused' })
  // Meta has no code of its own for a number that belongs to somebody else (S30, S31); only the words tell.
  const reason = step === 'number' && /already|in use|registered/i.test(said ?? '') ? 'in_use_elsewhere' : rule.reason
  const waitMs = retryAfterMs ?? rule.waitMs
  return refuse(
    step,
    { code: reason, details: { said: said ?? error.message, whatsappCode: code, httpStatus } },
    waitMs === undefined ? null : now + waitMs,
    error,
  )
}

/** @param until nothing helps before */
export function refuse(step: StepName, remark: Remark, until: Instant | null = null, cause?: unknown): SetupRefused {
  return new SetupRefused(step, remarkText(remark, 'en'), remark, until, cause)
}
