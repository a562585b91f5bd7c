import { z } from 'zod'
import { NotFound } from '#engine/errors.ts'
import { callerOf, headerOf, type Api, type ApiParts } from '../api.ts'
import { PURCHASE_MICROS_MAX } from '../credits/buy.ts'
import { balance } from '../schemas/account.ts'
import { purchase } from '../schemas/credits.ts'
import { page, pageQuery } from '../schemas/shared.ts'

const clientSecret = z
  .string()
  .nullable()
  .describe('For Stripe.js in the payer’s browser, when they have to pay or to prove who they are.')
const idempotency = (what: string) =>
  z.looseObject({ 'idempotency-key': z.string().min(1).max(200).optional().describe(what) })
const amount = z.int().min(1).max(PURCHASE_MICROS_MAX)
const params = z.object({ id: z.string().min(1).max(200) })

/** Buying credits and giving them back. */
export function purchaseRoutes(api: Api, { denrei, newId }: ApiParts): void {
  api.post(
    '/v1/credits/purchases',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'buyCredits',
        tags: ['account'],
        summary: 'Buy credits, or book what was paid elsewhere; held messages go on by themselves',
        description:
          'Possible once a WhatsApp number is active. `manual` books at once; `stripe` answers with the purchase and, when the payer has to do something, a `clientSecret`.',
        headers: idempotency('Sending the same key again buys once.'),
        body: z.strictObject({
          amountMicros: amount.describe('Micro-credits: 1000000 is one credit.'),
          memo: z.string().min(1).max(500).describe('What for: the number of an invoice, who asked.'),
          provider: z
            .string()
            .min(1)
            .max(50)
            .optional()
            .describe('`manual` or `stripe`; default: the setting `credits.provider`.'),
        }),
        response: {
          201: z.object({ triggerId: z.string(), balance, purchase, clientSecret }),
          202: z.object({ triggerId: z.string() }).describe('On disk; the balance follows.'),
        },
      },
    },
    async (request, reply) => {
      const key = headerOf(request, 'idempotency-key')
      const { provider, ...rest } = request.body
      const asked = { ...rest, ...(provider === undefined ? {} : { provider }) }
      const bought = await denrei.buyCredits(asked, callerOf(request).name, key)
      const { triggerId } = bought
      if (bought.purchase === null) return reply.code(202).send({ triggerId })
      return reply.code(201).send({
        triggerId,
        balance: await denrei.store.balance(),
        purchase: bought.purchase,
        clientSecret: bought.clientSecret,
      })
    },
  )

  api.get(
    '/v1/credits/purchases',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'listPurchases',
        tags: ['account'],
        summary: 'Purchases, newest first',
        querystring: pageQuery.extend({ state: purchase.shape.state.optional() }),
        response: { 200: page(purchase) },
      },
    },
    async ({ query: { state, after, limit } }) =>
      denrei.store.purchases(state === undefined ? {} : { state }, {
        limit,
        ...(after === undefined ? {} : { after }),
      }),
  )

  api.get(
    '/v1/credits/purchases/:id',
    {
      config: { permission: 'read' },
      schema: {
        operationId: 'readPurchase',
        tags: ['account'],
        summary: 'One purchase',
        params,
        response: { 200: purchase },
      },
    },
    async ({ params: { id } }) => {
      const found = await denrei.store.purchase(id)
      if (found === null) throw new NotFound(`There is no purchase ${id}.`, { id })
      return found
    },
  )

  api.post(
    '/v1/credits/purchases/:id/pay',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'payPurchase',
        tags: ['account'],
        summary: 'How the payment fares, and what the payer’s browser needs to go on with it',
        params,
        response: { 200: z.object({ purchase: purchase.nullable(), clientSecret }) },
      },
    },
    async ({ params: { id } }) => {
      const paid = await denrei.credits.pay(id)
      return { purchase: paid.purchase, clientSecret: paid.clientSecret }
    },
  )

  api.post(
    '/v1/credits/purchases/:id/cancel',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'cancelPurchase',
        tags: ['account'],
        summary: 'Give up a purchase that is not paid yet',
        params,
        response: { 200: purchase },
      },
    },
    async ({ params: { id } }) => denrei.credits.cancel(id),
  )

  api.post(
    '/v1/credits/purchases/:id/refund',
    {
      config: { permission: 'administer' },
      schema: {
        operationId: 'refundPurchase',
        tags: ['account'],
        summary: 'Give money back, and its credits with it; what was spent already is owed',
        headers: idempotency('Sending the same key again gives it back once.'),
        params,
        body: z.strictObject({
          amountMicros: amount.optional().describe('Of the credits; all that are left when it is left out.'),
        }),
        response: { 200: purchase },
      },
    },
    async (request) =>
      denrei.credits.refund(
        request.params.id,
        request.body.amountMicros,
        headerOf(request, 'idempotency-key') ?? newId(),
      ),
  )
}
