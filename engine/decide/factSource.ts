import type { Json } from '#definitions/json.ts'
import { addressKeys, type WorkingSet } from '../facts.ts'
import type { FactSource } from '../rules/condition.ts'
import type { Draft } from './draft.ts'
import { recordSource, recordZone } from './recordSource.ts'
import type { Occasion, TimedOccasion } from './occasion.ts'

/** Facts that are not fields of the record. `check` refuses a module field of one of these names. */
export const OWN_FACTS = [
  'previous',
  'changed',
  'event',
  'message',
  'conversation',
  'contact',
  'now',
  'zone',
  'record',
] as const

/** What facts are read from; a draft has it all. */
export interface Sight extends Pick<Draft, 'definitions' | 'now' | 'trigger'> {
  known: Pick<WorkingSet, 'records' | 'settings' | 'contacts' | 'contactByAddress' | 'conversations'>
  /** Of this decision so far. */
  changes?: Draft['changes']
}

/**
 * What a condition can ask about: the record's fields by API name, and the facts above. A lookup field
 * answers with what is stored; `Contact_Name.Mobile` with a field of the record it points at, as merge fields do.
 */
export function factsOf(draft: Sight, occasion: Occasion | TimedOccasion): FactSource {
  const { known, now, trigger } = draft
  const behind = recordSource(draft, occasion.module, occasion.values)
  return (fact) => {
    // Own fields only: a fact named `constructor` is missing, not a function.
    if (Object.hasOwn(occasion.values, fact)) return occasion.values[fact]
    switch (fact) {
      case 'previous':
        return occasion.previous
      case 'changed':
        return occasion.changed
      case 'event':
        return { kind: occasion.on, source: trigger.source, occurredAt: trigger.occurredAt, module: occasion.module }
      case 'message':
        return occasion.message
      case 'contact':
        return contactFact(draft)
      case 'conversation':
        return conversationFact(draft)
      case 'now':
        return now
      case 'zone':
        return recordZone({ known, definitions: draft.definitions }, occasion.module, occasion.values)
      case 'record':
        return { module: occasion.module, id: occasion.recordId }
      default:
        return behind(fact.split('.'))
    }
  }
}

/** Who wrote the message that is being decided; undefined while nobody is known under any of its addresses. */
function senderId({ trigger, known }: Sight): string | undefined {
  if (trigger.kind !== 'message') return undefined
  return addressKeys(trigger.from)
    .map((key) => known.contactByAddress.get(key))
    .find((found) => found !== undefined)
}

function contactFact(draft: Sight): Json | undefined {
  const { trigger, known } = draft
  if (trigger.kind !== 'message') return undefined
  const id = senderId(draft) ?? ''
  // Who says STOP has opted out for the rules and journeys that hear it.
  const now = draft.changes?.findLast((change) => change.kind === 'putContact' && change.contact.id === id)
  const contact = now?.kind === 'putContact' ? now.contact : known.contacts.get(id)
  if (contact === undefined) return { known: false, name: trigger.from.name ?? null }
  return {
    known: true,
    name: contact.name,
    optedOutMarketing: contact.optedOutMarketingAt !== null,
    optedOutAll: contact.optedOutAllAt !== null,
  }
}

function conversationFact(draft: Sight): Json | undefined {
  const { trigger, known } = draft
  if (trigger.kind !== 'message') return undefined
  const conversation = known.conversations.get(`${trigger.numberId}/${senderId(draft) ?? ''}`)
  return {
    numberId: trigger.numberId,
    lastInboundAt: conversation?.lastInboundAt ?? null,
    lastOutboundAt: conversation?.lastOutboundAt ?? null,
  }
}
