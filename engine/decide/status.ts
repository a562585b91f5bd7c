import type { Json } from '#definitions/json.ts'
import { applyStatus } from '../ladder.ts'
import type { Message, SendIntent } from '../message.ts'
import { recordKey, type Contact, type Trouble } from '../state.ts'
import type { AccountNews } from '../accountNews.ts'
import type { OutcomeEvent, StatusEvent, Trigger } from '../trigger.ts'
import { troubleAt, troubleOfError } from '../troubles.ts'
import { applyNews } from './account.ts'
import { allKeys, knowContact } from './contact.ts'
import { isForgotten } from './erase.ts'
import { capContact, reachedContact } from './personError.ts'
import { putConsent } from './consent.ts'
import type { Draft } from './draft.ts'
import { meet } from './occasion.ts'

/** The error by which WhatsApp says that the person stopped marketing. Source: Meta, Cloud API, "Error codes". */
const USER_STOPPED_MARKETING = 131050

/** WhatsApp tells how a message fared: it moves on its ladder, the money follows, rules on `message.status` run. */
export function decideStatus(draft: Draft<StatusEvent & Trigger>): Draft {
  const { trigger, known, now } = draft
  const id =
    trigger.messageId !== undefined && known.messages.has(trigger.messageId)
      ? trigger.messageId
      : known.messageByWamid.get(trigger.wamid)
  const message = id === undefined ? undefined : known.messages.get(id)
  if (message === undefined) {
    draft.changes.push({ kind: 'parkStatus', wamid: trigger.wamid, event: withoutId(trigger), at: now })
    draft.notes.push('status_of_unknown_message')
    return draft
  }
  const prices = {
    markupMicros: known.settings.markupMicros,
    timezone: accountOf(draft, message)?.zone ?? known.settings.timezone,
    cards: known.cards,
  }
  const { move, postings, news, notes } = applyStatus(message, trigger, now, prices, known.availableMicros)
  if (move !== null) draft.changes.push({ kind: 'moveMessage', move, at: trigger.occurredAt })
  if (postings.length > 0) draft.changes.push({ kind: 'post', postings })
  draft.notes.push(...notes)
  if (news) learn(draft, message)
  noteFreeEntry(draft, message)
  if (isForgotten(message)) {
    // The money is settled; the status names who was erased.
    draft.changes.push({ kind: 'forgetEvent' })
    draft.notes.push('person_erased')
    return draft
  }
  if (trigger.errors?.some(({ code }) => code === USER_STOPPED_MARKETING)) {
    // A username contact may have no address in the status; the message knows whom it went to.
    putConsent(
      draft,
      personOf(draft, message) ?? knowContact(draft, trigger.recipient),
      'out',
      'marketing',
      'error',
      trigger.occurredAt,
      { channel: 'whatsapp', proof: `131050 (${trigger.wamid})` },
    )
  }
  if (news) runStatusRules(draft, message, trigger.status, statusReason(trigger))
  return draft
}

/** A message ended on our side; nothing is left to do but to let the rules know. */
export function decideOutcome(draft: Draft<OutcomeEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const message = known.messages.get(trigger.messageId)
  if (message === undefined) return draft
  const error = trigger.state === 'failed' ? /^whatsapp_(\d+)$/.exec(trigger.reason ?? '')?.[1] : undefined
  const person = error === undefined ? undefined : personOf(draft, message)
  if (person !== undefined) capContact(draft, person, Number(error), trigger.occurredAt)
  runStatusRules(draft, message, trigger.state, trigger.reason)
  return draft
}

/** What a status heard for the first time tells about the person, the account and the number, beyond the message. */
function learn(draft: Draft<StatusEvent & Trigger>, message: Message): void {
  const { trigger } = draft
  const code = trigger.status === 'failed' ? trigger.errors?.[0]?.code : undefined
  const person = personOf(draft, message, trigger)
  if (code === undefined) {
    const arrived = trigger.status !== 'sent' && trigger.status !== 'failed'
    if (arrived && person !== undefined) reachedContact(draft, person, trigger.occurredAt)
    return mendByProof(draft, message)
  }
  if (person !== undefined) capContact(draft, person, code, trigger.occurredAt)
  const number = numberOf(draft, message)
  const told = troubleOfError(code)
  if (number === undefined || told === null) return
  const words = trigger.errors?.[0]
  const detail = words === undefined ? '' : [words.title, words.details].filter(Boolean).join(': ')
  const trouble = troubleAt(told, trigger.occurredAt, detail)
  const news: AccountNews = { about: 'trouble', ...(told.of === 'number' && { numberId: number.id }), trouble }
  applyNews(draft, number.accountId, [news], trigger.occurredAt)
}

/**
 * WhatsApp took and sent a message after the time at which a trouble was to be tried again: what stopped it is over, whoever
 * mended it. A message that cost nothing proves nothing of the payment.
 */
function mendByProof(draft: Draft<StatusEvent & Trigger>, message: Message): void {
  const number = numberOf(draft, message)
  if (number === undefined) return
  const standing = accountOf(draft, message)?.troubles ?? []
  if (standing.length === 0 && number.troubles.length === 0) return
  const intent = intentOf(message)
  const acceptedAt = message.acceptedAt ?? draft.trigger.occurredAt
  const isProof = ({ stops, until, triedAgainAt }: Trouble) =>
    acceptedAt >= (until ?? triedAgainAt ?? Infinity) &&
    (stops === 'all' ||
      (stops === 'paid' && message.priceMicros > 0) ||
      (stops === 'utility' && message.form !== 'text' && intent.category === 'UTILITY'))
  const codesOf = (troubles: Trouble[]) => troubles.filter(isProof).map(({ code }) => code)
  const says: AccountNews[] = []
  const ofAccount = codesOf(standing)
  if (ofAccount.length > 0) says.push({ about: 'mended', codes: ofAccount })
  const ofNumber = codesOf(number.troubles)
  if (ofNumber.length > 0) says.push({ about: 'mended', numberId: number.id, codes: ofNumber })
  if (says.length > 0) applyNews(draft, number.accountId, says, draft.trigger.occurredAt)
}

/** WhatsApp says with the first status that everything to this person is free for a while. */
function noteFreeEntry(draft: Draft<StatusEvent & Trigger>, message: Message): void {
  const { freeUntil } = draft.trigger
  const { numberId } = intentOf(message)
  const { contactId } = message
  if (freeUntil === undefined || numberId === null || contactId === null || freeUntil <= draft.now) return
  draft.changes.push({ kind: 'freeUntil', numberId, contactId, until: freeUntil })
  draft.notes.push('free_entry_point')
}

function intentOf({ intent }: Message): Pick<SendIntent, 'numberId' | 'category'> {
  return intent.kind === 'sendTemplate' ? intent : { numberId: null, category: 'SERVICE' }
}

function numberOf({ known }: Draft, message: Message) {
  const { numberId } = intentOf(message)
  return known.numbers.find(({ id }) => id === numberId)
}

function accountOf(draft: Draft, message: Message) {
  const accountId = numberOf(draft, message)?.accountId
  return accountId === undefined ? undefined : draft.known.accounts.get(accountId)
}

/** Whom the message went to, as this decision leaves them so far. */
function personOf({ known, changes }: Draft, message: Message, status?: StatusEvent): Contact | undefined {
  const named = status === undefined ? [] : allKeys(status.recipient)
  const id = message.contactId ?? named.flatMap((key) => known.contactByAddress.get(key) ?? [])[0]
  if (id === undefined) return undefined
  const put = changes.findLast((change) => change.kind === 'putContact' && change.contact.id === id)
  return put?.kind === 'putContact' ? put.contact : known.contacts.get(id)
}

/** As the message itself tells it: `whatsapp_131026`. */
function statusReason({ errors }: StatusEvent): string | null {
  const code = errors?.[0]?.code
  return code === undefined ? null : `whatsapp_${code}`
}

function runStatusRules(draft: Draft, { intent }: Message, status: string, reason: string | null): void {
  if (intent.kind !== 'sendTemplate') return
  const record = draft.known.records.get(recordKey(intent.module, intent.recordId))
  if (!record || record.deleted) return
  // The message's own causes count on: a rule that answers a failure with a message that fails too must not go round for ever.
  draft.trigger = { ...draft.trigger, causedBy: intent.causedBy }
  meet(draft, {
    on: 'message.status',
    module: intent.module,
    recordId: intent.recordId,
    values: record.values,
    previous: record.values,
    changed: [],
    message: statusFact(intent, status, reason),
    intent,
  })
}

/** What a condition sees as `message`. */
function statusFact(intent: SendIntent, status: string, reason: string | null): Json {
  return {
    id: intent.id,
    status,
    reason,
    template: intent.template?.name ?? null,
    language: intent.template?.language ?? null,
    category: intent.category,
    definition: intent.definition,
    to: intent.to.phone ?? intent.to.bsuid ?? intent.to.raw,
  }
}

function withoutId({ id: _id, receivedAt: _receivedAt, ...event }: StatusEvent & Trigger): StatusEvent {
  return event
}
