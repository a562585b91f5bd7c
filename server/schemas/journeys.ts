import { z } from 'zod'
import { condition } from '#definitions/condition.ts'
import { duration } from '#definitions/primitives.ts'
import { DEPTH_MAX, measureJson } from '#triggers/jsonSize.ts'
import { anyJson, apiSchemas, instant, page, recordId } from './shared.ts'

/** A condition holds conditions, for which OpenAPI's writer has no name: it is documented loosely and checked strictly. */
const where = z
  .record(z.string(), anyJson)
  .superRefine((value, context) => {
    if (measureJson(value, Infinity).depth > DEPTH_MAX) {
      context.addIssue({ code: 'custom', message: `Nested deeper than ${DEPTH_MAX} levels.`, input: value })
      return
    }
    const parsed = condition.safeParse(value)
    if (parsed.success) return
    for (const { path, message } of parsed.error.issues)
      context.addIssue({ code: 'custom', path, message, input: value })
  })
  .describe('A condition, as definitions have them: every record of the module that matches when its turn comes.')

/** Most records of one list. More are more lists, or a condition. */
const RECORDS_MAX = 10_000

export const recordIds = z
  .array(recordId)
  .min(1, 'Name at least one record.')
  .max(RECORDS_MAX, `At most ${RECORDS_MAX} records. Send the others in a list of their own.`)

export const broadcastBody = z
  .strictObject({
    name: z.string().min(1).max(200).describe('For people: what it is for.'),
    records: recordIds.optional().describe('Ids of records of the module of the journey.'),
    where: where.optional(),
    at: instant.optional().describe('When it begins. Default: at once.'),
    rate: z
      .strictObject({ count: z.int().min(1).max(100_000), per: duration })
      .optional()
      .describe('At most so many records in each length of time. Default: as fast as they are decided.'),
  })
  .refine(({ records, where }) => (records === undefined) !== (where === undefined), {
    error: 'Give either records or where.',
  })

export const broadcast = z
  .object({
    id: z.string(),
    definition: z.string().describe('`journey/spring-offer`'),
    name: z.string(),
    state: z.enum(['scheduled', 'running', 'paused', 'done', 'cancelled']),
    startAt: instant,
    rate: z.object({ count: z.int(), perMs: z.int() }).nullable(),
    source: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('list'), total: z.int() }),
      z.object({ kind: z.literal('condition'), when: anyJson }),
    ]),
    cursor: z.string().describe('How far it is: the number of records taken, or the last record id.'),
    entered: z.int(),
    refused: z.record(z.string(), z.int()).describe('Who did not enter, by reason.'),
    createdBy: z.string(),
    createdAt: instant,
    endedAt: instant.nullable(),
  })
  .register(apiSchemas, { id: 'Broadcast' })
export const broadcastPage = page(broadcast)
