import { z } from 'zod'
import type { Api, ApiParts } from '../api.ts'
import { CARD_BYTES_MAX } from '../credits/cardFile.ts'
import { knownCard } from '../schemas/credits.ts'
import { flag } from '../schemas/shared.ts'
import { documentedOnly } from '../validation.ts'

const query = z.strictObject({
  from: z.string().min(1).max(20).describe('First day on which the prices hold: 2026-10-01.'),
  currency: z.string().min(1).max(10).optional().describe('ISO 4217. Default: USD.'),
  acceptNewMarkets: flag
    .optional()
    .describe('Keep markets that Denrei does not know yet; nobody is in them until it does.'),
})

/** Price lists of messages. */
export function rateRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/credits/rates',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listRates',
        tags: ['account'],
        summary: 'Price lists, shipped and imported, by the day they begin',
        response: { 200: z.object({ items: z.array(knownCard) }) },
      },
    },
    async () => ({ items: await denrei.credits.rates() }),
  )

  api.register(async (raw: Api) => {
    raw.removeAllContentTypeParsers()
    raw.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    raw.post(
      '/v1/credits/rates',
      {
        config: { permission: 'administer' },
        bodyLimit: CARD_BYTES_MAX,
        validatorCompiler: (route) =>
          route.httpPart === 'body' ? documentedOnly(route) : api.validatorCompiler!(route),
        schema: {
          operationId: 'importRates',
          tags: ['account'],
          summary: 'Import Meta’s rate card',
          description:
            'The body is the file itself, a spreadsheet (.xlsx) or CSV, whatever its name says. All or nothing; it holds at once.',
          consumes: ['application/octet-stream', 'text/csv'],
          querystring: query,
          body: z.string().describe('The bytes of the file.'),
          response: { 201: z.object({ card: knownCard, newMarkets: z.array(z.string()) }) },
        },
      },
      async (request, reply) => {
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const { from, currency, acceptNewMarkets = false } = request.query
        const asked = { from, acceptNewMarkets, ...(currency === undefined ? {} : { currency }) }
        return reply.code(201).send(await denrei.credits.importRates(bytes, asked))
      },
    )
  })
}
