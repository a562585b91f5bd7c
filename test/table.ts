import assert from 'node:assert/strict'

type Trim<T extends string> = T extends ` ${infer Rest}` | `\n${infer Rest}` ? Trim<Rest> : T
type Words<T extends string> = T extends `${infer Word} ${infer Rest}` ? Word | Words<Trim<Rest>> : T
type Header<T extends string> = Trim<T> extends `${infer Line}\n${string}` ? Line : never
type Column<T extends string> = Exclude<Words<Header<T>>, '' | '|'>

/**
 * Reads an aligned text table: the first line names the columns, each further line is a case. Cells are parted by two
 * or more spaces or by `|`; `//` after a space begins a comment; a cell in double quotes
 * is read as a JSON string, for text with `|`, wide gaps or line breaks. Cells are text: the test says what they mean.
 *
 * @throws AssertionError when a line has not as many cells as the header
 */
export function table<const T extends string>(text: T): Record<Column<T>, string>[] {
  const [header, ...lines] = text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)\/\/ .*$/, '').trim())
    .filter((line) => line !== '')
  assert(header, 'a table needs a header')
  const columns = header.split(/[\s|]+/)
  return lines.map((line) => {
    const cells = cellsOf(line)
    assert.equal(cells.length, columns.length, `${columns.length} cells wanted in: ${line}`)
    return Object.fromEntries(columns.map((column, index) => [column, cells[index]])) as Record<Column<T>, string>
  })
}

function cellsOf(line: string): string[] {
  const cells = line.match(/"(?:[^"\\]|\\.)*"|[^\s|](?:[^\s|]|\s(?![\s|]))*/g) ?? []
  return cells.map((cell) => (/^".*"$/.test(cell) ? (JSON.parse(cell) as string) : cell))
}
