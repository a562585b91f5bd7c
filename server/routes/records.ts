import { z } from 'zod'
import { EventIdReused, NotFound } from '#engine/errors.ts'
import type { RecordState } from '#engine/state.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { adder, checkMeaning } from '#triggers/recordEvent.ts'
import { refusal, type InputProblem } from '#triggers/inputProblem.ts'
import type { FastifyRequest } from 'fastify'
import { callerOf, headerOf, type Api, type ApiParts } from '../api.ts'
import type { Denrei } from '../denrei.ts'
import { AlreadyExists } from '../errors.ts'
import { liveRecord } from '../liveRecord.ts'
import { accepted, recordState } from '../schemas/records.ts'
import { fields, moduleName, page, pageQuery, recordId } from '../schemas/shared.ts'
import { actorOf } from './commands.ts'
import { eventContext } from './events.ts'
import type { Json, Values } from '#definitions/json.ts'

/** How long a write waits for its decision before it answers 202. */
const WAIT_MS = 2_000

const inModule = z.strictObject({ module: moduleName })
const oneRecord = z.strictObject({ module: moduleName, id: recordId })
const idempotency = z
  .looseObject({
    'idempotency-key': z.string().min(1).max(200).optional().describe('Sending the same key again is safe.'),
    prefer: z.string().optional().describe('`respond-async` answers 202 at once.'),
  })
  .describe('Headers of a write.')

const PLACES = { source: '', module: '', occurredAt: '', values: '/values', previous: '' }

/** @throws NotFound when no module has this name */
export function requireModule(denrei: Denrei, name: string): void {
  if (denrei.moduleNames().includes(name)) return
  throw new NotFound(
    `There is no module "${name.slice(0, 100)}". Use the API name of a built-in module, or define it.`,
    {
      module: name.slice(0, 100),
      modules: denrei.moduleNames(),
    },
  )
}

/** @throws NotFound when it does not exist or was deleted */
async function requireRecord(denrei: Denrei, module: string, id: string): Promise<RecordState> {
  requireModule(denrei, module)
  return liveRecord(denrei.store, module, id)
}

export function recordRoutes(api: Api, { denrei, newId }: ApiParts): void {
  /** A write is an event like any other; it comes back when it was decided, or after {@link WAIT_MS}. */
  async function write(
    request: FastifyRequest,
    change: Pick<RecordEvent, 'op' | 'module' | 'recordId' | 'values' | 'mode'>,
  ): Promise<{ triggerId: string; decided: boolean }> {
    const problems: InputProblem[] = []
    checkMeaning({ values: change.values }, PLACES, eventContext({ denrei }), adder(0, problems))
    if (problems.length > 0) throw refusal(problems, 1)
    const [outcome] = await denrei.accept([
      {
        kind: 'record',
        source: 'api',
        sourceId: headerOf(request, 'idempotency-key') ?? newId(),
        occurredAt: denrei.clock.now(),
        actor: callerOf(request).name,
        ...change,
      },
    ])
    if (outcome?.kind === 'reused') {
      throw new EventIdReused('This Idempotency-Key came before with another request. Use a new key.')
    }
    const { id } = outcome!
    const wait = !/\brespond-async\b/.test(headerOf(request, 'prefer') ?? '')
    return { triggerId: id, decided: wait && (await denrei.whenDecided(id, WAIT_MS)) }
  }

  const pathOf = (module: string, id: string) =>
    `${api.prefix}/v1/modules/${encodeURIComponent(module)}/records/${encodeURIComponent(id)}`

  api.get(
    '/v1/modules',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listModules',
        tags: ['records'],
        summary: 'The modules that have definitions, built-in ones too',
        response: { 200: z.object({ items: z.array(z.object({ name: z.string() })) }) },
      },
    },
    async () => ({ items: denrei.moduleNames().map((name) => ({ name })) }),
  )

  api.get(
    '/v1/modules/:module/records',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listRecords',
        tags: ['records'],
        summary: 'Records of a module, or those that a text is found in',
        params: inModule,
        querystring: pageQuery.extend({ search: z.string().min(1).max(200).optional() }),
        response: { 200: page(recordState) },
      },
    },
    async ({ params: { module }, query }) => {
      requireModule(denrei, module)
      return denrei.store.records(module, query)
    },
  )

  api.get(
    '/v1/modules/:module/records/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readRecord',
        tags: ['records'],
        summary: 'One record',
        params: oneRecord,
        response: { 200: recordState },
      },
    },
    async ({ params: { module, id } }) => requireRecord(denrei, module, id),
  )

  api.post(
    '/v1/modules/:module/records',
    {
      config: { permission: 'work' },
      schema: {
        operationId: 'createRecord',
        tags: ['records'],
        summary: 'Create a record',
        params: inModule,
        headers: idempotency,
        body: z.strictObject({ id: recordId.optional().describe('Made here when left out.'), values: fields }),
        response: { 201: recordState, 202: accepted },
      },
    },
    async (request, reply) => {
      const { module } = request.params
      requireModule(denrei, module)
      // With a key of its own the same request must give the same record.
      const key = headerOf(request, 'idempotency-key')
      const id = request.body.id ?? key ?? newId()
      const before = await denrei.store.record(module, id)
      const retried = key !== undefined && (await denrei.store.acceptedAs('api', key)) !== null
      if (before && !before.deleted && !retried) {
        throw new AlreadyExists(`There is a record "${id}" in ${module} already. Update it instead.`, { module, id })
      }
      const values = request.body.values as Values
      const { triggerId, decided } = await write(request, {
        op: 'created',
        module,
        recordId: id,
        values,
        mode: 'replace',
      })
      const record = decided ? await denrei.store.record(module, id) : null
      reply.header('location', pathOf(module, id))
      if (record && !record.deleted) return reply.code(201).send(record)
      return reply.code(202).send({ triggerId, module, id })
    },
  )

  for (const [method, mode, summary] of [
    ['PATCH', 'merge', 'Change fields of a record'],
    ['PUT', 'replace', 'Replace all fields of a record, or create it'],
  ] as const) {
    api.route({
      method,
      url: '/v1/modules/:module/records/:id',
      config: { permission: 'work' },
      schema: {
        operationId: method === 'PATCH' ? 'updateRecord' : 'putRecord',
        tags: ['records'],
        summary,
        params: oneRecord,
        headers: idempotency,
        body: z.strictObject({ values: fields }),
        response: { 200: recordState, 202: accepted },
      },
      handler: async (request, reply) => {
        const { module, id } = request.params
        if (method === 'PATCH') await requireRecord(denrei, module, id)
        else requireModule(denrei, module)
        const change = {
          op: method === 'PATCH' ? 'updated' : 'saved',
          module,
          recordId: id,
          values: request.body.values as Values,
          mode,
        } as const
        await denrei.requireUnlocked(change, actorOf(request))
        const { triggerId, decided } = await write(request, change)
        const record = decided ? await denrei.store.record(module, id) : null
        if (record && !record.deleted) return reply.code(200).send(record)
        return reply.code(202).send({ triggerId, module, id })
      },
    })
  }

  api.delete(
    '/v1/modules/:module/records/:id',
    {
      config: { permission: 'work' },
      schema: {
        operationId: 'deleteRecord',
        tags: ['records'],
        summary: 'Delete a record; its later actions are cancelled',
        params: oneRecord,
        headers: idempotency,
        response: { 202: accepted, 204: z.undefined().describe('Deleted.') },
      },
    },
    async (request, reply) => {
      const { module, id } = request.params
      await requireRecord(denrei, module, id)
      const none: Record<string, Json> = {}
      const change = { op: 'deleted', module, recordId: id, values: none, mode: 'merge' } as const
      const { triggerId, decided } = await write(request, change)
      if (decided) return reply.code(204).send()
      return reply.code(202).send({ triggerId, module, id })
    },
  )
}
