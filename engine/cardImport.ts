import { MARKETS, type Market } from './data/markets.ts'
import { find, isBlank, letter, plain, priceOf, type Columns, type Sheet } from './cardSheet.ts'
import type { RateCard, Rates, VolumeTier } from './rateCard.ts'

export interface CardProblem {
  code:
    | 'no_price_table'
    | 'several_price_tables'
    | 'market_missing'
    | 'market_unknown'
    | 'market_twice'
    | 'price_missing'
    | 'price_invalid'
    | 'currency_differs'
  message: string
  /** Where it stands; rows count from 1, columns are letters. */
  sheet?: string
  row?: number
  column?: string
}

export interface CardWanted {
  from: string
  currency: string
  /** Keep markets that our table of calling codes does not know. */
  acceptNewMarkets: boolean
}

export type CardOutcome =
  /** `newMarkets`: kept, but no number belongs to them until Denrei's table of calling codes knows them. */
  { kind: 'card'; card: RateCard; newMarkets: string[] } | { kind: 'refused'; problems: CardProblem[] }

/** The one table of prices of a file, and where it stands. */
interface Table {
  sheet: Sheet
  header: number
  columns: Columns
}

/** Names that the same market goes by. */
const ALIASES: Readonly<Record<string, Market>> = {
  turkiye: 'Turkey',
  uae: 'United Arab Emirates',
  uk: 'United Kingdom',
  'russian federation': 'Russia',
  'rest of apac': 'Rest of Asia Pacific',
  'rest of world': 'Other',
  others: 'Other',
}
const byName = new Map<string, Market>([
  ...MARKETS.map(({ market }) => [plain(market), market] as const),
  ...Object.entries(ALIASES),
])

/**
 * Reads a price list as Meta publishes it: one row a market, one column a category, found by their words and not by their places.
 * All or nothing: what cannot be understood for sure is refused, with every reason.
 *
 * A market that has prices of its own only from a later day on costs what its region costs. Tables of volume tiers are read where
 * the file has them.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing", rate cards and volume tiers (files for download).
 */
export function importCard(sheets: readonly Sheet[], wanted: CardWanted): CardOutcome {
  const tables = sheets.flatMap((sheet) => tableIn(sheet) ?? [])
  const [table, second] = tables
  if (table === undefined) {
    const message = `No row names the columns Market, Marketing and Utility in ${sheets.map(({ name }) => `"${name}"`).join(', ') || 'this file'}. Take the rate card of WhatsApp messages, as Meta offers it for download.`
    return { kind: 'refused', problems: [{ code: 'no_price_table', message }] }
  }
  if (second !== undefined) {
    const names = tables.map(({ sheet }) => `"${sheet.name}"`).join(' and ')
    const message = `${names} both hold a table of prices. Keep the one of the currency that you import.`
    return { kind: 'refused', problems: [{ code: 'several_price_tables', message }] }
  }
  const problems: CardProblem[] = []
  const { rates, service, international, newMarkets } = readTable(table, wanted, problems)
  fillRegions(rates, wanted, table, problems)
  const tiers = sheets.flatMap((sheet) => readTiers(sheet))
  if (problems.length > 0) return { kind: 'refused', problems }
  const card: RateCard = {
    from: wanted.from,
    currency: wanted.currency,
    rates: Object.fromEntries(rates) as unknown as Rates,
    ...(service.size > 0 ? { service: Object.fromEntries(service) } : {}),
    ...(international.size > 0 ? { authenticationInternational: Object.fromEntries(international) } : {}),
    ...(tiers.length > 0 ? { tiers } : {}),
  }
  return { kind: 'card', card, newMarkets }
}

function tableIn(sheet: Sheet): Table | null {
  const found = find(sheet, ['market', 'marketing', 'utility'])
  return found === null ? null : { sheet, ...found }
}

type Prices = [marketing: number, utility: number] | [number, number, authentication: number]

function readTable({ sheet, header, columns }: Table, wanted: CardWanted, problems: CardProblem[]) {
  const rates = new Map<string, Prices>()
  const service = new Map<string, number>()
  const international = new Map<string, number>()
  const newMarkets: string[] = []
  const seen = new Map<string, number>()
  const here = (row: number, column: string) => ({
    sheet: sheet.name,
    row: row + 1,
    column: letter(columns[column] ?? 0),
  })
  const at = (row: number, column: string) => {
    const place = here(row, column)
    return `Sheet "${place.sheet}", row ${place.row}, column ${place.column}`
  }

  /** Null for `n/a`. */
  function price(row: number, column: string, market: string): number | null {
    const index = columns[column]
    const cell = index === undefined ? null : sheet.rows[row]?.[index]
    const read = priceOf(cell ?? null)
    if (read !== 'invalid') return read
    const message = `${at(row, column)}: "${String(cell)}" is no price for ${market}. Write a number that is not below zero, such as 0.0618.`
    problems.push({ code: 'price_invalid', message, ...here(row, column) })
    return 0
  }

  for (let row = header + 1; row < sheet.rows.length; row++) {
    const cells = sheet.rows[row] ?? []
    // Notes below the table stand in one cell.
    if (cells.filter((cell) => !isBlank(cell)).length < 2) continue
    const written = String(cells[columns['market'] ?? 0] ?? '').trim()
    if (plain(written) === 'market') continue
    const market = byName.get(plain(written))
    const currency = columns['currency'] === undefined ? null : cells[columns['currency']]
    if (!isBlank(currency) && !namesCurrency(currency, wanted.currency)) {
      const message = `${at(row, 'currency')}: the file is in "${String(currency)}", and ${wanted.currency} was asked for. Name the file's currency, or take the file of that currency.`
      return refuse({ code: 'currency_differs', message, ...here(row, 'currency') })
    }
    if (market === undefined && !wanted.acceptNewMarkets) {
      const message = `${at(row, 'market')}: "${written}" is no market that Denrei knows${nearest(written)}. Mend the name; or, if Meta has made a new market, import again and accept new markets.`
      problems.push({ code: 'market_unknown', message, ...here(row, 'market') })
      continue
    }
    const name = market ?? written
    if (market === undefined) newMarkets.push(name)
    const before = seen.get(name)
    if (before !== undefined) {
      const message = `${at(row, 'market')}: ${name} stands in row ${before + 1} already. Leave one of the two.`
      problems.push({ code: 'market_twice', message, ...here(row, 'market') })
      continue
    }
    seen.set(name, row)
    const marketing = needed(row, 'marketing', name)
    const utility = needed(row, 'utility', name)
    const authentication = price(row, 'authentication', name)
    rates.set(
      name,
      authentication === null || authentication === utility
        ? [marketing, utility]
        : [marketing, utility, authentication],
    )
    const ofService = price(row, 'service', name)
    if (ofService !== null && ofService !== utility) service.set(name, ofService)
    const ofInternational = price(row, 'authentication international', name)
    if (ofInternational !== null) international.set(name, ofInternational)
  }
  return { rates, service, international, newMarkets }

  function needed(row: number, column: string, market: string): number {
    const read = price(row, column, market)
    if (read !== null) return read
    const message = `${at(row, column)}: ${market} has no price for ${column}. Write it; no message could be priced without.`
    problems.push({ code: 'price_missing', message, ...here(row, column) })
    return 0
  }

  /** One wrong currency is wrong in every row: told once. */
  function refuse(problem: CardProblem) {
    problems.splice(0, problems.length, problem)
    return { rates: new Map<string, Prices>(), service, international, newMarkets }
  }
}

/** Markets that this card cannot know yet have the prices of their region; any other that is not there is missing. */
function fillRegions(
  rates: Map<string, Prices>,
  { from }: CardWanted,
  { sheet }: Table,
  problems: CardProblem[],
): void {
  if (problems.some(({ code }) => code === 'currency_differs')) return
  const missing: string[] = []
  for (const row of MARKETS) {
    if (rates.has(row.market)) continue
    const region = 'before' in row && from < row.from ? rates.get(row.before) : undefined
    if (region === undefined) missing.push(row.market)
    else rates.set(row.market, region)
  }
  if (missing.length === 0) return
  const message = `Sheet "${sheet.name}" has no row for ${missing.join(', ')}. Take the whole rate card, or add the row${missing.length === 1 ? '' : 's'}.`
  problems.push({ code: 'market_missing', message, sheet: sheet.name })
}

/** Rows with a market, a category, from and to how many messages, and a price. What does not fit is left out: no price depends on it. */
function readTiers(sheet: Sheet): VolumeTier[] {
  const found = find(sheet, ['market', 'from', 'to', 'rate'])
  if (found === null) return []
  const { header, columns } = found
  return sheet.rows.slice(header + 1).flatMap((cells) => {
    const cell = (name: string) => cells[columns[name] ?? -1] ?? null
    const market = byName.get(plain(String(cell('market') ?? '')))
    const category = plain(String(cell('category') ?? '')).toUpperCase()
    const [from, until] = [countOf(cell('from')), countOf(cell('to'))]
    const rateMicros = priceOf(cell('rate'))
    if (market === undefined || from === null || typeof rateMicros !== 'number') return []
    if (category !== 'UTILITY' && category !== 'AUTHENTICATION') return []
    return [{ market, category, from, until, rateMicros }]
  })
}

function countOf(cell: unknown): number | null {
  const text = typeof cell === 'number' ? String(cell) : typeof cell === 'string' ? cell.replaceAll(/[\s,]/g, '') : ''
  return /^\d+$/.test(text) ? Number(text) : null
}

/** `$US`, `US$`, `USD`, `US Dollar (USD)`. */
function namesCurrency(cell: unknown, wanted: string): boolean {
  const text = String(cell).toUpperCase()
  return text.includes(wanted) || (wanted === 'USD' && /\$ ?US|US ?\$|^\$$/.test(text))
}

/** A name that was meant, perhaps. */
function nearest(written: string): string {
  const text = plain(written)
  const close = [...byName].find(([name]) => name.startsWith(text.slice(0, 4)) && text.length >= 4)
  return close === undefined ? '' : ` (did you mean "${close[1]}"?)`
}
