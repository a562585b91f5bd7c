import type { Instant } from './clock.ts'
import type { Address, Cause, WaitsFor } from './trigger.ts'
import type { Json } from '#definitions/json.ts'

/** What a template can be. */
export type TemplateCategory = 'UTILITY' | 'MARKETING' | 'AUTHENTICATION'

/** A template as definitions name it, and as WhatsApp does where that differs: a changed one is there under a new name. */
export interface TemplateChoice {
  name: string
  language: string
  as?: string
}

/** What a message can be: free text is of the category `SERVICE`, whatever it says. */
export type Category = TemplateCategory | 'SERVICE'

/**
 * As what a message goes out, chosen anew at each claim: `text` while the customer service window is open, else `template`.
 * `fallback` is the template too, and for good: WhatsApp refused the text because it holds the window to be closed.
 */
export type Form = 'text' | 'template' | 'fallback'

/** A value ready for WhatsApp; null when the merge field had no value and no fallback. */
export type Resolved = string | null

/** The parameters of one template message, resolved when it was decided. */
export interface ResolvedParameters {
  /** `NAMED` or `POSITIONAL`, as the template was created. */
  format: 'NAMED' | 'POSITIONAL'
  header?:
    | { type: 'text'; parameters: { name: string; value: Resolved }[] }
    | { type: 'image' | 'video' | 'document'; link?: Resolved; id?: Resolved; filename?: Resolved }
    | { type: 'location'; latitude: Resolved; longitude: Resolved; name?: Resolved; address?: Resolved }
  body: { name: string; value: Resolved }[]
  /** Only buttons that need a parameter. `index` counts all buttons of the template from 0. */
  buttons: {
    index: number
    subType: 'quick_reply' | 'url' | 'copy_code' | 'flow'
    name: string
    /** Of a flow: its token; null when it has none. */
    value: Resolved
    /** Of a flow: what its first screen begins with. */
    data?: Record<string, Resolved>
  }[]
}

/** A message a decision wants sent. Its id is the trigger's id and its place in the decision, so deciding twice gives it once. */
export interface SendIntent {
  kind: 'sendTemplate'
  /** `<trigger id>-<ordinal>`: sorts by time, travels as `biz_opaque_callback_data`. */
  id: string
  triggerId: string
  /** `workflow/welcome-web-lead@3`, or `send` for a person's own send. */
  definition: string
  /** JSON pointer of the action in its definition. */
  pointer: string
  module: string
  recordId: string
  /** Phone number id at WhatsApp; null while no number can be told. */
  numberId: string | null
  /** As written (after merging) and as understood. `phone` and `bsuid` are absent when it is neither. */
  to: { raw: string } & Pick<Address, 'phone' | 'bsuid'>
  /** ISO country of the phone number or BSUID; null when unknown. */
  country: string | null
  /** Null for free text without a template to fall back to. */
  template: TemplateChoice | null
  /** Free text, sent instead of the template while the customer service window is open. */
  text?: { body: Resolved }
  /** Null when no template definition exists in that language for that module. */
  parameters: ResolvedParameters | null
  /** As the template definition says it, `SERVICE` without a template; the category in force is read when the guards look. */
  category: Category
  delivery: 'at-most-once' | 'at-least-once'
  /** How long WhatsApp tries to deliver, when the template says so; otherwise its own time for the category. */
  timeToLiveMs?: number
  /** IANA zone of the recipient; null when unknown. */
  zone: string | null
  /** The record's consent field, when the module names one. */
  consent: boolean | null
  /** The step of a journey that wants it. */
  instanceId?: string
  step?: string
  /** Of the journey, besides those of the settings. */
  quietHours?: { from: string; to: string; timezone: string; otherwise: 'hold' | 'block' }
  frequencyCap?: { max: number; per: string; otherwise: 'hold' | 'block' }
  causedBy: Cause[]
}

/** Work for a performer other than a message: a webhook call, a template to submit, a plugin's action. */
export interface WorkIntent {
  kind: 'work'
  id: string
  triggerId: string
  definition: string
  pointer: string
  module: string
  recordId: string
  /** Which performer: `callWebhook`, `submitTemplate`, or a plugin's. */
  type: string
  /** The action with its merge fields filled in. */
  payload: Json
  causedBy: Cause[]
}

export type Intent = SendIntent | WorkIntent

/**
 * Where an outbox row stands. `queued`, `held` and `unknown` wait; `sending` is leased; the rest of the ladder is told
 * by WhatsApp; `blocked`, `failed`, `gave_up` and `done` (work only) are ends.
 */
export type MessageState =
  | 'queued'
  | 'held'
  | 'sending'
  | 'unknown'
  | 'accepted'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'blocked'
  | 'failed'
  | 'gave_up'
  | 'done'

/** Why the guards said no, or not yet. In order of precedence. Stable codes. */
export type GuardReason =
  | 'integration_inactive'
  | 'number_not_ready'
  | 'account_restricted'
  | 'payment_missing'
  | 'recipient_missing'
  | 'recipient_invalid'
  | 'recipient_unreachable'
  | 'opted_out'
  | 'no_consent'
  | 'template_missing'
  | 'template_rejected'
  | 'template_pending'
  | 'template_paused'
  | 'template_category_changed'
  | 'parameter_missing'
  | 'parameter_invalid'
  | 'window_closed'
  | 'market_unreachable'
  | 'quiet_hours'
  | 'frequency_capped'
  | 'marketing_capped'
  | 'reach_limit'
  | 'credits_insufficient'

export type Verdict =
  | { kind: 'allow' }
  | { kind: 'block'; reason: GuardReason; detail?: string }
  | { kind: 'hold'; reason: GuardReason; detail?: string; until?: Instant; waitsFor?: WaitsFor }

/** One guard's answer, for the trace; all guards are listed, the first that does not allow is the recorded reason. */
export interface GuardTrace {
  guard: string
  verdict: Verdict
}

/** An outbox row as it stands. Money is integer micro-credits. */
export interface Message {
  intent: Intent
  state: MessageState
  /** Guard reason, or the error code of WhatsApp or of a performer as text. */
  reason: string | null
  detail: string | null
  /** Not before this instant (queued, held); until then (unknown, and accepted or sent while credits are held). */
  dueAt: Instant
  waitsFor: WaitsFor | null
  /** Calls made so far. */
  attempts: number
  /** Grows with each claim; a write with an older one is refused. */
  fence: number
  /** As what it went out, or goes out; null before the first claim, and for work. */
  form: Form | null
  contactId: string | null
  wamid: string | null
  /** Price held or captured; what it would cost while it waits for credits. */
  priceMicros: number
  market: string | null
  holdState: 'none' | 'held' | 'captured' | 'released'
  createdAt: Instant
  acceptedAt: Instant | null
  sentAt: Instant | null
  deliveredAt: Instant | null
  readAt: Instant | null
  failedAt: Instant | null
}
