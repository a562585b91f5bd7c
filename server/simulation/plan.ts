import type { z } from 'zod'
import { builtinModules } from '#definitions/modules.ts'
import { moduleDefinition, type Module } from '#definitions/module.ts'
import type { SourceFile } from '#definitions/problem.ts'
import { settings as settingsSchema, type Settings } from '#definitions/settings.ts'
import type { Instant } from '#engine/clock.ts'
import { addDuration } from '#engine/duration.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { Language } from '../texts.ts'
import { askedValues } from './askedValues.ts'
import { SimulationTooLarge } from './errors.ts'
import { createFeed, type Dated, type Feed } from './feed.ts'
import { readEvents, readRecords } from './lines.ts'
import { createPeople } from './people.ts'
import type { SimulationWarning } from './report.ts'
import {
  simulationOptions,
  type SimulatedRecord,
  type SimulationBounds,
  type SimulationInput,
  type SimulationOptions,
  type SimulationRequest,
} from './request.ts'

const SECOND_MS = 1000
const DAY_MS = 86_400_000
/** Longer than this nobody plans, and prices and rules of WhatsApp change. */
const SPAN_DAYS_MAX = 731
/** Happenings up to which each is looked at to the second. */
const FINE_MAX = 5000
/** Into so many steps a simulation with more of them is cut, at most; with very many of them into fewer and larger ones. */
const STEPS_MAX = 20_000
const MANY = 50_000
const STEPS_OF_MANY = 5_000
const RESOLUTIONS_S = [1, 5, 10, 30, 60, 300, 600, 1800, 3600]

/** A request with all of it read and believed. */
export interface Plan {
  files: SourceFile[]
  options: SimulationOptions
  settings: Settings
  startAt: Instant
  endAt: Instant
  /** There before it begins. */
  records: SimulatedRecord[]
  feed: Feed
  resolutionMs: number
  language: Language
  warnings: SimulationWarning[]
}

/** @throws InvalidInput, SimulationTooLarge */
export function planOf(request: SimulationRequest, bounds: SimulationBounds): Plan {
  const { files, events = [], records = [], recorded = [], start, end, language = 'en', ...rest } = request
  const options = optionsOf(rest)
  const settings = settingsOf(options)
  bound('eventsMax', events.length + recorded.length, bounds)
  bound('contactsMax', options.contacts?.count ?? 0, bounds)
  if (!Number.isFinite(end)) throw new InvalidInput('Say until when to simulate.', { field: 'end' })

  const modules = modulesOf(files)
  const known = new Set(modules.keys())
  const read = readEvents(events, known, start ?? end)
  const dated: Dated[] = [...read.map((event) => ({ at: event.occurredAt, event })), ...recorded]
  const startAt = start ?? dated.reduce((least, { at }) => Math.min(least, at), end)
  checkSpan(startAt, end)

  const all = readRecords(records, known)
  const people = peopleOf(request, options, settings, all, modules, startAt, end)
  const warnings: SimulationWarning[] = []
  const feed = createFeed(inSpan(dated, startAt, end, warnings), people)
  const resolutionMs = resolutionOf(options, feed.total, end - startAt)
  if (resolutionMs > SECOND_MS) warnings.push({ code: 'coarse', count: resolutionMs / SECOND_MS, detail: null })
  return {
    files,
    options,
    settings,
    startAt,
    endAt: end,
    // Those that people are cloned from are models, and nobody themselves.
    records: people === null ? all : all.filter(({ module }) => module !== people.module),
    feed,
    resolutionMs,
    language,
    warnings,
  }
}

function optionsOf(given: SimulationInput): SimulationOptions {
  const parsed = simulationOptions.safeParse(given)
  if (parsed.success) return parsed.data
  throw unfit(parsed.error)
}

function settingsOf({ settings }: SimulationOptions): Settings {
  const parsed = settingsSchema.safeParse(settings)
  if (parsed.success) return parsed.data
  throw unfit(parsed.error, 'settings')
}

/** @param place of the option, when what was read is only one */
function unfit(error: z.ZodError, ...place: string[]): InvalidInput {
  const problems = error.issues.flatMap((issue) => {
    const path = [...place, ...issue.path.map(String)]
    if (issue.code !== 'unrecognized_keys') return [{ field: path.join('.'), message: issue.message }]
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'There is no such option.' }))
  })
  const [first] = problems
  const rest = problems.length > 1 ? ` And ${problems.length - 1} more.` : ''
  return new InvalidInput(`${first?.field}: ${first?.message}${rest}`, { field: first?.field, options: problems })
}

function bound(name: 'eventsMax' | 'contactsMax', count: number, bounds: SimulationBounds): void {
  const max = bounds[name]
  if (count <= max) return
  const what = name === 'eventsMax' ? 'events' : 'people'
  throw new SimulationTooLarge(`${count} ${what}; a simulation takes at most ${max} here.`, { count, max })
}

function checkSpan(startAt: Instant, endAt: Instant): void {
  const [from, to] = [startAt, endAt].map((at) => (Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at)))
  if (!Number.isSafeInteger(startAt) || !Number.isSafeInteger(endAt) || startAt < 0) {
    throw new InvalidInput(`From ${from} to ${to} is no span of time.`, { field: 'start' })
  }
  if (endAt <= startAt) {
    throw new InvalidInput(`The simulation would end (${to}) before it begins (${from}).`, {
      field: 'end',
      start: from,
      end: to,
    })
  }
  if (endAt - startAt > SPAN_DAYS_MAX * DAY_MS) {
    throw new InvalidInput(`From ${from} to ${to} is more than two years. Simulate a shorter time.`, {
      field: 'end',
      daysMax: SPAN_DAYS_MAX,
    })
  }
}

/** Built in or defined, as far as a file is of its form; what is wrong with the others is told when all are applied. */
function modulesOf(files: readonly SourceFile[]): Map<string, Module> {
  const modules = new Map<string, Module>(builtinModules.map((one) => [one.name, one]))
  for (const { json } of files) {
    const parsed = moduleDefinition.safeParse(json)
    if (parsed.success) modules.set(parsed.data.name, parsed.data)
  }
  return modules
}

function peopleOf(
  { files }: Pick<SimulationRequest, 'files'>,
  { contacts, seed }: SimulationOptions,
  { defaultCountry, defaultLanguage }: Settings,
  records: SimulatedRecord[],
  modules: Map<string, Module>,
  startAt: Instant,
  endAt: Instant,
) {
  if (contacts === null) return null
  const { count, module, arriveOver } = contacts
  const untilAt = arriveOver === undefined ? endAt : Math.min(endAt, addDuration(startAt, arriveOver, 'UTC'))
  return createPeople({ count, module }, records, {
    seed,
    startAt,
    untilAt,
    defaultCountry,
    defaultLanguage,
    modules,
    asked: (name) => askedValues(files, name),
  })
}

function inSpan(dated: Dated[], startAt: Instant, endAt: Instant, warnings: SimulationWarning[]): Dated[] {
  const before = dated.filter(({ at }) => at < startAt).length
  const after = dated.filter(({ at }) => at > endAt).length
  if (before > 0) warnings.push({ code: 'events_before_start', count: before, detail: null })
  if (after > 0) warnings.push({ code: 'events_after_end', count: after, detail: null })
  return dated.filter(({ at }) => at >= startAt && at <= endAt)
}

function resolutionOf({ resolution }: SimulationOptions, happenings: number, spanMs: number): number {
  if (resolution !== undefined) return Math.max(1, addDuration(0, resolution, 'UTC'))
  if (happenings <= FINE_MAX) return SECOND_MS
  const stepsMax = happenings > MANY ? STEPS_OF_MANY : STEPS_MAX
  return (RESOLUTIONS_S.find((seconds) => spanMs / (seconds * SECOND_MS) <= stepsMax) ?? 3600) * SECOND_MS
}
