import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { pointer, type PointerStep } from '#definitions/pointer.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { ConsentEvent } from '#engine/trigger.ts'
import { fingerprint } from '#triggers/fingerprint.ts'
import { instantOf } from '#triggers/instant.ts'
import { faultOf, told } from './noteConsent.ts'
import { readAddress, who } from './who.ts'

/** Most lines of one file: more are sent in several. */
const LINES_MAX = 20_000

const line = z.strictObject({
  id: z.string().min(1).max(200).optional(),
  ...who.shape,
  ...told,
})

/** One thing wrong with one line of a file, counted as an editor counts: the first is 1, and a heading is one too. */
export interface LineProblem {
  line: number
  /** JSON pointer within the line, or the column's name after a slash. */
  pointer: string
  code: string
  message: string
}

export interface ConsentFile {
  /** Of the lines that are right. */
  events: { line: number; event: ConsentEvent }[]
  problems: LineProblem[]
  lines: number
}

export interface FileContext {
  now: number
  defaultCountry: string
  actor: string
}

/**
 * Reads a file of consents: CSV with a heading, or a JSON object a line, each with `phone`, `waId` or `bsuid`, `direction`, `scope`,
 * and where they are known `channel`, `proof`, `occurredAt`, `id`. A line is taken once, by its `id` or by what it says, so
 * the same file may come twice.
 *
 * @throws InvalidInput when it is no such file at all, or is too long
 */
export function readConsentFile(text: string, format: 'csv' | 'jsonl', context: FileContext): ConsentFile {
  const rows = format === 'csv' ? csvRows(text) : jsonRows(text)
  if (rows.length > LINES_MAX) {
    throw new InvalidInput(`The file has ${rows.length} lines. Send at most ${LINES_MAX} at once.`, {
      lines: rows.length,
      linesMax: LINES_MAX,
    })
  }
  const events: ConsentFile['events'] = []
  const problems: LineProblem[] = []
  for (const row of rows) {
    const read = 'problem' in row ? { problems: [row.problem] } : readLine(row, context)
    if ('event' in read) events.push({ line: 'line' in row ? row.line : 0, event: read.event })
    else problems.push(...read.problems)
  }
  return { events, problems, lines: rows.length }
}

type Row = { line: number; value: unknown } | { problem: LineProblem }

function jsonRows(text: string): Row[] {
  return withoutMark(text)
    .split(/\r?\n/)
    .flatMap((one, index): Row[] => {
      if (one.trim() === '') return []
      try {
        return [{ line: index + 1, value: JSON.parse(one) as unknown }]
      } catch (error) {
        const message = `This line is not JSON: ${(error as Error).message}`
        return [{ problem: { line: index + 1, pointer: '', code: 'invalid', message } }]
      }
    })
}

function csvRows(text: string): Row[] {
  let parsed: { record: Record<string, string>; info: { lines: number } }[]
  try {
    parsed = parse(withoutMark(text), {
      columns: headingOf,
      info: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count_less: true,
    })
  } catch (error) {
    if (error instanceof InvalidInput) throw error
    throw new InvalidInput(`The file is not CSV: ${(error as Error).message}`, {}, { cause: error })
  }
  // An empty cell says nothing. An export writes a quote before what a spreadsheet would take for a formula.
  return parsed.map(({ record, info }) => ({
    line: info.lines,
    value: Object.fromEntries(
      Object.entries(record).flatMap(([name, cell]) =>
        cell === '' ? [] : [[name, cell.replace(/^'(?=[=+\-@])/, '')]],
      ),
    ),
  }))
}

const COLUMNS = new Map(Object.keys(line.shape).map((name) => [name.toLowerCase(), name]))
/** What an export has besides, and an import does not read. */
const PASSED_OVER: ReadonlySet<string> = new Set(['entry', 'contactid', 'name', 'by', 'actor'])

/** Names of columns, in any case; false for one that is passed over. @throws InvalidInput for one that nobody knows */
function headingOf(names: string[]): (string | false)[] {
  return names.map((given) => {
    const name = given.trim().toLowerCase()
    if (PASSED_OVER.has(name)) return false
    const known = COLUMNS.get(name)
    if (known !== undefined) return known
    const columns = [...COLUMNS.values()].filter((one) => one !== 'contactId')
    throw new InvalidInput(`The heading has an unknown column "${given.slice(0, 100)}". Use ${columns.join(', ')}.`, {
      column: given.slice(0, 100),
      columns,
    })
  })
}

const withoutMark = (text: string) => text.replace(/^\uFEFF/, '')

function readLine(
  row: { line: number; value: unknown },
  { now, defaultCountry, actor }: FileContext,
): { event: ConsentEvent } | { problems: LineProblem[] } {
  const parsed = line.safeParse(row.value, { reportInput: true })
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map((issue) => ({
        line: row.line,
        pointer: pointer(...(issue.path as PointerStep[])),
        code: issue.code === 'unrecognized_keys' ? 'unknown_field' : issue.input === undefined ? 'missing' : 'invalid',
        message: issue.message,
      })),
    }
  }
  const { id, phone, waId, bsuid, contactId, ...said } = parsed.data
  const wrong = (field: string, code: string, message: string) => ({
    problems: [{ line: row.line, pointer: `/${field}`, code, message }],
  })
  if (contactId !== undefined)
    return wrong('contactId', 'unknown_field', 'A file names people by phone, waId or bsuid.')
  if (phone === undefined && waId === undefined && bsuid === undefined) {
    return wrong('phone', 'missing', 'Name the person by phone, waId or bsuid.')
  }
  const read = readAddress(
    {
      ...(phone !== undefined && { phone }),
      ...(waId !== undefined && { waId }),
      ...(bsuid !== undefined && { bsuid }),
    },
    defaultCountry,
  )
  if ('problem' in read) return wrong(read.problem.field, 'invalid', read.problem.message)
  const fault = faultOf(said, now)
  if (fault !== undefined) return wrong(fault.field, fault.code, fault.message)
  const { direction, scope, channel, proof, occurredAt } = said
  return {
    event: {
      kind: 'consent',
      source: 'api',
      sourceId: `consents:${id ?? fingerprint([read.address.phone, read.address.waId, read.address.bsuid, direction, scope, channel, proof, occurredAt].map((one) => one ?? null))}`,
      occurredAt: occurredAt === undefined ? now : instantOf(occurredAt),
      who: read.address,
      direction,
      scope,
      by: 'api',
      ...(channel !== undefined && { channel }),
      ...(proof !== undefined && { proof }),
      actor,
    },
  }
}
