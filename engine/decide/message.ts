import type { Json } from '#definitions/json.ts'
import { readOptOut } from '../optOut.ts'
import type { MessageEvent, Trigger } from '../trigger.ts'
import { allKeys, knowContact } from './contact.ts'
import { putConsent } from './consent.ts'
import type { Draft } from './draft.ts'
import { meet } from './occasion.ts'

/** A contact wrote: the customer service window opens, STOP opts out, rules on `message.received` run for their records. */
export function decideMessage(draft: Draft<MessageEvent & Trigger>): Draft {
  const { trigger, known } = draft
  const { message, from, numberId } = trigger
  const contact = knowContact(draft, from, from.name)
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

  const said = message.text === undefined ? null : readOptOut(message.text, known.settings)
  if (said !== null) putConsent(draft, contact, said.direction, said.scope, 'keyword', trigger.occurredAt)

  // Reactions, edits, system messages: nobody said anything to us that an automation should answer.
  if (!trigger.opensWindow) return draft
  for (const key of new Set(allKeys(from).flatMap((address) => known.recordsByAddress.get(address) ?? []))) {
    const record = known.records.get(key)
    if (!record || record.deleted) continue
    meet(draft, {
      on: 'message.received',
      module: record.module,
      recordId: record.id,
      values: record.values,
      previous: record.values,
      changed: [],
      message: messageFact(trigger),
    })
  }
  return draft
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
