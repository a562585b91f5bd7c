import { Temporal } from 'temporal-polyfill'
import type { Json } from '#definitions/json.ts'
import { importCard, type CardProblem } from '#engine/cardImport.ts'
import { RATE_CARDS } from '#engine/data/rateCards.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { RateCard } from '#engine/rateCard.ts'
import type { Store } from '#engine/store.ts'
import { readCardFile } from './cardFile.ts'
import { RateCardInvalid } from './errors.ts'
import type { CreditParts } from './parts.ts'

/** Where imported cards stand among the documents; the store reads them from there for the guards. */
const PREFIX = 'rateCard/'

export interface ImportRequest {
  /** Calendar date from which it holds. */
  from: string
  /** ISO 4217. Default: USD. */
  currency?: string
  acceptNewMarkets?: boolean
}

export interface KnownCard {
  from: string
  currency: string
  origin: 'shipped' | 'imported'
  importedAt: number | null
  markets: number
  tiers: number
  card: RateCard
}

/**
 * Stores a price list; it holds from its day on, at once. One of the same day and currency is replaced.
 *
 * @throws RateCardInvalid with every problem, InvalidInput; nothing is stored then
 */
export async function importRates(
  { store, clock }: Pick<CreditParts, 'store' | 'clock'>,
  bytes: Buffer,
  { from, currency = 'USD', acceptNewMarkets = false }: ImportRequest,
): Promise<{ card: KnownCard; newMarkets: string[] }> {
  checkDate(from)
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new InvalidInput(`"${currency}" is no currency. Use three capital letters, such as USD.`, {
      field: 'currency',
    })
  }
  const outcome = importCard(await readCardFile(bytes), { from, currency, acceptNewMarkets })
  if (outcome.kind === 'refused') throw refusal(outcome.problems)
  const now = clock.now()
  await store.saveDocument(`${PREFIX}${from}/${currency}`, outcome.card as unknown as Json, now)
  return { card: known(outcome.card, 'imported', now), newMarkets: outcome.newMarkets }
}

/** Shipped and imported ones, by day; an imported one stands for a shipped one of its day. */
export async function listRates(store: Store): Promise<KnownCard[]> {
  const imported = (await store.documents(PREFIX)).map(({ value, updatedAt }) =>
    known(value as unknown as RateCard, 'imported', updatedAt),
  )
  const isReplaced = (card: RateCard) =>
    imported.some((one) => one.from === card.from && one.currency === card.currency)
  const shipped = RATE_CARDS.filter((card) => !isReplaced(card)).map((card) => known(card, 'shipped', null))
  return [...shipped, ...imported].toSorted((a, b) =>
    a.from === b.from ? a.currency.localeCompare(b.currency) : a.from < b.from ? -1 : 1,
  )
}

function known(card: RateCard, origin: KnownCard['origin'], importedAt: number | null): KnownCard {
  const { from, currency, rates, tiers = [] } = card
  return { from, currency, origin, importedAt, markets: Object.keys(rates).length, tiers: tiers.length, card }
}

function checkDate(from: string): void {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(from)) {
      Temporal.PlainDate.from(from)
      return
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw new InvalidInput(`"${from}" is no date. Write the first day the prices hold, such as 2026-10-01.`, {
    field: 'from',
  })
}

const TOLD_MAX = 20

function refusal(problems: CardProblem[]): RateCardInvalid {
  const told = problems.slice(0, TOLD_MAX).map(({ message }) => message)
  const more = problems.length > TOLD_MAX ? ` And ${problems.length - TOLD_MAX} more.` : ''
  return new RateCardInvalid(`The prices were not imported. ${told.join(' ')}${more}`, { found: problems })
}
