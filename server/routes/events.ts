import { z } from 'zod'
import { EventIdReused } from '#engine/errors.ts'
import type { AcceptOutcome } from '#engine/store.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { cloudEventBody } from '#triggers/cloudEvents.ts'
import { parseEventRequest } from '#triggers/eventRequest.ts'
import { eventsBody } from '#triggers/events.ts'
import type { EventContext } from '#triggers/recordEvent.ts'
import type { Api, ApiParts } from '../api.ts'
import type { Denrei } from '../denrei.ts'
import { apiSchemas } from '../schemas/shared.ts'
import { documentedOnly } from '../validation.ts'

/** How far ahead of ours a sender's clock may be. */
export const FUTURE_TOLERANCE_MS = 300_000

export const eventsAnswer = z
  .object({
    events: z.array(
      z.object({
        id: z.string().describe('The event’s own id.'),
        triggerId: z.string().describe('Ours: ask /v1/triggers/{id} what became of it.'),
        status: z.enum(['accepted', 'duplicate']),
      }),
    ),
  })
  .register(apiSchemas, { id: 'EventsAnswer' })

/** What the readers of events need to know. */
export function eventContext({ denrei }: Pick<ApiParts, 'denrei'>): EventContext {
  const modules = new Set(denrei.moduleNames())
  return {
    now: denrei.clock.now(),
    modules: (name) => modules.has(name),
    futureToleranceMs: FUTURE_TOLERANCE_MS,
    defaultSource: 'crm',
  }
}

/**
 * Puts events on disk and tells what became of each.
 *
 * @throws EventIdReused when an id came before with other content; the others of the request are in, and the fault says so
 */
export async function acceptEvents(denrei: Denrei, events: RecordEvent[]): Promise<z.output<typeof eventsAnswer>> {
  const outcomes = await denrei.accept(events)
  const answers = outcomes.map(({ id, kind }, index) => ({ id: events[index]!.sourceId, triggerId: id, status: kind }))
  if (outcomes.some(isReused)) throw reused(answers)
  return { events: answers as z.output<typeof eventsAnswer>['events'] }
}

const isReused = (outcome: AcceptOutcome) => outcome.kind === 'reused'

function reused(answers: { id: string; triggerId: string; status: AcceptOutcome['kind'] }[]): EventIdReused {
  const problems = answers.flatMap(({ id, status }, index) =>
    status === 'reused'
      ? [{ index, pointer: '/id', code: 'id_reused', message: `"${id}" came before with other content. Use a new id.` }]
      : [],
  )
  const others = answers.length - problems.length
  return new EventIdReused(
    `${problems.length} of ${answers.length} events carry an id that came before with other content; the first one stands.` +
      (others > 0 ? ` The other ${others} are accepted.` : ''),
    { problems, events: answers },
  )
}

export function eventRoutes(api: Api, parts: ApiParts): void {
  api.post(
    '/v1/events',
    {
      config: { permission: 'ingest' },
      validatorCompiler: documentedOnly,
      schema: {
        operationId: 'postEvents',
        tags: ['events'],
        summary: 'Record events: one, an array, or CloudEvents in any mode',
        description:
          'Answers 202 once all are on disk. Posting the same id again is safe and answers `duplicate`. ' +
          'CloudEvents come structured, in a batch, or binary with `ce-` headers.',
        consumes: ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'],
        body: z.union([eventsBody, cloudEventBody, z.array(cloudEventBody)]),
        response: { 202: eventsAnswer },
      },
    },
    async (request, reply) => {
      const events = parseEventRequest({ headers: request.headers, body: request.body }, eventContext(parts))
      return reply.code(202).send(await acceptEvents(parts.denrei, events))
    },
  )
}
