import type { Json, Values } from '#definitions/json.ts'
import type { Instant } from './clock.ts'
import type { GuardTrace, Intent, MessageState, Verdict } from './message.ts'
import type { Contact, FieldChange, TemplateState } from './state.ts'
import type { Timer, WaitsFor, WorldEvent } from './trigger.ts'

/** All that one trigger changes. A value: the store applies a batch of them whole, or none of it. */
export interface Decision {
  triggerId: string
  /** In the order they are to be applied. */
  changes: Change[]
  trace: Trace
}

/** One posting of a ledger transaction. The postings of one `txId` sum to zero. */
export interface Posting {
  /** `<message id>:hold:<fence>`, `<message id>:capture`, `<trigger id>:purchase`: applying it twice is refused. */
  txId: string
  account: 'purchases' | 'available' | 'held' | 'spent'
  /** Integer micro-credits, signed. */
  amountMicros: number
  messageId: string | null
  memo: string
  at: Instant
}

/** A message moves: a status came, or a person or policy ended it. Fields left out stay. */
export interface MessageMove {
  id: string
  state: MessageState
  reason?: string | null
  detail?: string | null
  wamid?: string
  dueAt?: Instant
  waitsFor?: WaitsFor | null
  priceMicros?: number
  holdState?: 'none' | 'held' | 'captured' | 'released'
  acceptedAt?: Instant
  sentAt?: Instant
  deliveredAt?: Instant
  readAt?: Instant
  failedAt?: Instant
}

export type Change =
  | {
      kind: 'putRecord'
      module: string
      id: string
      values: Values
      deleted: boolean
      at: Instant
      addresses: string[]
      recent: FieldChange[]
    }
  | { kind: 'ruleRan'; rule: string; module: string; recordId: string; at: Instant }
  /** Put into the outbox with the forecast of the guards (null for work). */
  | {
      kind: 'enqueue'
      intent: Intent
      contactId: string | null
      verdict: Verdict | null
      guards: GuardTrace[]
      at: Instant
    }
  | { kind: 'timer'; timer: Timer; at: Instant }
  /** Cancels every waiting timer of the record (all definitions, or one). */
  | { kind: 'cancelTimers'; module: string; recordId: string; definition?: string; reason: string; at: Instant }
  /** A follow-up trigger, into the inbox in the same transaction. */
  | { kind: 'accept'; event: WorldEvent; at: Instant }
  | { kind: 'putContact'; contact: Contact; at: Instant }
  /** Two contacts proved to be one person. */
  | { kind: 'mergeContacts'; from: string; into: string; at: Instant }
  | {
      kind: 'inbound'
      numberId: string
      contactId: string
      messageId: string
      type: string
      text: string | null
      raw: Json
      at: Instant
      opensWindow: boolean
    }
  | { kind: 'moveMessage'; move: MessageMove; at: Instant }
  | { kind: 'post'; postings: Posting[] }
  | { kind: 'putTemplate'; template: TemplateState }
  /** Held messages that wait for this go back to the queue. */
  | { kind: 'release'; waitsFor: WaitsFor; template?: { name: string; language: string }; at: Instant }
  | {
      kind: 'notify'
      to: { user?: string; role?: string; group?: string }
      message: string
      module: string
      recordId: string
      at: Instant
    }
  /** A status whose message is not known yet: parked until the answer to the send tells the wamid. */
  | { kind: 'parkStatus'; wamid: string; event: WorldEvent; at: Instant }
  /** A counter (round robin of an action) moves to this value. */
  | { kind: 'count'; counter: string; value: number }
  /** Kept raw: nothing WhatsApp tells is dropped. */
  | { kind: 'keep'; field: string; value: Json; at: Instant }

/** One leaf of a condition, as it was looked at. */
export interface LeafTrace {
  /** JSON pointer in the definition: `/branches/0/when/all/1`, `/conditions/isVip`, `/trigger/fields/0/to`. */
  pointer: string
  fact: string
  operator: string
  /** The value seen; undefined when the fact is missing. */
  seen: Json | undefined
  expected: Json | undefined
  result: boolean
}

export interface RuleTrace {
  /** `workflow/welcome-web-lead@3` */
  definition: string
  outcome:
    | 'matched'
    | 'no_branch_matched'
    | 'already_ran'
    | 'depth_exceeded'
    | 'same_cause'
    | 'cancelled'
    | 'no_longer_matches'
    | 'failed'
  /** The branch that won; null when none did. */
  branch: number | null
  leaves: LeafTrace[]
  /** Ids of what it put into the outbox, the timers and the inbox. */
  produced: string[]
  detail?: string
}

/** Why a trigger did what it did. Stored as JSON, shown by `explain`. */
export interface Trace {
  triggerId: string
  at: Instant
  rules: RuleTrace[]
  /** What happened outside rules: `opened_window`, `opted_out`, `late_status`, ... */
  notes: string[]
}
