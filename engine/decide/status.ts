import type { Json } from '#definitions/json.ts'
import { applyStatus } from '../ladder.ts'
import type { Message, SendIntent } from '../message.ts'
import { recordKey } from '../state.ts'
import type { OutcomeEvent, StatusEvent, Trigger } from '../trigger.ts'
import { knowContact } from './contact.ts'
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
  const { move, postings, news, notes } = applyStatus(message, trigger, now, known.settings, known.availableMicros)
  if (move !== null) draft.changes.push({ kind: 'moveMessage', move, at: trigger.occurredAt })
  if (postings.length > 0) draft.changes.push({ kind: 'post', postings })
  draft.notes.push(...notes)
  if (trigger.errors?.some(({ code }) => code === USER_STOPPED_MARKETING)) {
    // A username contact may have no address in the status; the message knows whom it went to.
    const person = message.contactId === null ? undefined : known.contacts.get(message.contactId)
    putConsent(draft, person ?? knowContact(draft, trigger.recipient), 'out', 'marketing', 'error', trigger.occurredAt)
  }
  if (news) runStatusRules(draft, message, trigger.status, statusReason(trigger))
  return draft
}

/** A message ended on our side; nothing is left to do but to let the rules know. */
export function decideOutcome(draft: Draft<OutcomeEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const message = known.messages.get(trigger.messageId)
  if (message !== undefined) runStatusRules(draft, message, trigger.state, trigger.reason)
  return draft
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
