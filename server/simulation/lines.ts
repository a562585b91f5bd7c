import { z } from 'zod'
import { anyJson } from '#definitions/json.ts'
import { apiName } from '#definitions/primitives.ts'
import type { SourceFile } from '#definitions/problem.ts'
import type { Instant } from '#engine/clock.ts'
import { AppError, InvalidInput } from '#engine/errors.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { parseCloudEvents } from '#triggers/cloudEvents.ts'
import { parseEvents } from '#triggers/events.ts'
import type { InputProblem } from '#triggers/inputProblem.ts'
import type { SimulatedRecord } from './request.ts'

/** One thing wrong with a line, by its place: `events.jsonl:12`. */
interface LineProblem {
  file: string
  pointer: string
  code: string
  message: string
}

/** More are counted, not listed. */
const LISTED_MAX = 100

const CLOUD_EVENTS = { 'content-type': 'application/cloudevents+json' }

/**
 * Reads events line by line, in our own shape or as CloudEvents.
 *
 * @param startAt for those that do not say when they happened
 * @throws InvalidInput with every problem, named by its line
 */
export function readEvents(
  lines: readonly SourceFile[],
  modules: ReadonlySet<string>,
  startAt: Instant,
): RecordEvent[] {
  const context = {
    now: startAt,
    modules: (name: string) => modules.has(name),
    // What is to come may be tried as well as what has been.
    futureToleranceMs: Infinity,
    defaultSource: 'crm',
  }
  return readLines(lines, (json) =>
    isObject(json) && 'specversion' in json
      ? parseCloudEvents({ headers: CLOUD_EVENTS, body: json }, context)
      : parseEvents(json, context),
  )
}

const record = z.strictObject({
  module: apiName,
  id: z.string('Write the record id as a string: numbers lose digits.').min(1).max(200),
  values: z.record(z.string(), anyJson),
})

/** @throws InvalidInput with every problem, named by its line */
export function readRecords(lines: readonly SourceFile[], modules: ReadonlySet<string>): SimulatedRecord[] {
  return readLines(lines, (json) => {
    const parsed = record.safeParse(json)
    if (!parsed.success) throw new LineInvalid(parsed.error)
    if (!modules.has(parsed.data.module)) {
      throw new InvalidInput(`There is no module "${parsed.data.module}". Use the API name of one, or define it.`, {
        pointer: '/module',
      })
    }
    return [parsed.data]
  })
}

class LineInvalid extends Error {
  readonly issues: readonly z.core.$ZodIssue[]
  constructor({ issues }: z.ZodError) {
    super('the line is not of its form')
    this.issues = issues
  }
}

function readLines<T>(lines: readonly SourceFile[], read: (json: unknown) => T[]): T[] {
  const problems: LineProblem[] = []
  const all: T[] = []
  for (const { file, json, error } of lines) {
    if (error !== undefined) {
      problems.push(problemOf(file, `Not JSON: ${error}`))
      continue
    }
    try {
      all.push(...read(json))
    } catch (fault) {
      problems.push(...problemsOf(file, fault))
    }
  }
  const [first] = problems
  if (first === undefined) return all
  const rest = problems.length > 1 ? ` And ${problems.length - 1} more.` : ''
  throw new InvalidInput(
    `${first.file}${first.pointer === '' ? '' : ` at "${first.pointer}"`}: ${first.message}${rest}`,
    {
      problems: problems.slice(0, LISTED_MAX),
      problemsTotal: problems.length,
    },
  )
}

function problemsOf(file: string, fault: unknown): LineProblem[] {
  if (fault instanceof LineInvalid) {
    return fault.issues.map(({ path, message }) => ({
      file,
      pointer: path.map((step) => `/${String(step)}`).join(''),
      code: 'invalid',
      message,
    }))
  }
  if (!(fault instanceof AppError)) throw fault
  const { problems, pointer = '' } = fault.details as { problems?: InputProblem[]; pointer?: string }
  return (
    problems?.map(({ pointer: at, code, message }) => ({ file, pointer: at, code, message })) ?? [
      problemOf(file, fault.message, pointer),
    ]
  )
}

const problemOf = (file: string, message: string, pointer = ''): LineProblem => ({
  code: 'invalid',
  file,
  pointer,
  message,
})

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
