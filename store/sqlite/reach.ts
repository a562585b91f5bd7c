import type { Instant } from '#engine/clock.ts'
import { REACH_MS } from '#engine/guards/reach.ts'
import type { AccountState } from '#engine/state.ts'
import type { Session } from './session.ts'

/** Whom each portfolio has reached outside a window in the last day. */
export type Reach = ReturnType<typeof createReach>

export function createReach({ db, tallies }: Session) {
  const last = db.prepare<[string, string], Instant>('SELECT lastAt FROM reach WHERE portfolio = ? AND who = ?').pluck()
  const gone = db
    .prepare<[string, Instant], number>('SELECT count(*) FROM reach WHERE portfolio = ? AND lastAt <= ?')
    .pluck()
  const oldest = db
    .prepare<[string, Instant], Instant | null>('SELECT min(lastAt) FROM reach WHERE portfolio = ? AND lastAt > ?')
    .pluck()
  const add = db.prepare<[string, string, Instant]>(
    'INSERT INTO reach (portfolio, who, lastAt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const move = db.prepare<[Instant, string, string]>(
    'UPDATE reach SET lastAt = max(lastAt, ?) WHERE portfolio = ? AND who = ?',
  )
  const drop = db.prepare<[string, Instant]>('DELETE FROM reach WHERE portfolio = ? AND lastAt <= ?')
  const join = db.prepare<[string, string]>(
    `INSERT INTO reach (portfolio, who, lastAt) SELECT ?, who, lastAt FROM reach WHERE portfolio = ?
     ON CONFLICT (portfolio, who) DO UPDATE SET lastAt = max(lastAt, excluded.lastAt)`,
  )
  const leave = db.prepare<[string]>('DELETE FROM reach WHERE portfolio = ?')
  const countOf = db.prepare<[string], number>('SELECT count(*) FROM reach WHERE portfolio = ?').pluck()
  const freed = db
    .prepare<[string, Instant, number], Instant>(
      'SELECT lastAt FROM reach WHERE portfolio = ? AND lastAt > ? ORDER BY lastAt LIMIT 1 OFFSET ?+0',
    )
    .pluck()
  const rename = db.prepare<[string]>("UPDATE reach SET who = 'erased/' || hex(randomblob(8)) WHERE who = ?")

  return {
    /** @returns how many people count now, and when the one of them was last reached whose turn is over first */
    of(portfolio: string, now: Instant): { reached: number; oldestReachedAt: Instant | null } {
      const since = now - REACH_MS
      return {
        reached: tallies.get(tallyName(portfolio)) - (gone.get(portfolio, since) ?? 0),
        oldestReachedAt: oldest.get(portfolio, since) ?? null,
      }
    },
    /**
     * When a place is free for a new person who has so many others before them, each of whom takes one.
     * @param max places in 24 hours, above zero
     */
    freeAt(portfolio: string, ahead: number, max: number, now: Instant): Instant {
      const { reached } = this.of(portfolio, now)
      // Those reached beyond the limit, when it has fallen, have to go first.
      const place = reached - max + ahead
      if (place < 0) return now
      // Whoever takes a place leaves it a day later.
      const days = Math.floor(place / Math.max(1, reached))
      const lastAt = freed.get(portfolio, now - REACH_MS, place % Math.max(1, reached)) ?? now
      return lastAt + (days + 1) * REACH_MS
    },
    has: (portfolio: string, who: string, now: Instant): boolean => (last.get(portfolio, who) ?? 0) > now - REACH_MS,
    lastAt: (portfolio: string, who: string): Instant | null => last.get(portfolio, who) ?? null,
    /** Notes a person written to outside a window. */
    note(portfolio: string, who: string, now: Instant): void {
      if (add.run(portfolio, who, now).changes === 1) tallies.add(tallyName(portfolio), 1)
      else move.run(now, portfolio, who)
    },
    /** Forgets whom the limit counts no more. */
    forget(portfolio: string, now: Instant): void {
      tallies.add(tallyName(portfolio), -drop.run(portfolio, now - REACH_MS).changes)
    },
    /** An account has turned out to be another portfolio's: whom it reached counts there. @param shares others count on in `from` */
    join(from: string, into: string, shares: 'alone' | 'with others'): void {
      const before = countOf.get(into) ?? 0
      join.run(into, from)
      tallies.add(tallyName(into), (countOf.get(into) ?? 0) - before)
      if (shares === 'alone') tallies.add(tallyName(from), -leave.run(from).changes)
    },
    /** A person is forgotten, and counts on without a name. */
    anonymize(who: string): void {
      rename.run(who)
    },
  }
}

/** The portfolio whose reach limit counts what an account sends; '' while no account is known. */
export function portfolioOf(accountId: string | null, account: AccountState | null | undefined): string {
  return account?.portfolioId ?? accountId ?? ''
}

const tallyName = (portfolio: string): string => `reach/${portfolio}`
