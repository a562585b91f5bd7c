import type { SendIntent, Verdict } from '../message.ts'
import type { SendFacts } from '../facts.ts'
import { UNREACHABLE_FOR_MS } from '../decide/personError.ts'
import { allow, block, type Outlook } from './verdict.ts'

/**
 * Is there somebody to send to, and can they be reached? `readRecipient` has understood the text, or not. After several messages
 * in a row that WhatsApp could not deliver nobody is tried again before they write, something reaches them, or 30 days pass:
 * sending on costs the number its quality.
 *
 * One-time codes go to phone numbers only: WhatsApp refuses them for a business-scoped user id (error 131062).
 * Source: Meta, Cloud API, "Business-scoped user IDs".
 */
export function checkRecipient({ to }: SendIntent, facts: SendFacts, { category }: Outlook): Verdict {
  if (to.phone !== undefined) return checkReachable(facts)
  if (to.bsuid !== undefined)
    return category === 'AUTHENTICATION' ? block('recipient_invalid', to.bsuid) : checkReachable(facts)
  const written = to.raw.trim()
  return written === '' ? block('recipient_missing') : block('recipient_invalid', written)
}

/** The detail is how many messages could not be delivered. */
function checkReachable({ contact, settings, now }: Pick<SendFacts, 'contact' | 'settings' | 'now'>): Verdict {
  if (contact === null || contact.unreachable < settings.unreachableAfter) return allow
  const since = contact.unreachableAt
  return since === null || now - since >= UNREACHABLE_FOR_MS
    ? allow
    : block('recipient_unreachable', String(contact.unreachable))
}
