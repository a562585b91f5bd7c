import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/* Records on their way through blueprints and journeys. */

/**
 * One row an instance. A step on the way is an update of columns that no index holds; only entering, leaving and a migration
 * touch the indexes.
 */
export const instance = sqliteTable(
  'instance',
  {
    /** What other tables name it by: half the size of the id, and in the order of entry. */
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull().unique(),
    kind: text({ enum: ['blueprint', 'journey'] }).notNull(),
    definition: text().notNull(),
    version: integer().notNull(),
    module: text().notNull(),
    recordId: text().notNull(),
    key: text().notNull(),
    status: text({ enum: ['running', 'ended'] }).notNull(),
    position: text().notNull(),
    visit: integer().notNull(),
    reason: text(),
    enteredAt: integer().notNull(),
    movedAt: integer().notNull(),
    endedAt: integer(),
    /** JSON. */
    body: text().notNull(),
    /** JSON: string[] */
    addresses: text().notNull(),
    /** JSON: Cause[] */
    causedBy: text().notNull(),
    revision: integer().notNull(),
  },
  (t) => [
    index('instanceRecord').on(t.module, t.recordId, t.status),
    index('instanceDefinition').on(t.definition, t.id),
    index('instanceRunning')
      .on(t.definition, t.version, t.id)
      .where(sql`status = 'running'`),
  ],
)

/** The history of instances. */
export const instanceStep = sqliteTable(
  'instanceStep',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    instanceSeq: integer().notNull(),
    at: integer().notNull(),
    kind: text({ enum: ['entered', 'moved', 'noted', 'ended', 'migrated'] }).notNull(),
    from: text(),
    to: text(),
    via: text().notNull(),
    by: text().notNull(),
    tookMs: integer().notNull(),
    /** JSON. */
    data: text(),
  },
  (t) => [index('instanceStepInstance').on(t.instanceSeq)],
)

/** Whom running instances wrote to. */
export const instanceAddress = sqliteTable(
  'instanceAddress',
  { address: text().notNull(), instanceSeq: integer().notNull() },
  (t) => [primaryKey({ columns: [t.address, t.instanceSeq] })],
)

/** How often, and when last, a record entered. */
export const instanceEntry = sqliteTable(
  'instanceEntry',
  {
    module: text().notNull(),
    recordId: text().notNull(),
    definition: text().notNull(),
    key: text().notNull(),
    count: integer().notNull(),
    lastEnteredAt: integer().notNull(),
    lastEndedAt: integer(),
  },
  (t) => [primaryKey({ columns: [t.module, t.recordId, t.definition, t.key] })],
)

/** How many running instances stand where. A sum, kept with the rows it counts. */
export const instanceStanding = sqliteTable(
  'instanceStanding',
  {
    definition: text().notNull(),
    version: integer().notNull(),
    position: text().notNull(),
    count: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.definition, t.version, t.position] })],
)

/** How often each way was gone, and how long it took to. A sum; '' stands for nowhere, which no position is called. */
export const instancePass = sqliteTable(
  'instancePass',
  {
    definition: text().notNull(),
    from: text().notNull(),
    to: text().notNull(),
    via: text().notNull(),
    count: integer().notNull(),
    totalMs: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.definition, t.from, t.to, t.via] })],
)

/** Definitions whose instances stand still. */
export const pausedDefinition = sqliteTable('pausedDefinition', {
  definition: text().primaryKey(),
  at: integer().notNull(),
  by: text().notNull(),
})

export const broadcast = sqliteTable(
  'broadcast',
  {
    id: text().primaryKey(),
    definition: text().notNull(),
    /** JSON: a Broadcast. */
    body: text().notNull(),
    revision: integer().notNull(),
  },
  (t) => [index('broadcastDefinition').on(t.definition, t.id)],
)

/** The records of a broadcast to a list, in order. */
export const broadcastRecord = sqliteTable(
  'broadcastRecord',
  { broadcastId: text().notNull(), seq: integer().notNull(), recordId: text().notNull() },
  (t) => [primaryKey({ columns: [t.broadcastId, t.seq] })],
)
