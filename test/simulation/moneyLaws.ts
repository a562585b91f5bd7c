import { settings as settingsSchema } from '#definitions/settings.ts'
import type { Purchase } from '#engine/state.ts'
import { rowsOf, type Law } from './law.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000
const TOKYO_MS = 9 * 3_600_000
/** Nobody completes a payment after so long. */
const LONG_MS = 3 * DAY_MS

const BOOKED = new Set<Purchase['state']>(['succeeded', 'refunded', 'disputed'])
const UNDER_WAY = new Set<Purchase['state']>(['started', 'pending', 'needs_action'])

const purchasesOf = (world: World): Purchase[] =>
  rowsOf<{ body: string }>(world, 'SELECT body FROM purchase ORDER BY id').map(
    ({ body }) => JSON.parse(body) as Purchase,
  )

const sumOf = (world: World, sql: string): number => rowsOf<{ sum: number | null }>(world, sql)[0]?.sum ?? 0

/** What can be spent is never below zero, after whichever posting one looks. */
export const neverBelowZero: Law = (world) =>
  rowsOf<object>(
    world,
    `SELECT * FROM (
       SELECT seq, txId, account, sum(amountMicros) OVER (PARTITION BY account ORDER BY seq) AS micros
       FROM ledgerPosting WHERE account IN ('available', 'held', 'spent'))
     WHERE micros < 0 LIMIT 3`,
  )

/** Each purchase is booked once, and nothing else but what was booked by hand. */
export const purchasesAreBookedOnce: Law = (world) => {
  const bought = purchasesOf(world)
    .filter(({ state }) => BOOKED.has(state))
    .reduce((sum, { amountMicros, returnedMicros }) => sum + amountMicros - returnedMicros, 0)
  const byHand = sumOf(
    world,
    `SELECT sum(event ->> '$.amountMicros') AS sum FROM inbox WHERE state = 'done' AND event ->> '$.kind' = 'credits'`,
  )
  const booked = -sumOf(world, "SELECT sum(amountMicros) AS sum FROM ledgerPosting WHERE account = 'purchases'")
  return booked === bought + byHand ? [] : [{ booked, bought, byHand }]
}

/** By themselves credits are bought one purchase after the other, and no more in a day than the settings allow. */
export const rechargesKeepTheirCap: Law = (world) => {
  const [row] = rowsOf<{ value: string }>(world, "SELECT value FROM setting WHERE key = 'settings'")
  const wanted = row === undefined ? null : settingsSchema.parse(JSON.parse(row.value)).credits.autoRecharge
  const automatic = purchasesOf(world).filter((one) => one.automatic)
  const underWay = automatic.filter(({ state }) => UNDER_WAY.has(state))
  const taken = automatic.filter(({ state }) => state !== 'failed' && state !== 'cancelled')
  const days = Map.groupBy(taken, ({ createdAt }) => Math.floor((createdAt + TOKYO_MS) / DAY_MS))
  const over = [...days]
    .map(([day, all]) => ({ day, micros: all.reduce((sum, { amountMicros }) => sum + amountMicros, 0) }))
    .filter(({ micros }) => micros > (wanted?.dailyCapMicros ?? 0))
  return [...(underWay.length > 1 ? underWay : []), ...over]
}

/** Nobody pays twice for one purchase. */
export const nobodyPaysTwice: Law = (world) => {
  const paid = [...world.till.stripe.account.intents.values()].filter(({ status }) => status === 'succeeded')
  return [...Map.groupBy(paid, ({ metadata }) => metadata['denrei_purchase'] ?? '')]
    .filter(([, intents]) => intents.length > 1)
    .map(([purchaseId, intents]) => ({ purchaseId, intents: intents.map(({ id }) => id) }))
}

/** The sums of what was spent, by day and template, come to what the ledger says was spent. */
export const spendingAddsUp: Law = (world) => {
  const ledger = sumOf(world, "SELECT sum(amountMicros) AS sum FROM ledgerPosting WHERE account = 'spent'")
  const spending = sumOf(world, 'SELECT sum(micros) AS sum FROM spending')
  return ledger === spending ? [] : [{ ledger, spending }]
}

/** Once a message has ended nothing is set aside for it. */
export const holdsEnd: Law = (world) =>
  rowsOf<object>(
    world,
    `SELECT id, state, reason, priceMicros FROM outbox
     WHERE holdState = 'held' AND state NOT IN ('sending', 'unknown', 'accepted', 'sent')`,
  )

/** Whoever paid has the credits, and nobody has credits who did not pay; what went back has gone back. Once all is quiet. */
export const moneyIsWhereStripeSays: Law = (world) => {
  const { intents, charges, disputes } = world.till.stripe.account
  const now = world.time.server.now()
  return purchasesOf(world)
    .filter(({ provider }) => provider === 'stripe')
    .flatMap((purchase): object[] => {
      const { id, state, amountMicros, returnedMicros, createdAt } = purchase
      const own = [...intents.values()].filter(({ metadata }) => metadata['denrei_purchase'] === id)
      const paid = own.find(({ status }) => status === 'succeeded')
      if (UNDER_WAY.has(state)) return createdAt < now - LONG_MS ? [{ id, state, problem: 'under way for ever' }] : []
      if (BOOKED.has(state) !== (paid !== undefined)) return [{ id, state, stripe: own.map(({ status }) => status) }]
      const charge = charges.get(paid?.latest_charge ?? '')
      if (charge === undefined) return []
      const taken = [...disputes.values()]
        .filter((one) => one.charge === charge.id && one.status !== 'won')
        .reduce((sum, { amount }) => sum + amount, 0)
      const back = Math.round((amountMicros * Math.min(charge.amount, charge.amount_refunded + taken)) / charge.amount)
      // Shares are rounded to whole micro-credits.
      return Math.abs(back - returnedMicros) <= 2 ? [] : [{ id, state, returnedMicros, back }]
    })
}
