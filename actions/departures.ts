import type { Clock, Instant } from '#engine/clock.ts'
import type { Settlement } from '#engine/claim.ts'
import type { Breaker } from './breaker.ts'
import type { InHand, Lane } from './lane.ts'
import type { SendLimiter } from './limiter.ts'

/** What cannot leave within this goes back into the queue, where nothing can happen to it. */
const PATIENCE_MS = 1000

/**
 * The few messages in hand: claimed a moment before their time, so that a number's pace does not wait for the disk. Each leaves when the
 * limit of its number says so. Those that cannot after all (WhatsApp is down, the number paused, the server stops) are queued again, because
 * they surely did not leave.
 */
export interface Departures {
  /** Lets go what may go, and comes back by itself for the rest. */
  work(): void
  /** Everything in hand back into the queue. */
  putBack(why: string): void
  count(): number
}

interface DeparturesDeps {
  clock: Clock
  lanes: ReadonlyMap<string, Lane>
  limiter: SendLimiter
  breaker: Breaker
  launch: (lane: Lane, one: InHand) => void
  settle: (settlement: Settlement) => void
  /** A lane let some go: it may claim more. */
  onLeft: () => void
}

export function createDepartures({
  clock,
  lanes,
  limiter,
  breaker,
  launch,
  settle,
  onLeft,
}: DeparturesDeps): Departures {
  let timer: NodeJS.Timeout | undefined

  function back(lane: Lane, dueAt: Instant, why: string): void {
    const at = clock.now()
    for (const { claimed, isProbe } of lane.hand.splice(0)) {
      if (isProbe) breaker.unreserve()
      const { id } = claimed.message.intent
      settle({ id, fence: claimed.fence, at, kind: 'retry', dueAt, reason: 'not_written', detail: why })
    }
  }

  /** @returns when to come back for what is left of it; null when nothing is */
  function workLane(lane: Lane): Instant | null {
    while (lane.hand.length > 0) {
      const now = clock.now()
      const [one] = lane.hand
      const isHeld = now < lane.pausedUntil || (breaker.isOpen() && !one?.isProbe)
      const at = Math.max(lane.pausedUntil, limiter.nextAt(lane.name, now), isHeld ? breaker.openAt(now) : now)
      if (isHeld || at > now + PATIENCE_MS) {
        back(lane, Math.max(at, now + 1), 'WhatsApp or the number cannot be used for the moment.')
        return null
      }
      if (at > now) return at
      lane.hand.shift()
      if (one !== undefined) launch(lane, one)
    }
    if (!lane.full) limiter.rest(lane.name)
    return null
  }

  function work(): void {
    clearTimeout(timer)
    let next = Infinity
    let some = false
    for (const lane of lanes.values()) {
      const before = lane.hand.length
      if (before === 0) continue
      next = Math.min(next, workLane(lane) ?? Infinity)
      some ||= lane.hand.length < before
    }
    if (next < Infinity) timer = setTimeout(work, Math.max(1, next - clock.now()))
    if (some) onLeft()
  }

  return {
    work,
    putBack(why) {
      clearTimeout(timer)
      for (const lane of lanes.values()) if (lane.hand.length > 0) back(lane, clock.now(), why)
    },
    count: () => [...lanes.values()].reduce((sum, { hand }) => sum + hand.length, 0),
  }
}
