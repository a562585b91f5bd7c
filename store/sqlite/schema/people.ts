import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/* Records and people, and what they are known by. */

export const record = sqliteTable(
  'record',
  {
    module: text().notNull(),
    id: text().notNull(),
    /** JSON: field values by API name. */
    values: text().notNull(),
    revision: integer().notNull(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
    deleted: integer().notNull(),
    /** JSON: FieldChange[]. */
    recent: text().notNull().default('[]'),
  },
  (t) => [primaryKey({ columns: [t.module, t.id] })],
)

/** Under which addresses the person of a record may write to us. */
export const recordAddress = sqliteTable(
  'recordAddress',
  { address: text().notNull(), module: text().notNull(), recordId: text().notNull() },
  (t) => [
    primaryKey({ columns: [t.address, t.module, t.recordId] }),
    index('recordAddressRecord').on(t.module, t.recordId),
  ],
)

/** Rules that ran once for a record and shall not run again. */
export const ruleRun = sqliteTable(
  'ruleRun',
  { module: text().notNull(), recordId: text().notNull(), rule: text().notNull(), at: integer().notNull() },
  (t) => [primaryKey({ columns: [t.module, t.recordId, t.rule] })],
)

export const contact = sqliteTable(
  'contact',
  {
    id: text().primaryKey(),
    phone: text(),
    waId: text(),
    bsuid: text(),
    name: text(),
    optedOutMarketingAt: integer(),
    optedOutAllAt: integer(),
    optedInAt: integer(),
    optedInAllAt: integer(),
    consentBy: text(),
    cappedUntil: integer(),
    unreachable: integer().notNull().default(0),
    unreachableAt: integer(),
    revision: integer().notNull(),
    /** Proved to be this other contact; kept because older rows and traces name it. */
    mergedInto: text(),
  },
  (t) => [
    index('contactMerged')
      .on(t.mergedInto)
      .where(sql`mergedInto IS NOT NULL`),
  ],
)

export const contactAddress = sqliteTable(
  'contactAddress',
  { address: text().primaryKey(), contactId: text().notNull() },
  (t) => [index('contactAddressContact').on(t.contactId)],
)

export const conversation = sqliteTable(
  'conversation',
  {
    contactId: text().notNull(),
    numberId: text().notNull(),
    lastInboundAt: integer(),
    lastOutboundAt: integer(),
    freeUntil: integer(),
  },
  (t) => [primaryKey({ columns: [t.contactId, t.numberId] })],
)

export const inboundMessage = sqliteTable(
  'inboundMessage',
  {
    id: text().primaryKey(),
    numberId: text().notNull(),
    contactId: text().notNull(),
    type: text().notNull(),
    text: text(),
    /** JSON, as WhatsApp sent it. */
    raw: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [index('inboundMessageContact').on(t.contactId, t.at)],
)

/** What people agreed to and refused. Rows are only added, and go only with the person. */
export const consentEntry = sqliteTable(
  'consentEntry',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    contactId: text().notNull(),
    at: integer().notNull(),
    direction: text({ enum: ['in', 'out'] }).notNull(),
    scope: text({ enum: ['marketing', 'all'] }).notNull(),
    by: text().notNull(),
    channel: text(),
    proof: text(),
    actor: text(),
  },
  (t) => [index('consentEntryContact').on(t.contactId)],
)

/** Addresses of people who were erased and had refused everything, each as a keyed hash. */
export const suppressed = sqliteTable('suppressed', { hash: text().primaryKey(), at: integer().notNull() })
