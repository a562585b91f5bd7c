import assert from 'node:assert/strict'
import type { Instant } from '#engine/clock.ts'
import { hold } from '#engine/ledger.ts'
import type { Candidate, Claimed, ClaimRequest, Judgement } from '#engine/claim.ts'
import type { SendFacts } from '#engine/facts.ts'
import type { Message, SendIntent } from '#engine/message.ts'
import { givenUpAt } from '#engine/timeToLive.ts'
import type { Account } from './account.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import { heldUntil, toMessage, type OutboxRow } from './outboxRow.ts'
import type { Outcomes } from './outcomes.ts'
import type { SendFactsReader } from './sendFacts.ts'
import type { Session } from './session.ts'

interface Parts {
  account: Account
  ledger: Ledger
  outbox: Outbox
  outcomes: Outcomes
  sendFacts: SendFactsReader
}

/** Takes due rows of a lane for one worker. Runs inside the caller's transaction. */
export function createClaim({ db }: Session, { account, ledger, outbox, outcomes, sendFacts }: Parts) {
  // Refused by the WHERE while another worker's lease runs.
  const takeLane = db.prepare<[string, string, Instant, Instant]>(
    `INSERT INTO laneLease (lane, holder, until) VALUES (?, ?, ?)
     ON CONFLICT (lane) DO UPDATE SET holder = excluded.holder, until = excluded.until
     WHERE holder = excluded.holder OR until <= ?`,
  )

  function candidatesOf(rows: OutboxRow[], { now, writtenSince }: ClaimRequest): Candidate[] {
    const messages = rows.map((row) => toMessage(row, outbox.intentOf(row)))
    const sends = messages.filter((one): one is Message & { intent: SendIntent } => one.intent.kind === 'sendTemplate')
    const facts = sendFacts.read(
      sends.map(({ intent, contactId }) => ({ intent, contactId })),
      now,
      writtenSince ?? null,
    )
    const byId = new Map(sends.map(({ intent }, index) => [intent.id, facts[index]]))
    return messages.map((message) => ({ message, facts: byId.get(message.intent.id) ?? factsOfWork(now) }))
  }

  /** Work is judged without the world: guards are for messages. */
  function factsOfWork(now: Instant): SendFacts {
    return {
      now,
      settings: account.settings(),
      number: null,
      account: null,
      contact: null,
      suppressed: false,
      conversation: null,
      template: null,
      recentMarketingAt: [],
      recentJourneyAt: [],
      reached: 0,
      reachedAlready: false,
      oldestReachedAt: null,
      availableMicros: 0,
      cards: [],
      serviceThisMonth: 0,
      conversationOpen: null,
    }
  }

  function send(
    row: OutboxRow,
    { message, facts }: Candidate,
    judged: Judgement & { kind: 'send' },
    request: ClaimRequest,
  ): Claimed {
    const { now, leaseMs } = request
    const { priceMicros, market, category, form, guards } = judged
    const fence = row.fence + 1
    if (message.intent.kind === 'sendTemplate' && !judged.inWindow) {
      sendFacts.reached({ intent: message.intent, contactId: row.contactId }, facts)
    }
    const change = {
      state: 'sending',
      reason: null,
      detail: null,
      waitsFor: null,
      ...(message.intent.kind === 'sendTemplate' && { dueAt: givenUpAt(message.intent, now, form) }),
      attempts: row.attempts + 1,
      fence,
      leasedUntil: now + leaseMs,
      claimedAt: now,
      priceMicros,
      market,
      category,
      form,
      holdState: priceMicros > 0 ? 'held' : 'none',
    } as const
    return { message: toMessage(outbox.put(row, change, now, guards), message.intent), fence }
  }

  function stop(
    row: OutboxRow,
    { verdict, guards, priceMicros = 0 }: Judgement & { kind: 'stop' },
    now: Instant,
    newId: () => string,
  ): void {
    const told = { reason: verdict.reason, detail: verdict.detail ?? null }
    if (verdict.kind === 'hold') {
      const waits = { dueAt: heldUntil(verdict, now), waitsFor: verdict.waitsFor ?? null, priceMicros }
      const isNews = row.state !== 'held' || row.reason !== verdict.reason
      if (isNews) outbox.put(row, { state: 'held', ...told, ...waits }, now, guards)
      else outbox.fill(row, { ...told, ...waits })
      return
    }
    outcomes.tell(outbox.put(row, { state: 'blocked', ...told, waitsFor: null }, now, guards), now, newId)
  }

  /** Not before `until`, which lies ahead, or the same claim would be made for ever. */
  function defer(row: OutboxRow, until: Instant, now: Instant): void {
    const dueAt = Math.max(until, now + 1)
    if (row.state === 'queued') outbox.fill(row, { dueAt })
    else outbox.put(row, { state: 'queued', reason: null, detail: null, waitsFor: null, dueAt }, now)
  }

  return function claim(
    request: ClaimRequest,
    judge: (candidates: Candidate[]) => Judgement[],
    newId: () => string,
  ): Claimed[] {
    const { lane, worker, now, leaseMs, limit, marketingMax } = request
    const rows = outbox.due(lane, now, limit, marketingMax)
    if (rows.length === 0) return []
    if (takeLane.run(lane, worker, now + leaseMs, now).changes === 0) return []

    const candidates = candidatesOf(rows, request)
    const judged = new Map(judge(candidates).map((one) => [one.id, one]))
    assert.equal(judged.size, rows.length, `${rows.length} messages were offered and ${judged.size} judged`)
    const [first] = candidates
    if (first?.message.intent.kind === 'sendTemplate') sendFacts.forgetReached(first.facts)
    const claimed: Claimed[] = []
    for (const [index, row] of rows.entries()) {
      const judgement = judged.get(row.id)
      const candidate = candidates[index]
      assert(judgement && candidate, `message ${row.id} was offered and not judged`)
      switch (judgement.kind) {
        case 'send':
          claimed.push(send(row, candidate, judgement, request))
          break
        case 'stop':
          stop(row, judgement, now, newId)
          break
        case 'defer':
          defer(row, judgement.until, now)
          break
        default:
          throw new TypeError(`Unknown judgement: ${(judgement satisfies never as Judgement).kind}`)
      }
    }
    ledger.post(claimed.flatMap(({ message, fence }) => hold(message.intent.id, fence, message.priceMicros, now)))
    return claimed
  }
}
