import { startOfDate } from '../calendar.ts'
import { UNREACHABLE } from '../data/unreachable.ts'
import type { SendFacts } from '../facts.ts'
import type { SendIntent, Verdict } from '../message.ts'
import { allow, block, type Outlook } from './verdict.ts'

/** Does WhatsApp deliver this category in the recipient's country at all? See `data/unreachable.ts`. */
export function checkMarket(
  { country }: SendIntent,
  { now }: SendFacts,
  { category }: Pick<Outlook, 'category'>,
): Verdict {
  const closed = UNREACHABLE.some(
    (row) =>
      row.country === country &&
      row.category === category &&
      startOfDate(row.from, 'UTC') <= now &&
      (row.until === null || now < startOfDate(row.until, 'UTC')),
  )
  return closed ? block('market_unreachable', `${country} ${category}`) : allow
}
