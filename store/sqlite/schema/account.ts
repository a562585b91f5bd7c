import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/* Definitions, settings, what WhatsApp knows, and the money. */

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
    definition: text(),
    definitionVersion: integer(),
    pausedUntil: integer(),
    agreedCategory: text(),
    /** JSON: `{ category, at }` */
    nextCategory: text(),
    checkedAt: integer(),
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
  nameStatus: text(),
  platform: text(),
  /** JSON: Intake. */
  intake: text(),
  /** JSON: Trouble[] */
  troubles: text().notNull().default('[]'),
  updatedAt: integer().notNull(),
})

/** Its id, and the rest as JSON: accounts are few, and read whole. */
export const accountState = sqliteTable('accountState', {
  id: text().primaryKey(),
  /** JSON: an AccountState. */
  body: text().notNull(),
  updatedAt: integer().notNull(),
})

/** Sealed by the server: what stands here is of no use without its key. */
export const secret = sqliteTable('secret', {
  name: text().primaryKey(),
  sealed: text().notNull(),
  updatedAt: integer().notNull(),
})

/** Small things as JSON, by key: set-ups, marks of upkeep, imported rate cards, reconciliations. */
export const document = sqliteTable('document', {
  key: text().primaryKey(),
  value: text().notNull(),
  updatedAt: integer().notNull(),
})

export const purchase = sqliteTable(
  'purchase',
  {
    id: text().primaryKey(),
    state: text().notNull(),
    /** JSON: a Purchase. */
    body: text().notNull(),
    createdAt: integer().notNull(),
    revision: integer().notNull().default(1),
  },
  (t) => [index('purchaseState').on(t.state, t.id)],
)

/** What messages cost, by day and by what they were. Sums, kept with the postings they are sums of. */
export const spending = sqliteTable(
  'spending',
  {
    /** A calendar date in the settings' zone. */
    day: text().notNull(),
    /** WhatsApp's name and the language: `welcome_lead/ja`; empty for free text. */
    template: text().notNull(),
    /** Without its version. */
    definition: text().notNull(),
    market: text().notNull(),
    category: text().notNull(),
    numberId: text().notNull(),
    charged: integer().notNull(),
    free: integer().notNull(),
    micros: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.template, t.definition, t.market, t.category, t.numberId] })],
)

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
    account: text({ enum: ['purchases', 'available', 'held', 'spent', 'owed'] }).notNull(),
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
