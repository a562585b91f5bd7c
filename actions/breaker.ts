import type { Instant } from '#engine/clock.ts'
import { backoffMs, type Backoff } from './backoff.ts'

/** Calls in a row, over all numbers, that WhatsApp did not answer or answered with its own fault: one may be chance. */
const FAILED_MAX = 5
const PAUSE: Backoff = { baseMs: 1000, maxMs: 30_000 }
/** When so many calls have waited for too long and nothing at all was answered meanwhile, no more follow them. */
const SILENT_CALLS = 5
/** Too long is so many times what answers take, within bounds. */
const SILENT_TIMES = 10
const SILENT_LEAST_MS = 2000
const SILENT_MOST_MS = 10_000
/** The share of the newest answer in what answers take. */
const NEWEST = 0.1

/** One call under way. Exactly one of the three ends it. */
export interface Call {
  /** WhatsApp said something, whatever it was. */
  answered(now: Instant): void
  /** No answer, or a fault of WhatsApp's own. */
  failed(now: Instant): void
  /** It was never made. */
  dropped(): void
}

/**
 * Keeps messages back while WhatsApp is down, for all numbers together, since they share its door. After a few failures in a row it
 * opens: nothing is called but one probe after a pause that grows, and any answer closes it. A call that is lost leaves a message of
 * unknown fate, so it also waits when answers only stay away for much longer than they take: those under way are doubtful enough.
 */
export interface Breaker {
  /** How many calls may be begun now: as many as are wanted, one or none. */
  room(now: Instant): number
  /** When to ask again, if there is no room; never before `now`. */
  openAt(now: Instant): Instant
  /** The one probe is taken; it is begun or given back. */
  reserve(): void
  unreserve(): void
  begin(now: Instant): Call
  isOpen(): boolean
}

export interface BreakerDeps {
  random: () => number
  /** @param since the first failure in a row */
  onOpen: (since: Instant, now: Instant) => void
  onClosed: (since: Instant, now: Instant) => void
}

interface UnderWay {
  at: Instant
  ended: boolean
}

export function createBreaker({ random, onOpen, onClosed }: BreakerDeps): Breaker {
  let failures = 0
  let failingSince: Instant = -Infinity
  /** How often it opened without an answer between; 0 when it is closed. */
  let openings = 0
  let openUntil: Instant = -Infinity
  let probing = false
  let answeredAt: Instant = -Infinity
  let takesMs: number | null = null
  /** In the order of their beginning; those that ended are dropped when they come to the front. */
  const underWay: UnderWay[] = []

  function silentMs(): number {
    const ms = takesMs === null ? SILENT_MOST_MS / 2 : takesMs * SILENT_TIMES
    return Math.min(SILENT_MOST_MS, Math.max(SILENT_LEAST_MS, ms))
  }

  function isSilent(now: Instant): boolean {
    const before = now - silentMs()
    if (answeredAt > before) return false
    let waiting = 0
    for (const { at, ended } of underWay) {
      if (at > before) return false
      if (!ended && ++waiting >= SILENT_CALLS) return true
    }
    return false
  }

  function open(now: Instant): void {
    openings++
    openUntil = now + backoffMs(openings, PAUSE, random)
    if (openings === 1) onOpen(failingSince, now)
  }

  function end(call: UnderWay): void {
    call.ended = true
    let gone = 0
    while (underWay[gone]?.ended === true) gone++
    if (gone > 0) underWay.splice(0, gone)
  }

  return {
    room(now) {
      if (openings > 0) return now < openUntil || probing ? 0 : 1
      return isSilent(now) ? 0 : Infinity
    },
    openAt(now) {
      if (openings > 0) return Math.max(now, openUntil)
      return isSilent(now) ? now + SILENT_LEAST_MS / 4 : now
    },
    reserve() {
      if (openings > 0) probing = true
    },
    unreserve() {
      probing = false
    },
    begin(now) {
      const call: UnderWay = { at: now, ended: false }
      underWay.push(call)
      const isProbe = openings > 0
      return {
        answered(at) {
          end(call)
          const tookMs = Math.max(0, at - call.at)
          takesMs = takesMs === null ? tookMs : takesMs + NEWEST * (tookMs - takesMs)
          answeredAt = at
          const wasOpen = openings > 0
          const since = failingSince
          failures = openings = 0
          openUntil = -Infinity
          probing = false
          if (wasOpen) onClosed(since, at)
        },
        failed(at) {
          end(call)
          if (failures++ === 0) failingSince = at
          if (isProbe) probing = false
          // Calls that were under way when it opened say nothing new.
          if (openings > 0 ? isProbe : failures >= FAILED_MAX) open(at)
        },
        dropped() {
          end(call)
          if (isProbe) probing = false
        },
      }
    },
    isOpen: () => openings > 0,
  }
}
