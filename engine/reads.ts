import type { Json } from '#definitions/json.ts'
import type { Instant } from './clock.ts'
import type { Instance } from './instance.ts'
import type { GuardTrace, MessageState } from './message.ts'
import type { NoticeCode, Severity } from './notice.ts'
import type { Trigger, WorldEvent } from './trigger.ts'

/** By what spending is told apart. `day` is a calendar date in the settings' zone, `definition` leaves the version out. */
export type StatementPart = 'day' | 'template' | 'definition' | 'market' | 'category' | 'number'

export interface StatementQuery {
  /** Calendar dates in the settings' zone, both included. */
  from: string
  until: string
  by: StatementPart[]
}

/** `parts` in the order of `by`. Money is integer micro-credits. */
export interface StatementRow {
  parts: string[]
  /** Messages paid for, and those that were delivered free. */
  charged: number
  free: number
  spentMicros: number
}

/** A page of a list: `next` is the cursor of the following page, null on the last. */
export interface Page<T> {
  items: T[]
  next: string | null
}

export interface MessageFilter {
  state?: MessageState
  reason?: string
  definition?: string
  template?: string
  module?: string
  recordId?: string
  contactId?: string
  triggerId?: string
}

/** One step of a message's life, oldest first. */
export interface MessageStep {
  at: Instant
  state: MessageState
  reason: string | null
  detail: string | null
  guards: GuardTrace[] | null
}

export interface InboxEntry {
  trigger: Trigger
  state: 'pending' | 'done' | 'quarantined'
  attempts: number
  error: string | null
  decidedAt: Instant | null
}

export interface TriggerFilter {
  kind?: WorldEvent['kind']
  source?: string
  state?: InboxEntry['state']
  /** Of what the event, or the timer that fired, is about. Both, or neither. */
  module?: string
  recordId?: string
}

export interface ContactFilter {
  /** A part of the name, the number or the user id, in any case. */
  search?: string
  /** How they stand: refused anything, refused everything, refused marketing, agreed to something. */
  consent?: 'out' | 'out_all' | 'out_marketing' | 'in'
}

export interface InstanceFilter {
  kind?: Instance['kind']
  /** `journey/trial-nurture` */
  definition?: string
  version?: number
  module?: string
  recordId?: string
  status?: Instance['status']
  position?: string
}

/** How a blueprint or a journey fares, over all its versions. */
export interface InstanceCounts {
  entered: number
  /** Running ones by where they stand. */
  standing: { version: number; position: string; count: number }[]
  ended: { reason: string; count: number }[]
  /** Every way that was ever gone: entering has no `from`, leaving no `to`. `totalMs` is the time spent at `from`. */
  passes: { from: string | null; to: string | null; via: string; count: number; totalMs: number }[]
}

/** Numbers for metrics, readiness and load shedding. Cheap: a few indexed reads. */
export interface Depths {
  inboxPending: number
  inboxQuarantined: number
  oldestPendingAt: Instant | null
  outbox: Partial<Record<MessageState, number>>
  oldestQueuedAt: Instant | null
  timersWaiting: number
  instancesRunning: number
}

export interface Notification {
  id: number
  to: { user?: string; role?: string; group?: string }
  /** What an automation said; empty for a notice. */
  message: string
  notice: { code: NoticeCode; severity: Severity; details: Record<string, Json> } | null
  module: string
  recordId: string
  at: Instant
}
