import type { Settings } from '#definitions/settings.ts'
import type { Instant } from './clock.ts'
import type { MessageMove, Posting } from './decision.ts'
import { fallBack, isOfRefusedText, wamidAfter } from './fallback.ts'
import { capture, correct, release } from './ledger.ts'
import type { Message, MessageState } from './message.ts'
import type { RateCard } from './rateCard.ts'
import { toldPrice } from './toldPrice.ts'
import type { StatusEvent } from './trigger.ts'

/** What one status changes. */
export interface StatusOutcome {
  /** Null when the status tells nothing new. */
  move: MessageMove | null
  postings: Posting[]
  /** Heard for the first time, and true: rules on `message.status` look at it. */
  news: boolean
  /** For the trace. */
  notes: string[]
}

/** Rungs that only WhatsApp's word leads to. Every other state is below them: a status proves that the message left. */
const RUNGS: Partial<Record<MessageState, number>> = { accepted: 1, sent: 2, failed: 3, delivered: 4, read: 5 }
const DELIVERED = 4

const TIMES = {
  sent: 'sentAt',
  delivered: 'deliveredAt',
  read: 'readAt',
  played: 'readAt',
  failed: 'failedAt',
} as const

/**
 * Moves a message up the ladder. Statuses come twice, late, out of order, and before our own answer is stored; whatever
 * their order, the end is the same. `failed` outranks sent and ends the message, unless it is known to be delivered:
 * a failure told of a delivered message (as linked devices do) is kept, and so is an earlier one that a delivery refutes.
 * Each status leaves its own instant; `read` without `delivered` leaves `deliveredAt` null, though the state implies it.
 *
 * A text that WhatsApp refuses afterwards, because the window was closed, is not the end of a message with a template: it goes
 * back into the queue, and nobody is told of a failure.
 *
 * The message is paid once, when it is first known to be delivered or read, at the price the status tells. A failure
 * gives the hold back.
 *
 * @param availableMicros what may be taken beyond the hold, for a message whose hold was given back before a late status
 *   proved it delivered
 * Source: Meta, Cloud API, "Status messages webhook" (read implies delivered; a delivery is what is charged).
 */
export function applyStatus(
  message: Message,
  event: StatusEvent,
  now: Instant,
  settings: PriceSettings,
  availableMicros = 0,
): StatusOutcome {
  if (message.intent.kind !== 'sendTemplate') return nothing('status_of_work')
  if (isOfAnotherAttempt(message, event)) return nothing('failed_other_attempt')
  if (isOfRefusedText(message, event)) return nothing('status_of_refused_text')
  const again = fallBack(message, event, now)
  if (again !== null) return { ...again, news: false, notes: ['window_closed_at_whatsapp'] }

  const told = stateOf(event)
  const state = higher(message.state, told)
  const rises = state !== message.state
  const field = TIMES[event.status]
  const heardAt = message[field]
  const money = pay(message, event, { now, settings, availableMicros })
  const changes = {
    ...(rises && { ...endOf(state, event), waitsFor: null }),
    ...((heardAt === null || event.occurredAt < heardAt) && { [field]: event.occurredAt }),
    ...(message.acceptedAt === null && { acceptedAt: event.occurredAt }),
    ...(wamidAfter(message, event) !== message.wamid && { wamid: event.wamid }),
    ...money.move,
  }
  if (Object.keys(changes).length === 0) return nothing('duplicate_status')
  return {
    move: { id: message.intent.id, state, ...changes },
    postings: money.postings,
    news: heardAt === null && !(told === 'failed' && state !== 'failed'),
    notes: [...storyOf(message.state, told, state), ...money.notes],
  }
}

function nothing(note: string): StatusOutcome {
  return { move: null, postings: [], news: false, notes: [note] }
}

function storyOf(before: MessageState, told: MessageState, after: MessageState): string[] {
  if (told === 'failed' && after !== 'failed') return ['failed_after_delivered']
  if (before === 'failed' && after !== 'failed') return ['delivered_after_failed']
  return before === after ? ['late_status'] : []
}

function stateOf({ status }: StatusEvent): MessageState {
  return status === 'played' ? 'read' : status
}

function higher(known: MessageState, told: MessageState): MessageState {
  return (RUNGS[told] ?? 0) > (RUNGS[known] ?? 0) ? told : known
}

/** A message that was sent again after its fate was unknown has two ids at WhatsApp; the first one's failure is not its end. */
function isOfAnotherAttempt({ wamid, form }: Message, event: StatusEvent): boolean {
  return form !== 'fallback' && event.status === 'failed' && wamid !== null && wamid !== event.wamid
}

function endOf(state: MessageState, { errors }: StatusEvent): Pick<MessageMove, 'reason' | 'detail'> {
  if (state !== 'failed') return { reason: null, detail: null }
  const error = errors?.[0]
  if (!error) return { reason: 'unknown', detail: null }
  // The same words as a refusal at the call, so that a rule or a filter need not know how WhatsApp told it.
  return { reason: `whatsapp_${error.code}`, detail: error.details ? `${error.title}: ${error.details}` : error.title }
}

/** With the imported rate cards. `timezone` is that of the account, where it is known. */
type PriceSettings = Pick<Settings, 'markupMicros' | 'timezone'> & { cards?: readonly RateCard[] }

interface Money {
  move: Pick<MessageMove, 'holdState' | 'priceMicros'>
  postings: Posting[]
  notes: string[]
}

function pay(
  message: Message,
  event: StatusEvent,
  { now, settings, availableMicros }: { now: Instant; availableMicros: number; settings: PriceSettings },
): Money {
  const { fence, holdState, market } = message
  const messageId = message.intent.id
  const heldMicros = holdState === 'held' ? message.priceMicros : 0
  const known = RUNGS[message.state] ?? 0
  const told = RUNGS[stateOf(event)] ?? 0
  if (told < DELIVERED) {
    return event.status === 'failed' && known < told && holdState === 'held'
      ? { move: { holdState: 'released' }, postings: release(messageId, fence, heldMicros, now), notes: [] }
      : { move: {}, postings: [], notes: [] }
  }

  const deliveredAt = Math.min(message.deliveredAt ?? Infinity, message.readAt ?? Infinity, event.occurredAt)
  const toldMicros = toldPrice(event, market, deliveredAt, settings)
  const priceMicros = toldMicros ?? message.priceMicros
  if (known < DELIVERED)
    return paid(capture({ messageId, fence, heldMicros, priceMicros, availableMicros }, now), priceMicros)
  if (priceMicros === message.priceMicros) return { move: {}, postings: [], notes: [] }
  const charge = { messageId, capturedMicros: message.priceMicros, priceMicros, availableMicros, cause: event.sourceId }
  const correction = correct(charge, now)
  return correction.postings.length === 0
    ? { move: {}, postings: [], notes: [`unpaid ${priceMicros - message.priceMicros}`] }
    : paid(correction, priceMicros)
}

/** A message that cost nothing ends with its hold released: nothing was captured. */
function paid({ postings, paidMicros }: { postings: Posting[]; paidMicros: number }, priceMicros: number): Money {
  return {
    move: { holdState: paidMicros > 0 ? 'captured' : 'released', priceMicros: paidMicros },
    postings,
    notes: paidMicros < priceMicros ? [`unpaid ${priceMicros - paidMicros}`] : [],
  }
}
