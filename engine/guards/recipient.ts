import type { SendIntent, Verdict } from '../message.ts'
import type { SendFacts } from '../facts.ts'
import { allow, block, type Outlook } from './verdict.ts'

/**
 * Is there somebody to send to? `readRecipient` has understood the text, or not.
 *
 * One-time codes go to phone numbers only: WhatsApp refuses them for a business-scoped user id (error 131062).
 * Source: Meta, Cloud API, "Business-scoped user IDs".
 */
export function checkRecipient({ to }: SendIntent, _facts: SendFacts, { category }: Outlook): Verdict {
  if (to.phone !== undefined) return allow
  if (to.bsuid !== undefined) return category === 'AUTHENTICATION' ? block('recipient_invalid', to.bsuid) : allow
  const written = to.raw.trim()
  return written === '' ? block('recipient_missing') : block('recipient_invalid', written)
}
