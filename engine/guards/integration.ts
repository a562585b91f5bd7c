import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { allow, holdFor } from './verdict.ts'

/**
 * Is there an account and a number to send from?
 *
 * @param facts.number null when the number is not known; it must be verified and `CONNECTED`, exactly
 * Source: Meta, Cloud API, "Phone numbers": every other status (PENDING, FLAGGED, RESTRICTED, BANNED, ...) cannot send.
 */
export function checkIntegration(intent: SendIntent, { settings, number }: SendFacts): Verdict {
  if (!settings.integration.active) return holdFor('integration_inactive', 'integration_active')
  if (number === null) return holdFor('number_not_ready', 'number_ready', intent.numberId ?? undefined)
  if (!number.verified) return holdFor('number_not_ready', 'number_ready', `${number.displayNumber} UNVERIFIED`)
  if (number.status !== 'CONNECTED')
    return holdFor('number_not_ready', 'number_ready', `${number.displayNumber} ${number.status}`)
  return allow
}
