import type { Account } from './account.ts'
import { GraphError } from './graphError.ts'
import type { SentMessage } from './messages.ts'
import { countryOf } from './phone.ts'
import { rateOf } from './rates.ts'
import { listOf, type AskedField } from './routes/fields.ts'

const HALF_HOUR_S = 1_800
const DAY_S = 86_400

interface Point {
  start: number
  end: number
  phone_number?: string
  country?: string
  tier?: string
  pricing_type?: string
  pricing_category?: string
  volume?: number
  cost?: number
}

/**
 * `pricing_analytics` of an account, from the messages it has delivered: how many, and about what they cost, by day (or half an hour, or
 * month) and the dimensions asked for. Without dimensions all of a span is one point.
 *
 * @throws GraphError 100 without a span or granularity
 * Source: Meta, WhatsApp Business Management API, "Analytics" (pricing analytics). Volume tiers are not played.
 */
export function pricingAnalytics(account: Account, { filters }: AskedField): object {
  const start = secondsOf(filters, 'start')
  const end = secondsOf(filters, 'end')
  if (end <= start) throw new GraphError(100, 'Param end must be after start.')
  const granularity = filters.get('granularity')
  const spanOf = GRANULARITIES[granularity ?? '']
  if (spanOf === undefined) throw new GraphError(100, 'Param granularity must be HALF_HOUR, DAILY or MONTHLY.')
  const dimensions = new Set(listOf(filters.get('dimensions') ?? ''))
  const metrics = listOf(filters.get('metric_types') ?? '')
  const wants = (metric: string): boolean => metrics.length === 0 || metrics.includes(metric)
  const kept = (filter: string, value: string): boolean => {
    const allowed = listOf(filters.get(filter) ?? '')
    return allowed.length === 0 || allowed.includes(value)
  }

  const points = new Map<string, Point & { micros: number }>()
  for (const message of account.messages.list()) {
    const deliveredAt = deliveryOf(message)
    if (deliveredAt === null || deliveredAt < start || deliveredAt >= end) continue
    const phone = account.number(message.numberId)!.displayNumber.replace(/\D/g, '')
    const country = message.waId === null ? message.bsuid.slice(0, 2) : countryOf(message.waId)
    // Free messages of an entry point are told as what they would be without it, so that categories add up.
    const category = (message.template?.category ?? 'SERVICE').toUpperCase()
    const type = (message.pricing.type ?? (message.pricing.billable ? 'regular' : 'free_entry_point')).toUpperCase()
    if (
      !kept('phone_numbers', phone) ||
      !kept('country_codes', country) ||
      !kept('pricing_categories', category) ||
      !kept('pricing_types', type)
    )
      continue
    const [from, to] = spanOf(deliveredAt)
    const told: Point = {
      start: Math.max(from, start),
      end: Math.min(to, end),
      ...(dimensions.has('PHONE') ? { phone_number: phone } : {}),
      ...(dimensions.has('COUNTRY') ? { country } : {}),
      ...(dimensions.has('TIER') ? { tier: '0:MAX' } : {}),
      ...(dimensions.has('PRICING_TYPE') ? { pricing_type: type } : {}),
      ...(dimensions.has('PRICING_CATEGORY') ? { pricing_category: category } : {}),
    }
    const key = JSON.stringify(told)
    const point = points.get(key) ?? { ...told, volume: 0, micros: 0 }
    point.volume!++
    point.micros += message.pricing.billable ? rateOf(country, category.toLowerCase()) : 0
    points.set(key, point)
  }
  const data_points = [...points.values()]
    .toSorted((a, b) => a.start - b.start)
    .map(({ micros, volume, ...point }) => ({
      ...point,
      ...(wants('VOLUME') ? { volume } : {}),
      ...(wants('COST') ? { cost: micros / 1_000_000 } : {}),
    }))
  return { data: [{ data_points }] }
}

/** When it was delivered (a reading counts), epoch s; null when it was not. */
function deliveryOf({ history }: SentMessage): number | null {
  const at = history.find(({ status }) => status === 'delivered' || status === 'read')?.at
  return at === undefined ? null : Math.floor(at / 1000)
}

function secondsOf(filters: Map<string, string>, name: string): number {
  const seconds = Number(filters.get(name) ?? Number.NaN)
  if (Number.isInteger(seconds) && seconds >= 0) return seconds
  throw new GraphError(100, `Param ${name} must be a time in seconds.`)
}

const even =
  (sizeS: number) =>
  (at: number): [number, number] => {
    const from = at - (at % sizeS)
    return [from, from + sizeS]
  }
const GRANULARITIES: Record<string, (at: number) => [from: number, to: number]> = {
  HALF_HOUR: even(HALF_HOUR_S),
  DAILY: even(DAY_S),
  MONTHLY: (at) => {
    const date = new Date(at * 1000)
    const month = (index: number): number => Date.UTC(date.getUTCFullYear(), index) / 1000
    return [month(date.getUTCMonth()), month(date.getUTCMonth() + 1)]
  },
}
