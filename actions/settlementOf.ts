import type { Instant } from '#engine/clock.ts'
import type { Claimed, Settlement } from '#engine/store.ts'
import type { GuardReason, Message, SendIntent } from '#engine/message.ts'
import type { Trouble } from '#engine/state.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { troubleAt, troubleOfError, type ErrorTrouble } from '#engine/troubles.ts'
import { backoffMs, type Backoff } from './backoff.ts'
import type { SendAnswer } from './whatsapp/client.ts'
import type { GraphRefused } from './whatsapp/graph.ts'
import { reasonOf, ruleOf, type ErrorClass } from './whatsappErrors.ts'

/** What an answer says about the lane the message went out on. */
export type LaneEffect =
  /** WhatsApp answered and means this one message only, if anything. */
  | { kind: 'fine' }
  | { kind: 'slow_number'; until: Instant }
  | { kind: 'slow_pair'; until: Instant }
  /** Nothing more goes out on this number, or on any of its account, for a while; then one message probes. */
  | { kind: 'pause'; scope: 'number' | 'account'; backoff: Backoff }
  /** No answer: not this number's matter. Several in a row, over all numbers, open the breaker. */
  | { kind: 'lost' }

export interface SendEnd {
  settlement: Settlement
  lane: LaneEffect
  /** What the refusal tells the rest of the product. */
  events: WorldEvent[]
}

export interface SendContext {
  now: Instant
  /** How often this message was refused for this class of reasons, this time included. */
  triesOf: (kind: ErrorClass | 'not_written' | 'lost') => number
  unknownWaitMs: number
  random: () => number
  /** The WhatsApp Business Account of the number; null when it is not known. */
  accountId: string | null
}

/** Tried again for ever: nothing was written, so nothing can be doubled, and the network comes back one day. */
const NOT_WRITTEN: Backoff = { baseMs: 1000, maxMs: 60_000 }

/** How a message is settled after one call, what its lane learns from it, and what the world is told. Pure. */
export function settlementOf(claimed: Claimed, answer: SendAnswer, context: SendContext): SendEnd {
  const { now, random } = context
  const { fence, message } = claimed
  const base = { id: message.intent.id, fence, at: now }
  switch (answer.kind) {
    case 'accepted':
      return {
        settlement: {
          ...base,
          kind: 'accepted',
          wamid: answer.wamid,
          ...(answer.waId === undefined ? {} : { waId: answer.waId }),
          ...(answer.userId === undefined ? {} : { bsuid: answer.userId }),
          // Pacing: WhatsApp keeps it back to see how the first ones are received, then sends or fails it by webhook.
          ...(answer.status === 'held_for_quality_assessment' || answer.status === 'paused' ? { held: true } : {}),
        },
        lane: { kind: 'fine' },
        events: [],
      }
    case 'lost':
      if (answer.written) {
        context.triesOf('lost')
        const dueAt = now + context.unknownWaitMs
        return {
          settlement: { ...base, kind: 'unknown', detail: answer.why, dueAt },
          lane: { kind: 'lost' },
          events: [],
        }
      }
      return {
        settlement: {
          ...base,
          kind: 'retry',
          dueAt: now + backoffMs(context.triesOf('not_written'), NOT_WRITTEN, random),
          reason: 'not_written',
          detail: answer.why,
        },
        lane: { kind: 'lost' },
        events: [],
      }
    case 'refused':
      return refusedEnd(claimed, answer, context, base)
  }
}

type Base = { id: string; fence: number; at: Instant }

function refusedEnd({ message }: Claimed, refused: GraphRefused, context: SendContext, base: Base): SendEnd {
  const { now, random } = context
  const intent = message.intent as SendIntent
  const rule = ruleOf(refused)
  const reason = reasonOf(refused)
  const detail = refused.details
  const tries = context.triesOf(rule.class)
  const failed: Settlement = { ...base, kind: 'failed', reason, detail }
  const backoff: Backoff = { baseMs: rule.baseMs, maxMs: rule.maxMs, factor: rule.factor }
  /** WhatsApp's own word on when to come back counts when it is later than ours. */
  const dueAt = () => now + Math.max(refused.retryAfterMs ?? 0, backoffMs(tries, backoff, random))
  const again = (at: Instant): Settlement =>
    tries < rule.attemptsMax ? { ...base, kind: 'retry', dueAt: at, reason, detail } : failed

  switch (rule.class) {
    case 'retry_later': {
      const events = troubleEvents(intent, refused, context)
      // The number is in maintenance for some minutes: every other message would be refused too.
      const lane: LaneEffect = events.length > 0 ? { kind: 'pause', scope: 'number', backoff } : { kind: 'fine' }
      return { settlement: again(dueAt()), lane, events }
    }
    case 'later': {
      const settlement = again(dueAt())
      // A message that has failed tells of the person by its outcome.
      const events = settlement === failed ? [] : [withheld(intent, refused, context)]
      return { settlement, lane: { kind: 'fine' }, events }
    }
    case 'slow_down_number': {
      const until = dueAt()
      return { settlement: again(until), lane: { kind: 'slow_number', until }, events: [] }
    }
    case 'slow_down_pair': {
      const until = dueAt()
      return { settlement: again(until), lane: { kind: 'slow_pair', until }, events: [] }
    }
    case 'window_closed':
      return { settlement: fallback(message, base, refused) ?? failed, lane: { kind: 'fine' }, events: [] }
    case 'fix_message':
    case 'contact_unreachable':
      return { settlement: failed, lane: { kind: 'fine' }, events: staleTemplate(intent, refused, context) }
    case 'opted_out':
      return { settlement: failed, lane: { kind: 'fine' }, events: [optOut(intent, now)] }
    case 'fix_template':
      return templateEnd(intent, refused, context, base, failed)
    case 'fix_number':
    case 'fix_account': {
      const scope = rule.class === 'fix_account' ? 'account' : 'number'
      const stops = (refused.code === null ? null : troubleOfError(refused.code))?.stops ?? 'all'
      return {
        settlement: {
          ...base,
          kind: 'held',
          reason: heldReason(scope, stops, refused.code),
          detail: `${reason}: ${detail}`,
          // By itself too: what was refused may be mended without a word to us.
          until: dueAt(),
          waitsFor: scope === 'account' ? 'integration_active' : 'number_ready',
        },
        // What stops some messages only must not keep the others back: the guards know which.
        lane: stops === 'all' ? { kind: 'pause', scope, backoff } : { kind: 'fine' },
        events: troubleEvents(intent, refused, context),
      }
    }
  }
}

/** As the guards call it from then on. */
function heldReason(scope: 'account' | 'number', stops: Trouble['stops'], code: number | null): GuardReason {
  if (stops === 'paid') return 'payment_missing'
  if (stops !== 'all' || code === SPAM_LIMIT) return 'account_restricted'
  return scope === 'account' ? 'integration_inactive' : 'number_not_ready'
}

const SPAM_LIMIT = 131048

/**
 * WhatsApp holds the window to be closed that we held open: it closed on the way, or is one of those that never opened. The
 * template goes out at once, and the text never again.
 */
function fallback({ form, intent }: Message, base: Base, refused: GraphRefused): Settlement | null {
  if (form !== 'text' || intent.kind !== 'sendTemplate' || intent.template === null) return null
  return {
    ...base,
    kind: 'retry',
    dueAt: base.at,
    reason: reasonOf(refused),
    detail: refused.details,
    form: 'fallback',
  }
}

/** A paused template parks its messages; one that is disabled or unknown fails them. Our copy of it was stale either way. */
function templateEnd(
  intent: SendIntent,
  refused: GraphRefused,
  context: SendContext,
  base: Base,
  failed: Settlement,
): SendEnd {
  const status = refused.code === 132015 ? 'PAUSED' : refused.code === 132016 ? 'DISABLED' : null
  const paused: Settlement = {
    ...base,
    kind: 'held',
    reason: 'template_paused',
    detail: refused.details,
    waitsFor: 'template_approved',
  }
  return {
    settlement: status === 'PAUSED' ? paused : failed,
    lane: { kind: 'fine' },
    events:
      status === null || context.accountId === null || intent.template === null
        ? staleTemplate(intent, refused, context)
        : [templateEvent(intent.id, intent.template, status, refused, context.accountId, context.now)],
  }
}

/** Source: Meta, Cloud API, error 131050: the person chose to get no more marketing from this business. */
function optOut(intent: SendIntent, now: Instant): WorldEvent {
  return {
    kind: 'consent',
    source: 'whatsapp',
    sourceId: `opt-out:${intent.id}`,
    occurredAt: now,
    who: {
      ...(intent.to.phone === undefined ? {} : { phone: intent.to.phone }),
      ...(intent.to.bsuid === undefined ? {} : { bsuid: intent.to.bsuid }),
    },
    scope: 'marketing',
    direction: 'out',
    by: 'error',
    proof: 'whatsapp_131050',
  }
}

function templateEvent(
  id: string,
  { name, as = name, language }: NonNullable<SendIntent['template']>,
  status: string,
  refused: GraphRefused,
  accountId: string,
  now: Instant,
): WorldEvent {
  return {
    kind: 'template',
    source: 'whatsapp',
    sourceId: `template-refused:${id}:${now}`,
    occurredAt: now,
    accountId,
    name: as,
    language,
    status,
    reason: `${reasonOf(refused)}: ${refused.details}`,
  }
}

const MINUTE_MS = 60_000

/**
 * What a refusal says about the account or the number. Once a minute for each number, code and wording: a thousand refusals say it
 * no better, and the minute also dates it, because the same id must have the same content.
 */
function troubleEvents(intent: SendIntent, refused: GraphRefused, { accountId, now }: SendContext): WorldEvent[] {
  const { class: kind } = ruleOf(refused)
  const told = refused.code === null ? null : troubleOfError(refused.code)
  // A code nobody listed, or none at all, that is about the account or the number all the same: an admin is told of that.
  const trouble = told ?? (kind === 'fix_account' ? PERMISSION : kind === 'fix_number' ? UNREADY : null)
  if (accountId === null || trouble === null) return []
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const detail = refused.details.slice(0, WORDS_MAX)
  const { numberId } = intent
  return [
    {
      kind: 'account',
      source: 'whatsapp',
      sourceId: `send-refused:${numberId ?? ''}:${reasonOf(refused)}:${at}:${detail}`,
      occurredAt: at,
      accountId,
      field: 'send_refused',
      value: { numberId, reason: reasonOf(refused) },
      says: [
        {
          about: 'trouble',
          ...(trouble.of === 'number' && numberId !== null && { numberId }),
          trouble: troubleAt(trouble, at, `${reasonOf(refused)}: ${detail}`),
        },
      ],
    },
  ]
}

/** The words of a refusal are part of an event's id, which has a bound. */
const WORDS_MAX = 200
const PERMISSION: ErrorTrouble = { of: 'account', code: 'permission_missing', stops: 'all', againMs: 15 * MINUTE_MS }
const UNREADY: ErrorTrouble = { of: 'number', code: 'number_restricted', stops: 'all', againMs: 15 * MINUTE_MS }

/** WhatsApp gives this person no more marketing for now: other messages to them need not be tried. */
function withheld(intent: SendIntent, refused: GraphRefused, { accountId, now }: SendContext): WorldEvent {
  const { phone, bsuid } = intent.to
  return {
    kind: 'account',
    source: 'whatsapp',
    sourceId: `withheld:${intent.id}:${now}`,
    occurredAt: now,
    accountId: accountId ?? '',
    field: 'send_refused',
    value: { numberId: intent.numberId, reason: reasonOf(refused) },
    says:
      refused.code === null
        ? []
        : [
            {
              about: 'person',
              who: { ...(phone !== undefined && { phone }), ...(bsuid !== undefined && { bsuid }) },
              error: refused.code,
            },
          ],
  }
}

/** WhatsApp knows the template otherwise than we do. Source: Meta, Cloud API, errors 132000 (parameters) and 132001 (not found). */
const STALE_TEMPLATE: ReadonlySet<number | null> = new Set([132000, 132001])

/** Asks for the template to be read again: field `template_stale`, once a minute for each. */
function staleTemplate({ template }: SendIntent, refused: GraphRefused, { accountId, now }: SendContext): WorldEvent[] {
  if (template === null || !STALE_TEMPLATE.has(refused.code)) return []
  const { name, as = name, language } = template
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS
  return [
    {
      kind: 'account',
      source: 'whatsapp',
      sourceId: `template-stale:${as}/${language}:${reasonOf(refused)}:${at}`,
      occurredAt: at,
      accountId: accountId ?? '',
      field: 'template_stale',
      value: { name: as, language, reason: reasonOf(refused) },
      says: [{ about: 'template', name: as, language }],
    },
  ]
}
