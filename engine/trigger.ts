import type { Json, Values } from '#definitions/json.ts'
import type { Instant } from './clock.ts'

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
  pricing?: { billable?: boolean; model?: string; type?: string; category?: string }
  /** As it came, for what has no name here (free entry point, group). */
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
  proof?: string
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
  /** As it came, for what has no name here (recommendations, dates). */
  raw?: Json
}

/** Everything else WhatsApp tells: kept raw, counted, for the parts of the product that will read it. */
export interface AccountEvent extends Common {
  kind: 'account'
  accountId: string
  field: string
  value: Json
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

export type WorldEvent =
  | RecordEvent
  | MessageEvent
  | StatusEvent
  | OutcomeEvent
  | ConsentEvent
  | TemplateEvent
  | AccountEvent
  | CreditsEvent
  | ReleaseEvent
  | SendEvent
  | TimerEvent

/** Something happened, and it is on disk. `id` is a UUIDv7, so ids sort by time of acceptance. */
export type Trigger = WorldEvent & { id: string; receivedAt: Instant }

/** What a held message waits for when it is not an instant. */
export type WaitsFor = 'credits_added' | 'template_approved' | 'integration_active' | 'number_ready'

/** A later action of a workflow, parked until it is due. It carries all it needs, so a new version does not change it. */
export interface Timer {
  id: string
  dueAt: Instant
  /** `workflow/welcome-web-lead@3` */
  definition: string
  module: string
  recordId: string
  /** The `later` block and where it stands in the definition (JSON pointer). */
  later: Json
  pointer: string
  /** Named conditions of the definition, which `later.when` may refer to. */
  conditions?: Json
  causedBy: Cause[]
}
