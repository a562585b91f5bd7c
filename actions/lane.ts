import type { Instant } from '#engine/clock.ts'
import { backoffMs, type Backoff } from './backoff.ts'

/** The lane of everything that is not a message. */
export const WORK_LANE = 'work'

/** Answers lost in a row before a number pauses: one may be chance, five are an outage. */
const LOST_MAX = 5
const LOST_PAUSE: Backoff = { baseMs: 5000, maxMs: 120_000 }

/**
 * One number's place in the dispatcher, or that of all work: how much is under way, and whether it is paused.
 *
 * A pause ends by itself. Then one message goes out to probe; only when WhatsApp answers it does the rest follow, so an
 * outage or a revoked token costs a few calls, not one for each message that waits.
 */
export interface Lane {
  readonly name: string
  /** Claimed and not yet answered. */
  inFlight: number
  /** A claim is running; a second one would only find its rows taken. */
  claiming: boolean
  /** The last claim took all it asked for: there is more. */
  full: boolean
  /** Of the last claim. */
  claimedAt: Instant
  /** Learned from the facts of a claim. */
  accountId: string | null
  pausedUntil: Instant
  /** Pauses since WhatsApp last answered as it should. */
  pauses: number
  lostInARow: number
}

export function createLane(name: string): Lane {
  return {
    name,
    inFlight: 0,
    claiming: false,
    full: false,
    claimedAt: -Infinity,
    accountId: null,
    pausedUntil: -Infinity,
    pauses: 0,
    lostInARow: 0,
  }
}

/** How many more may be claimed, as far as the lane itself knows. */
export function freeSlots(lane: Lane, slots: number, now: Instant): number {
  if (now < lane.pausedUntil) return 0
  return Math.max(0, (lane.pauses > 0 ? 1 : slots) - lane.inFlight)
}

/** WhatsApp answered: whatever it said, it is there. */
export function laneFine(lane: Lane): void {
  lane.pauses = 0
  lane.lostInARow = 0
}

/** Answers to calls that were under way when the pause began change nothing. */
export function pauseLane(lane: Lane, backoff: Backoff, now: Instant, random: () => number): void {
  if (now < lane.pausedUntil) return
  lane.pauses++
  lane.pausedUntil = now + backoffMs(lane.pauses, backoff, random)
}

export function laneLost(lane: Lane, now: Instant, random: () => number): void {
  lane.lostInARow++
  if (lane.lostInARow >= LOST_MAX || lane.pauses > 0) pauseLane(lane, LOST_PAUSE, now, random)
}
