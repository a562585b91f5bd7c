import { z } from 'zod'
import type { Values } from '#definitions/json.ts'
import { apiName, duration } from '#definitions/primitives.ts'
import type { SourceFile } from '#definitions/problem.ts'
import type { Instant } from '#engine/clock.ts'
import type { WorldEvent } from '#engine/trigger.ts'
import type { Language } from '../texts.ts'
import type { SimulatedWorld } from './world.ts'
import { behaviour } from './behaviour.ts'

/** A number of the emulated account. */
export const simulatedNumber = z.strictObject({
  id: z
    .string()
    .regex(/^\d{1,20}$/)
    .default('106540352242922'),
  displayNumber: z.string().min(5).max(30).default('+81 3-4567-8901'),
  throughput: z.int().min(1).max(1000).default(80).describe('Messages a second.'),
  reachMax: z.int().min(1).nullable().default(null).describe('Unique contacts in 24 h; null: no limit.'),
})

export const templateStatus = z.enum(['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED', 'DRAFT', 'IN_APPEAL'])

/** All of a simulation that is not definitions, events and records. Everything has a default. */
export const simulationOptions = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  creditsMicros: z.int().min(0).nullable().default(null).describe('Bought at the start; null: as many as are needed.'),
  settings: z.record(z.string(), z.unknown()).default({}).describe('What is left out is as by default.'),
  templates: z
    .record(z.string(), templateStatus)
    .default({})
    .describe('Status of a template, by name or `name/language`. The others are APPROVED.'),
  numbers: z.array(simulatedNumber).min(1).max(50).prefault([{}]),
  behaviour: behaviour.default({}),
  contacts: z
    .strictObject({
      count: z.int().min(1).max(1_000_000),
      module: apiName.optional().describe('Needed when there are no records to clone.'),
      arriveOver: duration.optional().describe('From the start on, evenly. Default: until the end.'),
    })
    .nullable()
    .default(null)
    .describe(
      'People made up for the simulation: each is a record that is created, cloned from one of the records given, or generated.',
    ),
  resolution: duration
    .optional()
    .describe('What happens within this time is worked together. Default: a second, more when much happens.'),
  timelineMax: z.int().min(0).max(100_000).default(500).describe('Messages listed one by one.'),
})
export type SimulationOptions = z.output<typeof simulationOptions>
export type SimulationInput = z.input<typeof simulationOptions>

/** A record that is there before the simulation begins. */
export interface SimulatedRecord {
  module: string
  id: string
  values: Values
}

/** What is tried. */
export interface SimulationRequest extends SimulationInput {
  files: SourceFile[]
  /** Each event as `POST /v1/events` takes it, with the place it came from for what is wrong with it. */
  events?: SourceFile[]
  /** Records that are there at the start: `{"module": "Leads", "id": "1", "values": {...}}`. They set nothing off by being there. */
  records?: SourceFile[]
  /** Events as they were recorded. */
  recorded?: { at: Instant; event: WorldEvent }[]
  /** Default: when the first event happened; without one, `end` is needed and so is this. */
  start?: Instant
  end: Instant
  language?: Language
}

/** What may be spent on one simulation. */
export interface SimulationBounds {
  eventsMax: number
  contactsMax: number
  /** Of real time. */
  wallMs: number
}

export interface SimulationRun {
  /** @param share of the span that has been gone through, 0 to 1 */
  progress?: (share: number, messages: number) => void
  signal?: AbortSignal
  bounds?: Partial<SimulationBounds>
  /** Asks the store all that a server asks it: slower, and with the same report. */
  careful?: boolean
  /** Looks at the world as it stands at the end, before it is gone. */
  inspect?: (world: SimulatedWorld) => Promise<void>
}
