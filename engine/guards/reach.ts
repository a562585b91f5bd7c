import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { allow, holdUntil, type Outlook } from './verdict.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** WhatsApp counts from when a message arrives, which may be as long after we took it up as a call may last. */
const ARRIVAL_MS = 60_000
/** How long a person counts who was written to. */
export const REACH_MS = DAY_MS + ARRIVAL_MS

/**
 * May one more person be reached? WhatsApp bounds how many different people a portfolio writes to outside customer
 * service windows in a moving 24 hours. Whoever was reached already, or has a window open, does not count again.
 *
 * @returns a hold until the oldest of those reached falls out of the 24 hours, and a minute more
 * Source: Meta, Cloud API, "Messaging limits" (per business portfolio since 2025-10-08).
 */
export function checkReach(
  _intent: SendIntent,
  { now, number, reached, reachedAlready, oldestReachedAt }: SendFacts,
  { inWindow }: Pick<Outlook, 'inWindow'>,
): Verdict {
  const max = number?.reachMax ?? null
  if (max === null || inWindow || reachedAlready || reached < max) return allow
  return holdUntil('reach_limit', (oldestReachedAt ?? now) + REACH_MS, `${reached}/${max}`)
}
