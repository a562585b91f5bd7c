import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/* Messages and work on their way out, and later actions. */

/** One row an intent. Columns hold what is filtered, claimed and moved; the intent itself never changes much. */
export const outbox = sqliteTable(
  'outbox',
  {
    id: text().primaryKey(),
    kind: text({ enum: ['sendTemplate', 'work'] }).notNull(),
    /** A phone number id, `work`, or '' while no number can be told. */
    lane: text().notNull(),
    definition: text().notNull(),
    module: text().notNull(),
    recordId: text().notNull(),
    /** Empty for work, and for free text without a template to fall back to. */
    template: text().notNull(),
    language: text().notNull(),
    /** JSON: an Intent. */
    intent: text().notNull(),
    contactId: text(),
    /** The instance of a journey that wants it. */
    instanceId: text(),
    state: text().notNull(),
    reason: text(),
    detail: text(),
    dueAt: integer().notNull(),
    waitsFor: text(),
    attempts: integer().notNull(),
    fence: integer().notNull(),
    /** As what it went out, or goes out; null before the first claim, and for work. */
    form: text(),
    /** While `sending`. */
    leasedUntil: integer(),
    wamid: text(),
    priceMicros: integer().notNull(),
    market: text(),
    /** The category in force when it was claimed. */
    category: text(),
    holdState: text().notNull(),
    revision: integer().notNull(),
    createdAt: integer().notNull(),
    claimedAt: integer(),
    acceptedAt: integer(),
    sentAt: integer(),
    deliveredAt: integer(),
    readAt: integer(),
    failedAt: integer(),
    /** How many of its first steps the columns tell; see steps.ts. */
    plainSteps: integer().notNull().default(0),
    /** In which queue of its lane it waits: its class and its definition in one number; see queues.ts. */
    queue: integer().notNull().default(0),
  },
  (t) => [
    // By queue, so that each is read from its head, however long the others are.
    index('outboxDue')
      .on(t.lane, t.queue, t.dueAt, t.id)
      .where(sql`state IN ('queued', 'held')`),
    index('outboxUnheard')
      .on(t.acceptedAt)
      .where(sql`state IN ('accepted', 'sent')`),
    index('outboxSending')
      .on(t.leasedUntil)
      .where(sql`state = 'sending'`),
    index('outboxUnknown')
      .on(t.dueAt)
      .where(sql`state = 'unknown'`),
    index('outboxOpenHold')
      .on(t.dueAt)
      .where(sql`holdState = 'held' AND state IN ('accepted', 'sent')`),
    index('outboxWaiting')
      .on(t.waitsFor)
      .where(sql`state = 'held' AND waitsFor IS NOT NULL`),
    index('outboxUnusual')
      .on(t.state, t.id)
      .where(sql`state IN ('held', 'unknown', 'blocked', 'failed', 'gave_up')`),
    index('outboxWamid')
      .on(t.wamid)
      .where(sql`wamid IS NOT NULL`),
    index('outboxRecord').on(t.module, t.recordId),
    index('outboxContact').on(t.contactId),
    index('outboxMarketing')
      .on(t.contactId, t.claimedAt)
      .where(sql`category = 'MARKETING'`),
    index('outboxJourney')
      .on(t.contactId, t.claimedAt)
      .where(sql`instanceId IS NOT NULL`),
  ],
)

/** The steps of messages that their columns do not tell; see steps.ts. */
export const messageStep = sqliteTable(
  'messageStep',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    messageId: text().notNull(),
    at: integer().notNull(),
    state: text().notNull(),
    reason: text(),
    detail: text(),
    /** JSON: GuardTrace[] */
    guards: text(),
  },
  (t) => [index('messageStepMessage').on(t.messageId)],
)

/** Who works a lane. */
export const laneLease = sqliteTable('laneLease', {
  lane: text().primaryKey(),
  holder: text().notNull(),
  until: integer().notNull(),
})

/** The definitions that ever wanted something, without their versions: by these numbers the outbox tells their queues. */
export const queue = sqliteTable('queue', {
  seq: integer().primaryKey({ autoIncrement: true }),
  definition: text().notNull().unique(),
})

/** When each person was last written to outside a window: the reach limit of a portfolio counts them. */
export const reach = sqliteTable(
  'reach',
  {
    /** Of the number's account; the account itself while its portfolio is not known. */
    portfolio: text().notNull(),
    who: text().notNull(),
    lastAt: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.portfolio, t.who] }), index('reachLast').on(t.portfolio, t.lastAt)],
)

/** Each state of a timer but `waiting` and `paused` is an end. */
export const timer = sqliteTable(
  'timer',
  {
    id: text().primaryKey(),
    kind: text({ enum: ['later', 'date', 'schedule', 'instance', 'broadcast'] })
      .notNull()
      .default('later'),
    dueAt: integer().notNull(),
    definition: text().notNull(),
    module: text().notNull(),
    recordId: text().notNull(),
    instanceId: text(),
    /** Of an instance timer. */
    visit: integer(),
    /** JSON: a Timer. Of the two, `dueAt` of the column counts. */
    timer: text().notNull(),
    state: text({ enum: ['waiting', 'paused', 'fired', 'cancelled'] }).notNull(),
    reason: text(),
    endedAt: integer(),
  },
  (t) => [
    // The rows of timers that come due together lie far apart, so each index entry that then changes costs a page. Only these of
    // one place change. The definition is in them because it is asked for seldom: then all that waits is read.
    index('timerDue')
      .on(t.dueAt, t.id, t.definition, t.kind)
      .where(sql`state = 'waiting'`),
    // An instance's too: with its visit, so that those of its past are not read.
    index('timerRecord').on(t.module, t.recordId, t.visit),
    index('timerPaused')
      .on(t.definition)
      .where(sql`state = 'paused'`),
  ],
)
