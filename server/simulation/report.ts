import { z } from 'zod'

const instant = z.int().describe('Epoch milliseconds, UTC.')
const micros = z.int().describe('Micro-credits: a million are one credit, one US dollar.')
const count = z.int().nonnegative()
const ms = z.int().nonnegative()
const date = z.string().describe('In the zone of the settings: `2026-11-22`.')

const sums = z.object({
  /** Made. */
  messages: count,
  /** Accepted by WhatsApp. */
  sent: count,
  delivered: count.describe('Delivered, or read.'),
  read: count,
  failed: count,
  blocked: count,
  /** Held or queued at the end. */
  waiting: count,
  spentMicros: micros,
})
export type Sums = z.output<typeof sums>

const warning = z.object({
  code: z
    .string()
    .describe('`coarse`, `events_before_start`, `events_after_end`, or the code of a problem of a definition.'),
  count: count,
  detail: z.string().nullable(),
})
export type SimulationWarning = z.output<typeof warning>

/** How close it came: the most at once, when, and what is allowed. */
const peak = z.object({ most: count, at: instant.nullable(), limit: count.nullable() })

const message = z.object({
  id: z.string(),
  at: instant.describe('When it was decided.'),
  sentAt: instant.nullable(),
  definition: z.string(),
  pointer: z.string(),
  template: z.string().nullable(),
  language: z.string().nullable(),
  module: z.string(),
  recordId: z.string(),
  to: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  spentMicros: micros,
})

/**
 * What came of a simulation. The shape is stable: fields may be added, none changes its meaning. Lists are sorted, so that two
 * reports can be compared line by line.
 */
export const simulationReport = z.object({
  version: z.literal(1),
  startAt: instant,
  endAt: instant,
  timezone: z.string(),
  seed: z.int(),
  resolutionMs: ms.describe('What happened within it was worked together.'),
  definitions: z.array(z.string()).describe('`workflow/welcome@1`'),
  events: z.object({
    given: count,
    accepted: count,
    duplicates: count,
    quarantined: count,
    inbound: count.describe('Messages of customers.'),
  }),
  totals: sums,
  states: z.array(z.object({ state: z.string(), reason: z.string().nullable(), count })),
  holds: z
    .array(z.object({ reason: z.string(), count, ended: count, open: count, averageMs: ms, longestMs: ms }))
    .describe('What messages waited for, and for how long; those that wait still, until the end.'),
  days: z
    .array(sums.extend({ date, balanceMicros: micros.nullable() }))
    .describe('Messages by the day they were decided, costs by the day they were charged.'),
  templates: z.array(sums.extend({ template: z.string().nullable().describe('Null: free text.') })),
  categories: z.array(sums.extend({ category: z.string() })),
  markets: z.array(
    sums.extend({ market: z.string().nullable().describe('Null: not known, because it was never priced.') }),
  ),
  costs: z
    .array(z.object({ date, category: z.string(), market: z.string(), messages: count, spentMicros: micros }))
    .describe('What was charged.'),
  credits: z.object({
    givenMicros: micros.nullable().describe('Null: as many as were needed.'),
    spentMicros: micros,
    heldMicros: micros.describe('Set aside for messages whose fate is open at the end.'),
    leftMicros: micros.nullable(),
    perDayMicros: micros.describe('The pace, from the first charge to the end.'),
    emptyAt: instant.nullable().describe('When the credits ran out, or will at this pace; null: not known, or never.'),
    ranOut: z.boolean(),
  }),
  peaks: z.object({
    numbers: z.array(peak.extend({ numberId: z.string() })).describe('Messages in a second.'),
    pair: peak.describe('Messages to one person ahead of one in six seconds.'),
    reach: peak.describe('Different people outside a customer service window in 24 hours.'),
    slowed: z.object({ count, longestMs: ms }).describe('Messages that a limit of speed kept back.'),
    refused: z.record(z.string(), count).describe('Calls that WhatsApp refused, by its code.'),
  }),
  customers: z.object({ replies: count, optOuts: count, blocks: count }),
  rules: z
    .array(z.object({ definition: z.string(), outcome: z.string(), branch: z.int().nullable(), count }))
    .describe('Ways through workflows: what came of each meeting, and by which branch.'),
  instances: z
    .array(
      z.object({
        definition: z.string(),
        entered: count,
        standing: z.array(z.object({ version: z.int(), position: z.string(), count })),
        ended: z.array(z.object({ reason: z.string(), count })),
        passes: z.array(
          z.object({ from: z.string().nullable(), to: z.string().nullable(), via: z.string(), count, averageMs: ms }),
        ),
        refused: z.array(z.object({ outcome: z.string(), reason: z.string(), count })),
      }),
    )
    .describe('Ways through blueprints and journeys.'),
  work: z.array(z.object({ type: z.string(), count })).describe('What a program outside would have been called for.'),
  notifications: count,
  quarantined: z.array(z.object({ triggerId: z.string(), error: z.string() })).describe('At most 20.'),
  warnings: z.array(warning),
  timeline: z.object({ messages: z.array(message), left: count.describe('Messages that are not listed.') }),
})
export type SimulationReport = z.output<typeof simulationReport>
