import type { Values } from '#definitions/json.ts'
import type { Intake } from '#definitions/settings.ts'
import type { Instant } from './clock.ts'
import type { TemplateCategory, TemplateChoice } from './message.ts'

/** The key of a record in maps: `Leads/5725`. Module names hold no slash. */
export function recordKey(module: string, id: string): string {
  return `${module}/${id}`
}

/** The key of a template in maps: `welcome_lead/ja`. WhatsApp's own key is the pair. */
export function templateKey({ name, language }: { name: string; language: string }): string {
  return `${name}/${language}`
}

/** The key under which WhatsApp's state of a template is known: by WhatsApp's name of it. */
export function stateKey({ name, language, as = name }: TemplateChoice): string {
  return `${as}/${language}`
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
  /** WhatsApp withholds marketing from this person (131049): none before this instant. */
  cappedUntil: Instant | null
  /** Sends in a row that WhatsApp could not deliver (131026), and the latest; anything delivered or heard sets it back to 0. */
  unreachable: number
  unreachableAt: Instant | null
}

/** A (business number, contact) pair. */
export interface Conversation {
  numberId: string
  contactId: string
  /** The contact's latest message that opens a customer service window; null when there is none. */
  lastInboundAt: Instant | null
  lastOutboundAt: Instant | null
  /** Until then everything is free: a free entry point is open, as a status told. */
  freeUntil: Instant | null
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
  /**
   * The definition it was submitted from, and its version: `welcome_lead` 3 is at WhatsApp as `welcome_lead_v3`, because what is
   * approved cannot be changed. Null for what only the account knows.
   */
  definition: string | null
  definitionVersion: number | null
  /** When WhatsApp ends the pause by itself; null when it is not paused, or only a person ends it. */
  pausedUntil: Instant | null
  /** The category an admin has agreed to after WhatsApp changed it. */
  agreedCategory: TemplateCategory | null
  /** What WhatsApp is going to make of it, and when. */
  nextCategory: { category: TemplateCategory; at: Instant } | null
  /** When WhatsApp last said how it stands, by a sync or a webhook. 0: a refusal says that we know it wrong; it is to be asked anew. */
  checkedAt: Instant | null
  updatedAt: Instant
}

/** What keeps an account or a number from sending, wholly or in part. */
export interface Trouble {
  code: TroubleCode
  stops: 'all' | 'paid' | 'initiated' | 'replies' | 'marketing' | 'utility' | 'nothing'
  since: Instant
  /** When it ends by itself; null when somebody has to do something. */
  until: Instant | null
  /** In WhatsApp's own words. */
  detail: string
  /** Nobody may tell us when it is mended (a payment method, a token): from then on it no longer holds back, so that a send proves it. */
  triedAgainAt?: Instant
}

export type TroubleCode =
  | 'token_invalid'
  | 'permission_missing'
  | 'payment_problem'
  | 'account_locked'
  | 'account_banned'
  | 'account_restricted'
  | 'account_disconnected'
  | 'policy_blocked'
  | 'templates_misclassified'
  | 'number_unregistered'
  | 'number_restricted'
  | 'spam_limited'
  | 'maintenance'

/** A WhatsApp Business account (WABA) whose numbers we send from. */
export interface AccountState {
  id: string
  name: string | null
  /** The business portfolio, whose reach limit its accounts share; null until it is known: then it counts alone. */
  portfolioId: string | null
  /** Off: nothing is sent, everything is kept (S115, S116). */
  enabled: boolean
  /** Its set-up was brought to the end (S27). One that the environment gives is set up by whoever wrote it there. */
  setUpAt: Instant | null
  /** Where its token is; null when it has none. */
  access: 'environment' | 'stored' | null
  appId: string | null
  tokenExpiresAt: Instant | null
  scopes: string[]
  /** Of WhatsApp's review: `APPROVED`, `PENDING`, `REJECTED`. */
  reviewStatus: string | null
  /** ISO 4217; that of the rate card which counts. */
  currency: string | null
  /** In whose calendar prices change and months begin. */
  zone: string | null
  country: string | null
  troubles: Trouble[]
  /** When the newest word on each thing was said, so that a late one undoes nothing; see decide/heard.ts. */
  heardAt?: Record<string, Instant>
  /** When it was last read from WhatsApp. */
  checkedAt: Instant | null
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
  /** Of the display name: `APPROVED`, `PENDING_REVIEW`, `DECLINED`, ... */
  nameStatus: string | null
  /** `CLOUD_API`, `ON_PREMISE`, `NOT_APPLICABLE` (registered nowhere). */
  platform: string | null
  /** What becomes of unknown people who write to it; null: as the settings say. */
  intake: Intake | null
  troubles: Trouble[]
  updatedAt: Instant
}

/** Of a number about which no more is known. */
export const NUMBER_DEFAULTS = {
  nameStatus: null,
  platform: null,
  intake: null,
  troubles: [],
} satisfies Partial<NumberState>

/** Of a template about which no more is known. */
export const TEMPLATE_DEFAULTS = {
  definition: null,
  definitionVersion: null,
  pausedUntil: null,
  agreedCategory: null,
  nextCategory: null,
  checkedAt: null,
} satisfies Partial<TemplateState>

/** Of an account about which no more is known. */
export const ACCOUNT_DEFAULTS = {
  name: null,
  portfolioId: null,
  enabled: true,
  setUpAt: null,
  access: null,
  appId: null,
  tokenExpiresAt: null,
  scopes: [],
  reviewStatus: null,
  currency: null,
  zone: null,
  country: null,
  troubles: [],
  checkedAt: null,
} satisfies Partial<AccountState>

/** A purchase of credits, from the first word to the last. */
export interface Purchase {
  id: string
  /** `manual`, `stripe`. */
  provider: string
  state: 'started' | 'pending' | 'needs_action' | 'succeeded' | 'failed' | 'cancelled' | 'refunded' | 'disputed'
  /** The balance fell below its floor. */
  automatic: boolean
  /** Credits, integer micro-credits. */
  amountMicros: number
  /** What is paid for them, in the currency's smallest unit; null when nobody is charged by us. */
  price: { amountMinor: number; currency: string } | null
  /** The provider's id of it. */
  reference: string | null
  /** Of `amountMicros`, what was given back or taken back in a dispute. */
  returnedMicros: number
  /** Of `returnedMicros`, what a dispute took; it comes back when the dispute is won. */
  disputedMicros: number
  /** When a dispute was won: word of its beginning that comes later is old news. */
  disputeWonAt: Instant | null
  /** `card_declined`, ... and the words that came with it. */
  error: { code: string; detail: string } | null
  memo: string
  actor: string
  createdAt: Instant
  updatedAt: Instant
}

/** What a person agreed to or refused, as it is proved. Entries are only added. */
export interface ConsentEntry {
  id: number
  contactId: string
  at: Instant
  direction: 'in' | 'out'
  scope: 'marketing' | 'all'
  by: string
  /** Where it was said: `web form`, `whatsapp`, `paper`, ... */
  channel: string | null
  /** What was said or shown, a link, a message id. */
  proof: string | null
  /** Whoever wrote it down; null when it came by itself. */
  actor: string | null
}

/** Sums of the ledger, in micro-credits. */
export interface Balance {
  /** All ever bought, less what went back. */
  bought: number
  available: number
  held: number
  spent: number
  /** Taken back by a refund or a dispute after it was spent; the next purchase pays it first. */
  owed: number
}
