import assert from 'node:assert/strict'
import type { Statement } from 'better-sqlite3'
import { LRUCache } from 'lru-cache'
import type { Instant } from '#engine/clock.ts'
import type { Change, MessageMove } from '#engine/decision.ts'
import type { GuardTrace, Intent, MessageState } from '#engine/message.ts'
import type { MessageStep } from '#engine/store.ts'
import type { Account } from './account.ts'
import type { Contacts } from './contacts.ts'
import { newRow, type OutboxRow } from './outboxRow.ts'
import type { Session } from './session.ts'
import { createSteps } from './steps.ts'

/** The outbox: its rows, and the steps they took. */
export type Outbox = ReturnType<typeof createOutbox>

const COLUMNS =
  'id, kind, lane, definition, module, recordId, template, language, intent, contactId, instanceId, state, reason, detail, dueAt, ' +
  'waitsFor, attempts, fence, form, leasedUntil, wamid, priceMicros, market, category, holdState, revision, createdAt, ' +
  'claimedAt, acceptedAt, sentAt, deliveredAt, readAt, failedAt, plainSteps'

/** Rows kept in memory with their intents read: most are claimed and settled within a second of being put in. */
const RECENT_MAX = 3_000

export function createOutbox(session: Session, contacts: Contacts, account: Account) {
  const { db, tallies, onRollback } = session
  const steps = createSteps(session)
  // Believed only as long as the revision in the table says so: some statements below move many rows at once.
  const recent = new LRUCache<string, { row: OutboxRow; intent: Intent }>({ max: RECENT_MAX })
  onRollback(() => recent.clear())
  const due = db.prepare<[string, Instant, number], Pick<OutboxRow, 'id' | 'revision'>>(
    "SELECT id, revision FROM outbox WHERE lane = ? AND state IN ('queued', 'held') AND dueAt <= ? ORDER BY dueAt, id LIMIT ?",
  )
  const get = db.prepare<[string], OutboxRow>('SELECT * FROM outbox WHERE id = ?')
  const revision = db.prepare<[string], number>('SELECT revision FROM outbox WHERE id = ?').pluck()
  const idOfWamid = db.prepare<[string], string>('SELECT id FROM outbox WHERE wamid = ?').pluck()
  const insert = db.prepare<unknown[]>(
    `INSERT INTO outbox (${COLUMNS}) VALUES (${COLUMNS.replaceAll(/\w+/g, '?')}) ON CONFLICT (id) DO NOTHING`,
  )
  // One statement for each set of columns that is ever written together (a dozen), so that an index is touched only when
  // one of its columns is.
  const updates = new Map<string, Statement<unknown[]>>()
  function updateOf(columns: string[]): Statement<unknown[]> {
    const key = columns.join(' = ?, ')
    const known = updates.get(key)
    if (known !== undefined) return known
    const made = db.prepare<unknown[]>(`UPDATE outbox SET ${key} = ?, revision = revision + 1 WHERE id = ?`)
    updates.set(key, made)
    return made
  }
  const released = "state = 'held' AND waitsFor IS NOT NULL AND waitsFor = @waitsFor"
  const ofTemplate = `${released} AND template = @template AND language = @language`
  const releasing = [released, ofTemplate].map((which) => ({
    count: db.prepare<[object], { reason: string | null; count: number }>(
      `SELECT reason, count(*) AS count FROM outbox WHERE ${which} GROUP BY reason`,
    ),
    note: db.prepare<[object]>(
      `INSERT INTO messageStep (messageId, at, state, reason, detail, guards)
       SELECT id, @at, 'queued', NULL, NULL, NULL FROM outbox WHERE ${which} ORDER BY id`,
    ),
    // A message that could not tell its number gets the one that can be told now.
    move: db.prepare<[object]>(
      `UPDATE outbox SET state = 'queued', reason = NULL, detail = NULL, waitsFor = NULL, dueAt = @at, revision = revision + 1,
         intent = CASE WHEN lane = '' AND @numberId IS NOT NULL THEN json_set(intent, '$.numberId', @numberId) ELSE intent END,
         lane = CASE WHEN lane = '' AND @numberId IS NOT NULL THEN @numberId ELSE lane END
       WHERE ${which}`,
    ),
  }))

  const lookAnew = db.prepare<[Instant, Instant]>(
    `UPDATE outbox SET dueAt = ?, revision = revision + 1
     WHERE state = 'held' AND reason IN ('quiet_hours', 'frequency_capped') AND dueAt > ?`,
  )

  function known(id: string, revision: number): OutboxRow | undefined {
    const entry = recent.get(id)
    return entry?.row.revision === revision ? entry.row : get.get(id)
  }

  function intentOf(row: OutboxRow): Intent {
    const entry = recent.get(row.id)
    if (entry?.row.intent === row.intent) return entry.intent
    const intent = JSON.parse(row.intent) as Intent
    recent.set(row.id, { row, intent })
    return intent
  }

  /** Writes what changed of a row. @param before as it stands in the table */
  function fill(before: OutboxRow, change: Partial<OutboxRow>): OutboxRow {
    return write(before, change, { ...before, ...change })
  }

  /** @param row `before` with the change; it is the caller's no more */
  function write(before: OutboxRow, change: Partial<OutboxRow>, row: OutboxRow): OutboxRow {
    const columns: string[] = []
    const values: unknown[] = []
    for (const [column, value] of Object.entries(change)) {
      if (value === before[column as keyof OutboxRow]) continue
      columns.push(column)
      values.push(value)
    }
    if (columns.length === 0) return before
    row.revision = before.revision + 1
    if (row.state !== before.state || row.reason !== before.reason) {
      tallies.add(tallyName(before.state, before.reason), -1)
      tallies.add(tallyName(row.state, row.reason), 1)
    }
    updateOf(columns).run(...values, row.id)
    const entry = recent.get(row.id)
    if (entry !== undefined) entry.row = row
    return row
  }

  /** Writes what changed of a row and notes the step. */
  function put(
    before: OutboxRow,
    change: Partial<OutboxRow>,
    at: Instant,
    guards: GuardTrace[] | null = null,
  ): OutboxRow {
    const row = { ...before, ...change }
    row.plainSteps = steps.add(before, row, at, guards)
    return write(before, { ...change, plainSteps: row.plainSteps }, row)
  }

  return {
    get(id: string): OutboxRow | null {
      const now = revision.get(id)
      return now === undefined ? null : (known(id, now) ?? null)
    },
    /** Rows due in a lane, the longest due first. */
    due: (lane: string, now: Instant, limit: number): OutboxRow[] =>
      due.all(lane, now, limit).flatMap(({ id, revision: current }) => known(id, current) ?? []),
    intentOf,
    revision: (id: string): number => revision.get(id) ?? 0,
    idOfWamid: (wamid: string): string | null => idOfWamid.get(wamid) ?? null,
    fill,
    put,
    /** Leaves the row alone when it is there already: deciding twice sends once. */
    enqueue({ intent, contactId, verdict, guards, at }: Omit<Extract<Change, { kind: 'enqueue' }>, 'kind'>): void {
      const contact = contactId === null ? null : contacts.current(contactId)
      const { dueAt, waitsFor, ...stands } = standing(verdict, at)
      const row = newRow(intent, contact, { ...stands, dueAt, waitsFor }, at)
      const asked = guards.length === 0 ? null : guards
      row.plainSteps = steps.plainAtFirst(row, asked)
      // prettier-ignore
      const { changes } = insert.run(
        row.id, row.kind, row.lane, row.definition, row.module, row.recordId, row.template, row.language, row.intent,
        row.contactId, row.instanceId, row.state, row.reason, row.detail, row.dueAt, row.waitsFor, row.attempts, row.fence, row.form, row.leasedUntil,
        row.wamid, row.priceMicros, row.market, row.category, row.holdState, row.revision, row.createdAt, row.claimedAt,
        row.acceptedAt, row.sentAt, row.deliveredAt, row.readAt, row.failedAt, row.plainSteps,
      )
      if (changes === 0) return
      tallies.add(tallyName(row.state, row.reason), 1)
      steps.first(row, asked)
      recent.set(row.id, { row, intent })
    },
    enqueueWork(intents: Intent[], at: Instant): void {
      for (const intent of intents) this.enqueue({ intent, contactId: null, verdict: null, guards: [], at })
    },
    move({ id, ...move }: MessageMove, at: Instant): void {
      const row = get.get(id)
      assert(row, `a decision moves message ${id}, which does not exist`)
      // Nobody who had claimed it may write to it any more.
      const back = move.state === 'queued' ? { fence: row.fence + 1, leasedUntil: null } : {}
      put(row, { ...defined(move), ...back }, at)
    },
    release({ waitsFor, template, at }: Extract<Change, { kind: 'release' }>): void {
      const statements = releasing[template === undefined ? 0 : 1]
      assert(statements)
      const named = { waitsFor, ...(template && { template: template.name, language: template.language }) }
      for (const { reason, count } of statements.count.all(named)) {
        tallies.add(tallyName('held', reason), -count)
        tallies.add(tallyName('queued', null), count)
      }
      statements.note.run({ ...named, at })
      statements.move.run({ ...named, at, numberId: account.defaultNumberId() })
    },
    /** The settings changed: what waits for a time of theirs is asked again now. The guards say whether it goes on waiting. */
    lookAnew: (at: Instant): number => lookAnew.run(at, at).changes,
    /** Oldest first. */
    steps(id: string): MessageStep[] {
      const row = get.get(id)
      return row === undefined ? [] : steps.of(row)
    },
  }
}

/** `message/blocked/opted_out` */
export function tallyName(state: MessageState, reason: string | null): string {
  return `message/${state}/${reason ?? ''}`
}

type Standing = Parameters<typeof newRow>[2]

/**
 * Where a freshly decided row stands, as the forecast of the guards says.
 *
 * A hold that was forecast is looked at again by the next claim, in its transaction: the forecast was read before the commit,
 * and what it waits for may have come in between, or in the very same commit.
 */
function standing(verdict: Extract<Change, { kind: 'enqueue' }>['verdict'], at: Instant): Standing {
  if (verdict === null || verdict.kind === 'allow') {
    return { state: 'queued', reason: null, detail: null, dueAt: at, waitsFor: null }
  }
  const told = { reason: verdict.reason, detail: verdict.detail ?? null }
  return verdict.kind === 'block'
    ? { state: 'blocked', ...told, dueAt: at, waitsFor: null }
    : { state: 'held', ...told, dueAt: at, waitsFor: verdict.waitsFor ?? null }
}

function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
