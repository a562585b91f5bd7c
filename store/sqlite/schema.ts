import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/*
 * The tables. Columns are named like the fields of the engine's types, so that a row read with plain SQL is one
 * already. Only migrations and types come from here: at run time nothing imports this file (see migrate.ts).
 *
 * `At` columns are epoch milliseconds, `...Micros` integer micro-credits, columns of JSON text say so.
 */

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

/** Sums kept up to date in the transaction that changes them, so that metrics never count rows. */
export const tally = sqliteTable('tally', { name: text().primaryKey(), count: integer().notNull() })

/** Counters of definitions: whose turn it is in a round robin. */
export const counter = sqliteTable('counter', { name: text().primaryKey(), value: integer().notNull() })

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

export const contact = sqliteTable('contact', {
  id: text().primaryKey(),
  phone: text(),
  waId: text(),
  bsuid: text(),
  name: text(),
  optedOutMarketingAt: integer(),
  optedOutAllAt: integer(),
  optedInAt: integer(),
  consentBy: text(),
  revision: integer().notNull(),
  /** Proved to be this other contact; kept because older rows and traces name it. */
  mergedInto: text(),
})

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
    /** Empty for work. */
    template: text().notNull(),
    language: text().notNull(),
    /** JSON: an Intent. */
    intent: text().notNull(),
    contactId: text(),
    state: text().notNull(),
    reason: text(),
    detail: text(),
    dueAt: integer().notNull(),
    waitsFor: text(),
    attempts: integer().notNull(),
    fence: integer().notNull(),
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
  },
  (t) => [
    index('outboxDue')
      .on(t.lane, t.dueAt, t.id)
      .where(sql`state IN ('queued', 'held')`),
    index('outboxSending')
      .on(t.leasedUntil)
      .where(sql`state = 'sending'`),
    index('outboxUnknown')
      .on(t.dueAt)
      .where(sql`state = 'unknown'`),
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
  ],
)

/** Every step of every message's life. */
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

/** When each person was last written to outside a window: the portfolio's reach limit counts them. */
export const reach = sqliteTable('reach', { who: text().primaryKey(), lastAt: integer().notNull() }, (t) => [
  index('reachLast').on(t.lastAt),
])

export const timer = sqliteTable(
  'timer',
  {
    id: text().primaryKey(),
    dueAt: integer().notNull(),
    definition: text().notNull(),
    module: text().notNull(),
    recordId: text().notNull(),
    /** JSON: a Timer. */
    timer: text().notNull(),
    state: text({ enum: ['waiting', 'fired', 'cancelled'] }).notNull(),
    reason: text(),
    endedAt: integer(),
  },
  (t) => [
    index('timerDue')
      .on(t.dueAt, t.id)
      .where(sql`state = 'waiting'`),
    index('timerRecord').on(t.module, t.recordId),
  ],
)

export const definitionVersion = sqliteTable(
  'definitionVersion',
  {
    key: text().notNull(),
    version: integer().notNull(),
    active: integer().notNull(),
    /** JSON: a Definition. */
    definition: text().notNull(),
    hash: text().notNull(),
    createdAt: integer().notNull(),
    createdBy: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.key, t.version] })],
)

export const templateState = sqliteTable(
  'templateState',
  {
    name: text().notNull(),
    language: text().notNull(),
    accountId: text().notNull(),
    metaId: text(),
    status: text().notNull(),
    category: text().notNull(),
    quality: text(),
    reason: text(),
    submittedHash: text(),
    updatedAt: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.name, t.language] })],
)

export const numberState = sqliteTable('numberState', {
  id: text().primaryKey(),
  accountId: text().notNull(),
  displayNumber: text().notNull(),
  nickname: text(),
  verifiedName: text(),
  status: text().notNull(),
  verified: integer().notNull(),
  quality: text().notNull(),
  throughput: integer().notNull(),
  reachMax: integer(),
  updatedAt: integer().notNull(),
})

/** JSON values by key. The settings of the installation stand under `settings`. */
export const setting = sqliteTable('setting', {
  key: text().primaryKey(),
  value: text().notNull(),
  updatedAt: integer().notNull(),
})

/** Rows are only ever added; the postings of one `txId` sum to zero. */
export const ledgerPosting = sqliteTable(
  'ledgerPosting',
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    txId: text().notNull(),
    account: text({ enum: ['purchases', 'available', 'held', 'spent'] }).notNull(),
    amountMicros: integer().notNull(),
    messageId: text(),
    memo: text().notNull(),
    at: integer().notNull(),
  },
  (t) => [uniqueIndex('ledgerPostingTx').on(t.txId, t.account)],
)

/** The sum of each account's postings. */
export const ledgerBalance = sqliteTable('ledgerBalance', {
  account: text().primaryKey(),
  amountMicros: integer().notNull(),
})

export const notification = sqliteTable('notification', {
  seq: integer().primaryKey({ autoIncrement: true }),
  /** JSON: `{ user?, role?, group? }` */
  to: text().notNull(),
  message: text().notNull(),
  module: text().notNull(),
  recordId: text().notNull(),
  at: integer().notNull(),
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
