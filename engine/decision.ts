import type { Json, Values } from '#definitions/json.ts'
import type { Instant } from './clock.ts'
import type { GuardTrace, Intent, MessageState, Verdict } from './message.ts'
import type { NoticeCode, Severity } from './notice.ts'
import type { AccountState, ConsentEntry, Contact, FieldChange, NumberState, Purchase, TemplateState } from './state.ts'
import type { Broadcast, Instance, InstanceStep } from './instance.ts'
import type { Timer } from './parkedTimer.ts'
import type { WaitsFor, WorldEvent } from './trigger.ts'

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
  account: 'purchases' | 'available' | 'held' | 'spent' | 'owed'
  /** Integer micro-credits, signed. */
  amountMicros: number
  messageId: string | null
  memo: string
  at: Instant
}

/**
 * A message moves: a status came, or a person or policy ended it. Fields left out stay. Moved to `queued`, it is in nobody's
 * hands any more: a claim under way is void.
 */
export interface MessageMove {
  id: string
  state: MessageState
  reason?: string | null
  detail?: string | null
  wamid?: string
  form?: 'fallback'
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
  /** One of its id that waits, or has fired, stays as it is; a cancelled one waits again, as it is said now. */
  | { kind: 'timer'; timer: Timer; at: Instant }
  /** Cancels every timer that waits (or is paused) and fits all that is said. */
  | { kind: 'cancelTimers'; which: TimerSelection; reason: string; at: Instant }
  /** Stops the instance timers of a definition, those to come too, until it is resumed. */
  | { kind: 'pause'; definition: string; by: string; at: Instant }
  /** Lets them run again. Those that came due meanwhile are spread over `spreadMs` from `at`, each by a hash of its id. */
  | { kind: 'resume'; definition: string; spreadMs: number; at: Instant }
  /** As it stands from now on, and what is to be added to its history. `revision` is that of the row it replaces. */
  | { kind: 'putInstance'; instance: Instance; steps: InstanceStep[] }
  /** @param recordIds of a list, when it is made */
  | { kind: 'putBroadcast'; broadcast: Broadcast; recordIds?: string[] }
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
  | { kind: 'putAccount'; account: AccountState }
  | { kind: 'putNumber'; number: NumberState }
  | { kind: 'putPurchase'; purchase: Purchase }
  /** Into the book of consent. */
  | { kind: 'noteConsent'; entry: Omit<ConsentEntry, 'id'> }
  /** Everything to this person through this number is free until then. */
  | { kind: 'freeUntil'; numberId: string; contactId: string; until: Instant }
  /**
   * Forgets a person: the contact with all addresses, what was written by and to them, our copies of their records, what waits for
   * them, and the events that tell of them. Sums of the ledger and counts stay. What they refused stays as a hash of the address.
   */
  | {
      kind: 'erase'
      contactId: string | null
      addresses: string[]
      records: { module: string; recordId: string }[]
      at: Instant
    }
  /** The event that is decided tells of a person who was erased: of it stays what knows it when it comes again. */
  | { kind: 'forgetEvent' }
  /** Held messages that wait for this go back to the queue. */
  | { kind: 'release'; waitsFor: WaitsFor; template?: { name: string; language: string }; at: Instant }
  | {
      kind: 'notify'
      to: { user?: string; role?: string; group?: string }
      /** What an automation says. Empty for a notice of our own, which is put into words when it is read. */
      message: string
      notice?: { code: NoticeCode; severity: Severity; details: Record<string, Json> }
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

/** At least a record, a definition or an id. By its record an instance's timers are found. */
export interface TimerSelection {
  module?: string
  recordId?: string
  /** A version (`workflow/welcome@3`) or all versions (`workflow/welcome`). */
  definition?: string
  kind?: Timer['kind']
  instanceId?: string
  /** Of an instance timer. */
  visit?: number
  name?: string
  id?: string
}

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
  /** Of a date or a schedule: the trigger itself names no record, or many. */
  recordId?: string
}

/** What a trigger did to one record's place in a blueprint or journey, or why it did nothing. */
export interface InstanceTrace {
  /** `journey/trial-nurture@3` */
  definition: string
  /** Null when none was made. */
  instanceId: string | null
  outcome: 'entered' | 'refused' | 'moved' | 'noted' | 'ended' | 'migrated' | 'ignored' | 'failed'
  /** Why it was refused, ended or ignored: `already_entered`, `no_match`, `paused`, `goal`, `stale_timer`, ... */
  reason: string | null
  from: string | null
  to: string | null
  leaves: LeafTrace[]
  /** Ids of what it put into the outbox, the timers and the inbox. */
  produced: string[]
  detail?: string
}

/** What became of a command. */
export type Answer =
  | { kind: 'done'; details: Json }
  /** `code` is one of an AppError's, so that a door can tell it as such. */
  | { kind: 'refused'; code: string; message: string; details: Json }

/** Why a trigger did what it did. Stored as JSON, shown by `explain`. */
export interface Trace {
  triggerId: string
  at: Instant
  rules: RuleTrace[]
  /** Left out when it met none. */
  instances?: InstanceTrace[]
  /** To a command. */
  answer?: Answer
  /** What happened outside rules: `opened_window`, `opted_out`, `late_status`, ... */
  notes: string[]
}
