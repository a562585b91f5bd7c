import { z } from 'zod'
import { duration, slug } from './primitives.ts'

/**
 * A length of time to wait: an ISO 8601 duration on the calendar of the record's zone (`P2D`), or working time of a business
 * calendar. Two business days from Friday noon are Tuesday noon.
 */
export const span = z.union([
  duration,
  z.strictObject({
    unit: z.enum(['business_days', 'business_hours', 'business_minutes']),
    count: z.int().min(0).max(10_000),
    calendar: slug.optional().describe('Name of a calendar definition. Default: the calendar of the settings.'),
  }),
])
export type Span = z.infer<typeof span>
