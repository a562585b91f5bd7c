import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/* Events on their way in, and what was written down about them. */

/** Every event ever accepted, in order of acceptance. */
export const inbox = sqliteTable(
  'inbox',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull().unique(),
    source: text().notNull(),
    sourceId: text().notNull(),
    /** JSON: a WorldEvent. */
    event: text().notNull(),
    acceptedAt: integer().notNull(),
    state: text({ enum: ['pending', 'done', 'quarantined'] }).notNull(),
    attempts: integer().notNull().default(0),
    /** Not decided before this instant. */
    retryAt: integer().notNull().default(0),
    error: text(),
    decidedAt: integer(),
  },
  (t) => [
    uniqueIndex('inboxSource').on(t.source, t.sourceId),
    index('inboxPending')
      .on(t.seq)
      .where(sql`state = 'pending'`),
    index('inboxQuarantined')
      .on(t.seq)
      .where(sql`state = 'quarantined'`),
  ],
)

/** Why a trigger did what it did. Only triggers that met a rule or left a note have one. */
export const trace = sqliteTable('trace', {
  inboxSeq: integer().primaryKey(),
  /** JSON: a Trace. */
  body: text().notNull(),
})

/** Statuses of messages whose wamid nobody has told us yet. */
export const parkedStatus = sqliteTable(
  'parkedStatus',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    wamid: text().notNull(),
    /** JSON: a WorldEvent. */
    event: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [index('parkedStatusWamid').on(t.wamid), index('parkedStatusAt').on(t.at)],
)

/** What WhatsApp told that no part of the product reads yet. */
export const kept = sqliteTable(
  'kept',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    field: text().notNull(),
    /** JSON. */
    value: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [index('keptField').on(t.field)],
)

export const notification = sqliteTable('notification', {
  seq: integer().primaryKey({ autoIncrement: true }),
  /** JSON: `{ user?, role?, group? }` */
  to: text().notNull(),
  message: text().notNull(),
  /** JSON: `{ code, severity, details }`, or null. */
  notice: text(),
  module: text().notNull(),
  recordId: text().notNull(),
  at: integer().notNull(),
})

/** Sums kept up to date in the transaction that changes them, so that metrics never count rows. */
export const tally = sqliteTable('tally', { name: text().primaryKey(), count: integer().notNull() })

/** Counters of definitions: whose turn it is in a round robin. */
export const counter = sqliteTable('counter', { name: text().primaryKey(), value: integer().notNull() })
