import { z } from 'zod'
import { formatHints } from './formatHints.ts'
import { labels, slug, timeOfDay, zone } from './primitives.ts'

/** A calendar date: `2026-11-23`. */
export const calendarDate = z.iso.date(formatHints.date.en)

/** Open from, up to but not including. Over midnight is two intervals. */
const interval = z.strictObject({ from: timeOfDay, to: timeOfDay.or(z.literal('24:00')) })
const hours = z.array(interval).max(10)

/** Business hours and holidays, for waits that count working time and for steps that wait for office hours. */
export const calendar = z.strictObject({
  $schema: z.string().optional(),
  kind: z.literal('calendar'),
  name: slug,
  description: z.string().max(1000).optional(),
  timezone: zone,
  week: z
    .strictObject({
      monday: hours.optional(),
      tuesday: hours.optional(),
      wednesday: hours.optional(),
      thursday: hours.optional(),
      friday: hours.optional(),
      saturday: hours.optional(),
      sunday: hours.optional(),
    })
    .describe('Open hours of each weekday, in order. A day left out is closed.'),
  holidays: z
    .array(z.strictObject({ date: calendarDate, name: labels.optional() }))
    .max(1000)
    .optional()
    .describe('Closed all day.'),
  specialDays: z
    .array(z.strictObject({ date: calendarDate, hours, name: labels.optional() }))
    .max(1000)
    .optional()
    .describe('Other hours on that date; they outrank the week and the holidays.'),
})
export type Calendar = z.infer<typeof calendar>
