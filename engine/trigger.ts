import type { Json, Values } from '#definitions/json.ts'
import type { AccountNews } from './accountNews.ts'
import type { Instant } from './clock.ts'
import type { Actor, Command } from './command.ts'
import type { NoticeCode, Severity } from './notice.ts'
import type { Timer } from './parkedTimer.ts'
import type { Purchase } from './state.ts'

/** Which trigger and which definition caused this one; the first is the oldest. */
export interface Cause {
  triggerId: string
  /** `workflow/welcome-web-lead@3` */
  definition: string
}

/** How WhatsApp or a CRM names a person. At least one is present. */
export interface Address {
  /** Digits without `+`, as webhooks write it; not always the number that was dialled. */
  waId?: string
  /** Business-scoped user id, such as `JP.1300000000001`. */
  bsuid?: string
  /** E.164 with `+`. */
  phone?: string
}

interface Common {
  /** Who says so: `crm`, `zoho`, `whatsapp`, a CloudEvents source, `denrei` for what an automation did. */
  source: string
  /** Unique in its source. Together they are the idempotency key. At most 512 characters. */
  sourceId: string
  occurredAt: Instant
  /** Empty for what the world did. */
  causedBy?: Cause[]
}

/** A CRM record was created, changed or deleted. */
export interface RecordEvent extends Common {
  kind: 'record'
  /** `saved`: created or updated, the source does not know which; we do, by whether we know the record. */
  op: 'created' | 'updated' | 'saved' | 'deleted'
  module: string
  recordId: string
  /** New values. `replace`: the whole record. `merge`: only these fields. */
  values: Values
  mode: 'merge' | 'replace'
  /** Old values, when the source knows them. Otherwise our last known copy serves. */
  previous?: Values
  /** Members added to or removed from list fields (tags), so that two changes at once both count. */
  lists?: { field: string; add?: string[]; remove?: string[] }[]
  actor?: string
}

/** A contact wrote to one of our numbers. */
export interface MessageEvent extends Common {
  kind: 'message'
  numberId: string
  /** `raw` is the contact as it came, for what has no name here (parent user id, identity hash). */
  from: Address & { name?: string; username?: string; country?: string; raw?: Json }
  message: {
    /** `wamid....` */
    id: string
    type: string
    /** The text, the caption, or the title of the tapped button. */
    text?: string
    /** What a quick reply or list row carries. */
    payload?: string
    /** The message it answers. */
    contextId?: string
    raw: Json
  }
  /** False for reactions, system messages, edits: stored, but they open no customer service window. */
  opensWindow: boolean
  /**
   * Told a second time, by us: it came from a stranger, of whom this record was made, and only the rules that answer it are left to
   * run. What a message does to the conversation it did the first time.
   */
  registered?: { module: string; recordId: string }
}

/** WhatsApp tells how a message we sent fared. */
export interface StatusEvent extends Common {
  kind: 'status'
  /** Our message id, from `biz_opaque_callback_data`; absent for messages of another sender. */
  messageId?: string
  wamid: string
  status: 'sent' | 'delivered' | 'read' | 'played' | 'failed'
  /** Empty when WhatsApp names nobody. */
  recipient: Address
  errors?: { code: number; title: string; details?: string }[]
  pricing?: { billable?: boolean; model?: string; type?: string; category?: string; subtype?: string }
  /** Everything to this person is free until then: a free entry point is open. */
  freeUntil?: Instant
  /** As it came, for what has no name here (group). */
  raw?: Json
}

/**
 * A message ended without WhatsApp telling: blocked by a guard, refused at the call, given up. The store puts it into the
 * inbox in the transaction that ends the message, so that rules on `message.status` never miss it.
 * `source` is `denrei:outcome`, `sourceId` is `<message id>:<state>`.
 */
export interface OutcomeEvent extends Common {
  kind: 'outcome'
  messageId: string
  state: 'blocked' | 'failed' | 'gave_up'
  reason: string | null
}

/** A contact opted out or in again: by keyword, by WhatsApp's own switch, by an admin, by API. */
export interface ConsentEvent extends Common {
  kind: 'consent'
  who: Address
  scope: 'marketing' | 'all'
  /** `out` forbids messages of the scope, `in` records an agreement and lifts earlier opt-outs of the scope. */
  direction: 'out' | 'in'
  by: 'keyword' | 'whatsapp' | 'error' | 'admin' | 'api' | 'record'
  /** Where it was said. */
  channel?: string
  proof?: string
  /** Who wrote it down. */
  actor?: string
}

/** A template changed its state at WhatsApp. */
export interface TemplateEvent extends Common {
  kind: 'template'
  accountId: string
  name: string
  language: string
  /** As the REST API spells it: APPROVED, PENDING, REJECTED, PAUSED, ... Anything unknown is kept and not sendable. */
  status?: string
  category?: string
  metaId?: string
  quality?: string
  reason?: string
  /** When a pause ends by itself. */
  pausedUntil?: Instant
  /** A category that is to come. */
  nextCategory?: { category: string; at: Instant }
  /** The definition it was submitted from. */
  definition?: { name: string; version: number }
  /** An admin agrees to the category it has by now. */
  agreed?: boolean
  /** As it came, for what has no name here (recommendations, dates). */
  raw?: Json
}

/**
 * Something about an account or a number: from a webhook, from a refusal, from a look at the account. Kept raw and counted; what
 * of it we understand stands in `says`.
 */
export interface AccountEvent extends Common {
  kind: 'account'
  accountId: string
  /** WhatsApp's name of it, or ours: `send_refused`, `health`, `setup`, ... */
  field: string
  value: Json
  says?: AccountNews[]
}

/** Somebody should know something that no automation said. */
export interface NoticeEvent extends Common {
  kind: 'notice'
  code: NoticeCode
  severity: Severity
  details: Record<string, Json>
}

/** A person buys credits. The purchase gets the id of the trigger, so that asking twice with one key buys once. */
export interface PurchaseEvent extends Common {
  kind: 'purchase'
  purchase: Pick<Purchase, 'provider' | 'amountMicros' | 'price' | 'memo' | 'actor'>
}

/** The balance may have fallen below the floor: decided here, one after the other, so that one purchase is made and not two. */
export interface RechargeEvent extends Common {
  kind: 'recharge'
}

/** How a payment fares, as its provider or an operator says. */
export interface PaymentEvent extends Common {
  kind: 'payment'
  purchaseId: string
  provider: string
  reference: string | null
  state:
    'pending' | 'needs_action' | 'succeeded' | 'failed' | 'cancelled' | 'returned' | 'dispute_opened' | 'dispute_won'
  /**
   * Of `returned`: all that went back so far, as a share of what was paid, so that a word that comes twice counts once. Of
   * `dispute_opened`: the share that is disputed; left out, all that had not gone back.
   */
  returnedShare?: number
  error?: { code: string; detail: string }
}

/** Forget a person. */
export interface EraseEvent extends Common {
  kind: 'erase'
  who: Address
  /** Records of the person, besides those found by the address. */
  records?: { module: string; recordId: string }[]
  actor: string
}

/** Credits were bought, or booked by an operator. */
export interface CreditsEvent extends Common {
  kind: 'credits'
  /** Integer micro-credits, above zero. */
  amountMicros: number
  memo: string
  actor: string
}

/** The integration, a number or the settings changed so that held messages may go on. */
export interface ReleaseEvent extends Common {
  kind: 'release'
  waitsFor: WaitsFor
}

/** A person sends a template from a record's page. */
export interface SendEvent extends Common {
  kind: 'send'
  module: string
  recordId: string
  template: string
  language?: string
  to?: string
  numberId?: string
  parameters?: Record<string, string>
  header?: { link?: string; id?: string; filename?: string }
  actor: string
}

/** A timer has come due. */
export interface TimerEvent extends Common {
  kind: 'timer'
  timer: Timer
}

/** Somebody asks for something. What became of it stands in the trace as `answer`. */
export interface CommandEvent extends Common {
  kind: 'command'
  command: Command
  actor: Actor
}

/**
 * A definition is in force, or no longer. The store puts it into the inbox in the transaction that says so. Schedules and
 * dates are planned by it.
 */
export interface DefinitionEvent extends Common {
  kind: 'definition'
  /** `workflow/birthday` */
  key: string
  version: number
  active: boolean
}

/** The next page of a module's records, for a schedule that is due or dates that are to be planned. */
export interface SweepEvent extends Common {
  kind: 'sweep'
  purpose: 'schedule' | 'dates'
  /** `workflow/birthday@3` */
  definition: string
  module: string
  /** The last record of the page before; '' at first. */
  after: string
}

export type WorldEvent =
  | RecordEvent
  | MessageEvent
  | StatusEvent
  | OutcomeEvent
  | ConsentEvent
  | TemplateEvent
  | AccountEvent
  | NoticeEvent
  | CreditsEvent
  | PurchaseEvent
  | RechargeEvent
  | PaymentEvent
  | EraseEvent
  | ReleaseEvent
  | SendEvent
  | TimerEvent
  | CommandEvent
  | DefinitionEvent
  | SweepEvent

/** Something happened, and it is on disk. `id` is a UUIDv7, so ids sort by time of acceptance. */
export type Trigger = WorldEvent & { id: string; receivedAt: Instant }

/** What a held message waits for when it is not an instant. */
export type WaitsFor = 'credits_added' | 'template_approved' | 'integration_active' | 'number_ready'
