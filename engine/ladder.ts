import type { Settings } from '#definitions/settings.ts'
import type { Instant } from './clock.ts'
import type { MessageMove, Posting } from './decision.ts'
import { capture, correct, release } from './ledger.ts'
import type { Message, MessageState } from './message.ts'
import { toldPrice } from './toldPrice.ts'
import type { StatusEvent } from './trigger.ts'

/** What one status changes. */
export interface StatusOutcome {
  /** Null when the status tells nothing new. */
  move: MessageMove | null
  postings: Posting[]
  /** For the trace. */
  notes: string[]
}

/** Rungs that only WhatsApp's word leads to. Every other state is below them: a status proves that the message left. */
const RUNGS: Partial<Record<MessageState, number>> = { accepted: 1, sent: 2, failed: 3, delivered: 4, read: 5 }
const DELIVERED = 4

/**
 * Moves a message up the ladder. Statuses come twice, late, out of order, and before our own answer is stored; whatever
 * their order, the end is the same. `failed` outranks sent and ends the message, unless it is known to be delivered:
 * a failure told of a delivered message (as linked devices do) is kept, and so is an earlier one that a delivery refutes.
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
  settings: Settings,
  availableMicros = 0,
): StatusOutcome {
  const nothing = (note: string): StatusOutcome => ({ move: null, postings: [], notes: [note] })
  if (message.intent.kind !== 'sendTemplate') return nothing('status_of_work')
  if (isOfAnotherAttempt(message, event)) return nothing('failed_other_attempt')

  const state = higher(message.state, stateOf(event))
  const times = timesOf(message, event)
  const money = pay(message, state, event, times.deliveredAt ?? event.occurredAt, { now, settings, availableMicros })
  const move: MessageMove = {
    id: message.intent.id,
    state,
    ...times,
    ...(state !== message.state && { ...endOf(state, event), waitsFor: null }),
    ...(message.wamid === null && { wamid: event.wamid }),
    ...money.move,
  }
  const isNew = Object.keys(move).length > 2 || state !== message.state
  const notes = [...(state === message.state || state !== stateOf(event) ? ['late_status'] : []), ...money.notes]
  return { move: isNew ? move : null, postings: money.postings, notes }
}

function stateOf({ status }: StatusEvent): MessageState {
  return status === 'played' ? 'read' : status
}

function higher(known: MessageState, told: MessageState): MessageState {
  return (RUNGS[told] ?? 0) > (RUNGS[known] ?? 0) ? told : known
}

/** A message that was sent again after its fate was unknown has two ids at WhatsApp; the first one's failure is not its end. */
function isOfAnotherAttempt({ wamid }: Message, event: StatusEvent): boolean {
  return event.status === 'failed' && wamid !== null && wamid !== event.wamid
}

function endOf(state: MessageState, { errors }: StatusEvent): Pick<MessageMove, 'reason' | 'detail'> {
  if (state !== 'failed') return { reason: null, detail: null }
  const error = errors?.[0]
  if (!error) return { reason: 'unknown', detail: null }
  return { reason: String(error.code), detail: error.details ? `${error.title}: ${error.details}` : error.title }
}

type Times = Pick<MessageMove, 'acceptedAt' | 'sentAt' | 'deliveredAt' | 'readAt' | 'failedAt'>
/** A later rung proves the earlier ones; each keeps the earliest instant told of it. */
const PROVES: Record<StatusEvent['status'], readonly (keyof Times)[]> = {
  sent: ['acceptedAt', 'sentAt'],
  delivered: ['acceptedAt', 'sentAt', 'deliveredAt'],
  read: ['acceptedAt', 'sentAt', 'deliveredAt', 'readAt'],
  played: ['acceptedAt', 'sentAt', 'deliveredAt', 'readAt'],
  failed: ['acceptedAt', 'failedAt'],
}

function timesOf(message: Message, event: StatusEvent): Times {
  const times: Times = {}
  for (const time of PROVES[event.status]) {
    const known = message[time]
    if (known === null || event.occurredAt < known) times[time] = event.occurredAt
  }
  return times
}

interface Money {
  move: Pick<MessageMove, 'holdState' | 'priceMicros'>
  postings: Posting[]
  notes: string[]
}

function pay(
  message: Message,
  state: MessageState,
  event: StatusEvent,
  deliveredAt: Instant,
  { now, settings, availableMicros }: { now: Instant; settings: Settings; availableMicros: number },
): Money {
  const { fence, holdState } = message
  const messageId = message.intent.id
  const heldMicros = holdState === 'held' ? message.priceMicros : 0
  const wasDelivered = (RUNGS[message.state] ?? 0) >= DELIVERED
  const tellsDelivery = RUNGS[stateOf(event)] ?? 0
  const none: Money = { move: {}, postings: [], notes: [] }

  if (state === 'failed' && holdState === 'held')
    return { ...none, move: { holdState: 'released' }, postings: release(messageId, fence, heldMicros, now) }
  if (tellsDelivery < DELIVERED) return none

  const told = toldPrice(event, message.market, deliveredAt, settings)
  if (!wasDelivered) {
    const priceMicros = told ?? message.priceMicros
    const { postings, paidMicros } = capture({ messageId, fence, heldMicros, priceMicros, availableMicros }, now)
    return settled(postings, paidMicros, priceMicros)
  }
  if (told === null || told === message.priceMicros) return none
  const charge = { messageId, capturedMicros: message.priceMicros, priceMicros: told, availableMicros }
  const { postings, paidMicros } = correct({ ...charge, cause: event.sourceId }, now)
  return settled(postings, paidMicros, told)
}

/** A free message ends with its hold released: nothing was captured. */
function settled(postings: Posting[], paidMicros: number, priceMicros: number): Money {
  return {
    move: { holdState: paidMicros > 0 ? 'captured' : 'released', priceMicros: paidMicros },
    postings,
    notes: paidMicros < priceMicros ? [`unpaid ${priceMicros - paidMicros}`] : [],
  }
}
