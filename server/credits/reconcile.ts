import { Temporal } from 'temporal-polyfill'
import type { PricingPoint } from '#actions/whatsapp/pricingAnalytics.ts'
import type { Json } from '#definitions/json.ts'
import type { Settings } from '#definitions/settings.ts'
import { startOfDate } from '#engine/calendar.ts'
import { InvalidInput, NotFound } from '#engine/errors.ts'
import { marketOf } from '#engine/market.ts'
import type { Category } from '#engine/message.ts'
import { cardsIn, CREDIT_CURRENCY, rateOf, type RateCard } from '#engine/rateCard.ts'
import type { AccountState } from '#engine/state.ts'
import type { StatementRow } from '#engine/reads.ts'
import { inForce } from '#engine/calendar.ts'
import { cardMissing } from './cardAge.ts'
import type { CreditDutyParts } from './parts.ts'

const PREFIX = 'reconciliation/'
/** WhatsApp's figures are approximate, and a message may be counted on either side of midnight: below this they agree. */
const TOLERANCE = { volume: 5, share: 0.02 }

interface Sums {
  volume: number
  /** Millionths of the account's currency; null where it cannot be said. */
  costMicros: number | null
}

export interface ReconciliationRow {
  market: string
  category: string
  ours: Sums
  theirs: Sums
  differs: boolean
}

export interface Reconciliation {
  accountId: string
  /** `2026-10` */
  month: string
  currency: string
  rows: ReconciliationRow[]
  ours: Sums
  theirs: Sums
  differs: boolean
  at: number
}

type Parts = Pick<CreditDutyParts, 'store' | 'clock' | 'newId' | 'accounts' | 'accept'>

/**
 * Compares what we counted in a month with what WhatsApp bills, by market and category: charged messages, and what they cost. Costs are
 * in the account's currency: ours are what was spent, without our own markup, where that is US dollars; elsewhere our messages at the
 * prices of an imported card in that currency, or nothing where there is none.
 *
 * A difference beyond the tolerance is told.
 *
 * @param month `2026-10`, in the calendar of the account's zone
 * @throws InvalidInput, NotFound, and what the Cloud API's client throws
 */
export async function reconcile(parts: Parts, accountId: string, month: string): Promise<Reconciliation> {
  const { store, clock, newId } = parts
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    throw new InvalidInput(`"${month}" is no month. Write it as 2026-10.`, { field: 'month' })
  }
  const client = parts.accounts.clientOf(accountId)
  if (client === null) throw new NotFound(`No account ${accountId} is connected.`, { accountId })
  const settings = await store.settings()
  const account = (await store.accounts()).find(({ id }) => id === accountId) ?? null
  const zone = account?.zone ?? settings.timezone
  const first = Temporal.PlainDate.from(`${month}-01`)
  const next = first.add({ months: 1 })
  const startAt = startOfDate(first.toString(), zone)
  const endAt = startOfDate(next.toString(), zone)
  const points = await client.pricingAnalytics(accountId, startAt, Math.min(endAt, clock.now()))
  const numbers = new Set((await store.numbers()).filter((one) => one.accountId === accountId).map(({ id }) => id))
  const rows = await store.statement({
    from: first.toString(),
    until: next.subtract({ days: 1 }).toString(),
    by: ['number', 'market', 'category'],
  })
  const own = rows.filter(({ parts: [number = ''] }) => numbers.has(number))
  const cards = (await store.documents('rateCard/')).map(({ value }) => value as unknown as RateCard)
  const compared = compare(own, points, {
    settings,
    account,
    cards,
    at: startAt,
    zone,
  })
  const now = clock.now()
  if (cardsIn(compared.currency, cards).length === 0) await parts.accept([cardMissing(compared.currency, now)])
  const made: Reconciliation = { accountId, month, ...compared, at: now }
  await store.saveDocument(`${PREFIX}${accountId}/${month}`, made as unknown as Json, now)
  if (made.differs) {
    const { ours, theirs, currency } = made
    await parts.accept([
      {
        kind: 'notice',
        source: 'denrei',
        sourceId: `reconciliation:${newId()}`,
        occurredAt: now,
        code: 'reconciliation_differs',
        severity: 'warning',
        details: {
          accountId,
          month,
          currency,
          ourVolume: ours.volume,
          theirVolume: theirs.volume,
          ourCostMicros: ours.costMicros,
          theirCostMicros: theirs.costMicros,
        },
      },
    ])
  }
  return made
}

/** Newest month first. */
export async function listReconciliations({ store }: Pick<Parts, 'store'>): Promise<Reconciliation[]> {
  const all = (await store.documents(PREFIX)).map(({ value }) => value as unknown as Reconciliation)
  return all.toSorted((a, b) => (a.month < b.month ? 1 : a.month > b.month ? -1 : 0))
}

/** What costs are worked out with. */
interface Pricing {
  settings: Settings
  account: Pick<AccountState, 'currency'> | null
  cards: readonly RateCard[]
  at: number
  zone: string
}

/** Pure. @param own rows by number, market and category */
export function compare(
  own: readonly StatementRow[],
  points: readonly PricingPoint[],
  { settings, account, cards, at, zone }: Pricing,
): Pick<Reconciliation, 'currency' | 'rows' | 'ours' | 'theirs' | 'differs'> {
  const currency = account?.currency ?? CREDIT_CURRENCY
  const ownCards = cardsIn(currency, cards)
  const card = ownCards.length === 0 ? null : inForce(ownCards, at, zone)
  const table = new Map<string, { ours: Sums; theirs: Sums }>()
  const place = (market: string, category: string) => {
    const key = JSON.stringify([market, category])
    let found = table.get(key)
    if (found === undefined) {
      found = { ours: { volume: 0, costMicros: 0 }, theirs: { volume: 0, costMicros: 0 } }
      table.set(key, found)
    }
    return found
  }
  for (const { parts, charged, spentMicros } of own) {
    const [, market = '', category = ''] = parts
    if (charged === 0) continue
    const cost =
      currency === CREDIT_CURRENCY
        ? Math.max(0, spentMicros - charged * settings.markupMicros)
        : card === null
          ? null
          : charged * rateOf(card, market, category as Category)
    add(place(market || 'Other', category).ours, charged, cost)
  }
  for (const point of points) {
    if (point.type !== 'REGULAR') continue
    const market = marketOf({ country: point.country }, at, zone) ?? 'Other'
    add(place(market, categoryOf(point.category)).theirs, point.volume, point.costMicros)
  }
  const rows = [...table]
    .map(([key, sums]) => {
      const [market = '', category = ''] = JSON.parse(key) as string[]
      return { market, category, ...sums, differs: differ(sums.ours, sums.theirs) }
    })
    .toSorted((a, b) => a.market.localeCompare(b.market) || a.category.localeCompare(b.category))
  const ours = total(rows.map((row) => row.ours))
  const theirs = total(rows.map((row) => row.theirs))
  return { currency, rows, ours, theirs, differs: rows.some((row) => row.differs) }
}

/** WhatsApp tells authentication from abroad and marketing by its own API apart; we do not. */
function categoryOf(theirs: string): string {
  if (theirs.startsWith('AUTHENTICATION')) return 'AUTHENTICATION'
  return theirs.startsWith('MARKETING') ? 'MARKETING' : theirs
}

function add(sums: Sums, volume: number, costMicros: number | null): void {
  sums.volume += volume
  sums.costMicros = sums.costMicros === null || costMicros === null ? null : sums.costMicros + costMicros
}

function total(all: readonly Sums[]): Sums {
  const sums: Sums = { volume: 0, costMicros: 0 }
  for (const { volume, costMicros } of all) add(sums, volume, costMicros)
  return sums
}

function differ(ours: Sums, theirs: Sums): boolean {
  const volume = Math.abs(ours.volume - theirs.volume)
  if (volume > Math.max(TOLERANCE.volume, theirs.volume * TOLERANCE.share)) return true
  if (ours.costMicros === null || theirs.costMicros === null) return false
  // As far as the messages agree, their cost has to.
  const perMessage = theirs.volume === 0 ? 0 : theirs.costMicros / theirs.volume
  const allowed = Math.max(TOLERANCE.volume * perMessage, theirs.costMicros * TOLERANCE.share)
  return Math.abs(ours.costMicros - theirs.costMicros) > allowed
}
