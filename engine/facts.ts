import type { Settings } from '#definitions/settings.ts'
import type { Instant } from './clock.ts'
import type { Broadcast, Entry, Instance } from './instance.ts'
import type { Category, Message } from './message.ts'
import type { RateCard } from './rateCard.ts'
import type { AccountState, Contact, Conversation, NumberState, Purchase, RecordState, TemplateState } from './state.ts'
import type { Address, Trigger } from './trigger.ts'

/** Records or instances that one trigger of a sweep, a broadcast or a migration takes. A bound on one transaction. */
export const PAGE_MAX = 200

/** What a batch of triggers needs from the store, worked out from the triggers and the compiled definitions. */
export interface LoadRequest {
  triggers: Trigger[]
  /** Lookup paths whose records are wanted, by module: `{ Deals: [['Contact_Name'], ['Contact_Name', 'Account_Name']] }`. */
  lookups: Record<string, string[][]>
  /** The module a lookup field points at: `{ 'Deals.Contact_Name': 'Contacts' }`. */
  lookupModules: Record<string, string>
  /** Modules whose records are looked for by the address of a message or a status' recipient. */
  phoneModules: string[]
  /** How many records, or instances, a sweep, a broadcast or a migration takes at once. */
  pageMax: number
}

/**
 * What the store knows about everything a batch touches. Decisions of the batch are folded into it one after the
 * other (`workingSet.ts`), so the second trigger of a record sees what the first one did.
 */
export interface WorkingSet {
  now: Instant
  /** By `Module/id`; null: asked for, does not exist. */
  records: Map<string, RecordState | null>
  /** Record keys by address (E.164 digits without `+`, or BSUID), for message and status triggers. */
  recordsByAddress: Map<string, string[]>
  /**
   * Record keys by address over all modules, for senders of messages where unknown people are to be registered. No entry: not
   * looked for.
   */
  registered: Map<string, string[]>
  /** The record that is being made of a stranger, whose event still waits, by contact id. Only where unknown people are to be registered. */
  registering: Map<string, { module: string; recordId: string }>
  /** `rule name\u0000module\u0000record id` of rules that ran once already. */
  ran: Set<string>
  contacts: Map<string, Contact>
  /** Contact id by address: `+81…`, wa_id digits, BSUID. */
  contactByAddress: Map<string, string>
  /** By `numberId/contactId`. */
  conversations: Map<string, Conversation>
  /** Outbox rows that the batch's statuses speak of, and those that its messages answer, by our id. */
  messages: Map<string, Message>
  messageByWamid: Map<string, string>
  /** All templates, by `name/language`. */
  templates: Map<string, TemplateState>
  numbers: NumberState[]
  /** All of them, by id. */
  accounts: Map<string, AccountState>
  /** Those under way, those the batch speaks of, and all of the last two days; by id. */
  purchases: Map<string, Purchase>
  /** All ever bought, micro-credits; above zero once there was a first purchase. */
  boughtMicros: number
  /** What purchases to come have to pay first, micro-credits. */
  owedMicros: number
  /** Imported rate cards, besides the ones that are shipped; oldest first. */
  cards: readonly RateCard[]
  /** All counters (few): whose turn it is in each round robin. */
  counters: Map<string, number>
  /** Credits not held, micro-credits; a late status may be paid from them. */
  availableMicros: number
  settings: Settings
  /** Running instances of every record the batch may touch, those a message, a timer or a command speaks of, and a migration's. */
  instances: Map<string, Instance>
  /** Ids of the running ones, oldest first, by record key. */
  instancesByRecord: Map<string, string[]>
  /** Ids of running ones that wrote to an address, oldest first, for messages from it. */
  instancesByAddress: Map<string, string[]>
  /** By `entryKey`, for the same records. */
  entries: Map<string, Entry>
  /** Definitions whose instances stand still, and since when. Few. */
  paused: Map<string, Instant>
  /** Those that the batch speaks of. */
  broadcasts: Map<string, Broadcast>
  /** What is next for a sweep or a broadcast (record ids) or a migration (instance ids), by trigger id. Short of `pageMax`: the last. */
  pages: Map<string, string[]>
  /** Revisions read, by record key: a commit is refused when one has moved. */
  revisions: Map<string, number>
}

/** What the guards look at for one message. */
export interface SendFacts {
  now: Instant
  settings: Settings
  number: NumberState | null
  /** Of the number; null when it is not known. */
  account: AccountState | null
  contact: Contact | null
  /** This person was erased and had refused everything: only a hash of the address says so. */
  suppressed: boolean
  /** Of this (number, contact) pair. */
  conversation: Conversation | null
  template: TemplateState | null
  /** Marketing messages accepted for this contact since `now - frequencyCap.per`; times, newest first. */
  recentMarketingAt: Instant[]
  /** Messages of journeys accepted for this contact since `now - intent.frequencyCap.per`; times, newest first. */
  recentJourneyAt: Instant[]
  /** Unique contacts reached outside a window in the moving 24 h, over the whole portfolio. */
  reached: number
  /** True when this contact is among them already. */
  reachedAlready: boolean
  /** When this person was last written to, as far back as was asked for; see `ClaimRequest`. */
  writtenAt?: Instant | null
  /** When the one of them whose turn is over first was last reached; null when nobody was. 24 h later there is room again. */
  oldestReachedAt: Instant | null
  availableMicros: number
  /** Imported rate cards, besides the ones that are shipped; oldest first. */
  cards: readonly RateCard[]
  /** Free text of this number that was delivered or is under way in this calendar month of the account's zone. */
  serviceThisMonth: number
  /** Under the policy that charges conversations: one of this category with this pair is running. Null under the others. */
  conversationOpen: Partial<Record<Category, boolean>> | null
}

/** The keys under which a person may be known: E.164, WhatsApp digits, BSUID. */
export function addressKeys(address: Address): string[] {
  return [address.bsuid, address.waId, address.phone].filter((key): key is string => key !== undefined && key !== '')
}
