import assert from 'node:assert/strict'
import type { Statement } from 'better-sqlite3'
import { LRUCache } from 'lru-cache'
import type { Instant } from '#engine/clock.ts'
import type { Change, MessageMove } from '#engine/decision.ts'
import type { GuardReason, GuardTrace, Intent, MessageState } from '#engine/message.ts'
import { stateKey } from '#engine/state.ts'
import type { MessageStep } from '#engine/reads.ts'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Contacts } from './contacts.ts'
import { newRow, type OutboxRow } from './outboxRow.ts'
import type { Queues } from './queues.ts'
import { needlesOf, scrubIntent, type Forgotten } from './scrub.ts'
import { serviceTallyOf } from './serviceTally.ts'
import type { Session } from './session.ts'
import type { Spending } from './spending.ts'
import { createSteps } from './steps.ts'

/** The outbox: its rows, and the steps they took. */
export type Outbox = ReturnType<typeof createOutbox>

const COLUMNS =
  'id, kind, lane, definition, module, recordId, template, language, intent, contactId, instanceId, state, reason, detail, dueAt, ' +
  'waitsFor, attempts, fence, form, leasedUntil, wamid, priceMicros, market, category, holdState, revision, createdAt, ' +
  'claimedAt, acceptedAt, sentAt, deliveredAt, readAt, failedAt, plainSteps, queue'

interface Parts {
  account: Account
  accounts: Accounts
  contacts: Contacts
  queues: Queues
  spending: Spending
}

/** Rows kept in memory with their intents read: most are claimed and settled within a second of being put in. */
const RECENT_MAX = 3_000

export function createOutbox(session: Session, { account, accounts, contacts, queues, spending }: Parts) {
  const { db, tallies, onRollback } = session
  const steps = createSteps(session)
  // Believed only as long as the revision in the table says so: some statements below move many rows at once.
  const recent = new LRUCache<string, { row: OutboxRow; intent: Intent }>({ max: RECENT_MAX })
  onRollback(() => recent.clear())
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
  const lookAnew = db.prepare<[Instant, string, Instant]>(
    `UPDATE outbox SET dueAt = ?, revision = revision + 1
     WHERE state = 'held' AND reason IN (SELECT value FROM json_each(?)) AND dueAt > ?`,
  )

  const ofContact = db.prepare<[string], string>('SELECT id FROM outbox WHERE contactId = ?').pluck()
  const ofRecord = db
    .prepare<[string, string], string>('SELECT id FROM outbox WHERE module = ? AND recordId = ?')
    .pluck()
  const toStranger = db
    .prepare<[string], string>(
      "SELECT id FROM outbox WHERE contactId IS NULL AND kind = 'sendTemplate' AND instr(intent, ?) > 0",
    )
    .pluck()
  const forgetSteps = db.prepare<[string]>('UPDATE messageStep SET detail = NULL, guards = NULL WHERE messageId = ?')

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

  /** A template counts as what WhatsApp has made of it. */
  function queueOf(intent: Intent): number {
    if (intent.kind === 'work') return queues.of(intent.definition, null)
    const template = intent.template === null ? undefined : account.templates().get(stateKey(intent.template))
    return queues.of(intent.definition, template?.category ?? intent.category)
  }

  function eraseRow(id: string, { addresses, records }: Forgotten, at: Instant): void {
    const row = get.get(id)
    assert(row, `message ${id} is erased, which is not there`)
    const intent = JSON.parse(row.intent) as Intent
    const isOfRecord = records.some((one) => one.module === row.module && one.recordId === row.recordId)
    if (intent.kind === 'work' && !isOfRecord) return
    // A needle may stand in a longer number.
    const isTo =
      intent.kind === 'sendTemplate' &&
      [intent.to.phone, intent.to.bsuid, intent.to.raw].some((to) => addresses.has(to ?? ''))
    if (row.contactId === null && !isOfRecord && !isTo) return
    const waits = row.state === 'queued' || row.state === 'held'
    const forgotten = {
      intent: JSON.stringify(scrubIntent(intent)),
      recordId: '',
      contactId: null,
      detail: waits ? 'erased' : null,
    }
    forgetSteps.run(id)
    recent.delete(id)
    if (waits) put(row, { ...forgotten, state: 'blocked', reason: 'opted_out', waitsFor: null }, at)
    else fill(row, forgotten)
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
    if (before.form === 'text' || row.form === 'text') countService(before, row)
    updateOf(columns).run(...values, row.id)
    const entry = recent.get(row.id)
    if (entry !== undefined) entry.row = row
    return row
  }

  function countService(before: OutboxRow, row: OutboxRow): void {
    const zone = () => zoneOf(row.lane)
    const [had, has] = [serviceTallyOf(before, zone), serviceTallyOf(row, zone)]
    if (had === has) return
    if (had !== null) tallies.add(had, -1)
    if (has !== null) tallies.add(has, 1)
  }

  /** In whose calendar the months of a number begin. */
  function zoneOf(numberId: string): string {
    const accountId = account.numbers().find(({ id }) => id === numberId)?.accountId
    return accounts.all().get(accountId ?? '')?.zone ?? account.settings().timezone
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
    /** Rows due in a lane, in the order in which they are to go; see queues.ts. */
    due: (lane: string, now: Instant, limit: number, marketingMax?: number): OutboxRow[] =>
      queues.due(lane, now, limit, marketingMax).flatMap(({ id, revision: current }) => known(id, current) ?? []),
    intentOf,
    revision: (id: string): number => revision.get(id) ?? 0,
    idOfWamid: (wamid: string): string | null => idOfWamid.get(wamid) ?? null,
    fill,
    put,
    /** Leaves the row alone when it is there already: deciding twice sends once. */
    enqueue({ intent, contactId, verdict, guards, at }: Omit<Extract<Change, { kind: 'enqueue' }>, 'kind'>): void {
      const contact = contactId === null ? null : contacts.current(contactId)
      const { dueAt, waitsFor, ...stands } = standing(verdict, at)
      const row = newRow(intent, contact, { ...stands, dueAt, waitsFor, queue: queueOf(intent) }, at)
      const asked = guards.length === 0 ? null : guards
      row.plainSteps = steps.plainAtFirst(row, asked)
      // prettier-ignore
      const { changes } = insert.run(
        row.id, row.kind, row.lane, row.definition, row.module, row.recordId, row.template, row.language, row.intent,
        row.contactId, row.instanceId, row.state, row.reason, row.detail, row.dueAt, row.waitsFor, row.attempts, row.fence, row.form, row.leasedUntil,
        row.wamid, row.priceMicros, row.market, row.category, row.holdState, row.revision, row.createdAt, row.claimedAt,
        row.acceptedAt, row.sentAt, row.deliveredAt, row.readAt, row.failedAt, row.plainSteps, row.queue,
      )
      if (changes === 0) return
      tallies.add(tallyName(row.state, row.reason), 1)
      steps.first(row, asked)
      recent.set(row.id, { row, intent })
    },
    enqueueWork(intents: Intent[], at: Instant): void {
      for (const intent of intents) this.enqueue({ intent, contactId: null, verdict: null, guards: [], at })
    },
    /** @param decidedAt when it was decided, which is when it is paid: a status tells of an earlier instant */
    move({ id, ...move }: MessageMove, at: Instant, decidedAt: Instant): void {
      const row = get.get(id)
      assert(row, `a decision moves message ${id}, which does not exist`)
      // Nobody who had claimed it may write to it any more.
      const back = move.state === 'queued' ? { fence: row.fence + 1, leasedUntil: null } : {}
      spending.count(row, put(row, { ...defined(move), ...back }, at), decidedAt)
    },
    /**
     * Forgets whom messages went to and what they said; the rows stay, because money and counts are in them. What waits goes nowhere
     * any more; what is on its way is still settled.
     */
    erase(contactIds: string[], who: Forgotten, at: Instant): void {
      const needles = needlesOf({ ...who, records: [] })
      const ids = new Set([
        ...contactIds.flatMap((id) => ofContact.all(id)),
        ...who.records.flatMap(({ module, recordId }) => ofRecord.all(module, recordId)),
        // Written to by way of somebody else's record, and never heard of.
        ...needles.flatMap((needle) => toStranger.all(needle)),
      ])
      for (const id of ids) eraseRow(id, who, at)
    },
    /** What set a time for these has changed: they are asked again now. The guards say whether they go on waiting. */
    lookAnew: (reasons: readonly GuardReason[], at: Instant): number =>
      lookAnew.run(at, JSON.stringify(reasons), at).changes,
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

type Standing = Omit<Parameters<typeof newRow>[2], 'queue'>

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
