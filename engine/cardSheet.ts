/** A sheet of a spreadsheet, or a whole CSV file. */
export interface Sheet {
  name: string
  rows: readonly (readonly Cell[])[]
}
export type Cell = string | number | boolean | Date | null

/** Where each column stands, by its word. */
export type Columns = Readonly<Record<string, number>>

/** How many rows above its header a table may have: titles, notes, a logo. */
const HEADER_ROWS_MAX = 40

/** Other words for the same column. */
const WORDS: Readonly<Record<string, string>> = {
  country: 'market',
  'country or region': 'market',
  markets: 'market',
  'auth international': 'authentication international',
  'message type': 'category',
  'pricing category': 'category',
  'volume from': 'from',
  'tier from': 'from',
  'volume to': 'to',
  'tier to': 'to',
  price: 'rate',
  'rate per message': 'rate',
}

/** Without what people write in one way or another: case, spaces, marks, hyphens, `&` for `and`. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** The first row that names all the columns. */
export function find({ rows }: Sheet, words: readonly string[]): { header: number; columns: Columns } | null {
  for (const [header, cells] of rows.slice(0, HEADER_ROWS_MAX).entries()) {
    const columns = columnsOf(cells)
    if (words.every((word) => word in columns)) return { header, columns }
  }
  return null
}

function columnsOf(cells: readonly Cell[]): Columns {
  const columns: Record<string, number> = {}
  for (const [index, cell] of cells.entries()) {
    if (typeof cell !== 'string') continue
    // `Marketing (USD)`, `Utility rate`
    const text = plain(cell.replaceAll(/\([^)]*\)|\*/g, ' '))
    const word = WORDS[text] ?? text.replace(/ (rate|price)s?$/, '')
    columns[word] ??= index
  }
  return columns
}

/** The letter by which a spreadsheet names a column: A, B, ..., AA. */
export function letter(index: number): string {
  const rest = Math.floor(index / 26) - 1
  return (rest >= 0 ? letter(rest) : '') + String.fromCharCode(65 + (index % 26))
}

export function isBlank(cell: Cell | undefined): boolean {
  return cell === null || cell === undefined || (typeof cell === 'string' && cell.trim() === '')
}

const NOT_OFFERED = new Set(['', 'n/a', 'na', 'n.a.', '-', '–', '—'])

/** In millionths of the currency; null where there is no price (`n/a`). */
export function priceOf(cell: Cell): number | null | 'invalid' {
  if (typeof cell === 'number') return toMicros(cell)
  if (cell === null) return null
  if (typeof cell !== 'string') return 'invalid'
  const text = cell.trim().toLowerCase()
  if (NOT_OFFERED.has(text)) return null
  const digits = /^(?:[a-z]{2,3}|[a-z]{0,2}\p{Sc})?\s*(-?[\d.,]+)\s*(?:[a-z]{3}|\p{Sc})?$/u.exec(text)?.[1]
  if (digits === undefined) return 'invalid'
  return toMicros(Number(withPoint(digits)))
}

/** `0,0618` and `1.234,5` have a decimal comma; `1,234.5` has not. Whichever comes last parts the fraction. */
function withPoint(digits: string): string {
  const point = digits.lastIndexOf('.')
  const comma = digits.lastIndexOf(',')
  if (comma < 0) return digits
  if (comma > point) return digits.indexOf(',') === comma ? digits.replaceAll('.', '').replace(',', '.') : 'ambiguous'
  return digits.replaceAll(',', '')
}

function toMicros(amount: number): number | 'invalid' {
  const micros = Math.round(amount * 1_000_000)
  return Number.isSafeInteger(micros) && micros >= 0 ? micros : 'invalid'
}
