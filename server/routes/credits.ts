import { z } from 'zod'
import { EventIdReused } from '#engine/errors.ts'
import { callerOf, headerOf, type Api, type ApiParts } from '../api.ts'
import { balance, posting } from '../schemas/account.ts'
import { page, pageQuery } from '../schemas/shared.ts'

/** Most that one booking takes, in micro-credits: a slip of the keyboard must not fill the ledger. */
const PURCHASE_MICROS_MAX = 1_000_000_000_000
/** How long a booking waits for its decision. */
const WAIT_MS = 2_000

export function creditRoutes(api: Api, { denrei, newId }: ApiParts): void {
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

  api.post(
    '/v1/credits/purchases',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'bookPurchase',
        tags: ['account'],
        summary: 'Book credits that were bought; held messages go on by themselves',
        headers: z.looseObject({
          'idempotency-key': z.string().min(1).max(200).optional().describe('Sending the same key again books once.'),
        }),
        body: z.strictObject({
          amountMicros: z.int().min(1).max(PURCHASE_MICROS_MAX).describe('Micro-credits: 1000000 is one credit.'),
          memo: z.string().min(1).max(500).describe('What for: the number of an invoice, who asked.'),
        }),
        response: {
          201: z.object({ triggerId: z.string(), balance }),
          202: z.object({ triggerId: z.string() }).describe('On disk; the balance follows.'),
        },
      },
    },
    async (request, reply) => {
      const [outcome] = await denrei.accept([
        {
          kind: 'credits',
          source: 'api',
          sourceId: `purchase:${headerOf(request, 'idempotency-key') ?? newId()}`,
          occurredAt: denrei.clock.now(),
          actor: callerOf(request).name,
          ...request.body,
        },
      ])
      if (outcome?.kind === 'reused') {
        throw new EventIdReused('This Idempotency-Key came before with another purchase. Use a new key.')
      }
      const triggerId = outcome!.id
      if (!(await denrei.whenDecided(triggerId, WAIT_MS))) return reply.code(202).send({ triggerId })
      return reply.code(201).send({ triggerId, balance: await denrei.store.balance() })
    },
  )
}
