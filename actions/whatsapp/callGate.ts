import { z } from 'zod'
import type { Instant } from '#engine/clock.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/**
 * Calls an hour that are not messages: for an account without a registered number, and for one with such.
 * Source: Meta, WhatsApp Business Management API, "Rate limits".
 */
const NEW_MAX = 200
const ACTIVE_MAX = 5000
/** We stop a little before, because somebody else may call for the same account. */
const SHARE = 0.95

/**
 * Counts the calls to one account that are not messages, so that polls wait instead of running into errors 80007 and 80008. Those
 * that a refusal would meet are not made: they are answered as WhatsApp would, with a time to come back.
 */
export interface CallGate {
  /** Counts one call. @returns 0 when it may be made; else how long to wait */
  take(): number
  /** The account has a number that is connected, or has none. */
  connected(has: boolean): void
  /** What WhatsApp says of how much is used up. @param header `X-Business-Use-Case-Usage` */
  learn(header: string): void
}

/**
 * By business id; percent, and minutes until the end of a block.
 * Source: Meta, Graph API, "Rate limits", "Business use case rate limits".
 */
const usage = z.record(
  z.string(),
  z.array(
    z.object({
      call_count: z.number().catch(0),
      total_cputime: z.number().catch(0),
      total_time: z.number().catch(0),
      estimated_time_to_regain_access: z.number().catch(0),
    }),
  ),
)

export function createCallGate(clock: { now(): Instant }): CallGate {
  let max = NEW_MAX
  /** Of the last hour, oldest first. */
  let calls: Instant[] = []
  let closedUntil: Instant = -Infinity
  /** What WhatsApp last said, as calls of ours; it fades as the hour goes on. */
  let told = { at: -Infinity, used: 0, callsSince: 0 }

  function used(now: Instant): number {
    // A clock that was set back makes what lies ahead of it worthless.
    calls = calls.filter((at) => at > now - HOUR_MS && at <= now)
    const since = Math.max(0, now - told.at)
    const sinceTold = Math.min(told.callsSince, calls.length)
    const ofOthers = told.used * Math.max(0, 1 - since / HOUR_MS)
    return Math.max(calls.length, Math.ceil(ofOthers) + sinceTold)
  }

  return {
    take() {
      const now = clock.now()
      if (now < closedUntil) return closedUntil - now
      if (used(now) >= Math.floor(max * SHARE)) {
        const [oldest] = calls
        return Math.max(MINUTE_MS, oldest === undefined ? 0 : oldest + HOUR_MS - now)
      }
      calls.push(now)
      told.callsSince++
      return 0
    },
    connected(has) {
      max = has ? ACTIVE_MAX : NEW_MAX
    },
    learn(header) {
      const said = readUsage(header)
      if (said === null) return
      const now = clock.now()
      told = { at: now, used: (said.percent / 100) * max, callsSince: 0 }
      if (said.waitMs > 0) closedUntil = Math.max(closedUntil, now + said.waitMs)
    },
  }
}

/** The worst of all that it names; null when it is not of the documented shape. */
function readUsage(header: string): { percent: number; waitMs: number } | null {
  let json: unknown
  try {
    json = JSON.parse(header)
  } catch {
    return null
  }
  const all = Object.values(usage.safeParse(json).data ?? {}).flat()
  if (all.length === 0) return null
  return {
    percent: Math.max(...all.flatMap((one) => [one.call_count, one.total_cputime, one.total_time])),
    waitMs: Math.max(...all.map((one) => one.estimated_time_to_regain_access)) * MINUTE_MS,
  }
}
