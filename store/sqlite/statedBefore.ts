import type { Database } from 'better-sqlite3'
import { dateOf } from '#engine/calendar.ts'

/** In every zone a day begins at a whole quarter of an hour, so that what was spent in one lies in one day. */
const QUARTER_MS = 15 * 60_000

interface Spent {
  quarter: number
  template: string
  definition: string
  market: string
  category: string
  numberId: string
  charged: number
  free: number
  micros: number
}

/** What a message tells of itself, as spending.ts does. */
const PLACE = `
  CASE WHEN template = '' OR form = 'text' THEN '' ELSE template || '/' || language END AS template,
  CASE instr(definition, '@') WHEN 0 THEN definition ELSE substr(definition, 1, instr(definition, '@') - 1) END AS definition,
  coalesce(market, 'Other') AS market, coalesce(category, '') AS category, lane AS numberId`

/**
 * Sums up what was spent before the store kept sums of it, once: SQL knows no time zones, so a migration cannot. A million
 * postings take a few seconds.
 */
export function stateBefore(db: Database, zone: string): void {
  const isStated = db.prepare('SELECT 1 FROM spending LIMIT 1').get() !== undefined
  const wasDelivered = db.prepare(
    "SELECT 1 FROM tally WHERE name IN ('message/delivered/', 'message/read/') AND count > 0 LIMIT 1",
  )
  if (isStated || wasDelivered.get() === undefined) return
  const grouped = 'GROUP BY 1, 2, 3, 4, 5, 6'
  const spent = db.prepare<[], Spent>(
    `SELECT at / ${QUARTER_MS} AS quarter, ${PLACE}, 0 AS charged, 0 AS free, sum(amountMicros) AS micros
     FROM ledgerPosting JOIN outbox ON outbox.id = messageId WHERE account = 'spent' ${grouped}`,
  )
  const counted = db.prepare<[], Spent>(
    `SELECT coalesce(deliveredAt, readAt, acceptedAt, createdAt) / ${QUARTER_MS} AS quarter, ${PLACE},
       sum(holdState = 'captured' AND priceMicros > 0) AS charged, sum(NOT (holdState = 'captured' AND priceMicros > 0)) AS free,
       0 AS micros
     FROM outbox WHERE kind = 'sendTemplate' AND state IN ('delivered', 'read') ${grouped}`,
  )
  const put = db.prepare<[Omit<Spent, 'quarter'> & { day: string }]>(
    `INSERT INTO spending (day, template, definition, market, category, numberId, charged, free, micros)
     VALUES (@day, @template, @definition, @market, @category, @numberId, @charged, @free, @micros)
     ON CONFLICT (day, template, definition, market, category, numberId)
     DO UPDATE SET charged = charged + excluded.charged, free = free + excluded.free, micros = micros + excluded.micros`,
  )
  db.transaction(() => {
    for (const { quarter, ...sum } of [...spent.all(), ...counted.all()]) {
      put.run({ ...sum, day: dateOf(quarter * QUARTER_MS, zone) })
    }
  }).immediate()
}
