import assert from 'node:assert/strict'
import type { Instant } from '#engine/clock.ts'
import type { Change, Decision, Posting } from '#engine/decision.ts'
import type { Category, Message, MessageState, SendIntent } from '#engine/message.ts'
import type { Claimed, Judgement, Settlement } from '#engine/claim.ts'
import type { Store } from '#engine/store.ts'
import { createPeaks } from './peaks.ts'

/** What is known of one message, small enough for hundreds of thousands. */
export interface MessageRow {
  id: string
  template: string | null
  language: string | null
  definition: string
  pointer: string
  module: string
  recordId: string
  numberId: string | null
  person: string
  state: MessageState
  reason: string | null
  category: Category
  market: string | null
  createdAt: Instant
  sentAt: Instant | null
  inWindow: boolean
  spentMicros: number
  /** Since when it is held for `reason`. */
  heldAt: Instant | null
  /** Since when a limit of speed keeps it. */
  slowedAt: Instant | null
}

export interface HoldSum {
  /** Messages. */
  count: number
  ended: number
  totalMs: number
  longestMs: number
}

/** A way through a rule: its definition with version, what came of it, and by which branch. */
export interface RulePass {
  definition: string
  outcome: string
  branch: number | null
  count: number
}

/** Reads along with the engine and the dispatcher, from what they write into the store. */
export function createTally() {
  const rows = new Map<string, MessageRow>()
  const holds = new Map<string, HoldSum>()
  const passes = new Map<string, RulePass>()
  const refused = new Map<string, { definition: string; outcome: string; reason: string; count: number }>()
  const spends: { at: Instant; row: MessageRow; amountMicros: number }[] = []
  const peaks = createPeaks()
  const slowed = { count: 0, longestMs: 0 }
  const work = new Map<string, number>()
  /** Of what was seen; a message that was woken is held until it is claimed. */
  const waiting = { held: 0, unknown: 0 }
  let firstOutOfCreditsAt: Instant | null = null
  let notifications = 0

  function hold(row: MessageRow, reason: string, at: Instant): void {
    if (row.state === 'held' && row.reason === reason) return
    letGo(row, at)
    stand(row, 'held')
    row.reason = reason
    row.heldAt = at
    if (reason === 'credits_insufficient') firstOutOfCreditsAt ??= at
    sumOf(reason).count++
  }

  function stand(row: MessageRow, state: MessageState): void {
    if (row.state === 'held' || row.state === 'unknown') waiting[row.state]--
    if (state === 'held' || state === 'unknown') waiting[state]++
    row.state = state
  }

  function sumOf(reason: string): HoldSum {
    let sum = holds.get(reason)
    if (sum === undefined) holds.set(reason, (sum = { count: 0, ended: 0, totalMs: 0, longestMs: 0 }))
    return sum
  }

  function letGo(row: MessageRow, at: Instant): void {
    if (row.heldAt === null || row.reason === null) return
    const sum = sumOf(row.reason)
    const ms = Math.max(0, at - row.heldAt)
    sum.ended++
    sum.totalMs += ms
    sum.longestMs = Math.max(sum.longestMs, ms)
    row.heldAt = null
  }

  function move(row: MessageRow, state: MessageState, reason: string | null, at: Instant): void {
    if (state !== 'held') letGo(row, at)
    stand(row, state)
    row.reason = reason
  }

  function enqueued({ intent, verdict, at }: Extract<Change, { kind: 'enqueue' }>): void {
    if (intent.kind === 'work') {
      work.set(intent.type, (work.get(intent.type) ?? 0) + 1)
      return
    }
    const row = rowOf(intent, at)
    rows.set(row.id, row)
    if (verdict?.kind === 'block') move(row, 'blocked', verdict.reason, at)
    else if (verdict?.kind === 'hold') hold(row, verdict.reason, at)
  }

  function changed(change: Change): void {
    if (change.kind === 'enqueue') enqueued(change)
    // A notice of our own is no doing of the draft.
    else if (change.kind === 'notify') notifications += change.notice === undefined ? 1 : 0
    else if (change.kind === 'post') change.postings.forEach(posted)
    else if (change.kind === 'moveMessage') {
      const { state, reason } = change.move
      const row = rows.get(change.move.id)
      if (row !== undefined) move(row, state, reason === undefined ? row.reason : reason, change.at)
    }
  }

  function posted({ account, amountMicros, messageId, at }: Posting): void {
    const row = account === 'spent' && messageId !== null ? rows.get(messageId) : undefined
    if (row === undefined) return
    row.spentMicros += amountMicros
    spends.push({ at, row, amountMicros })
  }

  function traced({ trace }: Decision): void {
    for (const { definition, outcome, branch } of trace.rules) {
      const key = `${definition}\0${outcome}\0${branch ?? ''}`
      const pass = passes.get(key)
      if (pass === undefined) passes.set(key, { definition, outcome, branch, count: 1 })
      else pass.count++
    }
    for (const { definition, outcome, reason } of trace.instances ?? []) {
      if (outcome !== 'refused' && outcome !== 'failed') continue
      const key = `${definition}\0${outcome}\0${reason ?? ''}`
      const one = refused.get(key)
      if (one === undefined) refused.set(key, { definition, outcome, reason: reason ?? '', count: 1 })
      else one.count++
    }
  }

  return {
    rows,
    holds,
    passes,
    refused,
    spends,
    peaks,
    slowed,
    work,
    waiting,
    notifications: () => notifications,
    outOfCreditsAt: () => firstOutOfCreditsAt,

    decided(decisions: readonly Decision[]): void {
      for (const decision of decisions) {
        for (const change of decision.changes) changed(change)
        traced(decision)
      }
    },

    judged(judgements: readonly Judgement[], now: Instant): void {
      for (const judgement of judgements) {
        const row = rows.get(judgement.id)
        if (row === undefined) continue
        if (judgement.kind === 'defer') {
          if (row.slowedAt === null) {
            row.slowedAt = now
            slowed.count++
          }
          move(row, 'queued', null, now)
        } else if (judgement.kind === 'stop') {
          const { verdict } = judgement
          if (verdict.kind === 'hold') hold(row, verdict.reason, now)
          else move(row, 'blocked', verdict.reason, now)
        } else {
          move(row, 'sending', null, now)
          row.category = judgement.category ?? row.category
          row.market = judgement.market
          row.inWindow = judgement.inWindow
          if (row.slowedAt === null) continue
          slowed.longestMs = Math.max(slowed.longestMs, now - row.slowedAt)
          row.slowedAt = null
        }
      }
    },

    /** A lane may be put off before a row of it is known: the number comes with the claim. */
    claimed(claimed: readonly Claimed[]): void {
      for (const { message } of claimed) {
        const row = rows.get(message.intent.id)
        if (row !== undefined && message.intent.kind === 'sendTemplate') row.numberId = message.intent.numberId
      }
    },

    settled(settlement: Settlement): void {
      const row = rows.get(settlement.id)
      if (row === undefined) return
      const { at } = settlement
      switch (settlement.kind) {
        case 'accepted':
          row.sentAt = at
          move(row, 'accepted', null, at)
          peaks.sent(row.numberId ?? '', row.person, row.inWindow, at)
          return
        case 'failed':
          return move(row, 'failed', settlement.reason, at)
        case 'retry':
          return move(row, 'queued', settlement.reason, at)
        case 'held':
          return hold(row, settlement.reason, at)
        case 'unknown':
          return move(row, 'unknown', null, at)
        case 'done':
          return
      }
    },

    /**
     * What waits may have been woken without a word to us, so it is asked for. Then what was seen must be what stands in the
     * store: a report that does not agree with it would be worse than none.
     */
    async close(store: Store, at: Instant): Promise<void> {
      for (const row of rows.values()) {
        if (!WAITING.has(row.state)) continue
        const message = await store.message(row.id)
        assert(message, `message ${row.id} was seen and is not in the store`)
        refresh(row, message, at)
      }
      const seen = new Map<string, number>()
      for (const { state, reason } of rows.values()) count(seen, `${state}/${reason ?? ''}`)
      const { messages } = await store.totals()
      const stored = new Map(
        messages
          .filter(({ state, count: n }) => state !== 'done' && n > 0)
          .map((one) => [`${one.state}/${one.reason ?? ''}`, one.count]),
      )
      // Work ends in states of its own, and in some of the same.
      if (work.size === 0)
        assert.deepEqual(sorted(seen), sorted(stored), 'the messages seen are not those of the store')
    },
  }

  /** What waits still has waited until now, as far as is known. */
  function refresh(row: MessageRow, message: Message, at: Instant): void {
    const isOpen = message.state === 'held'
    letGo(row, at)
    if (isOpen) sumOf(message.reason ?? '').ended--
    row.state = message.state
    row.reason = message.reason
  }
}
export type Tally = ReturnType<typeof createTally>

const WAITING: ReadonlySet<MessageState> = new Set(['queued', 'held', 'sending', 'unknown'])

function rowOf(intent: SendIntent, at: Instant): MessageRow {
  const { id, template, definition, pointer, module, recordId, numberId, to, category } = intent
  return {
    id,
    template: template?.name ?? null,
    language: template?.language ?? null,
    definition,
    pointer,
    module,
    recordId,
    numberId,
    person: to.phone ?? to.bsuid ?? to.raw,
    state: 'queued',
    reason: null,
    category,
    market: null,
    createdAt: at,
    sentAt: null,
    inWindow: false,
    spentMicros: 0,
    heldAt: null,
    slowedAt: null,
  }
}

function count(sums: Map<string, number>, key: string): void {
  sums.set(key, (sums.get(key) ?? 0) + 1)
}

const sorted = (sums: ReadonlyMap<string, number>) => Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
