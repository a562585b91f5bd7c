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

/** What becomes of unknown people who write (S24 to S26). */
export const intake = z.strictObject({
  /** The module they are registered in; null: they stay contacts without a record. */
  registerAs: z.enum(['Leads', 'Contacts']).nullable().default('Leads'),
  /** Who gets them: these users, or the users of these groups or roles, in turn. Ids of records. */
  assignTo: z
    .strictObject({ kind: z.enum(['user', 'group', 'role']), ids: z.array(z.string().min(1)).min(1) })
    .nullable()
    .default(null),
})
export type Intake = z.infer<typeof intake>

/** Integer micro-credits, above zero. */
const micros = z.int().positive()

/** Buys credits by itself when fewer than `floorMicros` are left (S34 to S36, S40, S41). */
export const autoRecharge = z
  .strictObject({
    active: z.boolean().default(true),
    floorMicros: micros,
    amountMicros: micros,
    /** At most so much in a calendar day of the settings' zone, all automatic purchases together. */
    dailyCapMicros: micros,
  })
  .refine(({ amountMicros, dailyCapMicros }) => dailyCapMicros >= amountMicros, {
    path: ['dailyCapMicros'],
    error: 'Use at least amountMicros, or nothing is ever bought.',
  })

/** The settings of one installation, kept in the store, changed by admins while it runs. No secret is among them. */
export const settings = z.strictObject({
  integration: z.strictObject({ active: z.boolean().default(true) }).prefault({}),
  /** The sending number when an action names none and answers no message; null means the only one there is. */
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
  /** What becomes of unknown people who write, where their number does not say. */
  intake: intake.prefault({ registerAs: null }),
  templates: z
    .strictObject({
      /** WhatsApp made another category of a template: send it as such, hold its messages, or hold them and ask an admin. */
      categoryChange: z.enum(['accept', 'hold', 'ask']).default('accept'),
      /** Told when WhatsApp has not confirmed a template for so long. */
      staleAfter: duration.default('P2D'),
    })
    .prefault({}),
  credits: z
    .strictObject({
      /** Who takes payments: `manual` books what was paid elsewhere. */
      provider: z.enum(['manual', 'stripe']).default('manual'),
      /** What a credit costs, in ISO 4217; a credit is a US dollar's worth of messages. */
      currency: z
        .string()
        .regex(/^[a-z]{3}$/)
        .default('usd'),
      /** In the currency's smallest unit. */
      pricePerCreditMinor: z.number().positive().default(100),
      autoRecharge: autoRecharge.nullable().default(null),
      /** Told once when fewer are left. */
      alertBelowMicros: micros.nullable().default(null),
      /** Told once when they last for fewer days at the pace of the last week. */
      alertBelowDays: z.number().positive().nullable().default(null),
    })
    .prefault({}),
  /** Marketing of a number whose quality has fallen: at this share of its speed. */
  marketingPace: z
    .strictObject({ YELLOW: z.number().min(0).max(1).default(0.5), RED: z.number().min(0).max(1).default(0.1) })
    .prefault({}),
  /** After so many undeliverable messages in a row (131026) nothing more goes to a person, until they write or 30 days pass. */
  unreachableAfter: z.int().positive().default(3),
  /** Micro-credits added to Meta's price of each message. */
  markupMicros: z.int().nonnegative().default(0),
  /** How long a message of unknown fate waits for a status before its policy decides. */
  unknownWaitMs: z.int().positive().default(600_000),
  /** Let `callWebhook` reach private and loopback addresses. */
  webhooksMayBePrivate: z.boolean().default(false),
})
export type Settings = z.infer<typeof settings>
export const defaultSettings: Settings = settings.parse({})
