import { z } from 'zod'
import { formatHints } from './formatHints.ts'

/** A definition's name: unique in its kind, safe in a URL and in a file name. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, formatHints.slug.en)
  .max(100)

/** The API name of a module or a field, as the CRM spells it: `Leads`, `Last_Name`, `field71`. */
export const apiName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, formatHints.apiName.en)
  .max(100)

/** A field by API name, or one behind lookups: `Contact_Name.Time_Zone`. */
export const fieldPath = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*){0,3}$/, formatHints.apiName.en)
  .max(300)

/**
 * A length of time that is not negative, ISO 8601: `P2D`, `PT30M`, `P1M`.
 * Signed ones (`-P3D`) are for offsets only: see {@link offset}. So few digits that no date leaves what a calendar can tell.
 */
export const duration = z
  .string()
  .regex(
    /^P(?!$)(?:\d{1,3}Y)?(?:\d{1,4}M)?(?:\d{1,4}W)?(?:\d{1,5}D)?(?:T(?!$)(?:\d{1,6}H)?(?:\d{1,8}M)?(?:\d{1,9}S)?)?$/,
    formatHints.duration.en,
  )

/** A duration before (`-P3D`) or after (`P3D`) a date. */
export const offset = z
  .string()
  .regex(
    /^-?P(?!$)(?:\d{1,3}Y)?(?:\d{1,4}M)?(?:\d{1,4}W)?(?:\d{1,5}D)?(?:T(?!$)(?:\d{1,6}H)?(?:\d{1,8}M)?(?:\d{1,9}S)?)?$/,
    formatHints.offset.en,
  )

/** A time of day, `HH:MM`, 24 hours. */
export const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, formatHints.timeOfDay.en)

/** Text that may hold merge fields: `Call $[Leads.Last_Name|お客様]`. */
export const mergeText = z.string()

/** Labels by language tag: `{ "ja": "姓", "en": "Last Name" }`. */
export const labels = z.record(z.string(), z.string().min(1))

/** An IANA time zone that exists where this runs: `Asia/Tokyo`. */
export const zone = z.string().refine(isZone, {
  error: 'Use the name of a time zone, such as "Asia/Tokyo".',
  params: { problem: 'unknown_timezone' },
})

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
