import { z } from 'zod'

/** A definition's name: unique in its kind, safe in a URL and in a file name. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'Use lower-case letters, digits and single hyphens, such as "welcome-web-lead".')
  .max(100)

/** The API name of a module or a field, as the CRM spells it: `Leads`, `Last_Name`, `field71`. */
export const apiName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'Use the API name, such as "Last_Name".')
  .max(100)

/**
 * A length of time that is not negative, ISO 8601: `P2D`, `PT30M`, `P1M`.
 * Signed ones (`-P3D`) are for offsets only: see {@link offset}.
 */
export const duration = z
  .string()
  .regex(
    /^P(?!$)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/,
    'Use an ISO 8601 duration, such as "P2D" or "PT30M".',
  )

/** A duration before (`-P3D`) or after (`P3D`) a date. */
export const offset = z
  .string()
  .regex(
    /^-?P(?!$)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/,
    'Use an ISO 8601 duration, such as "-P3D" for three days before.',
  )

/** A time of day, `HH:MM`, 24 hours. */
export const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'Use a time of day such as "09:00".')

/** Text that may hold merge fields: `Call $[Leads.Last_Name|お客様]`. */
export const mergeText = z.string()

/** Labels by language tag: `{ "ja": "姓", "en": "Last Name" }`. */
export const labels = z.record(z.string(), z.string().min(1))
