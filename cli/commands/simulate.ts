import { defaultSettings } from '#definitions/settings.ts'
import type { SourceFile } from '#definitions/problem.ts'
import { DefinitionsInvalid, InvalidInput } from '#engine/errors.ts'
import { compareReports } from '#server/simulation/compare.ts'
import type { SimulationReport } from '#server/simulation/report.ts'
import type { SimulationInput, SimulationRequest } from '#server/simulation/request.ts'
import { simulate as run } from '#server/simulation/simulate.ts'
import type { Problem } from '#definitions/problem.ts'
import { EXIT, type Context } from '../context.ts'
import { readFolder } from '../readFolder.ts'
import { readBehaviour, readCount, readInstant, readJson, readLines, readStatuses } from '../simulation/readInputs.ts'
import { readableComparison, readableReport } from '../simulation/readable.ts'
import { word } from '../simulation/words.ts'
import { say } from '../texts.ts'
import { count, printProblems } from './check.ts'

export interface SimulateOptions {
  events?: string
  records?: string
  start?: string
  until: string
  contacts?: string
  module?: string
  arrive?: string
  behaviour: string[]
  template: string[]
  credits?: string
  settings?: string
  throughput?: string
  reach?: string
  resolution?: string
  timeline?: string
  seed?: string
  compare?: string
}

/** `denrei simulate DIR`: what the definitions would do and cost, before they are applied. Exit 1 when they have errors, or when events could not be decided. */
export async function simulate({ output }: Context, folder: string, options: SimulateOptions): Promise<number> {
  const { language } = output
  const request = await readRequest(folder, options)
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop)
  const began = performance.now()
  const go = (files: SourceFile[], name: string) =>
    output.progress(word(language, 'running'), (tell) =>
      run(
        { ...request, files, language },
        {
          signal: stopping.signal,
          progress: (share, messages) => tell(word(language, 'runningOther', name, Math.floor(share * 100), messages)),
        },
      ),
    )
  try {
    const report = await go(request.files, folder)
    const other = options.compare === undefined ? null : await go(await readFolder(options.compare), options.compare)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    print(output, report, other, [folder, options.compare ?? ''], seconds)
    // Events that cannot be decided in a simulation cannot be decided in earnest.
    return report.events.quarantined + (other?.events.quarantined ?? 0) > 0 ? EXIT.no : EXIT.ok
  } catch (error) {
    if (!(error instanceof DefinitionsInvalid)) throw error
    const problems = error.details.problems as Problem[]
    output.result({ simulated: false, problems }, () => {
      printProblems({ output }, problems)
      output.line(say(language, 'problemCount', count(problems, 'error'), count(problems, 'warning')))
    })
    return EXIT.no
  } finally {
    process.off('SIGINT', stop)
  }
}

function print(
  output: Context['output'],
  report: SimulationReport,
  other: SimulationReport | null,
  names: [string, string],
  seconds: number,
): void {
  const { language } = output
  const comparison = other === null ? null : compareReports(report, other)
  output.result(comparison === null ? report : { before: report, after: other, comparison }, () => {
    const lines =
      comparison === null ? readableReport(report, language) : readableComparison(comparison, names, language)
    for (const line of lines) output.line(line)
    output.line('')
    output.line(word(language, 'took', seconds))
  })
}

async function readRequest(folder: string, options: SimulateOptions): Promise<SimulationRequest> {
  const settings = options.settings === undefined ? {} : await readSettings(options.settings)
  const zone = typeof settings.timezone === 'string' ? settings.timezone : defaultSettings.timezone
  const { contacts, events, records, start, timeline, credits, seed } = options
  const lines = async (path: string | undefined) => (path === undefined ? [] : readLines(path))
  const eventLines = await lines(events)
  return {
    files: await readFolder(folder),
    events: eventLines,
    records: await lines(records),
    end: readInstant(options.until, '--until', zone),
    ...(start === undefined
      ? eventLines.length > 0
        ? {}
        : { start: Math.floor(Date.now() / 60_000) * 60_000 }
      : { start: readInstant(start, '--start', zone) }),
    settings,
    behaviour: (await readBehaviour(options.behaviour)) as SimulationInput['behaviour'],
    templates: readStatuses(options.template) as SimulationInput['templates'],
    ...(contacts === undefined
      ? {}
      : {
          contacts: {
            count: readCount(contacts, '--contacts', 1_000_000),
            ...(options.module === undefined ? {} : { module: options.module }),
            ...(options.arrive === undefined ? {} : { arriveOver: options.arrive }),
          },
        }),
    ...(credits === undefined ? {} : { creditsMicros: microsOf(credits) }),
    ...(seed === undefined ? {} : { seed: readCount(seed, '--seed', 2 ** 32 - 1) }),
    ...(timeline === undefined ? {} : { timelineMax: readCount(timeline, '--timeline', 100_000) }),
    ...(options.resolution === undefined ? {} : { resolution: options.resolution }),
    numbers: [
      {
        ...(options.throughput === undefined
          ? {}
          : { throughput: readCount(options.throughput, '--throughput', 1000) }),
        ...(options.reach === undefined ? {} : { reachMax: readCount(options.reach, '--reach', 10_000_000) }),
      },
    ],
  }
}

async function readSettings(path: string): Promise<Record<string, unknown>> {
  const json = await readJson(path)
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  throw new InvalidInput(`${path}: settings are a JSON object.`, { file: path })
}

function microsOf(credits: string): number {
  const micros = Math.round(Number(credits) * 1e6)
  if (/^\d+(?:\.\d+)?$/.test(credits) && Number.isSafeInteger(micros)) return micros
  throw new InvalidInput(`--credits takes an amount such as 250 or 12.50, not "${credits}".`, { option: '--credits' })
}
