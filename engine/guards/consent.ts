import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { allow, block, type Outlook } from './verdict.ts'

/**
 * Does the person want to be written to? An opt-out of marketing leaves utility and authentication, an opt-out of all
 * stops everything. A record whose consent field says no stops everything as well; one that says yes does not lift an
 * opt-out, because the person's own word is newer than a field.
 *
 * Free text goes only to somebody who wrote to us within a day: it is an answer, not marketing, so it passes an opt-out of
 * marketing and nothing else. That a message would fall back to a marketing template does not matter as long as it is text.
 *
 * @param facts.suppressed of a person who refused everything and was erased then, only that is known
 * @param intent.consent null when the module has no consent field, or the field is empty
 * Source: Meta, WhatsApp Business Messaging Policy, opt-in and opt-out.
 */
export function checkConsent(
  { consent }: SendIntent,
  { contact, settings, suppressed }: SendFacts,
  { category }: Outlook,
): Verdict {
  if (suppressed) return block('opted_out', 'erased')
  if (typeof contact?.optedOutAllAt === 'number') return block('opted_out', 'all')
  if (typeof contact?.optedOutMarketingAt === 'number' && category === 'MARKETING')
    return block('opted_out', 'marketing')
  if (consent === false) return block('no_consent')
  const agreed = consent === true || typeof contact?.optedInAt === 'number'
  return settings.consent.required && !agreed ? block('no_consent') : allow
}
