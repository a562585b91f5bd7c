import type { Instant } from '#engine/clock.ts'
import type { Claimed } from '#engine/claim.ts'
import { backoffMs, type Backoff } from './backoff.ts'

/** The lane of everything that is not a message. */
export const WORK_LANE = 'work'

/** Claimed, and about to leave. */
export interface InHand {
  claimed: Claimed
  isMarketing: boolean
  /** It shows whether WhatsApp is back. */
  isProbe: boolean
}

/**
 * One number's place in the dispatcher, or that of all work: how much is under way, and whether it is paused.
 *
 * A pause ends by itself. Then one message goes out to probe; only when WhatsApp answers it does the rest follow, so a number that is
 * refused or a revoked token costs a few calls, not one for each message that waits. What is the matter with WhatsApp itself is the
 * breaker's.
 */
export interface Lane {
  readonly name: string
  /** Claimed and not yet called, in their order: a few, because a crash leaves their fate unknown. */
  readonly hand: InHand[]
  /** Called and not yet answered. */
  inFlight: number
  /** A claim is running; a second one would only find its rows taken. */
  claiming: boolean
  /** The last claim took all it asked for: there is more. */
  full: boolean
  /** What is left waits for a share of the number's speed: no claim before this. */
  notBefore: Instant
  /** The latest time that was given to marketing beyond its share. */
  marketingUntil: Instant
  /** Of the last claim. */
  claimedAt: Instant
  /** Learned from the facts of a claim. */
  accountId: string | null
  pausedUntil: Instant
  /** Pauses since WhatsApp last answered as it should. */
  pauses: number
}

export function createLane(name: string): Lane {
  return {
    name,
    hand: [],
    inFlight: 0,
    claiming: false,
    full: false,
    notBefore: -Infinity,
    marketingUntil: -Infinity,
    claimedAt: -Infinity,
    accountId: null,
    pausedUntil: -Infinity,
    pauses: 0,
  }
}

/** How many more may be claimed, as far as the lane itself knows. */
export function freeSlots(lane: Lane, slots: number, now: Instant): number {
  if (now < lane.pausedUntil) return 0
  return Math.max(0, (lane.pauses > 0 ? 1 : slots) - lane.inFlight - lane.hand.length)
}

/** WhatsApp answered as it should. */
export function laneFine(lane: Lane): void {
  lane.pauses = 0
}

/** Answers to calls that were under way when the pause began change nothing. */
export function pauseLane(lane: Lane, backoff: Backoff, now: Instant, random: () => number): void {
  if (now < lane.pausedUntil) return
  lane.pauses++
  lane.pausedUntil = now + backoffMs(lane.pauses, backoff, random)
}
