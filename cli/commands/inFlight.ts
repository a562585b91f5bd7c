import { readFile } from 'node:fs/promises'
import Table from 'cli-table3'
import { definitionKey } from '#definitions/definitions.ts'
import type { SourceFile } from '#definitions/problem.ts'
import { InvalidInput, NotFound } from '#engine/errors.ts'
import type { InFlight, Migrations, PlanEntry } from '#server/denrei.ts'
import { migrations as migrationsSchema } from '#server/schemas/definitions.ts'
import type { Context } from '../context.ts'
import { say, type Language } from '../texts.ts'

/** What becomes of records on their way under an older version: as a file says, or the same for all. */
export interface InFlightOptions {
  migrate?: string
  inFlight?: 'stay' | 'move' | 'exit'
}

/** @throws NotFound, InvalidInput for a file that is not there, or not of the documented form */
export async function readMigrations(files: SourceFile[], options: InFlightOptions): Promise<Migrations> {
  const { migrate, inFlight } = options
  if (migrate !== undefined) return readFileOf(migrate)
  if (inFlight === undefined) return {}
  const keys = files.flatMap(({ json }) => keyWithInstances(json))
  return Object.fromEntries(keys.map((key) => [key, { otherwise: inFlight }]))
}

async function readFileOf(file: string): Promise<Migrations> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new NotFound(
      `Cannot read "${file}". Give a JSON file that says what becomes of what is in flight.`,
      { file },
      { cause },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new InvalidInput(`"${file}" is not JSON: ${(cause as Error).message}`, { file }, { cause })
  }
  const parsed = migrationsSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new InvalidInput(`"${file}" at "/${issue?.path.join('/') ?? ''}": ${issue?.message ?? 'not as documented.'}`, {
    file,
  })
}

/** Whether it is a sound definition is for the server to say. */
function keyWithInstances(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return []
  const { kind, name } = json as { kind?: unknown; name?: unknown }
  const hasInstances = (kind === 'blueprint' || kind === 'journey') && typeof name === 'string'
  return hasInstances ? [definitionKey({ kind, name })] : []
}

/** Nothing when nothing is in flight. */
export function printInFlight({ output }: Pick<Context, 'output'>, entries: PlanEntry[]): void {
  const { language } = output
  const rows = entries.flatMap(({ key, inFlight }) => rowsOf(key, inFlight, language))
  if (rows.length === 0) return
  const head = (['headDefinition', 'headPosition', 'headCount', 'headBecomes'] as const).map((one) =>
    say(language, one),
  )
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: ['left', 'left', 'right', 'left'] })
  table.push(...rows)
  output.line(say(language, 'inFlight'))
  output.line(table.toString())
}

const TIMERS = { later: 'timerLater', date: 'timerDate' } as const
const BECOMES = { kept: 'becomesKept', replanned: 'becomesReplanned', cancelled: 'becomesCancelled' } as const

function rowsOf(key: string, { instances, timers }: InFlight, language: Language): (string | number)[][] {
  return [
    ...instances.map((one) => [`${key}@${one.version}`, one.position, one.running, becomes(one, language)]),
    ...timers.map(({ version, kind, waiting, becomes: end }) => [
      `${key}@${version}`,
      say(language, TIMERS[kind]),
      waiting,
      say(language, BECOMES[end]),
    ]),
  ]
}

function becomes({ version, exists, becomes: move }: InFlight['instances'][number], language: Language): string {
  if (move.to === 'position') return say(language, 'becomesMove', move.position)
  if (move.to === 'exit') return say(language, 'becomesExit')
  return say(language, exists ? 'becomesStay' : 'becomesStayGone', version)
}
