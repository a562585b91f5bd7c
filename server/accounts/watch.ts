import type { Accounts } from '#actions/whatsapp/accounts.ts'
import { WhatsAppRefused } from '#actions/whatsapp/faults.ts'
import type { Clock, Instant } from '#engine/clock.ts'
import type { AccountState } from '#engine/state.ts'
import type { Store } from '#engine/store.ts'
import { troubleAt, troubleOfError } from '#engine/troubles.ts'
import type { AccountNews } from '#engine/accountNews.ts'
import type { NoticeEvent, WorldEvent } from '#engine/trigger.ts'
import { expiryOf } from '../setup/access.ts'
import type { Duty } from '../upkeep.ts'
import { accountEvent, lookAt } from './look.ts'

interface Parts {
  store: Store
  clock: Clock
  newId: () => string
  accounts: Accounts
  accept: (events: WorldEvent[]) => Promise<unknown>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** While something is wrong it is looked at sooner, and then ever less soon. */
const TROUBLED_MS = 5 * MINUTE_MS

/** Keeps what we know of the accounts true: health and numbers hourly, and sooner while there are troubles. */
export function watchHealth({ store, clock, newId, accounts, accept }: Parts): Duty {
  /** Looks in a row that found trouble, by account. */
  const troubled = new Map<string, number>()
  const dueAt = new Map<string, Instant>()
  return {
    name: 'account-health',
    everyMs: HOUR_MS,
    async run(now) {
      const states = new Map((await store.accounts()).map((one) => [one.id, one]))
      const failures: unknown[] = []
      for (const accountId of accounts.ids()) {
        if ((dueAt.get(accountId) ?? -Infinity) > now) continue
        const client = accounts.clientOf(accountId)
        if (client === null) continue
        let bad: boolean
        try {
          const numbers = await store.numbers()
          const { says, health, refused } = await lookAt(client, accountId, numbers, clock.now())
          const value = { health: health?.can_send_message ?? null, refused: refused?.message ?? null }
          if (says.length > 0) {
            await accept([accountEvent('health', { accountId, says, value, id: newId(), now: clock.now() })])
          }
          const standing = [
            ...(states.get(accountId)?.troubles ?? []),
            ...numbers.filter((one) => one.accountId === accountId).flatMap(({ troubles }) => troubles),
          ]
          bad = refused !== null || health?.can_send_message === 'BLOCKED' || standing.length > 0
        } catch (error) {
          failures.push(error)
          bad = true
        }
        const count = bad ? (troubled.get(accountId) ?? 0) + 1 : 0
        troubled.set(accountId, count)
        dueAt.set(accountId, now + (bad ? Math.min(HOUR_MS, TROUBLED_MS * 2 ** (count - 1)) : HOUR_MS))
      }
      if (failures.length > 0) {
        // The next look is planned by account all the same.
        throw new AggregateError(failures, 'the health of an account could not be read')
      }
      return Math.min(now + HOUR_MS, ...dueAt.values())
    },
  }
}

/** Days before its end at which it is told, the latest first. */
const TOLD_DAYS = [1, 3, 7, 14]

/** Tells when a token is going to end, once for each of the days, and when it has ended. */
export function watchTokens({ store, clock, newId, accounts, accept }: Parts): Duty {
  const readAt = new Map<string, Instant>()
  return {
    name: 'token-expiry',
    everyMs: HOUR_MS,
    async run(now) {
      const known = new Set(accounts.ids())
      for (const state of await store.accounts()) {
        if (!known.has(state.id)) continue
        const endsAt = await endOf(state, now)
        if (endsAt === null) continue
        if (endsAt <= now) await ended(state.id, endsAt)
        else await soon(state, endsAt, now)
      }
    },
  }

  /** Asks once a day; a token may be given another end, or be taken back. */
  async function endOf(state: AccountState, now: Instant): Promise<Instant | null> {
    const client = accounts.clientOf(state.id)
    if (client === null || (readAt.get(state.id) ?? -Infinity) + DAY_MS > now) return state.tokenExpiresAt
    readAt.set(state.id, now)
    let info
    try {
      info = await client.ownToken()
    } catch (error) {
      // Not every token may be asked about itself; then its end is what was known.
      if (error instanceof WhatsAppRefused) return state.tokenExpiresAt
      throw error
    }
    const expiresAt = expiryOf(info)
    const change = { tokenExpiresAt: expiresAt, ...(info.scopes.length > 0 && { scopes: info.scopes }) }
    if (expiresAt !== state.tokenExpiresAt || info.scopes.join() !== state.scopes.join()) {
      const says: AccountNews[] = [{ about: 'account', change }]
      const value = { expiresAt, scopes: info.scopes }
      await accept([accountEvent('token', { accountId: state.id, says, value, id: newId(), now: clock.now() })])
    }
    return expiresAt
  }

  async function soon({ id, name }: AccountState, endsAt: Instant, now: Instant): Promise<void> {
    const days = TOLD_DAYS.find((one) => now >= endsAt - one * DAY_MS)
    if (days === undefined) return
    // The same word at every hour, told once: its id is made of the end and the days.
    const notice: NoticeEvent = {
      kind: 'notice',
      source: 'denrei',
      sourceId: `token_expires:${id}:${endsAt}:${days}`,
      occurredAt: endsAt - days * DAY_MS,
      code: 'token_expires',
      severity: days <= 3 ? 'critical' : 'warning',
      details: { account: id, name, expiresAt: endsAt, days },
    }
    await accept([notice])
  }

  async function ended(accountId: string, endsAt: Instant): Promise<void> {
    const trouble = troubleOfError(190)
    if (trouble === null) return
    const says: AccountNews[] = [
      { about: 'trouble', trouble: troubleAt(trouble, endsAt, 'The access token has expired.') },
    ]
    await accept([accountEvent('token', { accountId, says, value: { endsAt }, id: `ended:${endsAt}`, now: endsAt })])
  }
}
