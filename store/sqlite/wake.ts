import type { Instant } from '#engine/clock.ts'
import { templateKey, type NumberState } from '#engine/state.ts'
import type { WaitsFor } from '#engine/trigger.ts'
import { isInForce } from '#engine/troubles.ts'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Inbox } from './inbox.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import { NEVER_AT, type OutboxRow } from './outboxRow.ts'
import type { Releases } from './releases.ts'
import type { Session } from './session.ts'

/** How often it is asked whether an event was lost that should have let messages go: by a crash between two writes. */
const LOST_EVENTS_EVERY_MS = 10 * 60_000
/** Rows put back into the queue in one transaction. */
const WAKE_MAX = 500

interface Parts {
  account: Account
  accounts: Accounts
  inbox: Inbox
  ledger: Ledger
  outbox: Outbox
  release: Releases
}

/** Lets held messages go whose wait is over though nothing said so. Runs inside the caller's transaction. */
export function createWake({ db, onRollback }: Session, { account, accounts, inbox, ledger, outbox, release }: Parts) {
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
  const lanesOf = db.prepare<[string], { lane: string; reason: string | null }>(
    `SELECT DISTINCT lane, reason FROM outbox WHERE ${waiting}`,
  )
  const ofTemplates = db.prepare<[string], { name: string; language: string; reason: string | null; category: string }>(
    `SELECT DISTINCT template AS name, language, reason, intent ->> '$.category' AS category FROM outbox WHERE ${waiting}`,
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

  /** Whether nothing of an account or its number keeps back what waits for this reason, as far as the guards ask for it. */
  function isReady(waitsFor: WaitsFor, lane: string, reason: string | null, now: Instant): boolean {
    const number = numberOf(lane)
    const own = number === undefined ? undefined : accounts.all().get(number.accountId)
    const isOn = account.settings().integration.active && (own?.enabled ?? true)
    const troubles = [...(own?.troubles ?? []), ...(number?.troubles ?? [])].filter((one) => isInForce(one, now))
    if (!isOn || troubles.some(({ stops }) => stops === 'all')) return false
    if (waitsFor === 'number_ready' && !(number?.verified === true && number.status === 'CONNECTED')) return false
    const isWholly = reason === 'integration_inactive' || reason === 'number_not_ready'
    return isWholly || troubles.every(({ stops }) => stops === 'nothing')
  }

  /** Of the lane's number; of the one that messages without a number go by, when there is one. */
  function numberOf(lane: string): NumberState | undefined {
    const id = lane === '' ? account.defaultNumberId() : lane
    return account.numbers().find((one) => one.id === id)
  }

  function isTemplateReady({ name, language, reason, category }: ReturnType<typeof ofTemplates.all>[number]): boolean {
    const template = account.templates().get(templateKey({ name, language }))
    if (template?.status !== 'APPROVED') return false
    if (reason !== 'template_category_changed') return true
    const isAgreed = template.agreedCategory === template.category || template.category === category
    return isAgreed || account.settings().templates.categoryChange === 'accept'
  }

  /** An event that should have released messages may have died with the process that was to write it. */
  function wakeReady(now: Instant): number {
    let released = 0
    for (const waitsFor of ['integration_active', 'number_ready'] as const) {
      if (anyWaits.get(waitsFor) !== 1) continue
      for (const { lane, reason } of lanesOf.all(waitsFor)) {
        if (!isReady(waitsFor, lane, reason, now)) continue
        release({ waitsFor, lane, reason, at: now })
        released++
      }
    }
    if (anyWaits.get('template_approved') !== 1) return released
    for (const waits of ofTemplates.all('template_approved')) {
      if (!isTemplateReady(waits)) continue
      release({ waitsFor: 'template_approved', template: waits, reason: waits.reason, at: now })
      released++
    }
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
