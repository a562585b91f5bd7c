import { z } from 'zod'
import { definitionKey, type Definition } from '#definitions/definitions.ts'
import type { Json, Values } from '#definitions/json.ts'
import type { SourceFile } from '#definitions/problem.ts'
import type { Instant } from '#engine/clock.ts'
import { InvalidInput } from '#engine/errors.ts'
import { recordKey, templateKey } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'
import type { Trigger } from '#engine/trigger.ts'
import { instantInput, instantOf } from '#triggers/instant.ts'
import type { Denrei } from '../denrei.ts'
import { definitionFiles } from '../schemas/definitions.ts'
import { SimulationTooLarge } from './errors.ts'
import {
  simulatedNumber,
  simulationOptions,
  templateStatus,
  type SimulationBounds,
  type SimulationInput,
  type SimulationRequest,
} from './request.ts'

const DAY_MS = 86_400_000
const PAGE = 500

/** A simulation as a server is asked for it: drafts, tried together with what is active. */
export const simulationBody = simulationOptions.extend({
  files: definitionFiles.shape.files
    .optional()
    .describe('Drafts; they take the place of active definitions of the same name. Default: only what is active.'),
  events: z.array(z.any()).max(100_000).optional().describe('Each as `POST /v1/events` takes it.'),
  records: z.array(z.any()).max(100_000).optional().describe('`{"module", "id", "values"}`: there before it begins.'),
  start: instantInput.optional(),
  end: instantInput.optional(),
  backtest: z
    .strictObject({ days: z.int().min(1).max(366) })
    .optional()
    .describe('Plays what was recorded in the last days again, instead of `events`, `records`, `start` and `end`.'),
  numbers: z.array(simulatedNumber).min(1).max(50).optional().describe('Default: our own.'),
})
export type SimulationBody = z.output<typeof simulationBody>

/**
 * The request that a body means: with the settings, numbers and templates that are there, and with all active definitions
 * that no draft replaces.
 *
 * @throws InvalidInput, SimulationTooLarge
 */
export async function requestOf(
  denrei: Denrei,
  body: SimulationBody,
  bounds: SimulationBounds,
): Promise<SimulationRequest> {
  const {
    files: drafts = [],
    events = [],
    records = [],
    start,
    end,
    backtest,
    settings,
    templates,
    numbers,
    ...options
  } = body
  const files = await together(denrei, drafts)
  const ours = await denrei.store.numbers()
  const given =
    numbers ?? ours.map(({ id, displayNumber, throughput, reachMax }) => ({ id, displayNumber, throughput, reachMax }))
  const request = {
    ...options,
    files,
    settings: { ...(await denrei.settings()), ...settings },
    templates: { ...(await statusesOf(denrei, files)), ...templates },
    ...(given.length === 0 ? {} : { numbers: given }),
  } satisfies Omit<SimulationRequest, 'end'>
  if (backtest !== undefined) {
    const other = Object.entries({
      events: events.length > 0,
      records: records.length > 0,
      start: start !== undefined,
      end: end !== undefined,
    }).find(([, isThere]) => isThere)
    if (other !== undefined)
      throw new InvalidInput(`A back-test takes its ${other[0]} from what was recorded. Leave "${other[0]}" out.`, {
        field: other[0],
      })
    return { ...request, ...(await recordedSince(denrei, backtest.days, bounds)) }
  }
  if (end === undefined)
    throw new InvalidInput('Say until when to simulate ("end"), or how many days back ("backtest").', { field: 'end' })
  return {
    ...request,
    events: events.map((json: unknown, index) => ({ file: `events[${index}]`, json })),
    records: records.map((json: unknown, index) => ({ file: `records[${index}]`, json })),
    end: instantOf(end),
    ...(start !== undefined ? { start: instantOf(start) } : events.length > 0 ? {} : { start: denrei.clock.now() }),
  }
}

async function together(denrei: Denrei, drafts: SourceFile[]): Promise<SourceFile[]> {
  const replaced = new Set(drafts.flatMap(({ json }) => keyOf(json)))
  const active = (await denrei.definitions()).filter((one) => one.active && !replaced.has(one.key))
  return [...active.map(({ key, definition }) => ({ file: key, json: definition })), ...drafts]
}

function keyOf(json: unknown): string[] {
  const named = z.looseObject({ kind: z.string(), name: z.string(), language: z.string().optional() }).safeParse(json)
  return named.success ? [definitionKey(named.data as Definition)] : []
}

/** As they stand at WhatsApp; a draft that is not there yet is assumed to be approved. */
async function statusesOf(denrei: Denrei, files: SourceFile[]): Promise<NonNullable<SimulationInput['templates']>> {
  const known = new Set(files.flatMap(({ json }) => keyOf(json)))
  return Object.fromEntries(
    (await denrei.templates.list()).flatMap(({ name, language, serving, states }) => {
      const status = serving?.status ?? states[0]?.status
      if (status === undefined || !known.has(`template/${name}/${language}`)) return []
      // A status that we have no name for cannot be sent, as one in review.
      const read = templateStatus.safeParse(status)
      return [[templateKey({ name, language }), read.success ? read.data : 'PENDING']]
    }),
  )
}

async function recordedSince(
  denrei: Denrei,
  days: number,
  bounds: SimulationBounds,
): Promise<Pick<SimulationRequest, 'recorded' | 'records' | 'start' | 'end'>> {
  const { store } = denrei
  const end = denrei.clock.now()
  const start = end - days * DAY_MS
  const recorded: NonNullable<SimulationRequest['recorded']> = []
  for (let after: string | undefined; ;) {
    const page = await store.recordedEvents(start, { limit: PAGE, ...(after === undefined ? {} : { after }) })
    for (const trigger of page.items) if (isPlayed(trigger)) recorded.push(playedAgain(trigger))
    if (recorded.length > bounds.eventsMax) {
      throw new SimulationTooLarge(`More than ${bounds.eventsMax} events came in ${days} days. Play fewer days.`, {
        max: bounds.eventsMax,
      })
    }
    if (page.next === null) break
    after = page.next
  }
  const records = await recordsBefore(store, denrei.moduleNames(), start, firstKnown(recorded), bounds)
  return { recorded, records, start, end }
}

/** People's transitions and enrollments are; what they did to definitions and to what was in flight is not. */
function isPlayed(trigger: Trigger): boolean {
  return trigger.kind !== 'command' || trigger.command.do === 'transition' || trigger.command.do === 'enroll'
}

function playedAgain({ id: _, receivedAt: at, ...event }: Trigger) {
  return { at, event }
}

/** What the recorded events tell of how records were before: by `Module/id`, each field that changes, if its old value is told. */
function firstKnown(recorded: NonNullable<SimulationRequest['recorded']>): Map<string, Map<string, Json | undefined>> {
  const records = new Map<string, Map<string, Json | undefined>>()
  for (const { event } of recorded) {
    if (event.kind !== 'record') continue
    const key = recordKey(event.module, event.recordId)
    const fields = records.get(key) ?? new Map<string, Json | undefined>()
    records.set(key, fields)
    for (const field of Object.keys({ ...event.values, ...event.previous })) {
      if (!fields.has(field)) fields.set(field, event.previous?.[field])
    }
  }
  return records
}

/** As it is now, but for the fields that change on the way: those are as they were, or empty when nobody told. */
function takenBack(values: Values, before: ReadonlyMap<string, Json | undefined> | undefined): Values {
  if (before === undefined) return values
  const back = { ...values }
  for (const [field, value] of before) {
    if (value === undefined) delete back[field]
    else back[field] = value
  }
  return back
}

/** Those that were there before. The younger ones come by their events. */
async function recordsBefore(
  store: Store,
  modules: string[],
  start: Instant,
  known: ReadonlyMap<string, ReadonlyMap<string, Json | undefined>>,
  bounds: SimulationBounds,
): Promise<SourceFile[]> {
  const records: SourceFile[] = []
  for (const module of modules) {
    for (let after: string | undefined; ;) {
      const page = await store.records(module, { limit: PAGE, ...(after === undefined ? {} : { after }) })
      for (const { id, values, createdAt } of page.items) {
        if (createdAt >= start) continue
        const key = recordKey(module, id)
        records.push({ file: key, json: { module, id, values: takenBack(values, known.get(key)) } })
      }
      if (records.length > bounds.eventsMax) {
        throw new SimulationTooLarge(`More than ${bounds.eventsMax} records are there.`, { max: bounds.eventsMax })
      }
      if (page.next === null) break
      after = page.next
    }
  }
  return records
}
