import { Readable } from 'node:stream'
import { z } from 'zod'
import { instantInput, instantOf } from '#triggers/instant.ts'
import { callerOf, headerOf, type Api, type ApiParts } from '../api.ts'
import { erasePerson, planErasure } from '../people/erasePerson.ts'
import { consentCsv, consentPage } from '../people/exportConsents.ts'
import { importConsents } from '../people/importConsents.ts'
import { noteConsent, told } from '../people/noteConsent.ts'
import { searchPeople } from '../people/searchPeople.ts'
import { requireContact, who } from '../people/who.ts'
import { consentEntry, consentLine, contact, erasePlan, imported } from '../schemas/people.ts'
import { flag, moduleName, page, pageQuery, recordId } from '../schemas/shared.ts'
import { documentedOnly } from '../validation.ts'

/** Bytes of a file of consents. */
const FILE_BYTES_MAX = 8_388_608

const idempotency = z.looseObject({
  'idempotency-key': z.string().min(1).max(200).optional().describe('Asking again with the same key is safe.'),
})
const since = instantInput.optional().describe('Said at this instant or later: ISO 8601, or epoch milliseconds.')

/** People: how they stand, what they agreed to and refused, and forgetting them. */
export function contactRoutes(api: Api, { denrei, newId }: ApiParts): void {
  api.get(
    '/v1/contacts',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listContacts',
        tags: ['people'],
        summary: 'People we can write to, those known last first',
        querystring: pageQuery.extend({
          search: z
            .string()
            .min(1)
            .max(200)
            .optional()
            .describe('A number in any spelling, a user id, or a part of a name.'),
          consent: z
            .enum(['out', 'out_all', 'out_marketing', 'in'])
            .optional()
            .describe('Who refused anything, everything, marketing; or agreed.'),
        }),
        response: { 200: page(contact) },
      },
    },
    async ({ query: { after, limit, ...filter } }) =>
      searchPeople(denrei, filter, { limit, ...(after === undefined ? {} : { after }) }),
  )

  api.get(
    '/v1/contacts/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readContact',
        tags: ['people'],
        summary: 'One person, with the latest of what they agreed to and refused',
        params: z.strictObject({ id: z.string().min(1).max(200) }),
        response: { 200: z.object({ contact, consents: page(consentEntry) }) },
      },
    },
    async ({ params: { id } }) => {
      const found = await requireContact(denrei, id)
      return { contact: found, consents: await denrei.store.consents({ contactId: found.id }, { limit: 100 }) }
    },
  )

  api.post(
    '/v1/contacts/consent',
    {
      config: { permission: 'work' },
      schema: {
        operationId: 'noteConsent',
        tags: ['people'],
        summary: 'Write down that a person refused, or agreed with its proof; an agreement needs an admin',
        headers: idempotency,
        body: z.strictObject({ who, ...told }),
        response: {
          201: z.object({ triggerId: z.string(), contact }),
          202: z.object({ triggerId: z.string() }).describe('On disk; the contact follows.'),
        },
      },
    },
    async (request, reply) => {
      const key = headerOf(request, 'idempotency-key') ?? newId()
      const { triggerId, contact: after } = await noteConsent(denrei, request.body, callerOf(request), key)
      return after === null ? reply.code(202).send({ triggerId }) : reply.code(201).send({ triggerId, contact: after })
    },
  )

  api.get(
    '/v1/consents',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listConsents',
        tags: ['people'],
        summary: 'The book of consent, newest first; as CSV it comes whole',
        querystring: pageQuery.extend({
          since: z.preprocess(
            (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
            since,
          ),
          contactId: z.string().min(1).max(200).optional(),
          format: z.enum(['json', 'csv']).default('json').describe('`csv`: `after` and `limit` are passed over.'),
        }),
        response: { 200: page(consentLine) },
      },
    },
    async ({ query: { after, limit, since: from, contactId, format } }, reply) => {
      const filter = {
        ...(contactId === undefined ? {} : { contactId }),
        ...(from === undefined ? {} : { since: instantOf(from) }),
      }
      if (format === 'json') {
        return consentPage(denrei.store, filter, { limit, ...(after === undefined ? {} : { after }) })
      }
      const name = `consents-${new Date(denrei.clock.now()).toISOString().slice(0, 10)}.csv`
      // A stream passes the serializer by. The mark lets spreadsheets read Japanese names.
      return reply
        .header('content-type', 'text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(Readable.from(withMark(consentCsv(denrei.store, filter))) as never)
    },
  )

  void api.register((scope, _options, done) => {
    for (const type of ['text/csv', 'application/x-ndjson', 'application/jsonl']) {
      scope.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, parsed) => parsed(null, body))
    }
    importRoute(scope, { denrei })
    done()
  })

  api.post(
    '/v1/contacts/erase',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'erasePerson',
        tags: ['people'],
        summary: 'Forget a person: without `confirm` it tells what would go, with it that is done for good',
        body: z.strictObject({
          who,
          records: z
            .array(z.strictObject({ module: moduleName, recordId }))
            .max(100)
            .optional()
            .describe('Of this person, besides those that carry the address.'),
          confirm: z.literal(true, 'Write true, or leave it out.').optional(),
        }),
        response: {
          200: z.object({ erased: z.boolean(), plan: erasePlan, triggerId: z.string().optional() }),
          202: z.object({ plan: erasePlan, triggerId: z.string() }).describe('On disk; it is done soon.'),
        },
      },
    },
    async (request, reply) => {
      const { confirm, ...asked } = request.body
      if (confirm === undefined) {
        const { address: _address, ...plan } = await planErasure(denrei, asked)
        return reply.code(200).send({ erased: false, plan })
      }
      const { plan, triggerId, decided } = await erasePerson(denrei, asked, callerOf(request), newId)
      return decided
        ? reply.code(200).send({ erased: true, plan, triggerId })
        : reply.code(202).send({ plan, triggerId })
    },
  )
}

function importRoute(api: Api, { denrei }: Pick<ApiParts, 'denrei'>): void {
  api.post(
    '/v1/contacts/consents/import',
    {
      config: { permission: 'administer' },
      bodyLimit: FILE_BYTES_MAX,
      validatorCompiler: documentedOnly,
      schema: {
        operationId: 'importConsents',
        tags: ['people'],
        summary: 'Many consents at once: CSV with a heading, or a JSON object a line. The same line twice counts once',
        description:
          'Columns: `phone`, `waId` or `bsuid`; `direction` (`in`, `out`); `scope` (`marketing`, `all`); and `channel`, `proof`, ' +
          '`occurredAt`, `id`. Lines that are wrong are told with their number and left out; the others are taken.',
        consumes: ['text/csv', 'application/x-ndjson'],
        querystring: z.strictObject({ dryRun: flag.default(false).describe('Reads it and takes nothing.') }),
        body: z.string(),
        response: { 200: imported },
      },
    },
    async (request) => {
      const format = /^text\/csv\b/.test(headerOf(request, 'content-type') ?? '') ? 'csv' : 'jsonl'
      const text = typeof request.body === 'string' ? request.body : JSON.stringify(request.body)
      return importConsents(denrei, { text, format, dryRun: request.query.dryRun }, callerOf(request))
    },
  )
}

async function* withMark(parts: AsyncIterable<string>): AsyncGenerator<string> {
  yield '\uFEFF'
  yield* parts
}
