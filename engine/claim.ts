import type { Instant } from './clock.ts'
import type { SendFacts } from './facts.ts'
import type { Category, Form, GuardTrace, Message, Verdict } from './message.ts'
import type { WaitsFor } from './trigger.ts'

/** One row a claim offers to the guards. For work rows only `message` matters. */
export interface Candidate {
  message: Message
  facts: SendFacts
}

/** The guards' answer at claim. `defer`: allowed, but the limiter says not before `until`. */
export type Judgement =
  | {
      id: string
      kind: 'send'
      priceMicros: number
      market: string | null
      category: Category | null
      /** As what it goes out; null for work. Kept with the row, so that the performer knows. */
      form: Form | null
      inWindow: boolean
      guards: GuardTrace[]
    }
  | {
      id: string
      kind: 'stop'
      verdict: Exclude<Verdict, { kind: 'allow' }>
      guards: GuardTrace[]
      /** What it would cost: a message that waits for credits is woken when they cover it. */
      priceMicros?: number
    }
  | { id: string; kind: 'defer'; until: Instant }

export interface ClaimRequest {
  /** A phone number id for messages, or `work`. A lane is worked by one worker at a time, under its own lease. */
  lane: string
  worker: string
  now: Instant
  leaseMs: number
  limit: number
  /** Of these at most so many marketing messages. Left out: as many as come. */
  marketingMax?: number
  /** The facts are to tell when each person was last written to, if that was after this instant: by whoever worked here before. */
  writtenSince?: Instant
}

/** What goes before a message that waits. */
export interface Ahead {
  /** Goes after what must arrive, at its own share of the number's speed. */
  isMarketing: boolean
  /** Of its lane, due by the time it is: all of them, and those of its own class alone. */
  before: { all: number; ofClass: number }
  /** Of these the ones that come due at the very same instant, which lies ahead; none when it is due. */
  together: { all: number; ofClass: number }
  /** There are more than were counted. */
  isBounded: boolean
  /** Held by `reach_limit`: when the place comes free that is its turn to take. */
  reachableAt: Instant | null
}

export interface Claimed {
  message: Message
  fence: number
}

/** How a performer's attempt ended. Each write is checked against the fence of the claim. */
export type Settlement = { id: string; fence: number; at: Instant } & (
  | { kind: 'accepted'; wamid: string; waId?: string; bsuid?: string; held?: boolean }
  /** Work is done. */
  | { kind: 'done'; detail?: string }
  /** Refused for good; the hold is released. */
  | { kind: 'failed'; reason: string; detail: string }
  /** Nothing was written to the wire, or the other side surely did nothing: try again. The hold is released. */
  | {
      kind: 'retry'
      dueAt: Instant
      reason: string
      detail: string
      /** From now on it goes out in this form. Left out: as the next claim says. */
      form?: 'fallback'
    }
  /** Waits for something: a template approved, a number ready. The hold is released. */
  | { kind: 'held'; reason: string; detail: string; until?: Instant; waitsFor?: WaitsFor }
  /** The answer was lost: nobody knows. The hold stays. */
  | { kind: 'unknown'; detail: string; dueAt: Instant }
)
