import { parse } from 'csv-parse/sync'
import readExcelFile from 'read-excel-file/node'
import type { Sheet } from '#engine/cardSheet.ts'
import { RateCardInvalid } from './errors.ts'
import { tooBig } from './sheetBounds.ts'

/** Meta's cards have a few dozen kilobytes. */
export const CARD_BYTES_MAX = 5 * 1_048_576

/**
 * Reads a spreadsheet or a CSV file, whatever its name says: the card of October 2026 is offered as ".csv" and is a spreadsheet.
 *
 * @throws RateCardInvalid when it is neither
 */
export async function readCardFile(bytes: Buffer): Promise<Sheet[]> {
  if (bytes.length === 0) throw wrong('The file is empty.')
  if (bytes.length > CARD_BYTES_MAX) throw wrong(`The file has more than ${CARD_BYTES_MAX} bytes.`)
  if (startsWith(bytes, 'PK\u0003\u0004')) return readSpreadsheet(bytes)
  if (startsWith(bytes, '\u00d0\u00cf\u0011\u00e0')) {
    throw wrong('The file is a spreadsheet of the old kind (.xls). Save it as .xlsx.')
  }
  if (startsWith(bytes, '%PDF')) throw wrong('The file is a PDF.')
  return readText(bytes)
}

async function readSpreadsheet(bytes: Buffer): Promise<Sheet[]> {
  const big = tooBig(bytes)
  if (big !== null) throw wrong(`The file begins like a spreadsheet, but is not opened: ${big}.`)
  try {
    const sheets = await readExcelFile(bytes)
    return sheets.map(({ sheet, data }) => ({ name: sheet, rows: data as Sheet['rows'] }))
  } catch (error) {
    throw wrong('The file begins like a spreadsheet, but cannot be read as one.', error)
  }
}

function readText(bytes: Buffer): Sheet[] {
  const isUtf16 = startsWith(bytes, '\u00ff\u00fe')
  const text = bytes.toString(isUtf16 ? 'utf16le' : 'utf8')
  if (text.includes('\u0000')) throw wrong('The file is neither a spreadsheet nor text.')
  if (/^\uFEFF?\s*<(?:!doctype|html|\?xml)/i.test(text)) throw wrong('The file is a web page.')
  try {
    const rows: string[][] = parse(text, {
      bom: true,
      delimiter: [',', ';', '\t'],
      relax_column_count: true,
      // Rows are counted as a person counts them.
      skip_empty_lines: false,
    })
    return [{ name: 'CSV', rows }]
  } catch (error) {
    throw wrong('The file cannot be read as CSV.', error)
  }
}

const startsWith = (bytes: Buffer, start: string): boolean =>
  bytes.subarray(0, start.length).equals(Buffer.from(start, 'latin1'))

function wrong(what: string, cause?: unknown): RateCardInvalid {
  const detail = cause instanceof Error ? ` (${cause.message})` : ''
  return new RateCardInvalid(
    `${what}${detail} Take the rate card of WhatsApp messages that Meta offers for download, as .xlsx or .csv.`,
    {},
    { cause },
  )
}
