import { crc32, deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readCardFile } from '#server/credits/cardFile.ts'
import { tooBig } from '#server/credits/sheetBounds.ts'
import { spreadsheet } from './spreadsheet.ts'

const DIRECTORY_END = Buffer.alloc(22)
DIRECTORY_END.writeUInt32LE(0x06054b50)

/** One packed file. What the archive says of its size is what the test wants it to say. */
function packed(text: string, { claims = text.length, sizesLater = false, marked = true } = {}): Buffer {
  const data = deflateRawSync(text)
  const name = Buffer.from('xl/worksheets/sheet1.xml')
  const sizes = Buffer.alloc(12)
  sizes.writeUInt32LE(crc32(text), 0)
  sizes.writeUInt32LE(data.length, 4)
  sizes.writeUInt32LE(claims, 8)
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(sizesLater ? 8 : 0, 6)
  head.writeUInt16LE(8, 8)
  if (!sizesLater) sizes.copy(head, 14)
  head.writeUInt16LE(name.length, 26)
  const mark = Buffer.from('PK\u0007\u0008', 'latin1')
  return Buffer.concat([head, name, data, ...(sizesLater ? [...(marked ? [mark] : []), sizes] : [])])
}
const archive = (...files: Buffer[]) => Buffer.concat([...files, DIRECTORY_END])
const cell = (place: string) => `<row r="1"><c r="${place}" t="n"><v>1</v></c></row>`

const DUMB = ' '.repeat(21 * 1_048_576)
test.each([
  ['one that unpacks to more than it may', archive(packed(DUMB)), /more than 20 MB/],
  ['one that lies about it', archive(packed(DUMB, { claims: 10 })), /more than 20 MB/],
  ['one that says its sizes later', archive(packed(DUMB, { sizesLater: true })), /more than 20 MB/],
  ['many that together are too much', archive(...Array<Buffer>(21).fill(packed(DUMB.slice(0, 1_000_000)))), /20 MB/],
  ['a stray cell in the last corner', archive(packed(cell('XFD1048576'))), /XFD1048576/],
  ['a stray row', archive(packed("<x:row spans='1:2' r='1048576'/>")), /1048576/],
  ['a place that is none', archive(packed(cell('&#88;FD9'))), /far from/],
  ['rubbish behind the first file', archive(packed(cell('A1')), Buffer.from('rubbish'.repeat(5))), /cannot be read/],
  ['an archive without an end', packed(cell('A1')), /cannot be read/],
])('a spreadsheet is not opened: %s', async (_, bytes, words) => {
  expect(tooBig(bytes)).toMatch(words)
  await expect(readCardFile(bytes)).rejects.toMatchObject({
    code: 'ERR_RATE_CARD_INVALID',
    message: expect.stringMatching(words) as string,
  })
})

test.each([
  [
    'nothing packed',
    spreadsheet('Rates', [
      ['Market', 'Marketing'],
      ['Japan', 0.07],
    ]),
  ],
  ['packed', archive(packed(cell('ZZ5000')), packed(cell('A1')))],
  ['sizes later, marked', archive(packed(cell('A1'), { sizesLater: true }), packed(cell('B2')))],
  ['sizes later, unmarked', archive(packed(cell('A1'), { sizesLater: true, marked: false }), packed(cell('B2')))],
])('one of the usual size is: %s', (_, bytes) => {
  expect(tooBig(bytes)).toBeNull()
})
