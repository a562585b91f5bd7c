import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { Account } from './account.ts'
import type { Inbox } from './inbox.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import { NEVER_AT, type OutboxRow } from './outboxRow.ts'
import type { Session } from './session.ts'

/** How often it is asked whether an event was lost that should have let messages go: by a crash between two writes. */
const LOST_EVENTS_EVERY_MS = 10 * 60_000
/** Rows put back into the queue in one transaction. */
const WAKE_MAX = 500

interface Parts {
  account: Account
  inbox: Inbox
  ledger: Ledger
  outbox: Outbox
}

/** Lets held messages go whose wait is over though nothing said so. Runs inside the caller's transaction. */
export function createWake({ db, onRollback }: Session, { account, inbox, ledger, outbox }: Parts) {
  const gained = db
    .prepare<[number], number>(
      "SELECT 1 FROM ledgerPosting WHERE seq > ? AND account = 'available' AND amountMicros > 0 LIMIT 1",
    )
    .pluck()
  const lastPosting = db.prepare<[], number | null>('SELECT max(seq) FROM ledgerPosting').pluck()
  const affordable = db.prepare<[number, number], OutboxRow>(
    `SELECT * FROM outbox WHERE state = 'held' AND waitsFor = 'credits_added' AND priceMicros <= ? ORDER BY id LIMIT ?`,
  )
  const waiting = `state = 'held' AND waitsFor = ? AND dueAt = ${NEVER_AT}`
  const anyWaits = db.prepare<[string], number>(`SELECT 1 FROM outbox WHERE ${waiting} LIMIT 1`).pluck()
  const numberIsReady = db
    .prepare<[string | null, string], number>(
      `SELECT 1 FROM outbox JOIN numberState ON numberState.id = CASE lane WHEN '' THEN ? ELSE lane END
       WHERE outbox.state = 'held' AND waitsFor = ? AND dueAt = ${NEVER_AT} AND status = 'CONNECTED' AND verified = 1 LIMIT 1`,
    )
    .pluck()
  const approved = db.prepare<[string], { name: string; language: string }>(
    `SELECT DISTINCT templateState.name, templateState.language FROM outbox
     JOIN templateState ON templateState.name = outbox.template AND templateState.language = outbox.language
     WHERE outbox.state = 'held' AND waitsFor = ? AND dueAt = ${NEVER_AT} AND status = 'APPROVED'`,
  )
  let seenPosting = 0
  let lookAt: Instant | null = null
  onRollback(() => {
    seenPosting = 0
    lookAt = 0
  })

  /**
   * Credits come back when messages fail or cost less than was held for them. As many of those that wait are woken, oldest
   * first, as the available credits cover; a message that is too dear does not keep cheaper ones back.
   */
  function wakeAffordable(now: Instant): number {
    const last = lastPosting.get() ?? 0
    const hasGained = gained.get(seenPosting) === 1
    if (!hasGained) return 0
    let { available } = ledger.balance()
    const rows = affordable.all(available, WAKE_MAX)
    const woken = rows.filter((row) => {
      if (row.priceMicros > available) return false
      available -= row.priceMicros
      outbox.put(row, { state: 'queued', reason: null, detail: null, waitsFor: null, dueAt: now }, now)
      return true
    })
    // What is left over is looked at again: a woken one that is blocked after all takes no credits and gives none back.
    if (woken.length === rows.length && rows.length < WAKE_MAX) seenPosting = last
    return woken.length
  }

  /** An event that should have released messages may have died with the process that was to write it. */
  function wakeReady(now: Instant): number {
    let released = 0
    const release = (change: Pick<Extract<Change, { kind: 'release' }>, 'waitsFor' | 'template'>) => {
      outbox.release({ kind: 'release', ...change, at: now })
      released++
    }
    if (account.settings().integration.active && anyWaits.get('integration_active') === 1) {
      release({ waitsFor: 'integration_active' })
    }
    if (numberIsReady.get(account.defaultNumberId(), 'number_ready') === 1) release({ waitsFor: 'number_ready' })
    for (const template of approved.all('template_approved')) release({ waitsFor: 'template_approved', template })
    return released
  }

  /** @returns above zero when something may be claimed now */
  return function wake(now: Instant): number {
    const woken = wakeAffordable(now)
    // A clock that was set back must not put this off for longer than the interval.
    lookAt = Math.min(lookAt ?? Infinity, now + LOST_EVENTS_EVERY_MS)
    // What is undecided may say that a template or a number is not ready after all.
    if (now < lookAt || inbox.oldestPendingAt() !== null) return woken
    lookAt = now + LOST_EVENTS_EVERY_MS
    return woken + wakeReady(now)
  }
}
