import { z } from 'zod'

/** One line of WhatsApp's own account of what it charges. */
export interface PricingPoint {
  /** ISO 3166; null when WhatsApp does not say. */
  country: string | null
  /** `REGULAR`, `FREE_CUSTOMER_SERVICE`, `FREE_ENTRY_POINT`. */
  type: string
  /** `MARKETING`, `UTILITY`, `AUTHENTICATION`, `AUTHENTICATION_INTERNATIONAL`, `SERVICE`, ... */
  category: string
  volume: number
  /** Millionths of the account's currency; approximate. */
  costMicros: number
}

const point = z.looseObject({
  country: z.string().nullish(),
  pricing_type: z.string(),
  pricing_category: z.string(),
  volume: z.number(),
  cost: z.number().nullish(),
})

/** What the account answers when it is asked for its `pricing_analytics`. */
export const pricingAnalyticsAnswer = z.looseObject({
  pricing_analytics: z
    .looseObject({ data: z.array(z.looseObject({ data_points: z.array(point).default([]) })).default([]) })
    .optional(),
})

/** @param start, end epoch ms. Source: Meta, WhatsApp Business Management API, "Analytics" (pricing analytics). */
export function pricingAnalyticsField(start: number, end: number): string {
  return [
    `pricing_analytics.start(${Math.floor(start / 1000)}).end(${Math.floor(end / 1000)}).granularity(DAILY)`,
    '.dimensions(["COUNTRY","PRICING_CATEGORY","PRICING_TYPE"]).metric_types(["COST","VOLUME"])',
  ].join('')
}

export function pricingPoints(answer: z.infer<typeof pricingAnalyticsAnswer>): PricingPoint[] {
  return (answer.pricing_analytics?.data ?? []).flatMap(({ data_points: points }) =>
    points.map(({ country, pricing_type: type, pricing_category: category, volume, cost }) => ({
      country: country ?? null,
      type: type.toUpperCase(),
      category: category.toUpperCase().replaceAll('-', '_'),
      volume,
      costMicros: Math.round((cost ?? 0) * 1_000_000),
    })),
  )
}
