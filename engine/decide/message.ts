import type { Json } from '#definitions/json.ts'
import { readOptOutOf } from '../optOut.ts'
import type { MessageEvent, Trigger } from '../trigger.ts'
import { allKeys, knowContact } from './contact.ts'
import { putConsent } from './consent.ts'
import type { Draft } from './draft.ts'
import { registerUnknown } from './intake.ts'
import { reachedContact } from './personError.ts'
import { journeysHear } from '../journey/meet.ts'
import { recordKey } from '../state.ts'
import { meet, meetAnew, type Occasion } from './occasion.ts'

/** A contact wrote: the customer service window opens, STOP opts out, rules on `message.received` run for their records. */
export function decideMessage(draft: Draft<MessageEvent & Trigger>): Draft {
  const { trigger, known } = draft
  if (trigger.registered !== undefined) return decideAgain(draft, trigger.registered)
  const { message, from, numberId } = trigger
  const contact = reachedContact(draft, knowContact(draft, from, from.name), trigger.occurredAt)
  draft.changes.push({
    kind: 'inbound',
    numberId,
    contactId: contact.id,
    messageId: message.id,
    type: message.type,
    text: message.text ?? null,
    raw: message.raw,
    at: trigger.occurredAt,
    opensWindow: trigger.opensWindow,
  })
  if (trigger.opensWindow) draft.notes.push('opened_window')

  const said = readOptOutOf(message, known.settings)
  if (said !== null) {
    const proof = { channel: 'whatsapp', proof: `${message.text ?? message.payload} (${message.id})` }
    putConsent(draft, contact, said.direction, said.scope, 'keyword', trigger.occurredAt, proof)
  }

  // Reactions, edits, system messages: nobody said anything to us that an automation should answer.
  if (!trigger.opensWindow) return draft
  // Who only says stop is not asked to be remembered.
  if (said?.direction !== 'out') registerUnknown(draft, contact)
  const addresses = allKeys(from)
  const keys = new Set(addresses.flatMap((address) => known.recordsByAddress.get(address) ?? []))
  for (const key of keys) {
    const occasion = occasionOf(draft, key)
    if (occasion !== null) meet(draft, occasion)
  }
  // A journey may have written to somebody else than the record's own phone: the contact behind a lookup, a number of old.
  const written = new Set(addresses.flatMap((address) => known.instancesByAddress.get(address) ?? []))
  journeysHear(draft, written, ({ module, recordId }) => {
    const key = recordKey(module, recordId)
    return keys.has(key) ? null : occasionOf(draft, key)
  })
  return draft
}

/**
 * The message of a stranger, told again once their record is there. Rules on `message.received` run and journeys are entered, as for
 * anybody else. Journeys that the new record has entered already do not hear it: they began after it, so it is no reply to them.
 */
function decideAgain(
  draft: Draft<MessageEvent & Trigger>,
  { module, recordId }: { module: string; recordId: string },
): Draft {
  const occasion = occasionOf(draft, recordKey(module, recordId))
  if (occasion === null) draft.notes.push('record_missing')
  else meetAnew(draft, occasion)
  return draft
}

/** Null when the record is not there. */
function occasionOf({ trigger, known }: Draft<MessageEvent & Trigger>, key: string): Occasion | null {
  const record = known.records.get(key)
  if (!record || record.deleted) return null
  return {
    on: 'message.received',
    module: record.module,
    recordId: record.id,
    values: record.values,
    previous: record.values,
    changed: [],
    message: messageFact(trigger),
  }
}

/** What a condition sees as `message`. */
function messageFact({ message, numberId, from }: MessageEvent): Json {
  return {
    id: message.id,
    type: message.type,
    text: message.text ?? null,
    payload: message.payload ?? null,
    contextId: message.contextId ?? null,
    numberId,
    from: from.phone ?? from.waId ?? from.bsuid ?? null,
    name: from.name ?? null,
  }
}
