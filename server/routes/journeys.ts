import { z } from 'zod'
import type { Json } from '#definitions/json.ts'
import { duration, slug } from '#definitions/primitives.ts'
import { addDuration } from '#engine/duration.ts'
import { InvalidInput } from '#engine/errors.ts'
import type { Api, ApiParts } from '../api.ts'
import { journeyReport, standings } from '../schemas/instances.ts'
import { broadcastBody, recordIds } from '../schemas/journeys.ts'
import { requireSelection } from '../selection.ts'
import { actorOf, answerCommand, answerOutcome, answers, idempotency, keyOf } from './commands.ts'

const oneJourney = z.strictObject({ name: slug })
const PATH = '/v1/journeys/:name'
/** Ten thousand record ids of 200 characters and what is around them. */
const LIST_BYTES_MAX = 3_145_728
const WEEK = 'P7D'
const LENGTH_MS_MAX = 7 * 86_400_000

const definitionOf = (name: string) => `journey/${name}`

/** How long a duration is where no calendar is at hand: a day has 24 hours. */
function lengthMs(iso: string, pointer: string, min = 0): number {
  const ms = addDuration(0, iso, 'UTC')
  if (ms >= min && ms <= LENGTH_MS_MAX) return ms
  const message = ms < min ? 'Use more than nothing.' : `Use at most ${WEEK}.`
  throw new InvalidInput(`In the body at "${pointer}": ${message}`, {
    problems: [{ in: 'body', pointer, code: 'invalid', message }],
  })
}

/** Journeys as a whole: how they fare, who enters them by hand, and when they stand still. */
export function journeyRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/journeys',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listJourneys',
        tags: ['instances'],
        summary: 'How each journey fares: who entered, where they stand, how they ended',
        response: { 200: standings },
      },
    },
    async () => ({ items: await denrei.standings('journey') }),
  )

  api.get(
    `${PATH}/report`,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readJourneyReport',
        tags: ['instances'],
        summary: 'Each step with who came, stands, went on and left there; and who reached the goal',
        params: oneJourney,
        response: { 200: journeyReport },
      },
    },
    async ({ params: { name } }) => denrei.journeyReport(name),
  )

  api.post(
    `${PATH}/enroll`,
    {
      config: { permission: 'work' },
      bodyLimit: LIST_BYTES_MAX,
      schema: {
        operationId: 'enrollRecords',
        tags: ['instances'],
        summary: 'Put records into a journey; its condition and its rule of re-entry hold all the same',
        params: oneJourney,
        headers: idempotency,
        body: z.strictObject({ records: recordIds }),
        response: answers,
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const { records } = request.body
      return answerOutcome(reply, await denrei.enroll(name, records, actorOf(request), keyOf(request)))
    },
  )

  api.post(
    `${PATH}/pause`,
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'pauseJourney',
        tags: ['instances'],
        summary: 'Let everybody in it stand still; nothing is lost',
        params: oneJourney,
        headers: idempotency,
        response: answers,
      },
    },
    async (request, reply) =>
      answerCommand(denrei, request, reply, { do: 'pause', definition: definitionOf(request.params.name) }),
  )

  api.post(
    `${PATH}/resume`,
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'resumeJourney',
        tags: ['instances'],
        summary: 'Let it go on; what came due meanwhile is spread out',
        params: oneJourney,
        headers: idempotency,
        body: z
          .strictObject({ spread: duration.default('PT10M').describe(`Over how long. At most ${WEEK}.`) })
          .nullish(),
        response: answers,
      },
    },
    async (request, reply) =>
      answerCommand(denrei, request, reply, {
        do: 'resume',
        definition: definitionOf(request.params.name),
        spreadMs: lengthMs(request.body?.spread ?? 'PT10M', '/spread'),
      }),
  )

  api.post(
    `${PATH}/broadcasts`,
    {
      config: { permission: 'administer' },
      bodyLimit: LIST_BYTES_MAX,
      schema: {
        operationId: 'startBroadcast',
        tags: ['broadcasts'],
        summary: 'Put a list of records, or all that match, into a journey, at a time and a rate',
        params: oneJourney,
        headers: idempotency,
        body: broadcastBody,
        response: answers,
      },
    },
    async (request, reply) => {
      const { name, records, where, at, rate } = request.body
      if (where !== undefined) await requireSelection(denrei, request.params.name, where as Json)
      return answerCommand(denrei, request, reply, {
        do: 'broadcast',
        broadcast: {
          name,
          definition: definitionOf(request.params.name),
          startAt: at ?? 0,
          rate: rate === undefined ? null : { count: rate.count, perMs: lengthMs(rate.per, '/rate/per', 1) },
        },
        records: records === undefined ? { when: where as Json } : { ids: records },
      })
    },
  )
}
