import { z } from 'zod'
import { apiSchemas, instant, micros } from './shared.ts'

export const purchase = z
  .object({
    id: z.string(),
    provider: z.string().describe('`manual`, `stripe`.'),
    state: z.enum(['started', 'pending', 'needs_action', 'succeeded', 'failed', 'cancelled', 'refunded', 'disputed']),
    automatic: z.boolean().describe('The balance had fallen below its floor.'),
    amountMicros: micros,
    price: z
      .object({ amountMinor: z.int().describe('In the smallest unit of the currency.'), currency: z.string() })
      .nullable()
      .describe('Null when nobody is charged by us.'),
    reference: z.string().nullable().describe('The id that the provider knows it by.'),
    returnedMicros: micros.describe('Given back, or taken back in a dispute.'),
    disputedMicros: micros.describe('Of that, what a dispute took.'),
    disputeWonAt: instant.nullable(),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    memo: z.string(),
    actor: z.string(),
    createdAt: instant,
    updatedAt: instant,
  })
  .register(apiSchemas, { id: 'Purchase' })

export const rateCard = z
  .object({
    from: z.string().describe('First day on which it holds, in the calendar of the account.'),
    currency: z
      .string()
      .describe('ISO 4217. Messages are priced in USD; others are for comparing with WhatsApp’s bill.'),
    rates: z
      .record(z.string(), z.array(z.int()).readonly())
      .describe('By market: marketing, utility and, where it differs, authentication; millionths of the currency.'),
    service: z.record(z.string(), z.int()).optional(),
    authenticationInternational: z.record(z.string(), z.int()).optional(),
    tiers: z
      .array(
        z.object({
          market: z.string(),
          category: z.string(),
          from: z.int(),
          until: z.int().nullable(),
          rateMicros: z.int(),
        }),
      )
      .readonly()
      .optional()
      .describe('Volume tiers as the file has them; no message is priced by them.'),
  })
  .register(apiSchemas, { id: 'RateCard' })

export const knownCard = z
  .object({
    from: z.string(),
    currency: z.string(),
    origin: z.enum(['shipped', 'imported']),
    importedAt: instant.nullable(),
    markets: z.int(),
    tiers: z.int(),
    card: rateCard,
  })
  .register(apiSchemas, { id: 'KnownRateCard' })

const sums = z.object({
  volume: z.int(),
  costMicros: z.number().nullable().describe('Millionths of the currency; null where it cannot be said.'),
})

export const reconciliation = z
  .object({
    accountId: z.string(),
    month: z.string(),
    currency: z.string(),
    rows: z.array(
      z.object({ market: z.string(), category: z.string(), ours: sums, theirs: sums, differs: z.boolean() }),
    ),
    ours: sums,
    theirs: sums,
    differs: z.boolean(),
    at: instant,
  })
  .register(apiSchemas, { id: 'Reconciliation' })

export const runway = z
  .object({
    availableMicros: micros,
    spentPerDayMicros: micros.describe('Over the last seven whole days.'),
    days: z.number().nullable().describe('How long the credits last at that pace; null when nothing was spent.'),
  })
  .register(apiSchemas, { id: 'Runway' })

export const statementRow = z.object({
  parts: z.array(z.string()).describe('In the order of `by`.'),
  charged: z.int().describe('Messages that were paid for.'),
  free: z.int().describe('Delivered and free.'),
  spentMicros: micros,
})
