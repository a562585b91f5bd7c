import { Temporal } from 'temporal-polyfill'
import { dateOf } from '#engine/calendar.ts'
import type { Instant } from '#engine/clock.ts'
import { cardAt, CREDIT_CURRENCY, type RateCard } from '#engine/rateCard.ts'
import type { NoticeEvent } from '#engine/trigger.ts'
import type { Duty } from '../upkeep.ts'
import type { CreditDutyParts } from './parts.ts'

const EVERY_MS = 60 * 60_000

/**
 * Tells once in a quarter that messages are priced by a card of an earlier one. Every card names every market, so what may be missing is
 * the card of the quarter; where its prices are those of the one before, the same file imported again says so.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing": prices change on the first day of a quarter, and are told a month before.
 */
export function cardAge({ store, accept }: Pick<CreditDutyParts, 'store' | 'accept'>): Duty {
  return {
    name: 'card-age',
    everyMs: EVERY_MS,
    async run(now) {
      const accounts = await store.accounts()
      // Nobody is charged by anything before there is one.
      if (accounts.length === 0) return
      const { timezone } = await store.settings()
      const zone = accounts[0]?.zone ?? timezone
      const cards = (await store.documents('rateCard/')).map(({ value }) => value as unknown as RateCard)
      const quarter = quarterOf(now, zone)
      const inForce = cardAt(now, zone, cards).from
      if (inForce >= quarter) return
      await accept([cardMissing(CREDIT_CURRENCY, now, { from: quarter, inForce })])
    },
  }
}

/** Its id is what it tells of: told again, it is known. */
export function cardMissing(
  currency: string,
  now: Instant,
  { from, inForce }: { from?: string; inForce?: string } = {},
): NoticeEvent {
  return {
    kind: 'notice',
    source: 'denrei',
    sourceId: ['rateCard', currency, ...(from === undefined ? [] : [from])].join(':'),
    occurredAt: now,
    code: 'rate_card_missing',
    severity: 'warning',
    details: { currency, ...(from !== undefined && { from }), ...(inForce !== undefined && { inForce }) },
  }
}

/** The first day of the quarter: `2026-10-01`. */
function quarterOf(now: Instant, zone: string): string {
  const today = Temporal.PlainDate.from(dateOf(now, zone))
  return today.with({ month: today.month - ((today.month - 1) % 3), day: 1 }).toString()
}
