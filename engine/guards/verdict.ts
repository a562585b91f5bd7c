import type { SendFacts } from '../facts.ts'
import type { Category, Form, GuardReason, SendIntent, Verdict } from '../message.ts'
import type { WaitsFor } from '../trigger.ts'
import type { Instant } from '../clock.ts'

export type Block = Extract<Verdict, { kind: 'block' }>
export type Hold = Extract<Verdict, { kind: 'hold' }>

export const allow: Verdict = { kind: 'allow' }

/** No, for good: waiting never turns this into an allow. `detail` is a fact (a name, a number), not a sentence. */
export function block(reason: GuardReason, detail?: string): Block {
  return { kind: 'block', reason, ...(detail !== undefined && { detail }) }
}

/** Not yet, until an instant. */
export function holdUntil(reason: GuardReason, until: Instant, detail?: string): Hold {
  return { kind: 'hold', reason, until, ...(detail !== undefined && { detail }) }
}

/** Not yet, until something happens. */
export function holdFor(reason: GuardReason, waitsFor: WaitsFor, detail?: string): Hold {
  return { kind: 'hold', reason, waitsFor, ...(detail !== undefined && { detail }) }
}

/** What several guards need to know about a message, worked out once. */
export interface Outlook {
  /** As what it would go out now. */
  form: Form
  /** In force now: WhatsApp may have moved the template into another since it was defined. `SERVICE` for free text. */
  category: Category
  /** The customer service window of this (number, contact) pair is open. */
  inWindow: boolean
  market: string | null
  priceMicros: number
}

export type Guard = (intent: SendIntent, facts: SendFacts, outlook: Outlook) => Verdict
