import type { Envelope } from './envelope.ts'
import { GraphError } from './graphError.ts'
import type { NumberOptions } from './options.ts'
import { bsuidOf, digitsOf, waIdOf, waIdOfBsuid } from './phone.ts'

export interface Recipient {
  /** Null for a user known by BSUID only. */
  waId: string | null
  bsuid: string
  /** How windows and limits know the user. */
  key: string
}

/**
 * Who a message goes to.
 *
 * @param hiddenUsers BSUIDs of users whose number is not told
 * @throws GraphError 131009 for no phone number or a foreign BSUID, 131021 for the sender itself
 */
export function recipientOf(
  { to, recipient }: Envelope,
  number: NumberOptions,
  hiddenUsers: ReadonlySet<string>,
): Recipient {
  if (to === null) {
    const waId = waIdOfBsuid(recipient!)
    if (waId === null && !hiddenUsers.has(recipient!)) {
      throw new GraphError(131009, `Param 'recipient': ${recipient} is not a user of this business.`)
    }
    return { waId, bsuid: recipient!, key: waId ?? recipient! }
  }
  const own = number.displayNumber.replace(/\D/g, '')
  const digits = digitsOf(to, own)
  if (digits === null) throw new GraphError(131009, `Param 'to': "${to}" is not a phone number.`)
  if (digits === own) throw new GraphError(131021, 'The recipient is the sender.')
  const waId = waIdOf(digits)
  return { waId, bsuid: bsuidOf(waId), key: waId }
}
