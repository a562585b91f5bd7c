import { z } from 'zod'
import { apiSchemas, instant } from './shared.ts'

export const contact = z
  .object({
    id: z.string(),
    phone: z.string().nullable().describe('With `+` and calling code.'),
    waId: z.string().nullable().describe('As WhatsApp writes the number.'),
    bsuid: z.string().nullable().describe('Business-scoped user id.'),
    name: z.string().nullable(),
    optedOutMarketingAt: instant.nullable().describe('Since when marketing is refused; null when it is not.'),
    optedOutAllAt: instant.nullable().describe('Since when everything is refused.'),
    optedInAt: instant.nullable().describe('The latest agreement, to whatever.'),
    optedInAllAt: instant.nullable(),
    consentBy: z.string().nullable().describe('`keyword`, `whatsapp`, `error`, `admin`, `api`, `record`'),
    cappedUntil: instant.nullable().describe('WhatsApp withholds marketing from this person until then.'),
    unreachable: z.int().describe('Messages in a row that could not be delivered.'),
    unreachableAt: instant.nullable(),
  })
  .register(apiSchemas, { id: 'Contact' })

const entry = {
  id: z.int(),
  contactId: z.string(),
  at: instant.describe('When it was said.'),
  direction: z.enum(['in', 'out']),
  scope: z.enum(['marketing', 'all']),
  by: z.string().describe('`keyword`, `whatsapp` (its own switch), `error` (131050), `admin`, `api`, `record`'),
  channel: z.string().nullable().describe('Where it was said.'),
  proof: z.string().nullable().describe('What was said or shown, a link, the id of a message.'),
  actor: z.string().nullable().describe('Whoever wrote it down; null when it came by itself.'),
}
export const consentEntry = z.object(entry).register(apiSchemas, { id: 'ConsentEntry' })

/** With who it is about, as they are known today. */
export const consentLine = z
  .object({
    ...entry,
    phone: z.string().nullable(),
    waId: z.string().nullable(),
    bsuid: z.string().nullable(),
    name: z.string().nullable(),
  })
  .register(apiSchemas, { id: 'ConsentLine' })

const place = z.object({ module: z.string(), recordId: z.string() })

export const erasePlan = z
  .object({
    contact: contact.nullable(),
    addresses: z.array(z.string()).describe('Every spelling under which the person is looked for.'),
    records: z
      .array(place)
      .describe('Records with the address in a phone field, those named, and tasks, events and calls about them.'),
    instances: z.int().describe('Places in blueprints and journeys that end.'),
    messages: z.int().describe('Messages to the person, as far as they were counted.'),
    moreMessages: z.boolean(),
    mentions: z
      .array(place)
      .describe('Other records that hold the number or the name. They stay, unless they are named.'),
  })
  .register(apiSchemas, { id: 'ErasePlan' })

export const imported = z
  .object({
    lines: z.int(),
    accepted: z.int(),
    duplicates: z.int().describe('They had come before, and are taken once.'),
    problems: z.array(
      z.object({
        line: z.int().describe('From 1; a heading counts.'),
        pointer: z.string(),
        code: z.string(),
        message: z.string(),
      }),
    ),
    problemsTotal: z.int(),
  })
  .register(apiSchemas, { id: 'ImportedConsents' })
