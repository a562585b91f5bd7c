import type { Values } from '#definitions/json.ts'
import type { Instant } from './clock.ts'
import type { TemplateCategory } from './message.ts'

/** The key of a record in maps: `Leads/5725`. Module names hold no slash. */
export function recordKey(module: string, id: string): string {
  return `${module}/${id}`
}

/** The key of a template in maps: `welcome_lead/ja`. WhatsApp's own key is the pair. */
export function templateKey({ name, language }: { name: string; language: string }): string {
  return `${name}/${language}`
}

/** Our copy of a CRM record. */
export interface RecordState {
  module: string
  id: string
  values: Values
  /** Grows by one with each change; 0 means it does not exist yet. */
  revision: number
  createdAt: Instant
  updatedAt: Instant
  deleted: boolean
  /** Which fields changed when, newest first, for events that overtake one another. Short; see engine/decide/overtaking.ts. */
  recent: FieldChange[]
}

/** `fields` is `*` when the whole record was written. */
export interface FieldChange {
  at: Instant
  fields: string[] | '*'
}

/** A person we can write to, found by BSUID, WhatsApp id or phone. */
export interface Contact {
  id: string
  phone: string | null
  waId: string | null
  bsuid: string | null
  name: string | null
  /** Epoch ms; null when not opted out. `all` also stops utility and authentication. */
  optedOutMarketingAt: Instant | null
  optedOutAllAt: Instant | null
  /** The latest agreement, to whatever. */
  optedInAt: Instant | null
  /** The latest agreement to everything: only that outweighs an older stop to everything which comes late. */
  optedInAllAt: Instant | null
  consentBy: string | null
}

/** A (business number, contact) pair. */
export interface Conversation {
  numberId: string
  contactId: string
  /** The contact's latest message that opens a customer service window; null when there is none. */
  lastInboundAt: Instant | null
  lastOutboundAt: Instant | null
}

/** A template as WhatsApp knows it. */
export interface TemplateState {
  name: string
  language: string
  accountId: string
  metaId: string | null
  /** Exactly as the REST API says, or `DRAFT` before it was submitted. Only `APPROVED` may be sent. */
  status: string
  category: TemplateCategory
  quality: string | null
  reason: string | null
  /** The hash of the definition that was submitted. */
  submittedHash: string | null
  updatedAt: Instant
}

/** One of our WhatsApp numbers. */
export interface NumberState {
  id: string
  accountId: string
  displayNumber: string
  nickname: string | null
  verifiedName: string | null
  /** `CONNECTED` is the only one that can send. */
  status: string
  verified: boolean
  quality: string
  /** Messages a second: 80, up to 1,000. */
  throughput: number
  /** Unique contacts in 24 h for the whole portfolio; null means unlimited. */
  reachMax: number | null
  updatedAt: Instant
}

/** Sums of the ledger, in micro-credits. `bought` is all ever bought. */
export interface Balance {
  bought: number
  available: number
  held: number
  spent: number
}
