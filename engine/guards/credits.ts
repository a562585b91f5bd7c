import { MICROS_PER_CREDIT } from '../ledger.ts'
import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { allow, holdFor, type Outlook } from './verdict.ts'

/** Do the credits that nobody has set aside cover the price? A free message needs none. The detail is in credits. */
export function checkCredits(
  _intent: SendIntent,
  { availableMicros }: Pick<SendFacts, 'availableMicros'>,
  { priceMicros }: Pick<Outlook, 'priceMicros'>,
): Verdict {
  if (priceMicros === 0 || priceMicros <= availableMicros) return allow
  return holdFor(
    'credits_insufficient',
    'credits_added',
    `${priceMicros / MICROS_PER_CREDIT} > ${availableMicros / MICROS_PER_CREDIT}`,
  )
}
