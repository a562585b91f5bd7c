import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

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
