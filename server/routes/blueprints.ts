import { z } from 'zod'
import type { Values } from '#definitions/json.ts'
import { slug } from '#definitions/primitives.ts'
import { adder, checkMeaning } from '#triggers/recordEvent.ts'
import { refusal, type InputProblem } from '#triggers/inputProblem.ts'
import type { Api, ApiParts } from '../api.ts'
import { processView, transitionBody } from '../schemas/blueprints.ts'
import { blueprintReport, standings } from '../schemas/instances.ts'
import { moduleName, recordId } from '../schemas/shared.ts'
import { language } from '../schemas/triggers.ts'
import { actorOf, answerCommand, answers, idempotency } from './commands.ts'
import { eventContext } from './events.ts'
import { requireModule } from './records.ts'

const oneRecord = z.strictObject({ module: moduleName, id: recordId })
const PATH = '/v1/modules/:module/records/:id/blueprint'
const PLACES = { source: '', module: '', occurredAt: '', values: '/data', previous: '' }

/** A record in its blueprint, as the CRM's own API has it; and how each blueprint fares. */
export function blueprintRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    PATH,
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readProcess',
        tags: ['instances'],
        summary: 'Where a record stands in its blueprint, what can be done now, and why not the rest',
        params: oneRecord,
        querystring: z.strictObject({
          language,
          user: z.string().min(1).max(200).optional().describe('For whom. Default: the key.'),
          roles: z.string().max(1_000).default('').describe('Of this user, with commas: `sales,manager`.'),
        }),
        response: { 200: processView },
      },
    },
    async (request) => {
      const { module, id } = request.params
      requireModule(denrei, module)
      const { user, roles, language } = request.query
      const as = user === undefined ? undefined : { user, roles: roles.split(',').filter((role) => role !== '') }
      return denrei.process({ module, recordId: id }, actorOf(request, as), language)
    },
  )

  api.post(
    PATH,
    {
      config: { permission: 'work' },
      schema: {
        operationId: 'takeTransition',
        tags: ['instances'],
        summary: 'Take one transition, do one part of it, or save what is filled in so far',
        params: oneRecord,
        querystring: z.strictObject({ language }),
        headers: idempotency,
        body: transitionBody,
        response: answers,
      },
    },
    async (request, reply) => {
      const { module, id } = request.params
      requireModule(denrei, module)
      const { as, ...asked } = request.body
      const problems: InputProblem[] = []
      if (asked.data !== undefined) {
        checkMeaning({ values: asked.data }, PLACES, eventContext({ denrei }), adder(0, problems))
      }
      if (problems.length > 0) throw refusal(problems, 1)
      const data = asked.data === undefined ? {} : { data: asked.data as Values }
      const command = { do: 'transition', module, recordId: id, ...asked, ...data } as const
      return answerCommand(denrei, request, reply, command, { as, language: request.query.language })
    },
  )

  api.get(
    '/v1/blueprints',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listBlueprints',
        tags: ['instances'],
        summary: 'How each blueprint fares: how many records stand where, and how they ended',
        response: { 200: standings },
      },
    },
    async () => ({ items: await denrei.standings('blueprint') }),
  )

  api.get(
    '/v1/blueprints/:name/report',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readBlueprintReport',
        tags: ['instances'],
        summary: 'Records in each state, how long they stay there, how often each transition was taken',
        params: z.strictObject({ name: slug }),
        response: { 200: blueprintReport },
      },
    },
    async ({ params: { name } }) => denrei.blueprintReport(name),
  )
}
