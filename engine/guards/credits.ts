import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { allow, holdFor, type Outlook } from './verdict.ts'

/** Do the credits that nobody has set aside cover the price? A free message needs none. */
export function checkCredits(
  _intent: SendIntent,
  { availableMicros }: Pick<SendFacts, 'availableMicros'>,
  { priceMicros }: Pick<Outlook, 'priceMicros'>,
): Verdict {
  if (priceMicros === 0 || priceMicros <= availableMicros) return allow
  return holdFor('credits_insufficient', 'credits_added', `${priceMicros} of ${availableMicros}`)
}
