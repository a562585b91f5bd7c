import type { Template } from '../template.ts'
import type { Report } from '../report.ts'

/** How long WhatsApp may try, in seconds. Source: Meta, Cloud API, "Time-to-live". */
const limits = {
  AUTHENTICATION: { minimum: 'PT30S', maximum: 'PT15M' },
  UTILITY: { minimum: 'PT30S', maximum: 'PT12H' },
  MARKETING: { minimum: 'PT12H', maximum: 'P30D' },
} as const

export function checkTimeToLive(report: Report, { timeToLive, category }: Template) {
  if (timeToLive === undefined) return
  const { minimum, maximum } = limits[category]
  const seconds = secondsOf(timeToLive)
  if (seconds >= secondsOf(minimum) && seconds <= secondsOf(maximum)) return
  report(['timeToLive'], 'template_time_to_live', { category, minimum, maximum })
}

/** Of an ISO 8601 duration; a month counts as 30 days, a year as 365, which is exact enough for a limit of 30 days. */
function secondsOf(duration: string): number {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration)
  const units = [365 * 86_400, 30 * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1]
  return units.reduce((sum, unit, index) => sum + unit * Number(match?.[index + 1] ?? 0), 0)
}
