import type { SendFacts } from '../facts.ts'
import type { GuardReason, SendIntent, Verdict } from '../message.ts'
import type { AccountState, Trouble } from '../state.ts'
import type { WaitsFor } from '../trigger.ts'
import { worstOf } from '../troubles.ts'
import { allow, holdFor, type Hold, type Outlook } from './verdict.ts'

type Message = Pick<Outlook, 'category' | 'inWindow' | 'priceMicros'>

/**
 * Is there an account and a number to send this message from, and does nothing stop them? In order: is the integration on; can
 * the number send; does WhatsApp restrict what may be sent; is there somebody who pays.
 *
 * Nothing here blocks: everything is ended by a person or by time, and the message goes on then.
 *
 * @param facts.number null when the number is not known; it must be verified and `CONNECTED`, exactly
 * @param facts.account null when it is not known: then only its numbers speak
 * Source: Meta, Cloud API, "Phone numbers": every other status (PENDING, FLAGGED, RESTRICTED, BANNED, ...) cannot send.
 */
export function checkIntegration(intent: SendIntent, facts: SendFacts, message: Message): Verdict {
  return (
    checkActive(facts, message) ??
    checkNumber(intent, facts, message) ??
    checkRestrictions(facts, message) ??
    checkPayment(facts, message) ??
    allow
  )
}

function checkActive({ settings, account, now }: SendFacts, message: Message): Hold | null {
  if (!settings.integration.active) return holdFor('integration_inactive', 'integration_active')
  if (account === null) return null
  if (!account.enabled) return holdFor('integration_inactive', 'integration_active', `${nameOf(account)} disabled`)
  const trouble = worstOf(account.troubles.filter(stopsForGood), now, message)
  return trouble && hold('integration_inactive', 'integration_active', trouble, nameOf(account))
}

function checkNumber(intent: SendIntent, { number, now }: SendFacts, message: Message): Hold | null {
  if (number === null) return holdFor('number_not_ready', 'number_ready', intent.numberId ?? undefined)
  const { displayNumber, verified, status, troubles } = number
  if (!verified) return holdFor('number_not_ready', 'number_ready', `${displayNumber} UNVERIFIED`)
  if (status !== 'CONNECTED') return holdFor('number_not_ready', 'number_ready', `${displayNumber} ${status}`)
  const trouble = worstOf(troubles.filter(isNotReady), now, message)
  return trouble && hold('number_not_ready', 'number_ready', trouble, displayNumber)
}

function checkRestrictions({ account, number, now }: SendFacts, message: Message): Hold | null {
  const ofAccount = worstOf((account?.troubles ?? []).filter(isRestrictionUnless(stopsForGood)), now, message)
  if (ofAccount !== null && account !== null)
    return hold('account_restricted', 'integration_active', ofAccount, nameOf(account))
  const ofNumber = worstOf((number?.troubles ?? []).filter(isRestrictionUnless(isNotReady)), now, message)
  return ofNumber && number && hold('account_restricted', 'number_ready', ofNumber, number.displayNumber)
}

/** Free messages go all the same: WhatsApp asks nobody to pay for them. */
function checkPayment({ account, number, now }: SendFacts, message: Message): Hold | null {
  const ofAccount = worstOf((account?.troubles ?? []).filter(isUnpaid), now, message)
  if (ofAccount !== null && account !== null)
    return hold('payment_missing', 'integration_active', ofAccount, nameOf(account))
  const ofNumber = worstOf((number?.troubles ?? []).filter(isUnpaid), now, message)
  return ofNumber && number && hold('payment_missing', 'number_ready', ofNumber, number.displayNumber)
}

/** Each trouble is told by one of the four, so that none is missed and none told twice. */
const stopsForGood = ({ stops, until }: Trouble) => stops === 'all' && until === null
const isNotReady = (trouble: Trouble) => stopsForGood(trouble) || trouble.code === 'maintenance'
const isUnpaid = ({ stops }: Trouble) => stops === 'paid'
const isRestrictionUnless = (isTold: (trouble: Trouble) => boolean) => (trouble: Trouble) =>
  !isTold(trouble) && !isUnpaid(trouble)

/** Until the end that is known or the next try, or until somebody says that it is over. */
function hold(reason: GuardReason, waitsFor: WaitsFor, { code, until, triedAgainAt }: Trouble, of: string): Hold {
  const end = until ?? triedAgainAt
  return { ...holdFor(reason, waitsFor, `${of} ${code}`), ...(end !== undefined && { until: end }) }
}

function nameOf({ id, name }: AccountState): string {
  return name ?? id
}
