import type { Instant } from '#engine/clock.ts'
import type { Claimed, Settlement } from '#engine/claim.ts'
import type { GuardReason, Message, SendIntent } from '#engine/message.ts'
import type { Trouble } from '#engine/state.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import { troubleOfError } from '#engine/troubles.ts'
import { backoffMs, type Backoff } from './backoff.ts'
import { optOut, staleTemplate, templateEvent, troubleEvents, withheld, type RefusedWhere } from './refusalEvents.ts'
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

export interface SendContext extends RefusedWhere {
  /** How often this message was refused for this class of reasons, this time included. */
  triesOf: (kind: ErrorClass | 'not_written' | 'lost') => number
  unknownWaitMs: number
  random: () => number
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
