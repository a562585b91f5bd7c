import type { Api, ApiParts } from '../api.ts'
import { balance, posting } from '../schemas/account.ts'
import { runway } from '../schemas/credits.ts'
import { page, pageQuery } from '../schemas/shared.ts'
import { purchaseRoutes } from './purchases.ts'
import { rateRoutes } from './rates.ts'
import { statementRoutes } from './statements.ts'

/** The balance and the ledger; with it the rest about money. */
export function creditRoutes(api: Api, parts: ApiParts): void {
  const { denrei } = parts
  api.get(
    '/v1/credits',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readCredits',
        tags: ['account'],
        summary: 'The balance: what was bought, is available, held and spent',
        response: { 200: balance },
      },
    },
    async () => denrei.store.balance(),
  )

  api.get(
    '/v1/credits/runway',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readRunway',
        tags: ['account'],
        summary: 'How long the credits last at the pace of the last week',
        response: { 200: runway },
      },
    },
    async () => denrei.credits.runway(),
  )

  api.get(
    '/v1/credits/postings',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listPostings',
        tags: ['account'],
        summary: 'The ledger, newest first',
        querystring: pageQuery,
        response: { 200: page(posting) },
      },
    },
    async ({ query }) => denrei.store.postings(query),
  )

  purchaseRoutes(api, parts)
  rateRoutes(api, parts)
  statementRoutes(api, parts)
}
