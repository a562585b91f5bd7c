import { z } from 'zod'
import { duration, slug, timeOfDay, zone } from './primitives.ts'

/** Quiet hours: no automation writes to anybody between `from` and `to` in the zone. */
export const quietHours = z.strictObject({
  from: timeOfDay,
  to: timeOfDay,
  /** `contact`: the contact's own zone, else the settings' zone. Or an IANA name. */
  timezone: z.union([z.literal('contact'), zone]).default('contact'),
  otherwise: z.enum(['hold', 'block']).default('hold'),
})

/** The settings of one installation, kept in the store, changed by admins while it runs. No secret is among them. */
export const settings = z.strictObject({
  integration: z.strictObject({ active: z.boolean().default(true) }).prefault({}),
  /** The sending number when an action names none; null means the only one there is. */
  defaultNumberId: z.string().nullable().default(null),
  /** ISO 3166 country of phone numbers that carry no calling code. */
  defaultCountry: z.string().length(2).default('JP'),
  /** WhatsApp language code used when neither the action nor the record says. */
  defaultLanguage: z.string().default('ja'),
  timezone: zone.default('Asia/Tokyo'),
  /** The calendar definition whose hours count as working time where none is named. */
  calendar: slug.nullable().default(null),
  consent: z.strictObject({ required: z.boolean().default(false) }).prefault({}),
  quietHours: quietHours.nullable().default(null),
  /** Which categories the quiet hours hold back. */
  quietCategories: z.array(z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION'])).default(['MARKETING']),
  /** At most `max` marketing messages to one contact in `per`. */
  frequencyCap: z
    .strictObject({ max: z.int().positive(), per: duration, otherwise: z.enum(['hold', 'block']).default('block') })
    .nullable()
    .default(null),
  /** Words that opt a contact out when a message is nothing but one of them, by language; added to the built-in lists. */
  optOutWords: z.record(z.string(), z.array(z.string().min(1))).default({}),
  /** Micro-credits added to Meta's price of each message. */
  markupMicros: z.int().nonnegative().default(0),
  /** How long a message of unknown fate waits for a status before its policy decides. */
  unknownWaitMs: z.int().positive().default(600_000),
  /** Let `callWebhook` reach private and loopback addresses. */
  webhooksMayBePrivate: z.boolean().default(false),
})
export type Settings = z.infer<typeof settings>
export const defaultSettings: Settings = settings.parse({})
