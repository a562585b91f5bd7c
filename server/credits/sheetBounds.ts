import { inflateRawSync } from 'node:zlib'

/** All that is packed in a spreadsheet, once it is unpacked. Meta's cards have a few hundred kilobytes. */
const UNPACKED_BYTES_MAX = 20 * 1_048_576
const ROWS_MAX = 5_000
/** Columns up to ZZ, the 702nd. */
const COLUMN_LETTERS_MAX = 2

const FILE = 0x04034b50
const DIRECTORY_ENTRY = 0x02014b50
const DIRECTORY_END = 0x06054b50
const STORED = 0
const DEFLATED = 8
/** The sizes stand behind the data, not before it. */
const SIZES_LATER = 0x0008

/**
 * What makes a spreadsheet too big to be opened; null when nothing does. A file of some kilobytes may unpack to gigabytes, and one
 * stray cell in the last corner makes a table of 17 billion cells: either would end the process. Nothing that the file says of its own
 * sizes is believed. It is walked from front to back, as the reader does that comes after.
 *
 * Source: PKWARE, ".ZIP File Format Specification"; ECMA-376, "Office Open XML", `row` and `c`.
 */
export function tooBig(bytes: Buffer): string | null {
  let at = 0
  let left = UNPACKED_BYTES_MAX
  while (at + 22 <= bytes.length) {
    const kind = bytes.readUInt32LE(at)
    if (kind === DIRECTORY_END) return null
    if (kind === DIRECTORY_ENTRY) {
      if (at + 46 > bytes.length) return UNREADABLE
      at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
      continue
    }
    if (kind !== FILE || at + 30 > bytes.length) return UNREADABLE
    const file = unpack(bytes, at, left)
    if (typeof file === 'string') return file
    left -= file.content.length
    const far = farCell(file.content)
    if (far !== null) return far
    at = file.end
  }
  return UNREADABLE
}

const UNREADABLE = 'its parts cannot be read'
const HUGE = `unpacked it has more than ${UNPACKED_BYTES_MAX / 1_048_576} MB`

function unpack(bytes: Buffer, at: number, bytesMax: number): { content: Buffer; end: number } | string {
  const flags = bytes.readUInt16LE(at + 6)
  const method = bytes.readUInt16LE(at + 8)
  const size = bytes.readUInt32LE(at + 18)
  const begin = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
  const sizesLater = (flags & SIZES_LATER) !== 0
  if (method === STORED && !sizesLater) {
    if (size > bytesMax) return HUGE
    return { content: bytes.subarray(begin, begin + size), end: begin + size }
  }
  if (method !== DEFLATED) return UNREADABLE
  try {
    const packed = sizesLater ? bytes.subarray(begin) : bytes.subarray(begin, begin + size)
    // The types do not know that `info` changes what comes back.
    const { buffer, engine } = inflateRawSync(packed, {
      maxOutputLength: Math.max(bytesMax, 1),
      info: true,
    }) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    if (!sizesLater) return { content: buffer, end: begin + size }
    return { content: buffer, end: afterSizes(bytes, begin + engine.bytesWritten) }
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? HUGE : UNREADABLE
  }
}

/** Checksum and two sizes, with a mark of four bytes before them or without. */
function afterSizes(bytes: Buffer, at: number): number {
  const isMarked = at + 4 <= bytes.length && bytes.readUInt32LE(at) === 0x08074b50
  return at + (isMarked ? 16 : 12)
}

const PLACES = /<(?:\w+:)?(?:row|c)\s[^<>]*?\br\s*=\s*["']([^"']*)["']/g

function farCell(xml: Buffer): string | null {
  for (const [, place = ''] of xml.toString('latin1').matchAll(PLACES)) {
    const [, letters = '', row] = /^([A-Z]*)(\d*)$/i.exec(place) ?? []
    if (row === undefined || letters.length > COLUMN_LETTERS_MAX || Number(row) > ROWS_MAX) {
      return `it has a cell or a row at ${place.slice(0, 20)}, far from where a rate card ends`
    }
  }
  return null
}
