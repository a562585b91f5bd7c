import type { Json } from '#definitions/json.ts'
import type { FactSource } from '../rules/condition.ts'
import { recordKey } from '../state.ts'
import type { Draft } from './draft.ts'
import { lookupId, recordZone } from './recordSource.ts'
import type { Occasion } from './rules.ts'

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

/**
 * What a condition can ask about: the record's fields by API name, and the facts above. A lookup field answers with the
 * record it points at (with its `id`) when a condition walks into it with `path`; without `path`, with what is stored.
 */
export function factsOf(draft: Draft, occasion: Occasion): FactSource {
  const { known, now, trigger } = draft
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
        return lookupFact(draft, occasion, fact)
    }
  }
}

/** `Contact_Name.record`: the whole record behind a lookup, so that a condition may walk it with `path`. */
function lookupFact(draft: Draft, occasion: Occasion, fact: string): Json | undefined {
  const [field, rest] = fact.split('.', 2)
  if (field === undefined || rest === undefined) return undefined
  const target = draft.definitions.lookupModules[`${occasion.module}.${field}`]
  const id = lookupId(occasion.values[field])
  if (target === undefined || id === null) return undefined
  return draft.known.records.get(recordKey(target, id))?.values[rest]
}

function contactFact({ trigger, known }: Draft): Json | undefined {
  if (trigger.kind !== 'message') return undefined
  const id = [trigger.from.bsuid, trigger.from.waId, trigger.from.phone]
    .map((key) => (key === undefined ? undefined : known.contactByAddress.get(key)))
    .find((found) => found !== undefined)
  const contact = id === undefined ? undefined : known.contacts.get(id)
  if (contact === undefined) return { known: false, name: trigger.from.name ?? null }
  return {
    known: true,
    name: contact.name,
    optedOutMarketing: contact.optedOutMarketingAt !== null,
    optedOutAll: contact.optedOutAllAt !== null,
  }
}

function conversationFact({ trigger, known }: Draft): Json | undefined {
  if (trigger.kind !== 'message') return undefined
  const id = [trigger.from.bsuid, trigger.from.waId, trigger.from.phone]
    .map((key) => (key === undefined ? undefined : known.contactByAddress.get(key)))
    .find((found) => found !== undefined)
  const conversation = id === undefined ? undefined : known.conversations.get(`${trigger.numberId}/${id}`)
  return {
    numberId: trigger.numberId,
    lastInboundAt: conversation?.lastInboundAt ?? null,
    lastOutboundAt: conversation?.lastOutboundAt ?? null,
  }
}
