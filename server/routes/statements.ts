import { z } from 'zod'
import { InvalidInput } from '#engine/errors.ts'
import type { StatementPart } from '#engine/reads.ts'
import type { Api, ApiParts } from '../api.ts'
import { STATEMENT_PARTS, statementCsv } from '../credits/statement.ts'
import { reconciliation, statementRow } from '../schemas/credits.ts'
import { flag, micros } from '../schemas/shared.ts'

const date = z.string().min(1).max(20)
const isPart = (word: string): word is StatementPart => (STATEMENT_PARTS as readonly string[]).includes(word)

/** What was spent on what, and whether WhatsApp agrees. */
export function statementRoutes(api: Api, { denrei }: ApiParts): void {
  api.get(
    '/v1/credits/statement',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readStatement',
        tags: ['account'],
        summary: 'What was spent, as JSON or CSV',
        querystring: z.strictObject({
          from: date.describe('First day, in the zone of the settings: 2026-10-01.'),
          until: date.describe('Last day.'),
          by: z
            .string()
            .max(200)
            .default('day')
            .describe(`Told apart by these, with commas: ${STATEMENT_PARTS.join(', ')}.`),
          format: z.enum(['json', 'csv']).default('json'),
          bom: flag.default(false).describe('CSV begins with a byte order mark, for Excel.'),
        }),
        response: {
          200: {
            description: 'The statement.',
            content: {
              'application/json': {
                schema: z.object({
                  from: z.string(),
                  until: z.string(),
                  by: z.array(z.string()),
                  rows: z.array(statementRow),
                  total: z.object({ charged: z.int(), free: z.int(), spentMicros: micros }),
                }),
              },
              'text/csv': { schema: z.string() },
            },
          },
        },
      },
    },
    async ({ query }, reply) => {
      const made = await denrei.credits.statement({ from: query.from, until: query.until, by: partsOf(query.by) })
      if (query.format === 'json') return reply.type('application/json; charset=utf-8').send(made)
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="statement-${made.from}-${made.until}.csv"`)
        .send(statementCsv(made, query.bom))
    },
  )

  api.get(
    '/v1/credits/reconciliations',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listReconciliations',
        tags: ['account'],
        summary: 'Months compared with WhatsApp’s figures, newest first',
        response: { 200: z.object({ items: z.array(reconciliation) }) },
      },
    },
    async () => ({ items: await denrei.credits.reconciliations() }),
  )

  api.post(
    '/v1/credits/reconciliations',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'reconcile',
        tags: ['account'],
        summary: 'Compare a month with WhatsApp’s figures now',
        body: z.strictObject({ accountId: z.string().min(1).max(100), month: z.string().describe('2026-10') }),
        response: { 200: reconciliation },
      },
    },
    async ({ body }) => denrei.credits.reconcile(body.accountId, body.month),
  )
}

function partsOf(by: string): StatementPart[] {
  const words = by.split(',').map((word) => word.trim())
  const unknown = words.find((word) => !isPart(word))
  if (unknown !== undefined) {
    throw new InvalidInput(`A statement is not told apart by "${unknown}". Use ${STATEMENT_PARTS.join(', ')}.`, {
      field: 'by',
    })
  }
  return words.filter(isPart)
}
